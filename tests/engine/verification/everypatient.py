"""The oracle: every state of knowledge of every patient of a toy, written out and run through Experta, one by one."""

from itertools import combinations, product
from math import prod

from cases.model import Case, Lesion
from engine.inference.subjects import PATIENT, Subject
from engine.invariants import hazards_of
from engine.verdicts import has_quarrel, status_of
from engine.verification.boxes import assessments
from engine.verification.coverage import guides
from engine.verification.rules_checks import exceptions, parts_of, put
from knowledge_base.language.conditions import ALWAYS, NEVER, All, Any, describe
from knowledge_base.language.domains import Numbers, Subsets
from knowledge_base.language.predicates import Truth, Within

LESION = Subject("L1")
TRUE = Truth.TRUE


def states_of(attribute):
    """Return everything that a case may say of an input; None for nothing."""
    if attribute.type == "several":
        sizes = range(1, len(attribute.names) + 1)
        return [None, *(Subsets(frozenset(s), frozenset(s)) for n in sizes for s in combinations(attribute.names, n))]
    if isinstance(attribute.domain, Numbers):
        values = list(range(int(attribute.domain.low), int(attribute.domain.high) + 1))
    else:
        values = [name == "true" for name in attribute.names] if attribute.type == "yes_no" else list(attribute.names)
    return [None, *(attribute.read(list(s)) for n in range(1, len(values)) for s in combinations(values, n))]


def facts_of(knowledge, lesions):
    facts = [("", a) for a in knowledge.vocabulary.given_of("patient")]
    return facts + [(name, a) for name in lesions for a in knowledge.vocabulary.given_of("lesion")]


def is_small(knowledge, lesions, most):
    facts = facts_of(knowledge, lesions)
    whole = all(a.domain.whole for _, a in facts if isinstance(a.domain, Numbers))
    return whole and prod(len(states_of(a)) for _, a in facts) <= most


def every_case(knowledge, lesions):
    facts = facts_of(knowledge, lesions)
    for said in product(*(states_of(a) for _, a in facts)):
        given = {(who, a.id): v for (who, a), v in zip(facts, said, strict=True) if v is not None}
        of = lambda who: {name: v for (w, name), v in sorted(given.items()) if w == who}  # noqa: E731, B023
        yield Case("toy", of(""), tuple(Lesion(name, of(name)) for name in lesions))


def assessed(consultation):
    """Return the values that each assessment of the first lesion, or of the patient, may have."""
    state, kinds = consultation.state, consultation.state.knowledge.vocabulary
    names = assessments(state.knowledge)
    return {name: state.value(PATIENT if kinds[name].of == "patient" else LESION, name).members for name in names}


def numbers_of(state):
    """Yield each number of the first lesion, or of the patient, of which one alone is left."""
    for name, attribute in state.knowledge.vocabulary.items():
        if attribute.type == "number" and attribute.of != "option":
            spans = state.value(PATIENT if attribute.of == "patient" else LESION, name).spans
            if len(spans) == 1 and spans[0].low == spans[0].high:
                yield name, spans[0].low


def gaps_in(knowledge):
    """Return each whole number that tests on both sides of it leave out, and at which none begins or ends."""
    taken = {}
    for rule in knowledge.rules.values():
        for line in rule.lines:
            domain = knowledge.vocabulary[line.attribute].domain
            if isinstance(line.test, Within) and isinstance(domain, Numbers):
                inside = {n for n in range(int(domain.low), int(domain.high) + 1) if holds(line.test.accepted, n)}
                taken.setdefault(line.attribute, (domain, []))[1].append((rule.id, inside))
    for name, (domain, tests) in taken.items():
        for n in range(int(domain.low), int(domain.high) + 1):
            below = {rule for rule, test in tests if n not in test and n - 1 in test}
            above = {rule for rule, test in tests if n not in test and n + 1 in test}
            begins = any(n in t and n > domain.low and n - 1 not in t for _, t in tests)
            ends = any(n in t and n < domain.high and n + 1 not in t for _, t in tests)
            if below and above and not begins and not ends:
                yield "gap_at_threshold", tuple(sorted(below | above)), (name, n)


def holds(values, number):
    return not (values & Numbers.between(number, number, whole=True)).is_empty


