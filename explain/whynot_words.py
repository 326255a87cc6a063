"""A `WhyNot` as plain text: what was found instead, what defeats it, and the rules that came near, line by line."""

from collections.abc import Iterable, Iterator

from explain.asked import SourceCited, bibliography, heading, paragraph, source_words
from explain.candidates import Candidate
from explain.standings import LineStanding, Voice
from explain.whynot import Defeat, WhyNot
from explain.words import STANCE_WORDS, join

NEAREST = 1  # rules printed for what a line leads to, unless all are asked for
STANDING_WORDS = {
    "satisfied": "met",
    "contradicted": "not met",
    "not_known": "not known",
    "blocks": "blocked by",
    "clear": "not blocked",
}
COLUMN = 13


def why_not_text(answer: WhyNot, everything: bool = False) -> str:
    """Return why something is not so, as plain text of at most 100 columns; with `everything` every near miss."""
    return "\n".join(_Text(answer, everything).lines()).rstrip() + "\n"


class _Text:
    def __init__(self, answer: WhyNot, everything: bool) -> None:
        self.answer = answer
        self.everything = everything
        self.told: set[str] = set()
        self.heard: set[tuple[str, str]] = set()
        self.cited: list[SourceCited] = []

    def lines(self) -> Iterator[str]:
        title = _title(self.answer)
        yield from paragraph(title)
        yield "=" * min(len(title), 100)
        for warning in self.answer.warnings:
            yield from paragraph(warning, "! ")
        if self.answer.answer == "it is so":
            yield from paragraph("But it is so; `metspine why` with the same names gives the proof.")
            return
        yield from paragraph(f"It is {self.answer.found}.")
        for voice in self.answer.instead:
            yield from self._voice(voice, "  ")
        if self.answer.defeated_by:
            yield from heading("What defeats it")
            for defeat in self.answer.defeated_by:
                yield from self._defeat(defeat)
        yield from heading("What could make it so, nearest miss first")
        yield from self._goal(self.answer.goal, "  ", 0)
        if self.cited:
            yield from heading("Sources")
            yield from bibliography(self.cited)

    def _defeat(self, defeat: Defeat) -> Iterator[str]:
        yield from paragraph(f"{STANCE_WORDS[defeat.stance]}: {defeat.because}", "  • ")
        yield from paragraph(f"because {'; '.join(defeat.reasons) or 'it holds for everyone'}", "      ")
        yield from paragraph(self._support(defeat.rule, defeat.sources), "      ")

    def _support(self, rule: str, sources: Iterable[SourceCited]) -> str:
        found = list(sources)
        self.cited.extend(found)
        return f"[{rule}; {'; '.join(source_words(source) for source in found)}]"

    def _voice(self, voice: Voice, indent: str) -> Iterator[str]:
        """Yield who said something, and why; its reasons and sources only the first time."""
        rule = voice.by.partition("@")[0]
        if rule == "case":
            yield from paragraph("so the case says", indent)
        elif (voice.by, voice.text) in self.heard:
            yield from paragraph(f"{rule}, as told above", indent)
        else:
            self.heard.add((voice.by, voice.text))
            because = f", because {'; '.join(voice.reasons)}" if voice.reasons else ""
            yield from paragraph(f"{rule}: {voice.text}{because}", indent)
            yield from paragraph(self._support(rule, voice.sources), indent)

    # --- candidates --------------------------------------------------------------------------------------------

    def _goal(self, key: str, indent: str, depth: int) -> Iterator[str]:
        """Yield the rules that could give what is wanted; at depth, only the nearest."""
        self.told.add(key)
        nearest = self._nearest(self.answer.goals[key].candidates)
        if not nearest:
            yield from paragraph("no rule can; only the case could say so.", indent)
        wide = depth == 0 or self.everything or ".argued_" in key
        shown = nearest if wide else nearest[:NEAREST]
        for candidate in shown:
            yield from self._candidate(candidate, indent, depth)
        if len(shown) < len(nearest):
            others = join(dict.fromkeys(c.rule for c in nearest[len(shown) :]), "and")
            yield from paragraph(f"further off: {others}", indent)

    def _nearest(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Return the nearest way of each rule for each subject, or all ways when everything is asked for."""
        found: dict[tuple[str, str, int], Candidate] = {}
        for candidate in candidates:
            found.setdefault((candidate.rule, candidate.subject, candidate.way if self.everything else 0), candidate)
        return list(found.values())

    def _candidate(self, candidate: Candidate, indent: str, depth: int) -> Iterator[str]:
        ways = f" (way {candidate.way} of {candidate.ways})" if candidate.ways > 1 else ""
        yield from paragraph(f"{candidate.rule}{ways}, {candidate.title}: {_distance(candidate)}", f"{indent}• ")
        inner = f"{indent}  "
        for line in (*candidate.lines, *candidate.exceptions):
            yield from self._line(line, inner, depth)
        if (candidate.rule, "") not in self.heard:
            self.heard.add((candidate.rule, ""))
            yield from paragraph(self._support(candidate.rule, candidate.sources), inner)

    def _line(self, line: LineStanding, indent: str, depth: int) -> Iterator[str]:
        yield from paragraph(
            _line_words(line), f"{indent}{STANDING_WORDS[line.standing]:{COLUMN}}", len(indent) + COLUMN
        )
        under = indent + " " * COLUMN
        for voice in line.voices:
            yield from self._voice(voice, under)
        if line.question and line.standing == "not_known":
            yield from paragraph(f"ask: {line.question}", under)
        for part in line.parts:
            yield from self._line(part, f"{indent}  ", depth + 1)
        if line.goal in self.answer.goals:
            assert line.goal is not None
            yield from self._leads(line.goal, f"{indent}    ", depth + 1)

    def _leads(self, key: str, indent: str, depth: int) -> Iterator[str]:
        wanted = self.answer.goals[key]
        if key in self.told:
            yield from paragraph("what could give that is told above", indent)
        elif wanted.candidates:
            yield from paragraph("what could give that, nearest miss first:", indent)
            yield from self._goal(key, indent, depth)


def _distance(candidate: Candidate) -> str:
    if candidate.fired and not candidate.unmet:
        return "it fired"
    lines = len(candidate.lines) + len(candidate.exceptions)
    return f"{candidate.unmet} of {lines} line{'s' * (lines > 1)} in the way"


def _line_words(line: LineStanding) -> str:
    if line.standing in ("satisfied", "blocks") or not line.found:
        return line.found or line.asked
    return f"{line.asked}; {line.value}"


def _title(answer: WhyNot) -> str:
    if answer.asked.startswith("other than"):
        return f"Why {answer.label} is nothing {answer.asked}"
    return f"Why {answer.label} is not {answer.asked}"
