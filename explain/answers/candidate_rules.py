"""What could have made something so: every rule and score step that may conclude it, and how each of its lines stands."""

from collections.abc import Iterable, Iterator

from pydantic import Field

from engine.inference.score_steps import result
from engine.inference.subjects import Subject
from engine.inference.trace import Record
from engine.inference.working_memory import ARGUED, YES
from engine.run import Run
from explain.answers.rule_lines import Goal, LineReader, LineStanding
from explain.phrases.conditions import SourceCited, cited, found
from knowledge_base.language.conditions import Line, alternatives
from knowledge_base.language.domains import Numbers, Subsets, without
from knowledge_base.language.knowledge import Unit
from knowledge_base.language.predicates import Known, Test, Truth, Within
from knowledge_base.language.rules import Argue, Conclusion, Rule, SetTo, Step


class Candidate(Record):
    """One way in which one rule could conclude it for one subject."""

    rule: str
    subject: str
    way: int = Field(description="which alternative of its `when`, from 1")
    ways: int
    title: str
    because: str
    gives: str = Field(description="what it would conclude, in words")
    fired: bool
    lines: tuple[LineStanding, ...]
    exceptions: tuple[LineStanding, ...]
    unmet: int = Field(description="lines that are not satisfied, and exceptions that block")
    sources: tuple[SourceCited, ...]

    @property
    def order(self) -> tuple[bool, int, int, str, str, int]:
        """The key by which the nearest miss comes first: fewest unmet lines, then fewest that are settled otherwise.

        What fired already, and was not enough, comes last.
        """
        firm = sum(line.standing in ("contradicted", "blocks") for line in (*self.lines, *self.exceptions))
        return self.fired, self.unmet, firm, self.rule, self.subject, self.way


