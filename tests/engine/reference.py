"""A reference evaluator: the meaning of the rules, written a second time, as naively as possible.

It works top-down and by recursion (the engine works forward through Experta), reads `when` and `unless` from the raw text
of the rules (not from parsed conditions), keeps possible values as plain sets of concrete ones, and leaves `not` where
it stands. Numbers are represented by the points at which anything in the knowledge base or the case could change, and
by points between them.
"""

import operator
import re
from collections import defaultdict
from decimal import Decimal
from functools import cache, cached_property
from itertools import product

from cases.model import Case
from knowledge_base.language.domains import Choices, Numbers, Subsets
from knowledge_base.language.knowledge import KnowledgeBase

OPERATORS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
YES, NO, OPEN = "yes", "no", "open"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def no(truth):
    return {YES: NO, NO: YES, OPEN: OPEN}[truth]


def every(truths):
    truths = list(truths)
    return NO if NO in truths else OPEN if OPEN in truths else YES


def some(truths):
    return no(every(no(truth) for truth in truths))


def around(points):
    return points | {point + shift for point in points for shift in (Decimal("-0.001"), Decimal("0.001"), 1, -1)}


class Written:
    """What is written in a knowledge base: who sets an attribute, who argues about a pathway, and every number in it."""

    def __init__(self, knowledge: KnowledgeBase):
        self.knowledge = knowledge
        self.setters, self.arguers = defaultdict(list), defaultdict(list)
        for rule in knowledge.rules.values():
            for entry in rule.text.then:
                for name, raw in (entry.set or {}).items():
                    self.setters[name].append((rule, raw))
            for argument in dict.fromkeys(rule.arguments):
                self.arguers[argument.pathway, argument.stance].append(rule)
        texts = [str(rule.text.model_dump()) for rule in knowledge.rules.values()]
        texts += [str(step.rows) + str(step.model_dump()) for step in knowledge.steps.values()]
        texts += [str(attribute.range) for attribute in knowledge.vocabulary.values()]
        self.points = around({Decimal(number) for text in texts for number in NUMBER.findall(text)})


