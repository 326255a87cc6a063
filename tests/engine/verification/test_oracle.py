"""Verdicts over every patient are those of every patient: small random knowledge, enumerated through Experta."""

import random
from itertools import product

import pytest
import toys
from everypatient import Oracle, is_small

from engine import Reasoner
from engine.verification.boxes import values_of
from engine.verification.coverage import boxes_left_alone, left_alone
from engine.verification.space import Everyone
from engine.verification.verify import CHECKS, Task, run
from knowledge_base import Invalid

COMPARED = {
    "rule_never_fires", "exceptions_always_apply", "alternative_never_fires", "line_never_matters",
    "exception_never_applies", "pathway_never_recommended", "pathway_never_acceptable", "pathways_together",
    "hazard_happens", "gap_at_threshold",
}  # fmt: skip


class SmallWriter(toys.Writer):
    """Writes knowledge of so few inputs that all its patients can be written out, with hazards and exclusions."""

    def inputs(self):
        self.add("fit", "patient", "yes_no")
        self.add("grade", "lesion", "choice", values=["g0", "g1", "g2"], ordered=True)
        kind = self.dice.choice(["number", "several", "yes_no"])
        more = {"number": {"range": (0, 3), "whole": True}, "several": {"values": ["p", "q"]}, "yes_no": {}}[kind]
        self.add("third", self.dice.choice(["patient", "lesion"]), kind, **more)

    def files(self):
        files = super().files()
        files["pathways.yaml"][0]["excludes"] = ["beam"]
        files["hazards.yaml"] = [self.hazard(i, files["rules/all.yaml"]) for i in range(3)]
        return files

    def hazard(self, number, rules):
        words = {key: toys.GROUNDS[key] for key in ("sources", "review")}
        condition = {"some_option": {"status": self.dice.choice(["recommended", ["acceptable", "open"]])}}
        condition |= {"not": {"measures": ["scan"]}} if self.chance(0.3) else {}
        condition |= {"rules_fired": [self.dice.choice(rules)["id"]]} if self.chance(0.5) else {}
        how = self.dice.choice(["never", "always"])
        when = {"when": self.condition("lesion", None, 1)} if self.chance(0.7) else {}
        said = {"hazard": "It happens", "cause": "Chance.", "harm": "Some.", "severity": 1, "control": [rules[0]["id"]]}
        return {"id": f"HAZ-{number + 10}", **said, **when, how: condition, **words}


PARTS = range(5)  # of the long proofs, so that they run beside each other
APART = 10_000  # seeds between two parts


def small(most, count, after=0):
    """Return the first seeds after one whose patients can all be written out, with their knowledge."""
    found = {}
    seed = after
    while len(found) < count:
        seed += 1
        try:
            knowledge = toys.load(SmallWriter(random.Random(seed)).files())
        except Invalid:  # a ring of rules, or a test that is always true
            continue
        if is_small(knowledge, [f"L{i + 1}" for i in range(max(Everyone(knowledge).counts))], most):
            found[seed] = knowledge
    return found


def compare(knowledge):
    reasoner = Reasoner(knowledge)
    everyone = Everyone(knowledge)
    oracle = Oracle(knowledge, reasoner, [[f"L{i + 1}" for i in range(count)] for count in everyone.counts])
    expected = set(oracle.findings())
    found = [finding for check in CHECKS if check != "pairs" for finding in run(knowledge, Task(check))]
    told = {(f.kind, f.about, f.place) for f in found if f.kind in COMPARED}
    assert told == {finding for finding in expected if finding[0] in COMPARED}
    assert {f.place for f in found if f.kind == "rules_contradict"} == {
        place for kind, _, place in expected if kind == "contradiction"
    }
    assert any(f.kind == "nothing_offered" for f in found) == any(kind == "nothing_offered" for kind, _, _ in expected)
    assert boxes_of(everyone) == next((alone for alone in oracle.alone if alone), set())
    return len(expected)


def boxes_of(everyone):
    """Return what the assessments can be in the boxes of patients who are left alone."""
    space = everyone.where(left_alone)
    boxes = boxes_left_alone(space) if space is not None else []
    return {row for box in boxes for row in product(*(sorted(members) for _, members in values_of(space, box)))}


def test_some_toys_are_found_as_they_are():
    assert sum(map(compare, small(most=500, count=8).values())) > 10


def test_the_first_box_is_read_off_gates_that_its_model_knows():
    assert compare(small(most=450, count=1, after=40_235)[40_236])


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_five_hundred_toys_are_found_as_they_are(part):
    for seed, knowledge in small(most=450, count=100, after=part * APART).items():  # 450: two lesions as well
        try:
            compare(knowledge)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}") from error
