"""Mending a near miss: from the lines that are not met to the change of the case that would meet them.

Written for the tests of faithfulness, on nothing but what an explanation says.
"""

from itertools import product

from engine.inference.subjects import Fact, Subject
from engine.run import Run, changed, lines_by_path
from explain.answers.candidate_rules import Candidate, Candidates
from explain.answers.rule_lines import Goal, LineStanding
from knowledge_base.language.domains import Choices, Numbers, Span, Subsets, Values
from knowledge_base.language.predicates import AnyOf, Known, Test, Truth, Unsettled, Within
from knowledge_base.language.vocabulary import Attribute

DEPTH = 8
ROUNDS = 4
Changes = dict[Fact, Values | None]


def mended(candidate: Candidate, run: Run) -> Run | None:
    """Return a run in which a candidate fires, its case mended line by line; None when no mend among inputs works."""
    changes: Changes = {}
    run = run
    for _ in range(ROUNDS):
        finder = Candidates(run)
        now = again(candidate, finder)
        if not now.unmet:
            return run
        more = _all_lines(now, finder, DEPTH)
        if not more or all(changes.get(fact, fact) == values for fact, values in more.items()):
            return None
        changes |= more
        run = Run(changed(run.case, changes), run.reasoner)
    return run if not again(candidate, Candidates(run)).unmet else None


def again(candidate: Candidate, finder: Candidates) -> Candidate:
    """Return how the same way of the same rule stands in another run."""
    rule = finder.run.knowledge.rules[candidate.rule]
    return list(finder.of_rule(rule, Subject.of(candidate.subject)))[candidate.way - 1]


def _all_lines(candidate: Candidate, finder: Candidates, depth: int) -> Changes | None:
    changes: Changes = {}
    for line in (*candidate.lines, *candidate.exceptions):
        if line.standing in ("satisfied", "clear"):
            continue
        mend = _line(line, _tests_on(line.fact, candidate, finder), finder, depth)
        if mend is None or any(None not in (changes.get(f), v) and changes[f] != v for f, v in mend.items()):
            return None
        changes |= {fact: values for fact, values in mend.items() if values is not None or fact not in changes}
    return changes


def _tests_on(fact: str, candidate: Candidate, finder: Candidates) -> list[Test]:
    """Return the tests of all lines of a candidate on one fact, those that are met too: a mend must not break them."""
    rule = finder.run.knowledge.rules.get(candidate.rule)
    written = lines_by_path(rule) if rule else {}
    lines = [line for line in candidate.lines if line.fact == fact]
    of_rule = [written[line.line].test for line in lines if line.line in written]
    return of_rule + [finder.lines.met[line.goal][1] for line in lines if line.goal and line.line not in written]


def _line(line: LineStanding, tests: list[Test], finder: Candidates, depth: int) -> Changes | None:
    """Return what meets a line; `tests` are those of all lines on the same fact, its own among them."""
    if line.standing == "blocks":
        return {
            fact: None for voice in line.voices for fact in _inputs(voice.by, Fact.of(line.fact), finder.run)
        } or None
    if line.goal is None or depth == 0:
        return None
    goal = finder.lines.met[line.goal]
    attribute = finder.run.attribute(goal[0])
    if isinstance(goal[1], Unsettled) and all(by == "case" for by, _ in finder.run.voices(goal[0])):
        return {goal[0]: None}
    spoken = [by for by, values in finder.run.voices(goal[0]) if by != "case" and not _allows(goal[1], values)]
    if attribute.given and not spoken and (value := passing(attribute, tests)) is not None:
        return {goal[0]: value}
    mend = _following(goal, finder, depth - 1)
    return None if mend is None else _silenced(line, finder) | mend


def _silenced(line: LineStanding, finder: Candidates) -> Changes:
    """Return the change that takes away one input behind each voice that contradicts a line."""
    voices = (voice.by for voice in line.voices if voice.by != "case")
    return {fact: None for by in voices for fact in _inputs(by, Fact.of(line.fact), finder.run)}


def _allows(test: Test, values: Values) -> bool:
    return isinstance(test, Known) or test.truth(values) is not Truth.FALSE


def _following(goal: Goal, finder: Candidates, depth: int) -> Changes | None:
    """Return the first mend of a rule that could give a goal."""
    for candidate in finder.for_goal(goal):
        if candidate.unmet and (mend := _all_lines(candidate, finder, depth)):
            return mend
    return None


def _inputs(by: str, fact: Fact, run: Run) -> set[Fact]:
    """Return one given fact behind each thing that a voice leans on."""
    if by == "case":
        return {fact}
    for premise in run.firings[by].premises:
        for other, _ in run.voices(premise.fact):
            if found := _inputs(other, premise.fact, run):
                return found
    return set()


def passing(attribute: Attribute, tests: list[Test]) -> Values | None:
    """Return one value of an attribute that passes some tests; None when there is no such value."""
    values = [value for test in tests for value in _single_values(attribute, test)]
    if isinstance(attribute.domain, Subsets):
        members = [sorted(test.members) for test in tests if isinstance(test, AnyOf) and not test.negative]
        values += [Subsets(frozenset(chosen), frozenset(chosen)) for chosen in product(*members)]
    return next((v for v in values if all(test.truth(v) is Truth.TRUE for test in tests)), None)


def _single_values(attribute: Attribute, test: Test) -> list[Values]:
    domain = attribute.domain
    if isinstance(domain, Choices):
        return [Choices(frozenset({member})) for member in attribute.members_in_order(domain)]
    if isinstance(domain, Subsets):
        names = [name for name in attribute.names if not isinstance(test, AnyOf) or name in test.members]
        others = [name for name in attribute.names if name not in names]
        return [Subsets(frozenset({name}), frozenset({name})) for name in (*names, *others)]
    spans = test.accepted.spans if isinstance(test, Within) and isinstance(test.accepted, Numbers) else domain.spans
    step = attribute.step or 1
    points = [point for span in spans for point in (span.low, -(-span.low // step) * step, span.high, _middle(span))]
    return [Numbers.of([Span(point, point)], attribute.whole) for point in points if point % step == 0 or step == 1]


def _middle(span: Span) -> object:
    return (span.low + span.high) / 2
