"""Why something is not so: every rule that could give it, line by line, down to the inputs, nearest miss first."""

from typing import Literal

from pydantic import Field

from engine.advice import KnowledgeStamp
from engine.inference.subjects import Subject
from engine.inference.trace import ArgumentConclusion, Record
from engine.inference.working_memory import ARGUED
from engine.run import Run
from explain.answers.candidate_rules import Candidate, Candidates
from explain.answers.justification import callers
from explain.answers.rule_lines import Goal, Voice, key_of
from explain.answers.targets import Target, TargetKind, target, wanted
from explain.phrases.arguments import Spoken, spoken
from explain.phrases.conditions import asked, found, value_words
from knowledge_base.language.predicates import Test, Truth
from knowledge_base.language.rules import AGAINST


class Wanted(Record):
    """Something that would have to follow: what it is now, and every way in which it could come about."""

    fact: str
    asked: str
    found: str
    candidates: tuple[Candidate, ...] = Field(description="nearest miss first")


class WhyNot(Record):
    """Why something is not so; `goals` holds, by key, what the lines of its candidates lead to."""

    case: str
    knowledge_base: KnowledgeStamp
    kind: TargetKind
    fact: str
    subject: str
    label: str = Field(description="what is asked about, with its lesion")
    asked: str = Field(description='what it was asked to be: "recommended"')
    found: str = Field(description="what it was found to be")
    answer: Literal["it is so", "another value", "not known"]
    warnings: tuple[str, ...] = Field(description="contradictions that a reader must know of first")
    instead: tuple[Voice, ...] = Field(description="who says what was found")
    defeated_by: tuple[Spoken, ...] = Field(description="of a pathway: the arguments against it")
    goal: str
    goals: dict[str, Wanted]


def why_not(text: str, run: Run, lesion: str | None = None) -> WhyNot:
    """Return why `NAME` or `NAME=VALUE` is not so.

    Raises ValueError, with the nearest name, for a name or value that means nothing.
    """
    name, asks, value = text.partition("=")
    if asks and not value.strip():
        raise ValueError(f"no value is written after {text.strip()}; write one, or leave out the =")
    about = target(name.strip(), run.state, lesion)
    return explain(about, wanted(about, value.strip() or None, run.state), run)


def explain(about: Target, test: Test | None, run: Run) -> WhyNot:
    """Return why a fact does not pass a test, or (None) why a measure is not called for."""
    return _WhyNotExplainer(about, run).measure() if test is None else _WhyNotExplainer(about, run).fact(test)


class _WhyNotExplainer:
    def __init__(self, about: Target, run: Run) -> None:
        self.about = about
        self.run = run
        self.candidates = Candidates(run)

    def measure(self) -> WhyNot:
        label = self.run.knowledge.measures[self.about.name].label
        called = bool(callers(self.run, self.about))
        key = f"measure:{self.about.name}"
        first = Wanted(
            fact=self.about.name,
            asked=label,
            found="called for" if called else "not called for",
            candidates=tuple(self.candidates.for_measure(self.about.name, self.about.subject)),
        )
        return self._answer(key, first, "called for", "it is so" if called else "another value", ())

    def fact(self, test: Test) -> WhyNot:
        fact = self.about.fact
        goal: Goal = (fact, test)
        attribute, values = self.run.attribute(fact), self.run.values(fact)
        truth = test.truth(values)
        voices = tuple(self.candidates.lines.speakers(fact)) if truth is not Truth.TRUE else ()
        answer: Literal["it is so", "another value", "not known"] = (
            "it is so" if truth is Truth.TRUE else "another value" if truth is Truth.FALSE else "not known"
        )
        return self._answer(key_of(goal, self.run), self._wanted(goal), asked(attribute, test), answer, voices)

    def _label(self) -> str:
        lesion = f" ({self.about.subject.lesion})" if self.about.subject != Subject() else ""
        if self.about.kind == "measure":
            return f"{self.run.knowledge.measures[self.about.name].label}{lesion}"
        if self.about.kind == "pathway":
            return f"{self.run.knowledge.pathways[self.about.name].label}{lesion}"
        return f"{self.run.attribute(self.about.fact).label}{lesion}"

    def _wanted(self, goal: Goal) -> Wanted:
        fact, test = goal
        attribute, values = self.run.attribute(fact), self.run.values(fact)
        return Wanted(
            fact=str(fact),
            asked=asked(attribute, test),
            found=found(attribute, values) if attribute.id in ARGUED else value_words(attribute, values),
            candidates=tuple(self.candidates.for_goal(goal)),
        )

    def _answer(
        self,
        key: str,
        first: Wanted,
        asked_for: str,
        answer: Literal["it is so", "another value", "not known"],
        voices: tuple[Voice, ...],
    ) -> WhyNot:
        return WhyNot(
            case=self.run.case.id,
            knowledge_base=self.run.stamp,
            kind=self.about.kind,
            fact=str(self.about.fact) if self.about.attribute else self.about.name,
            subject=str(self.about.subject),
            label=self._label(),
            asked=asked_for,
            found=first.found,
            answer=answer,
            warnings=self.run.warnings(self.about.fact) if self.about.attribute else (),
            instead=voices,
            defeated_by=tuple(self._defeats()) if answer != "it is so" else (),
            goal=key,
            goals=self._goals(key, first),
        )

    def _goals(self, key: str, first: Wanted) -> dict[str, Wanted]:
        """Return everything that lines lead to, from the first goal down to what only a case can give."""
        goals = {key: first}
        lines = self.candidates.lines
        while left := [(n, goal) for n, goal in lines.met.items() if n not in goals and lines.can_follow(goal)]:
            for name, goal in left:
                goals[name] = self._wanted(goal)
        return goals

    def _defeats(self) -> list[Spoken]:
        if self.about.kind != "pathway":
            return []
        return [
            spoken(firing, conclusion.stance, self.run)
            for stance in reversed(AGAINST)
            for firing in self.run.trace.firings
            for conclusion in firing.conclusions
            if isinstance(conclusion, ArgumentConclusion)
            and (conclusion.lesion, conclusion.pathway, conclusion.stance)
            == (self.about.subject.lesion, self.about.subject.pathway, stance)
        ]
