"""Whose advice changes is what enumeration finds: random knowledge, changed at random, each patient run under both."""

import copy
import random
from itertools import product

import pytest
import toys
from everypatient import assessed, every_case, is_small
from test_oracle import APART, PARTS, SmallWriter

from engine import Reasoner
from engine.verification.against import REWORDED, Versions, compared
from engine.verification.space import Everyone
from knowledge_base import Invalid
from knowledge_base.language.rules import STANCES

ALERT = {"alert": {"level": "danger", "text": "Look out."}}


class Changer:
    """Changes a rule or two of a toy, as an editor would: a stance, an urgency, a line, an exception, a whole rule."""

    def __init__(self, dice):
        self.dice = dice

    def changed(self, files):
        files = copy.deepcopy(files)
        rules = files["rules/all.yaml"]
        for _ in range(self.dice.choice([1, 1, 2])):
            own = [rule for rule in rules if rule["id"].startswith("TOY")]
            rule = self.dice.choice(own)
            getattr(self, self.dice.choice(["stance", "urgency", "line", "exception", "alert", "gone"]))(rule, rules)
        return files

    def stance(self, rule, rules):
        for entry in rule["then"]:
            if "argue" in entry:
                entry["argue"]["stance"] = self.dice.choice(STANCES)

    def urgency(self, rule, rules):
        rule["then"].append({"measure": {"measure": "board", "urgency": self.dice.choice(["immediate", "planned"])}})

    def line(self, rule, rules):
        if isinstance(rule["when"], dict) and len(rule["when"]) > 1:
            del rule["when"][self.dice.choice(sorted(rule["when"]))]

    def exception(self, rule, rules):
        if rule.pop("unless", None) is None:
            rule["unless"] = {"fit": self.dice.choice([True, False])}

    def alert(self, rule, rules):
        rule["then"].append(ALERT)

    def gone(self, rule, rules):
        if len(rule["then"]) == 1 and "set" not in rule["then"][0]:
            rules.remove(rule)


def pairs(most, count, after=0):
    """Return the first seeds after one whose patients can all be written out, with a toy and what it was changed to."""
    found = {}
    seed = after
    while len(found) < count:
        seed += 1
        dice = random.Random(seed)
        files = SmallWriter(dice).files()
        files.pop("hazards.yaml") if dice.random() < 0.5 else None
        try:
            old = toys.load(files)
            if is_small(old, lesions_of(old), most):
                new = toys.load(Changer(dice).changed(files))
                if old.digest != new.digest and is_small(old, lesions_of(new), most):
                    found[seed] = old, new
        except Invalid:  # a ring of rules, a test that is always true, a hazard that names a rule that is gone
            continue
    return found


def lesions_of(base):
    return [f"L{i + 1}" for i in range(max(Everyone(base).counts))]


def enumerated(comparison, lesions):
    """Return each change that some patient sees, with what the assessments of such patients are."""
    reasoners = Reasoner(comparison.old), Reasoner(comparison.new)
    found = {}
    for case in every_case(comparison.old, [f"L{i + 1}" for i in range(lesions)]):
        before, after = (reasoner.consult(case) for reasoner in reasoners)
        for aspect in comparison.aspects:
            ends = aspect.answer(before), aspect.answer(after)
            if ends[0] != ends[1]:
                found.setdefault((aspect, *ends), []).append(assessed(after))
    return found


def spread(boxes):
    """Return every combination of values in some boxes."""
    return {
        tuple(zip([name for name, _ in box], row, strict=True))
        for box in boxes
        for row in product(*(m for _, m in box))
    }


def together(box, patients, knowledge):
    """Return the combinations that patients have of what a box restricts, as far as some have all of it known."""
    restricted = [name for name, members in box if 0 < len(members) < len(knowledge.vocabulary[name].names)]
    known, left = [], patients
    for name in restricted or [name for name, members in box if members]:
        if some := [values for values in left if len(values[name]) == 1]:
            known, left = [*known, name], some
    return {tuple((name, next(iter(values[name]))) for name in known) for values in left}


def compare(old, new):
    """Compare what is told with what is enumerated, for each number of lesions; return how many changes there are."""
    total = 0
    comparison = Versions(old, new)
    for lesions in max((Everyone(base).counts for base in (old, new)), key=len):
        expected = enumerated(comparison, lesions)
        told = {(c.aspect, c.before, c.after): c for c in comparison.changes(lesions)}
        assert set(told) == set(expected)
        for way, patients in expected.items():
            for name, members in told[way].box:
                known = [values[name] for values in patients if len(values[name]) == 1]
                assert members == frozenset().union(*known), (way, name)
            assert told[way].parts is not None
            assert spread(told[way].parts) == together(told[way].box, patients, new), way
        total += len(expected)
    return total


def test_some_changes_are_told_as_they_are():
    assert sum(compare(*both) for both in pairs(most=80, count=8).values()) > 4


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_five_hundred_changes_are_told_as_they_are(part):
    for seed, both in pairs(most=100, count=100, after=part * APART).items():
        try:
            compare(*both)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}") from error


def test_knowledge_differs_in_nothing_from_itself():
    base = next(iter(pairs(most=80, count=1).values()))[0]
    assert compared(base, base) == []


def test_an_alert_in_other_words_is_told_once_and_beside_it_who_no_longer_gets_it():
    found, seed = set(), 0
    while not {("raised", REWORDED), ("raised", "not raised")} <= found:
        seed += 1
        files = SmallWriter(random.Random(seed)).files()
        files.pop("hazards.yaml", None)
        last = next(i for i, rule in enumerate(files["rules/all.yaml"]) if isinstance(rule["when"], dict))
        files["rules/all.yaml"][last]["then"].append(ALERT)
        other = copy.deepcopy(files)
        rule = other["rules/all.yaml"][last]
        rule["then"][-1] = {"alert": {"level": "danger", "text": "Look out now."}}
        try:
            if seed % 2:
                rule["when"] = {"fit": True, **rule["when"]}
            old, new = toys.load(files), toys.load(other)
        except Invalid:
            continue
        if not is_small(old, lesions_of(old), 80):
            continue
        compare(old, new)
        versions = Versions(old, new)
        assert [(a.name, a.now) for a in versions.aspects if a.kind == "alert"] == [("Look out.", "Look out now.")]
        found |= {(c.before, c.after) for c in versions.changes() if c.aspect.kind == "alert"}
    assert ("not raised", REWORDED) not in found