class Oracle:
    """What is true of some patient, gathered from one consultation after another."""

    def __init__(self, knowledge, reasoner, lesions):
        self.knowledge = knowledge
        self.seen = set()
        self.alone = []  # for each number of lesions, what the assessments are of those who are left alone
        for names in lesions:
            self.alone.append(set())
            for case in every_case(knowledge, names):
                self._look(reasoner.consult(case))

    def _look(self, consultation):
        state, trace = consultation.state, consultation.trace
        self.seen |= {("just", name, number) for name, number in numbers_of(state)}
        if not any(clash.between == "inputs" for clash in trace.contradictions):
            for clash in trace.contradictions:
                self.seen.add(("contradiction", clash.fact.attribute))
        if any(has_quarrel(trace, lesion) for lesion in state.subjects("lesion")):
            return
        for rule in self.knowledge.rules.values():
            for subject in state.subjects_below(rule.subject, PATIENT if rule.subject == "patient" else LESION):
                self._rule(state, rule, subject)
        statuses = {name: status_of(state, Subject("L1", name)) for name in self.knowledge.pathways}
        self.seen |= {("status", *pair) for pair in statuses.items()}
        self.seen |= {("both", a, b) for a in statuses for b in statuses if statuses[a] == statuses[b] == "recommended"}
        fired = {firing.rule for firing in consultation.firings if firing.subject.split("/")[0] in ("patient", "L1")}
        self.seen |= {("hazard", hazard.id) for hazard in hazards_of(consultation, LESION)}
        guided = any(guides(self.knowledge.rules[name]) for name in fired & set(self.knowledge.rules))
        if not guided and not {"recommended", "acceptable", "open"} & set(statuses.values()):
            self.seen.add("left alone")
            self.alone[-1] |= set(product(*(sorted(values) for values in assessed(consultation).values())))

    def _rule(self, state, rule, subject):
        true = lambda condition: state.truth(condition, subject) is TRUE  # noqa: E731
        when, unless = true(rule.when), true(rule.unless)
        self.seen |= {("when", rule.id)} if when else set()
        self.seen |= {("fires", rule.id, str(subject))} if when and not unless else set()
        for part in exceptions(rule.unless):
            self.seen |= {("stops", rule.id, describe(part))} if when and true(part) else set()
        for path, part, holder in parts_of(rule.when):
            without = true(put(rule.when, path, ALWAYS if holder is All else NEVER))
            if not unless and without != when:
                self.seen.add(("matters", rule.id, path))
            if not unless and when and holder is Any and true(part):
                self.seen.add(("alternative", rule.id, path))

    def findings(self):
        """Return the keys of what is to be found of single rules, pathways, contradictions and patients left alone."""
        for rule in self.knowledge.rules.values():
            yield from self._of_rule(rule)
        for name, pathway in self.knowledge.pathways.items():
            for status in ("recommended", "acceptable"):
                if ("status", name, status) not in self.seen:
                    yield f"pathway_never_{status}", (name,), ""
            for other in pathway.excludes:
                if ("both", name, other) in self.seen:
                    yield "pathways_together", tuple(sorted((name, other))), ""
        yield from ((kind[0], (), kind[1]) for kind in self.seen if kind[0] == "contradiction")
        yield from (("hazard_happens", (mark[1],), "") for mark in self.seen if mark[0] == "hazard")
        if "left alone" in self.seen:
            yield "nothing_offered", ("pathways",), ""
        for kind, rules, (name, number) in gaps_in(self.knowledge):
            if ("just", name, number) in self.seen:
                yield kind, rules, f"{name}: {number}"

    def _of_rule(self, rule):
        if not any(mark[:2] == ("fires", rule.id) for mark in self.seen if isinstance(mark, tuple)):
            kind = "exceptions_always_apply" if ("when", rule.id) in self.seen else "rule_never_fires"
            yield kind, (rule.id,), ""
            return
        for path, part, holder in parts_of(rule.when):
            if holder is Any and ("alternative", rule.id, path) not in self.seen:
                yield "alternative_never_fires", (rule.id,), describe(part)
            elif ("matters", rule.id, path) not in self.seen:
                yield "line_never_matters", (rule.id,), describe(part)
        for part in exceptions(rule.unless):
            if ("stops", rule.id, describe(part)) not in self.seen:
                yield "exception_never_applies", (rule.id,), describe(part)
