"""The library of worked patients: run them all, and say where the advice is not what a case expects."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cases
from cases.model import Case, Expected
from engine import Advice, Reasoner, advise
from engine.advice import LesionAdvice
from engine.inference.subjects import Subject
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.text.errors import Invalid, Problem, gathered

LIBRARY = Path(cases.__file__).parent / "library"


@dataclass(frozen=True)
class LibraryRun:
    """One library case that was run: its advice, and what differs from its `expect`."""

    case: Case
    advice: Advice
    differences: tuple[str, ...]


def read_library(knowledge: KnowledgeBase, folder: Path = LIBRARY) -> list[Case]:
    """Return all cases of a folder, in order of file name; raise `Invalid` with the problems of all of them."""

    def read(path: Path) -> Case:
        case = cases.read_case(path, knowledge, path.name)
        lacks_expectation = not case.expect and not knowledge.framework.shares
        wrong = ["a library case says what it expects; add `expect`"] if lacks_expectation else []
        wrong += [f"a library case is named as its file: {path.stem}"] if case.id != path.stem else []
        if wrong:
            raise Invalid(Problem(case.position, case.id, message) for message in wrong)
        return case

    return gathered(read, sorted(folder.glob("*.yaml")))


def run(case: Case, reasoner: Reasoner) -> LibraryRun:
    """Return what became of one case."""
    advice = advise(case, reasoner)
    return LibraryRun(case, advice, tuple(differences(case, advice, reasoner.knowledge)))


def differences(case: Case, advice: Advice, knowledge: KnowledgeBase) -> Iterator[str]:
    """Yield, in a sentence each, where the advice is not what the case expects."""
    lesions = {lesion.id: lesion for lesion in advice.lesions}
    for subject, expected in case.expect.items():
        comparison = _ExpectationComparison(subject, expected, advice, knowledge)
        for difference in (*comparison.of_subject(), *comparison.of_lesion(lesions.get(subject))):
            yield f"{subject}: {difference}"


@dataclass(frozen=True)
class _ExpectationComparison:
    subject: str
    expected: Expected
    advice: Advice
    knowledge: KnowledgeBase

    def of_subject(self) -> Iterator[str]:
        expected = self.expected
        fired = self._fired()
        called = {m.measure for m in self.advice.measures if self._is_about(m.subjects)}
        raised = {alert.rule for alert in self.advice.alerts if self._is_about(alert.subjects)}
        about = Subject.of(self.subject)
        clashes = {clash.fact.attribute for clash in self.advice.contradictions if clash.fact.subject == about}
        yield from (f"{rule} was expected to fire and did not" for rule in expected.fired if rule not in fired)
        yield from (f"{rule} fired and was expected not to" for rule in expected.not_fired if rule in fired)
        yield from self._values()
        yield from (f"measure {m} was expected and not called for" for m in expected.measures if m not in called)
        yield from (f"measure {m} was called for and not expected" for m in expected.no_measures if m in called)
        yield from (f"an alert of {rule} was expected and not raised" for rule in expected.alerts if rule not in raised)
        for attribute in (name for name in expected.contradictions if name not in clashes):
            yield f"a contradiction about {attribute} was expected and not reported"

    def of_lesion(self, lesion: LesionAdvice | None) -> Iterator[str]:
        if lesion is None:
            return
        if self.expected.recommended is not None and set(self.expected.recommended) != set(lesion.recommended):
            wanted = ", ".join(sorted(self.expected.recommended)) or "nothing"
            yield f"recommended {wanted} was expected, but it is {', '.join(lesion.recommended) or 'nothing'}"
        statuses = {option.pathway: option.status for option in lesion.options}
        for pathway, status in self.expected.status.items():
            if statuses[pathway] != status:
                yield f"{pathway} was expected {status}, but it is {statuses[pathway]}"
        missing = {missing.fact.attribute for missing in lesion.missing}
        for attribute in self.expected.missing:
            if attribute not in missing:
                yield f"{attribute} was expected among what is missing"

    def _fired(self) -> set[str]:
        rules = {firing.rule for firing in self.advice.firings if self._is_about((firing.subject,))}
        return rules | {rule.split("/")[0] for rule in rules}

    def _values(self) -> Iterator[str]:
        facts = {fact.id: fact for fact in self.advice.facts}
        for name, raw in self.expected.values.items():
            attribute = self.knowledge.vocabulary[name]
            fact = facts[Subject.of(self.subject).at(attribute.of).fact(name)]
            wanted = None if raw is None else attribute.dump(attribute.read(raw))
            if fact.values != wanted:
                yield f"{name} was expected to be {wanted}, but it is {fact.values}"

    def _is_about(self, subjects: tuple[str, ...]) -> bool:
        return any(subject == self.subject or subject.startswith(f"{self.subject}/") for subject in subjects)
