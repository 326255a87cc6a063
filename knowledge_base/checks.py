"""Checks of knowledge that loads: each is one small function that yields findings, with severity, file and line.

An error makes `metspine check` fail; a warning is something that a knowledge engineer wants to see.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from knowledge_base.language.domains import Choices
from knowledge_base.language.entries import Entry
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import FOR, Basis, Citation, Rule
from knowledge_base.loading.frameworks import is_own
from knowledge_base.text.errors import Problem
from knowledge_base.text.figures import figures

Severity = Literal["error", "warning"]
READ: tuple[Basis, ...] = ("primary", "abstract", "secondary")
OURS = ("our ", "unconfirmed")  # how a text says that a number is nobody's but ours


@dataclass(frozen=True, order=True)
class Diagnostic:
    """One thing that a check found."""

    problem: Problem
    severity: Severity

    def __str__(self) -> str:
        return f"{self.severity}: {self.problem}"


Check = Callable[[KnowledgeBase], Iterator[Diagnostic]]


def findings(knowledge: KnowledgeBase) -> list[Diagnostic]:
    """Return what all checks find in the knowledge of all sides, in order of place.

    Of what a framework shares with others nothing is said here: it is checked where it is kept.
    """
    found = (finding for check in CHECKS for finding in check(knowledge.whole))
    return sorted(finding for finding in found if is_own(finding.problem.position))


def nothing_concludes_it(knowledge: KnowledgeBase) -> Iterator[Diagnostic]:
    """An attribute that only rules may set, and none does."""
    for name, attribute in knowledge.vocabulary.items():
        if attribute.of != "option" and not attribute.given and not knowledge.writers[name]:
            yield _error(attribute, name, "only rules may set it, and none does; write one, or let a case give it")


def nothing_reads_it(knowledge: KnowledgeBase) -> Iterator[Diagnostic]:
    """An attribute that no rule or score reads and no advice shows."""
    read = {name for unit in knowledge.units.values() for name in unit.reads}
    for name, attribute in knowledge.vocabulary.items():
        if attribute.of != "option" and name not in read and not attribute.assessment:
            yield _warning(attribute, name, "no rule or score reads it")


def value_never_concluded(knowledge: KnowledgeBase) -> Iterator[Diagnostic]:
    """A value that rules test, of an attribute that only rules set, but to which none sets it."""
    for name, attribute in knowledge.vocabulary.items():
        if attribute.given or attribute.type != "choice" or attribute.of == "option":
            continue
        possible = _concluded(knowledge, name)
        for rule in knowledge.rules.values():
            for line in rule.lines:
                accepted = getattr(line.test, "accepted", None)
                if line.attribute == name and isinstance(accepted, Choices) and accepted.members.isdisjoint(possible):
                    yield _error(rule, rule.id, f"tests {name}: {line.text}, which no rule ever concludes")


def pathway_without_advocate(knowledge: KnowledgeBase) -> Iterator[Diagnostic]:
    """A pathway that no rule can recommend or consider."""
    spoken_for = {a.pathway for rule in knowledge.rules.values() for a in rule.arguments if a.stance in FOR}
    for name, pathway in knowledge.pathways.items():
        if name not in spoken_for:
            yield _warning(pathway, name, "no rule recommends or considers this pathway")


def measure_never_called(knowledge: KnowledgeBase) -> Iterator[Diagnostic]:
    """A measure that no rule calls for."""
    called = {called.measure for rule in knowledge.rules.values() for called in rule.measures}
    for name, measure in knowledge.measures.items():
        if name not in called:
            yield _warning(measure, name, "no rule calls for this measure")


def source_never_cited(knowledge: KnowledgeBase) -> Iterator[Diagnostic]:
    """A source that nothing cites."""
    cited = {citation.ref for _, _, citation in _citations(knowledge)}
    for name, source in knowledge.sources.items():
        if name not in cited:
            yield _warning(source, name, "nothing cites this source")


def unread_source(knowledge: KnowledgeBase) -> Iterator[Diagnostic]:
    """A rule that claims more of a source than was at hand: `primary` needs the text, its abstract or its record."""
    for entry, name, citation in _citations(knowledge):
        read = knowledge.sources[citation.ref].read
        if citation.basis == "primary" and read in ("secondary", "none"):
            message = f"cites {citation.ref} as primary, but it was read as: {read}; lower the basis or read it"
            yield _error(entry, name, message)


def number_without_a_source(knowledge: KnowledgeBase) -> Iterator[Diagnostic]:
    """A number printed by a rule that cites nothing read, does not test it, and does not say that it is ours."""
    for rule in knowledge.rules.values():
        if any(citation.basis in READ for citation in rule.sources):
            continue
        own = {number for line in rule.lines for number in figures(_spaced(f"{line.attribute} {line.text}"))}
        own |= {number for called in rule.measures for number in figures(_spaced(called.urgency))}
        for text in printed(rule):
            if (unsaid := [n for n in figures(text) if n not in own]) and not any(word in text for word in OURS):
                told = f"prints {', '.join(unsaid)}, which no source that was read says"
                yield _error(rule, rule.id, f"{told}; cite one, or say that it is our default")


def _spaced(name: str) -> str:
    return name.replace("_", " ").replace("..", " ")


def printed(rule: Rule) -> tuple[str, ...]:
    """Return the texts that a rule prints: its alerts, and why it holds."""
    return (*(alert.text for alert in rule.alerts), rule.because)


CHECKS: tuple[Check, ...] = (
    nothing_concludes_it,
    nothing_reads_it,
    value_never_concluded,
    pathway_without_advocate,
    measure_never_called,
    source_never_cited,
    unread_source,
    number_without_a_source,
)


def _concluded(knowledge: KnowledgeBase, name: str) -> set[object]:
    """Return every value that some rule or score step can leave of a choice attribute."""
    found: set[object] = set()
    for writer in knowledge.writers[name]:
        if isinstance(writer, Rule):
            values = [said.values for said in writer.sets_of(name)]
        else:
            values = [row.result for row in writer.rows]
        for value in values:
            found |= value.members if isinstance(value, Choices) else set(knowledge.vocabulary[name].names)
    return found


def _citations(knowledge: KnowledgeBase) -> Iterator[tuple[Entry, str, Citation]]:
    """Yield every citation, with the rule, score step or dispute that it stands in and the id of this."""
    for unit in knowledge.units.values():
        yield from ((unit, unit.id, citation) for citation in unit.sources)
    for name, dispute in knowledge.disputes.items():
        yield from ((dispute, name, citation) for side in dispute.sides.values() for citation in side.sources)


def _error(entry: Entry, about: str, message: str) -> Diagnostic:
    return Diagnostic(Problem(entry.position, about, message), "error")


def _warning(entry: Entry, about: str, message: str) -> Diagnostic:
    return Diagnostic(Problem(entry.position, about, message), "warning")