class Candidates:
    """Finds the candidates of goals in one finished consultation; `lines` collects what their lines lead to."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.state = run.state
        self.lines = LineReader(run)

    def for_goal(self, goal: Goal) -> list[Candidate]:
        """Return every way in which rules or steps could make a fact pass a test, nearest miss first."""
        fact, test = goal
        about, attribute = fact.subject, self.run.attribute(fact)
        if attribute.id in ARGUED:
            if test.truth(YES) is not Truth.TRUE:
                return []
            units: Iterable[Unit] = self.run.knowledge.arguers.get((about.pathway, ARGUED[attribute.id]), ())
        else:
            units = self.run.knowledge.writers[attribute.id]
        found = [c for unit in units for c in self._of_unit(unit, about, attribute.id, test)]
        return sorted(found, key=lambda candidate: candidate.order)

    def for_measure(self, measure: str, about: Subject) -> list[Candidate]:
        """Return every way in which rules could call for a measure, for a lesion or (the patient) for anyone."""
        found: list[Candidate] = []
        for rule in self.run.knowledge.rules.values():
            if any(called.measure == measure for called in rule.measures):
                for subject in self.state.subjects(rule.subject):
                    if about.lesion in ("", subject.lesion):
                        found.extend(self.of_rule(rule, subject, "calls for it", ()))
        return sorted(found, key=lambda candidate: candidate.order)

    # --- units -------------------------------------------------------------------------------------------------

    def _of_unit(self, unit: Unit, about: Subject, name: str, test: Test) -> Iterator[Candidate]:
        kind = self.run.knowledge.vocabulary[name].of
        for subject in self.state.subjects_below(unit.subject, about.at("lesion") if name in ARGUED else about):
            if isinstance(unit, Step):
                yield self._of_step(unit, subject, test)
            elif name in ARGUED or subject.at(kind) == about:
                for conclusion in unit.conclusions:
                    taken = self._helps(conclusion, about, name, test)
                    if taken is not None:
                        yield from self.of_rule(unit, subject, self._gives(conclusion, name), taken)

    def _helps(self, conclusion: Conclusion, about: Subject, name: str, test: Test) -> tuple[Line, ...] | None:
        """Return the lines that a conclusion adds to its rule's own if it would help a goal; None if it would not."""
        if isinstance(conclusion, Argue):
            return () if (conclusion.pathway, f"argued_{conclusion.stance}") == (about.pathway, name) else None
        if not isinstance(conclusion, SetTo) or conclusion.attribute != name:
            return None
        if conclusion.values is not None:
            return () if isinstance(test, Known) or test.truth(conclusion.values) is not Truth.FALSE else None
        assert conclusion.reads is not None
        taken = test if conclusion.same_as else Known()
        return (Line(conclusion.reads, taken, "as it is", "then.set"),)

    def _gives(self, conclusion: Conclusion, name: str) -> str:
        attribute = self.run.knowledge.vocabulary[name]
        if isinstance(conclusion, SetTo) and conclusion.values is not None:
            return found(attribute, conclusion.values)
        return found(attribute, YES) if name in ARGUED else attribute.label

    def of_rule(
        self, rule: Rule, subject: Subject, gives: str = "", taken: tuple[Line, ...] = ()
    ) -> Iterator[Candidate]:
        """Yield each way in which a rule could fire for a subject; `taken` are lines that its conclusion adds."""
        exceptions, blocking = self._exceptions(rule, subject)
        ways = alternatives(rule.when)
        for number, way in enumerate(ways, start=1):
            lines = [self.lines.line(leaf, subject) for leaf in (*way, *taken)]
            unmet = sum(line.standing != "satisfied" for line in lines) + blocking
            name = f"{rule.id}@{subject}" + (f"#{number}" if len(ways) > 1 else "")
            yield Candidate(
                rule=rule.id, subject=str(subject), way=number, ways=len(ways), title=rule.title, gives=gives,
                because=rule.because, fired=name in self.run.firings, lines=tuple(lines), exceptions=exceptions,
                unmet=unmet, sources=cited(self.run.knowledge, rule.sources),
            )  # fmt: skip

    def _exceptions(self, rule: Rule, subject: Subject) -> tuple[tuple[LineStanding, ...], int]:
        """Return the lines of `unless` as they stand, and how many of its alternatives block the rule."""
        ways = alternatives(rule.unless)
        hold = [way for way in ways if all(self.state.truth(leaf, subject) is Truth.TRUE for leaf in way)]
        blocking = {leaf for way in hold for leaf in way}
        lines = dict.fromkeys(leaf for way in ways for leaf in way)
        return tuple(self.lines.line(leaf, subject, "blocks" if leaf in blocking else "clear") for leaf in lines), len(
            hold
        )

    # --- scores ------------------------------------------------------------------------------------------------

    def _of_step(self, step: Step, subject: Subject, test: Test) -> Candidate:
        """Return what a score would have to read to give what is asked for."""
        lines = tuple(self.lines.line(line, subject) for line in self._step_lines(step, subject, test))
        values = result(step, [self.state.value(subject, name) for name in step.reads])
        return Candidate(
            rule=step.id, subject=str(subject), way=1, ways=1, title=step.title, because=step.because,
            gives=found(self.run.knowledge.vocabulary[step.attribute], values),
            fired=f"{step.id}@{subject}" in self.run.firings, lines=lines, exceptions=(),
            unmet=sum(line.standing != "satisfied" for line in lines),
            sources=cited(self.run.knowledge, step.sources),
        )  # fmt: skip

    def _step_lines(self, step: Step, subject: Subject, test: Test) -> Iterator[Line]:
        for name in step.reads:
            yield Line(name, self._step_test(step, name, subject, test), "known so far", f"reads.{name}")

    def _step_test(self, step: Step, name: str, subject: Subject, test: Test) -> Test:
        """Return what one input of a step would have to be: of a table the rows that fit, of a sum another number."""
        attribute = self.run.knowledge.vocabulary[name]
        if isinstance(test, Known):
            return test
        if step.kind == "total":
            return self._part_test(step, name, subject, test)
        rejected = attribute.domain
        for row in step.rows:
            if test.truth(row.result) is not Truth.FALSE:
                rejected = without(rejected, row.accepted)
        assert not isinstance(rejected, Subsets)
        return Within(without(attribute.domain, rejected), rejected)

    def _part_test(self, step: Step, name: str, subject: Subject, test: Test) -> Test:
        """Return what a part of a sum would have to be: known, or less (or more) where the sum is too great (small)."""
        values = self.state.value(subject, name)
        total = result(step, [self.state.value(subject, part) for part in step.reads])
        if not values.is_single or test.truth(total) is not Truth.FALSE or not isinstance(test, Within):
            return Known()
        assert isinstance(values, Numbers)
        assert isinstance(total, Numbers)
        assert isinstance(test.accepted, Numbers)
        domain = self.run.knowledge.vocabulary[name].domain
        assert isinstance(domain, Numbers)
        if test.accepted.high < total.low:
            change = Numbers.between(domain.low, values.low - 1, domain.whole)
        else:
            change = Numbers.between(values.high + 1, domain.high, domain.whole)
        return Known() if change.is_empty else Within(change, domain.without(change))
