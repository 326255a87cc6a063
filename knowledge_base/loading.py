"""Loading a folder of knowledge: read everything, resolve every name, report all problems at once."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from knowledge_base import strata
from knowledge_base.entries import SomeEntry, index, read_entries, read_entry
from knowledge_base.model import Framework, KnowledgeBase, Measure, Pathway, Source, Unit
from knowledge_base.problems import Invalid, Position, Problem
from knowledge_base.reading import Document, read_file
from knowledge_base.resolving import Resolver, digest, points_attributes
from knowledge_base.rules import RuleText, ScoreText
from knowledge_base.vocabulary import STANCES, Attribute, Vocabulary

DEFAULT = Path(__file__).parent / "noms"
STATUSES = {
    "recommended": "recommended",
    "acceptable": "acceptable",
    "not_advised": "not advised",
    "excluded": "excluded",
    "open": "open",
}


def load(folder: Path | None = None) -> KnowledgeBase:
    """Return the knowledge base in a folder (the NOMS knowledge when none is named).

    Raises `Invalid` with every problem of every file.
    """
    return _Loader(folder or DEFAULT).load()


class _Loader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.documents: dict[str, Document] = {}

    def load(self) -> KnowledgeBase:
        framework = self._framework()
        sources = self._entries("sources.yaml", Source, "source")
        pathways = self._entries("pathways.yaml", Pathway, "pathway")
        measures = self._entries("measures.yaml", Measure, "measure")
        scores = self._entries("scores/*.yaml", ScoreText, "score")
        texts = self._entries("rules/*.yaml", RuleText, "rule")
        vocabulary = self._vocabulary(pathways, scores.values())
        resolver = Resolver(vocabulary, sources, pathways, measures, self.documents, self.problems)
        active = [text for text in texts.values() if text.review.status != "retired"]
        rules = {rule.id: rule for text in active if (rule := resolver.rule(text)) is not None}
        steps = {step.id: step for score in scores.values() for step in resolver.steps(score)}
        levels = self._levels(vocabulary, [*rules.values(), *steps.values()])
        if self.problems or framework is None:
            raise Invalid(self.problems)
        parts = (framework, *vocabulary.values(), *sources.values(), *pathways.values(), *measures.values())
        whole = [part.model_dump(mode="json", by_alias=True) for part in (*parts, *scores.values(), *texts.values())]
        return KnowledgeBase(
            framework,
            vocabulary,
            sources,
            pathways,
            measures,
            rules,
            dict(sorted(steps.items())),
            levels,
            digest(whole),
        )

    def _document(self, path: Path) -> Document | None:
        name = path.relative_to(self.folder).as_posix()
        try:
            self.documents[name] = read_file(path, name)
        except Invalid as invalid:
            self.problems.extend(invalid.problems)
            return None
        return self.documents[name]

    def _framework(self) -> Framework | None:
        document = self._document(self.folder / "framework.yaml")
        if document is None:
            return None
        return read_entry(document, document.data, (), Framework, self.problems)

    def _entries(self, pattern: str, model: type[SomeEntry], what: str) -> Mapping[str, SomeEntry]:
        paths = sorted(self.folder.glob(pattern)) if "*" in pattern else [self.folder / pattern]
        documents = [document for path in paths if (document := self._document(path)) is not None]
        entries = [entry for document in documents for entry in read_entries(document, model, self.problems)]
        return index(entries, what, self.problems)

    def _vocabulary(self, pathways: Mapping[str, Pathway], scores: Iterable[ScoreText]) -> Vocabulary:
        written = dict(self._entries("vocabulary/*.yaml", Attribute, "attribute"))
        points = [attribute for score in scores for attribute in points_attributes(score, written)]
        for attribute in (*_of_options(pathways), *points):
            if attribute.id in written:
                message = "every knowledge base has this attribute already; choose another id"
                self.problems.append(Problem(written[attribute.id].position, attribute.id, message))
            written[attribute.id] = attribute
        self._keys_are_unique(written.values())
        return Vocabulary(written)

    def _keys_are_unique(self, attributes: Iterable[Attribute]) -> None:
        groups = {(a.of, a.group) for a in attributes if a.group}
        for attribute in attributes:
            reserved = attribute.id in ("id", "known", "always", "any", "all", "not", "open")
            if reserved or (attribute.of, attribute.id) in groups:
                message = f"{attribute.id!r} has a meaning of its own in cases or conditions; choose another id"
                self.problems.append(Problem(attribute.position, attribute.id, message))

    def _levels(self, vocabulary: Vocabulary, units: list[Unit]) -> Mapping[str, int]:
        try:
            return strata.levels(vocabulary, units)
        except strata.Ring as ring:
            unit = ring.steps[0][1]
            message = f"reads what it speaks of, so nothing can be settled first: {ring}; break the ring"
            self.problems.append(Problem(unit.position, unit.id, message))
            return {}


def _of_options(pathways: Mapping[str, Pathway]) -> list[Attribute]:
    """Return the attributes that every option has: which pathway it is, what was argued about it, and its status."""
    common = {"of": "option", "letter": "D", "from": ["rules"], "position": Position("", 0)}
    return [
        Attribute.model_validate({**common, **own})
        for own in (
            {
                "id": "pathway",
                "label": "pathway",
                "type": "choice",
                "values": {p.id: p.label for p in pathways.values()},
            },
            {"id": "status", "label": "status", "type": "choice", "values": STATUSES},
            *(
                {"id": f"argued_{stance}", "label": f"an argument to {stance.replace('_', ' ')} it", "type": "yes_no"}
                for stance in STANCES
            ),
        )
        if pathways
    ]
