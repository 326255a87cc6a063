"""Looking up what an entry names, and saying so in the right place when it is not there."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from knowledge_base.language.disputes import Dispute
from knowledge_base.language.entries import Entry
from knowledge_base.language.knowledge import Measure, Pathway, Source
from knowledge_base.language.rules import Citation, Grounds, gone
from knowledge_base.language.vocabulary import Attribute, Vocabulary
from knowledge_base.loading.validation_messages import name_of
from knowledge_base.text.errors import Problem, listed, suggestion
from knowledge_base.text.strict_yaml import Document, KeyPath

OURS = "metspine"  # the source that stands for what the project holds itself


class Anything:
    """Contains every name: what a file that cannot be read may hold."""

    def __contains__(self, name: object) -> bool:
        return True


@dataclass
class Names:
    """All names of one knowledge base; everything wrong with an entry that uses them goes to `problems`.

    `written` has, for each kind of entry, the ids that stand in the files. One that is written but not known is broken:
    that was told already, and is not told again wherever the name is used.
    """

    vocabulary: Vocabulary
    sources: Mapping[str, Source]
    pathways: Mapping[str, Pathway]
    measures: Mapping[str, Measure]
    disputes: Mapping[str, Dispute]
    documents: Mapping[str, Document]
    problems: list[Problem]
    written: Mapping[str, Container[str]]
    retired: Mapping[str, tuple[str, ...]]

    def named(self, entry: Entry, name: str, known: Mapping[str, object], what: str, path: KeyPath) -> bool:
        """Tell whether a name is known; report it when it stands in no file."""
        if name in known:
            return True
        if (is_gone := gone(name, self.retired)) and what in ("rule", "score"):
            self.report(entry, path, f"{is_gone}; name what does")
        elif name not in self.written[what]:
            self.report(entry, path, f"{name!r} is not a known {what}{suggestion(name, known)}")
        return False

    def attribute_named(self, entry: Grounds, name: str, path: KeyPath) -> bool:
        """Tell whether an attribute is known; report it when it stands in no file."""
        if name in self.vocabulary.former:
            self.report(entry, path, f"{name!r} is called {self.vocabulary.former[name]} now; write that")
            return False
        return self.named(entry, name, self.vocabulary, "attribute", path)

    def set_by_rules(self, entry: Grounds, attribute: Attribute, path: KeyPath) -> bool:
        """Tell whether rules and scores may speak of an attribute; report it when they may not."""
        if "rules" in attribute.from_:
            return True
        message = f"{attribute.id} is given by the case alone; add `rules` to its `from`, or set another attribute"
        self.report(entry, path, message)
        return False

    def grounded(self, entry: Grounds) -> None:
        """Report what is wrong with the sources of a rule or score, and with the side that it belongs to."""
        self.cited(entry, entry.sources, ())
        if entry.side and self.named(entry, entry.side.dispute, self.disputes, "dispute", ("side", "dispute")):
            sides = self.disputes[entry.side.dispute].sides
            if entry.side.side not in sides:
                message = f"{entry.side.side!r} is not a side of {entry.side.dispute} ({listed(sides)})"
                self.report(entry, ("side", "side"), message + suggestion(entry.side.side, sides))

    def cited(self, entry: Entry, sources: Iterable[Citation], path: KeyPath) -> None:
        """Report sources that are not known, and bases that they cannot have."""
        for i, citation in enumerate(sources):
            if self.named(entry, citation.ref, self.sources, "source", (*path, "sources", i, "ref")):
                self._check_basis(entry, citation, (*path, "sources", i, "basis"))

    def _check_basis(self, entry: Entry, citation: Citation, path: KeyPath) -> None:
        """Hold the seed review to its abstract: nothing else of it was at hand."""
        if citation.ref == OURS and citation.basis != "project":
            message = (
                f"{OURS} is our own judgement, which no source confirms; its basis is `project`, not `{citation.basis}`"
            )
            self.report(entry, path, message)
            return
        seed = self.sources[citation.ref].seed
        if seed and citation.basis != "abstract":
            message = (
                f"of {citation.ref} only the abstract was at hand; its basis is `abstract`, not `{citation.basis}`"
            )
            self.report(entry, path, message)
        if citation.basis == "abstract" and not seed:
            seeds = listed([source.id for source in self.sources.values() if source.seed]) or "the seed review"
            message = f"basis `abstract` is for {seeds} alone, not for {citation.ref}; use another basis"
            self.report(entry, path, message)

    def report(self, entry: Entry, path: KeyPath, message: str) -> None:
        """Report what is wrong with the part of an entry at a path."""
        document = self.documents[entry.position.file]
        name = str(getattr(entry, "id", ""))
        start = next(
            i
            for i, raw in enumerate(document.data)
            if document.lines[(i,)] == entry.position.line and name_of(raw, "id") == name
        )
        self.problems.append(Problem(document.position((start, *path)), name, message))
