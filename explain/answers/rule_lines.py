"""How the lines of a rule stand in a finished run, who made them so, and what each would need.

A line stands as `WorkingMemory.truth` of the run says, so this cannot differ from what the engine did.
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from engine.inference.subjects import Fact, Subject
from engine.inference.trace import Json, Record
from engine.inference.working_memory import ARGUED, YES
from engine.run import Run
from explain.phrases.arguments import read_by
from explain.phrases.conditions import SourceCited, asked, asked_sentence, cited, found, must, value_words
from knowledge_base.language.conditions import Condition, Leaf, Line, Quantified, alternatives
from knowledge_base.language.domains import Values
from knowledge_base.language.predicates import Test, Truth

Standing = Literal["satisfied", "contradicted", "not_known", "blocks", "clear"]
Goal = tuple[Fact, Test]  # a fact, and the test that it would have to pass
OF_WHEN: dict[Truth, Standing] = {
    Truth.TRUE: "satisfied",
    Truth.FALSE: "contradicted",
    Truth.OPEN: "not_known",
}


class Voice(Record):
    """Who says what of a fact: the case, or a rule that fired, on what facts and with which sources."""

    by: str = Field(description='"case", or the id of a firing')
    text: str
    title: str = ""
    reasons: tuple[str, ...] = Field((), description="the facts that the firing read")
    sources: tuple[SourceCited, ...] = ()


class LineStanding(Record):
    """One line of a rule that might have fired, and how it stands."""

    line: str
    fact: str = Field(description="the fact it reads; empty for a line over several lesions or options")
    test: str
    asked: str = Field(description="what it asks for, as a sentence; of an exception, what would block the rule")
    values: Json
    found: str = Field(description="what was found, as a sentence")
    value: str = Field("", description='the same without its name: "it is high-grade"')
    standing: Standing
    voices: tuple[Voice, ...] = Field((), description="who made it so, where it is not as the rule asks")
    question: str | None = Field(None, description="how to ask for it, where a case may give it")
    goal: str | None = Field(None, description="the key of what would have to be; in `goals` where a rule may say so")
    parts: tuple["LineStanding", ...] = Field((), description="the lines inside some_… and every_…, where they fail")


def key_of(goal: Goal, run: Run) -> str:
    """Return a name for a goal: the fact and what it would have to be."""
    fact, test = goal
    return f"{fact}: {asked(run.attribute(fact), test)}"


class LineReader:
    """Reads lines in one finished consultation; collects, in `met`, the goals that they lead to."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.state = run.state
        self.met: dict[str, Goal] = {}

    def line(self, leaf: Leaf, subject: Subject, standing: Standing | None = None) -> LineStanding:
        """Return how a line of a rule stands; `standing` is given for a line of `unless`."""
        stands = standing or OF_WHEN[self.state.truth(leaf, subject)]
        if isinstance(leaf, Quantified):
            return self._quantified(leaf, subject, stands)
        attribute = self.run.knowledge.vocabulary[leaf.attribute]
        about = subject.at(attribute.of)
        fact, values = about.fact(attribute.id), self.state.value(subject, attribute.id)
        missing = stands in ("contradicted", "not_known")
        return LineStanding(
            line=leaf.path,
            fact=str(fact),
            test=leaf.text,
            asked=(asked_sentence if standing else must)(attribute, leaf.test),
            values=attribute.dump(values),
            found=found(attribute, values),
            value=found(attribute, values) if attribute.id in ARGUED else f"it is {value_words(attribute, values)}",
            standing=stands,
            voices=tuple(self._voices(fact, leaf.test, stands)) if stands in ("contradicted", "blocks") else (),
            question=attribute.question if missing and attribute.given else None,
            goal=self._goal((fact, leaf.test)) if missing else None,
        )

    def _quantified(self, leaf: Quantified, subject: Subject, standing: Standing) -> LineStanding:
        failing = [] if standing in ("satisfied", "clear") else self._failing(leaf, subject, standing == "blocks")
        who = "lesion" if leaf.over == "lesion" else "pathway"
        return LineStanding(
            line=leaf.path, fact="", test=leaf.key, asked=f"{'every' if leaf.every else 'some'} {who}: "
            + self._sentences(leaf.condition), values=None, found="", standing=standing, parts=tuple(failing),
        )  # fmt: skip

    def _failing(self, leaf: Quantified, subject: Subject, holding: bool) -> list[LineStanding]:
        """Return the inner lines that decide: those that hold (of an exception) or those that do not."""
        inner = list(dict.fromkeys(part for way in alternatives(leaf.condition) for part in way))
        return [
            self.line(part, other, "blocks" if holding else None)
            for other in self.state.asked_of(leaf, subject)
            for part in inner
            if (self.state.truth(part, other) is Truth.TRUE) == holding
        ]

    def _sentences(self, condition: Condition) -> str:
        ways = [
            "; ".join(self._sentence(part) for part in way if isinstance(part, Line)) for way in alternatives(condition)
        ]
        return "; or else ".join(ways)

    def _sentence(self, line: Line) -> str:
        return asked_sentence(self.run.knowledge.vocabulary[line.attribute], line.test)

    def _goal(self, goal: Goal) -> str:
        """Note what would have to be so for a line, and return its key."""
        key = key_of(goal, self.run)
        self.met.setdefault(key, goal)
        return key

    def can_follow(self, goal: Goal) -> bool:
        """Tell whether any rule may speak of a goal; of the others only a case can."""
        name = self.run.attribute(goal[0]).id
        if name in ARGUED:
            return goal[1].truth(YES) is Truth.TRUE
        return bool(self.run.knowledge.writers[name])

    def _voices(self, fact: Fact, test: Test, standing: Standing) -> Iterator[Voice]:
        """Yield who decided a line: those whose word alone does, or else all who spoke."""
        decided = Truth.FALSE if standing == "contradicted" else Truth.TRUE
        voices = self.run.voices(fact)
        alone = [(by, values) for by, values in voices if test.truth(values) is decided]
        for by, values in alone or voices:
            yield self._voice(fact, by, values)

    def speakers(self, fact: Fact) -> Iterator[Voice]:
        """Yield everyone who spoke of a fact."""
        for by, values in self.run.voices(fact):
            yield self._voice(fact, by, values)

    def _voice(self, fact: Fact, by: str, values: Values) -> Voice:
        attribute = self.run.attribute(fact)
        text = found(attribute, values)
        if by == "case":
            return Voice(by=by, text=text)
        firing = self.run.firings[by]
        text = firing.title if attribute.id in ARGUED else text
        reasons = read_by(firing, self.run)
        sources = cited(self.run.knowledge, self.run.knowledge.units[firing.rule].sources)
        return Voice(by=by, text=text, title=firing.title, reasons=reasons, sources=sources)