class Reference:
    def __init__(self, written: Written, case: Case):
        self.written, self.knowledge, self.case = written, written.knowledge, case
        self.given = {(): case.patient, **{(lesion.id,): lesion.given for lesion in case.lesions}}
        self.value, self.fires, self.domain = cache(self._value), cache(self._fires), cache(self._domain)

    # --- what came out -----------------------------------------------------------------------------------------

    def firings(self):
        found = set()
        for rule in self.knowledge.rules.values():
            for subject in self.subjects(rule.subject):
                if self.fires(rule.id, subject):
                    found.add((rule.id, subject))
        return found

    def status(self, lesion, pathway):
        values = self.value((lesion, pathway), "status")
        return next(iter(values)) if len(values) == 1 else "open"

    # --- values ------------------------------------------------------------------------------------------------

    @cached_property
    def points(self):
        given = {Decimal(n) for values in self.given.values() for n in NUMBER.findall(str(values))}
        return around(given) | self.written.points

    def _domain(self, name):
        attribute = self.knowledge.vocabulary[name]
        if attribute.type == "yes_no":
            return frozenset({True, False})
        if attribute.type == "number":
            low, high = (Decimal(bound) for bound in attribute.range.split(".."))
            if attribute.whole and high - low <= 300:
                return frozenset(Decimal(n) for n in range(int(low), int(high) + 1))
            whole = (p for p in self.points if not attribute.whole or p == int(p))
            return frozenset(p for p in whole if low <= p <= high)
        return frozenset(attribute.names)

    def concrete(self, name, values):
        if isinstance(values, Choices):
            return frozenset(values.members)
        if isinstance(values, Subsets):
            assert values.required == values.allowed
            return ("exactly", values.required)
        assert isinstance(values, Numbers)
        return frozenset(
            p
            for p in self.domain(name)
            for s in values.spans
            if s.low <= p <= s.high and not (s.low_open and p == s.low) and not (s.high_open and p == s.high)
        )

    def at(self, name, subject):
        return subject[: {"patient": 0, "lesion": 1, "option": 2}[self.knowledge.vocabulary[name].of]]

    def _value(self, subject, name):
        attribute = self.knowledge.vocabulary[name]
        if name == "pathway":
            return frozenset({subject[1]})
        if name.startswith("argued_"):
            return self.argued(subject, name.removeprefix("argued_"))
        left = self.domain(name)
        given = self.given.get(subject, {}).get(name)
        if attribute.type == "several":
            return left if given is None else self.concrete(name, given)
        if given is not None:
            left &= self.concrete(name, given)
        for rule, raw in self.written.setters.get(name, ()):
            for about in self.subjects(rule.subject):
                if about[: len(subject)] == subject and self.fires(rule.id, about):
                    left &= self.set_to(name, raw, about)
        for step in self.knowledge.steps.values():
            if step.attribute == name:
                left &= self.scored(step, subject)
        return left or self.domain(name)

    def set_to(self, name, raw, about):
        if isinstance(raw, dict) and "same_as" in raw:
            return self.value(self.at(raw["same_as"], about), raw["same_as"])
        if isinstance(raw, dict):
            held = self.value(self.at(raw["count"], about), raw["count"])
            return frozenset({Decimal(len(held[1]))}) if isinstance(held, tuple) else self.domain(name)
        return frozenset(v for v in self.domain(name) if self.passes(name, raw, v))

    def scored(self, step, subject):
        inputs = [self.value(self.at(name, subject), name) for name in step.reads]
        if step.kind == "total":
            low, high = sum(map(min, inputs)), sum(map(max, inputs))
            return frozenset(v for v in self.domain(step.attribute) if low <= v <= high)
        hit = [r for r in step.rows if self.concrete(step.reads[0], r.accepted) & inputs[0]]
        if len(hit) == len(step.rows):  # says nothing, so it stays silent
            return self.domain(step.attribute)
        return frozenset().union(*(self.concrete(step.attribute, row.result) for row in hit))

    def argued(self, option, stance):
        could = False
        for rule in self.written.arguers.get((option[1], stance), ()):
            for about in self.subjects(rule.subject):
                if about[:1] in ((), option[:1]):
                    if self.fires(rule.id, about):
                        return frozenset({True})
                    could = could or self.could_fire(rule, about)
        return frozenset({True, False}) if could else frozenset({False})

    # --- rules -------------------------------------------------------------------------------------------------

    def subjects(self, kind):
        lesions = [(lesion.id,) for lesion in self.case.lesions]
        if kind == "patient":
            return [()]
        return lesions if kind == "lesion" else [(*a, b) for a, b in product(lesions, self.knowledge.pathways)]

    def _fires(self, rule_id, subject):
        text = self.knowledge.rules[rule_id].text
        blocked = text.unless is not None and self.truth(text.unless, subject) == YES
        return self.truth(text.when, subject) == YES and not blocked

    def could_fire(self, rule, subject):
        blocked = rule.text.unless is not None and self.truth(rule.text.unless, subject) == YES
        return self.truth(rule.text.when, subject) != NO and not blocked

    def truth(self, condition, subject):
        if condition == "always":
            return YES
        return every(self.line(key, raw, subject) for key, raw in condition.items())

    def line(self, key, raw, subject):
        if key == "any":
            return some(self.truth(part, subject) for part in raw)
        if key == "all":
            return every(self.truth(part, subject) for part in raw)
        if key == "not":
            return no(self.truth(raw, subject))
        if key == "open":
            names = raw if isinstance(raw, list) else [raw]
            return every(NO if self.known(name, subject) else YES for name in names)
        if key in ("some_lesion", "every_lesion", "some_option", "every_option"):
            asked = self.subjects(key.split("_")[1])
            asked = [other for other in asked if len(other) == 1 or other[:1] == subject[:1]]
            return (some if key.startswith("some") else every)(self.truth(raw, other) for other in asked)
        if raw == "known":
            return YES if self.known(key, subject) else OPEN
        values = self.value(self.at(key, subject), key)
        if self.knowledge.vocabulary[key].type == "several":
            if not isinstance(values, tuple):
                return OPEN
            return YES if any(self.passes(key, raw, member) for member in values[1]) else NO
        verdicts = {self.passes(key, raw, value) for value in values}
        return OPEN if len(verdicts) == 2 else YES if verdicts == {True} else NO

    def known(self, name, subject):
        values = self.value(self.at(name, subject), name)
        return isinstance(values, tuple) or len(values) == 1

    def passes(self, name, raw, value):
        if isinstance(raw, list):
            return any(self.passes(name, part, value) for part in raw)
        attribute = self.knowledge.vocabulary[name]
        if attribute.type == "yes_no":
            return value is raw
        text = str(raw)
        if attribute.names and text in attribute.names:
            return value == text
        rank = attribute.names.index if attribute.names else Decimal
        place = rank(value) if attribute.names else value
        if ".." in text:
            low, high = text.split("..")
            above = operator.gt if low.startswith(">") else operator.ge
            below = operator.lt if high.startswith("<") else operator.le
            return above(place, rank(low.lstrip(">"))) and below(place, rank(high.lstrip("<")))
        sign = re.match(r"[<>]=?", text)
        return OPERATORS[sign[0]](place, rank(text[sign.end() :].strip())) if sign else place == rank(text)
