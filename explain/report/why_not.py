"""A `WhyNot` as plain text: what was found instead, what defeats it, and the rules that came near, line by line."""

from collections.abc import Iterable, Iterator

from explain.answers.candidate_rules import Candidate
from explain.answers.rule_lines import LineStanding, Voice
from explain.answers.why_not import WhyNot
from explain.phrases.arguments import Spoken
from explain.phrases.conditions import SourceCited, bibliography, heading, source_words
from explain.phrases.prose import join, paragraph, titled
from explain.phrases.terms import STANCE_WORDS

NEAREST = 1  # rules printed for what a line leads to, unless all are asked for
SPEAKERS = 3  # rules printed that could speak for a pathway
STANDING_WORDS = {
    "satisfied": "met",
    "contradicted": "not met",
    "not_known": "not known",
    "blocks": "blocked by",
    "clear": "not blocked by",
}
COLUMN = 16


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
        yield from titled(_title(self.answer))
        for warning in self.answer.warnings:
            yield from paragraph(warning, "! ")
        if self.answer.answer == "it is so":
            yield from paragraph("But it is so; `metspine why` with the same names gives the proof.")
            return
        yield from self._instead()
        if self.answer.defeated_by:
            yield from heading("What defeats it")
            for defeat in self.answer.defeated_by:
                yield from self._defeat(defeat)
        yield from heading("What could make it so, nearest miss first")
        yield from self._goal(self.answer.goal, "  ", 0)
        if self.cited:
            yield from heading("Sources")
            yield from bibliography(self.cited)

    def _instead(self) -> Iterator[str]:
        """Yield what it is instead, and who says so: of a pathway in a word, since its arguments follow."""
        if self.answer.kind == "pathway":
            reasons = "; ".join(dict.fromkeys(reason for voice in self.answer.instead for reason in voice.reasons))
            because = f", because {reasons}" if reasons and not self.answer.defeated_by else ""
            yield from paragraph(f"It is {self.answer.found}{because}.")
            return
        yield from paragraph(f"It is {self.answer.found}.")
        for voice in self.answer.instead:
            yield from self._voice(voice, "  ")

    def _defeat(self, defeat: Spoken) -> Iterator[str]:
        yield from paragraph(f"{STANCE_WORDS[defeat.stance]}: {defeat.because}", "  • ")
        yield from paragraph(f"because {'; '.join(defeat.facts) or 'it holds for everyone'}", "      ")
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
        most = SPEAKERS if ".argued_" in key else NEAREST
        shown = nearest if depth == 0 or self.everything else nearest[:most]
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
        ways = f", alternative {candidate.way} of {candidate.ways}" if candidate.ways > 1 else ""
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
        is_given = any(voice.by == "case" for voice in line.voices)  # only the case could say otherwise
        if line.goal in self.answer.goals and (self.everything or not is_given):
            assert line.goal is not None
            yield from self._leads(line.goal, f"{indent}    ", depth + 1)

    def _leads(self, key: str, indent: str, depth: int) -> Iterator[str]:
        wanted = self.answer.goals[key]
        if key in self.told:
            yield from paragraph("what could give that is told above", indent)
        elif wanted.candidates:
            yield from paragraph("what could give that:", indent)
            yield from self._goal(key, indent, depth)
        else:
            yield from paragraph("no rule can do that.", indent)


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
