"""A `WhyNot` in words: what was found instead, what defeats it, and the rules that came near, line by line."""

from collections.abc import Iterable, Iterator

from explain.answers.candidate_rules import Candidate
from explain.answers.rule_lines import LineStanding, Voice
from explain.answers.why_not import WhyNot
from explain.phrases.arguments import Spoken
from explain.phrases.conditions import SourceCited, source_words
from explain.phrases.prose import join
from explain.phrases.terms import STANCE_WORDS
from explain.report.blocks import Block, Heading, Para, Point, Points, part, points
from explain.report.sources import bibliography

NEAREST = 1  # rules told for what a line leads to, unless all are asked for
SPEAKERS = 3  # rules told that could speak for a pathway
STANDING_WORDS = {
    "satisfied": "met",
    "contradicted": "not met",
    "not_known": "not known",
    "blocks": "blocked by",
    "clear": "not blocked by",
}


def why_not_report(answer: WhyNot, everything: bool = False) -> Iterator[Block]:
    """Yield why something is not so; with `everything` every near miss."""
    return _WhyNotReport(answer, everything).blocks()


class _WhyNotReport:
    def __init__(self, answer: WhyNot, everything: bool) -> None:
        self.answer = answer
        self.everything = everything
        self.told: set[str] = set()
        self.heard: set[tuple[str, str]] = set()
        self.cited: list[SourceCited] = []

    def blocks(self) -> Iterator[Block]:
        yield Heading(_title(self.answer))
        yield from (Para(warning, "danger") for warning in self.answer.warnings)
        if self.answer.answer == "it is so":
            yield Para("But it is so; `metspine why` with the same names gives the proof.")
            return
        yield from self._instead()
        yield from part("What defeats it", points(map(self._defeat, self.answer.defeated_by)))
        yield Heading("What could make it so, nearest miss first", 2)
        yield Points(tuple(self._goal(self.answer.goal, 0)))
        yield from bibliography(self.cited)

    def _instead(self) -> Iterator[Block]:
        """Yield what it is instead, and who says so: of a pathway in a word, since its arguments follow."""
        if self.answer.kind == "pathway":
            reasons = "; ".join(dict.fromkeys(reason for voice in self.answer.instead for reason in voice.reasons))
            because = f", because {reasons}" if reasons and not self.answer.defeated_by else ""
            yield Para(f"It is {self.answer.found}{because}.")
            return
        yield Para(f"It is {self.answer.found}.")
        yield from points(map(self._voice, self.answer.instead))

    def _defeat(self, defeat: Spoken) -> Point:
        because = Point("; ".join(defeat.facts) or "it holds for everyone", lead="because")
        return Point(
            f"{STANCE_WORDS[defeat.stance]}: {defeat.because}", (because, self._support(defeat.rule, defeat.sources))
        )

    def _support(self, rule: str, sources: Iterable[SourceCited]) -> Point:
        found = list(sources)
        self.cited.extend(found)
        return Point(f"[{rule}; {'; '.join(source_words(source) for source in found)}]")

    def _voice(self, voice: Voice) -> Point:
        """Return who said something, and why; its reasons and sources only the first time."""
        rule = voice.by.partition("@")[0]
        if rule == "case":
            return Point("so the case says")
        if (voice.by, voice.text) in self.heard:
            return Point(f"{rule}, as told above")
        self.heard.add((voice.by, voice.text))
        because = f", because {'; '.join(voice.reasons)}" if voice.reasons else ""
        return Point(f"{rule}: {voice.text}{because}", (self._support(rule, voice.sources),))

    # --- candidates --------------------------------------------------------------------------------------------

    def _goal(self, key: str, depth: int) -> Iterator[Point]:
        """Yield the rules that could give what is wanted; at depth, only the nearest."""
        self.told.add(key)
        nearest = self._nearest(self.answer.goals[key].candidates)
        if not nearest:
            yield Point("no rule can; only the case could say so.")
        most = SPEAKERS if ".argued_" in key else NEAREST
        shown = nearest if depth == 0 or self.everything else nearest[:most]
        for candidate in shown:
            yield self._candidate(candidate, depth)
        if len(shown) < len(nearest):
            others = join(dict.fromkeys(c.rule for c in nearest[len(shown) :]), "and")
            yield Point(f"further off: {others}")

    def _nearest(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Return the nearest way of each rule for each subject, or all ways when everything is asked for."""
        found: dict[tuple[str, str, int], Candidate] = {}
        for candidate in candidates:
            found.setdefault((candidate.rule, candidate.subject, candidate.way if self.everything else 0), candidate)
        return list(found.values())

    def _candidate(self, candidate: Candidate, depth: int) -> Point:
        ways = f", alternative {candidate.way} of {candidate.ways}" if candidate.ways > 1 else ""
        lines = [self._line(line, depth) for line in (*candidate.lines, *candidate.exceptions)]
        if (candidate.rule, "") not in self.heard:
            self.heard.add((candidate.rule, ""))
            lines.append(self._support(candidate.rule, candidate.sources))
        return Point(f"{candidate.rule}{ways}, {candidate.title}: {_distance(candidate)}", tuple(lines), mark="•")

    def _line(self, line: LineStanding, depth: int) -> Point:
        return Point(_line_words(line), tuple(self._under(line, depth)), lead=STANDING_WORDS[line.standing])

    def _under(self, line: LineStanding, depth: int) -> Iterator[Point]:
        """Yield what stands under a line: who spoke, what to ask, its parts, and what could make it otherwise."""
        yield from map(self._voice, line.voices)
        if line.question and line.standing == "not_known":
            yield Point(f"ask: {line.question}")
        yield from (self._line(part, depth + 1) for part in line.parts)
        is_given = any(voice.by == "case" for voice in line.voices)  # only the case could say otherwise
        if line.goal in self.answer.goals and (self.everything or not is_given):
            assert line.goal is not None
            yield self._leads(line.goal, depth + 1)

    def _leads(self, key: str, depth: int) -> Point:
        if key in self.told:
            return Point("what could give that is told above")
        if self.answer.goals[key].candidates:
            return Point("what could give that:", tuple(self._goal(key, depth)))
        return Point("no rule can do that.")


def _distance(candidate: Candidate) -> str:
    if candidate.fired and not candidate.unmet:
        return "it fired"
    lines = len(candidate.lines) + len(candidate.exceptions)
    if lines == 1:
        return "its only line is in the way"
    return f"{candidate.unmet} of {lines} lines in the way"


def _line_words(line: LineStanding) -> str:
    if line.standing in ("satisfied", "blocks") or not line.found:
        return line.found or line.asked
    if line.standing == "clear":
        return f"{line.asked} ({line.value})"
    return f"{line.asked}; {line.value}"


def _title(answer: WhyNot) -> str:
    if answer.asked.startswith("other than"):
        return f"Why {answer.label} is nothing {answer.asked}"
    is_value = answer.kind == "fact" and answer.asked not in ("known", "not settled") and ".argued_" not in answer.fact
    asked = f"“{answer.asked}”" if is_value else answer.asked
    return f"Why {answer.label} is not {asked}"
