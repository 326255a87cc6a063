"""Loading a folder of knowledge: read everything, resolve every name, report all problems at once."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from knowledge_base.canonical_json import digest
from knowledge_base.language.disputes import Dispute, is_on
from knowledge_base.language.entries import Entry
from knowledge_base.language.hazards import HazardText
from knowledge_base.language.knowledge import (
    Framework,
    KnowledgeBase,
    Measure,
    Pathway,
    SomeUnit,
    Source,
    Treatment,
    Unit,
)
from knowledge_base.language.overlay import Overlay
from knowledge_base.language.rules import STANCES, RuleText, ScoreText
from knowledge_base.language.synonyms import Synonyms
from knowledge_base.language.vocabulary import Attribute, Vocabulary
from knowledge_base.loading import stratification as strata
from knowledge_base.loading.cross_checks import (
    check_disputes,
    check_ids_are_free,
    check_if_new_deficit,
    check_measures,
    check_near_inputs,
    check_pathways,
    check_settings,
    check_sources,
    check_synonyms,
    check_wishes_first,
    retired_in,
    sides_on,
)
from knowledge_base.loading.frameworks import (
    BESIDE,
    CASES,
    FILES,
    FRAMEWORK,
    OPTIONAL,
    File,
    included_files,
    own_files,
)
from knowledge_base.loading.hazards import HazardResolver
from knowledge_base.loading.overlays import extended_files, laid_over, with_new_names
from knowledge_base.loading.resolver import ARGUED, Resolver
from knowledge_base.loading.score_tables import Tables, points_attributes
from knowledge_base.loading.symbol_table import Anything, Names
from knowledge_base.loading.thresholds import thresholds_in, with_numbers
from knowledge_base.loading.validation_messages import (
    SomeEntry,
    index,
    names_written,
    read_entries,
    read_entry,
)
from knowledge_base.loading.vocabulary_checks import faults_of, wrong_thresholds
from knowledge_base.text.errors import Invalid, Position, Problem
from knowledge_base.text.strict_yaml import Document, read_file

STATUSES = {
    "recommended": "recommended",
    "acceptable": "acceptable",
    "not_advised": "not advised",
    "excluded": "excluded",
    "open": "open",
}


def read_knowledge(folder: Path, read: Callable[[File], Document] | None = None) -> KnowledgeBase:
    """Return the knowledge base in a folder, read from its files; raise `Invalid` with every problem of every file.

    `read` gives the data of a file when its YAML was taken apart before.
    """
    return _Loader(folder, read or (lambda file: read_file(file.path, file.name))).load()


@dataclass(frozen=True)
class _Texts:
    """The entries of every kind but the attributes, as they are written, by id."""

    sources: Mapping[str, Source]
    pathways: Mapping[str, Pathway]
    measures: Mapping[str, Measure]
    disputes: Mapping[str, Dispute]
    treatments: Mapping[str, Treatment]
    scores: Mapping[str, ScoreText]
    rules: Mapping[str, RuleText]
    synonyms: Mapping[str, Synonyms]
    hazards: Mapping[str, HazardText]
    overlay: Overlay | None

    @property
    def active_rules(self) -> list[RuleText]:
        return [rule for rule in self.rules.values() if rule.review.status != "retired"]

    @property
    def active_scores(self) -> list[ScoreText]:
        return [score for score in self.scores.values() if score.review.status != "retired"]

    def in_order(self, framework: Framework, vocabulary: Vocabulary) -> Iterator[Entry]:
        """Yield everything in the order in which the digest of the whole is taken of it."""
        yield framework
        kinds: tuple[Mapping[str, Entry], ...] = (
            vocabulary, self.sources, self.pathways, self.measures, self.disputes, self.treatments, self.scores,
            self.rules, self.synonyms, self.hazards,
        )  # fmt: skip
        for kind in kinds:
            yield from kind.values()


class _Loader:
    def __init__(self, folder: Path, read: Callable[[File], Document]) -> None:
        self.folder = folder
        self.read = read
        self.problems: list[Problem] = []
        self.documents: dict[str, Document] = {}
        self.included: list[File] = []
        self.extends = False
        self.repeated: set[str] = set()  # kinds of entry of which two have one id
        self.seen: set[Path] = set()
        self.written: dict[str, Container[str]] = {}

    def load(self) -> KnowledgeBase:
        framework = self._framework()
        texts = self._texts(framework)
        vocabulary = self._vocabulary(texts)
        retired = retired_in(framework, (texts.rules, texts.scores, texts.hazards), self.problems)
        if "attribute" in self.repeated:
            raise Invalid(self.problems)  # which of two is meant is not known, so that rules would be wrongly blamed
        if wrong := list(wrong_thresholds(framework, self.documents[FRAMEWORK], vocabulary)):
            raise Invalid([*self.problems, *wrong])  # the rules that test them would be blamed
        self._nothing_left_unread()
        names = Names(
            vocabulary, texts.sources, texts.pathways, texts.measures, texts.disputes, self.documents, self.problems,
            self.written, retired,
        )  # fmt: skip
        resolver, tables = Resolver(names), Tables(names)
        rules = _by_id(map(resolver.rule, texts.active_rules))
        steps = _by_id(step for score in texts.active_scores for step in tables.steps(score))
        levels = self._levels(vocabulary, [*rules.values(), *steps.values()])
        hazards = HazardResolver(names, rules).hazards(texts.hazards.values())
        check_sources(names)
        check_synonyms(names, texts.synonyms)
        check_pathways(names, texts.treatments)
        check_measures(names)
        check_disputes(names, [*texts.active_scores, *texts.active_rules])
        sides = sides_on(names, framework)
        check_settings(names, framework)
        check_near_inputs(names, framework)
        check_if_new_deficit(names, framework, rules)
        check_wishes_first(names, framework)
        if self.problems:
            raise Invalid(self.problems)
        parts = texts.in_order(framework, vocabulary)
        base = KnowledgeBase(
            framework=framework,
            vocabulary=vocabulary,
            sources=texts.sources,
            pathways=texts.pathways,
            measures=texts.measures,
            rules={name: rule for name, rule in rules.items() if is_on(rule, sides)},
            steps={name: step for name, step in steps.items() if is_on(step, sides)},
            levels=levels,
            digest=digest([part.model_dump(mode="json", by_alias=True) for part in parts]),
            disputes=texts.disputes,
            treatments=texts.treatments,
            sides=sides,
            every_rule=rules,
            every_step=steps,
            synonyms=texts.synonyms,
            hazards=hazards,
            origin=self.folder,
            overlay=texts.overlay,
            retired=retired,
        )
        return replace(base, read_as=base.parts)

    def _texts(self, framework: Framework) -> "_Texts":
        """Return every entry but the attributes; an overlay has replaced some rules and left out others."""
        thresholds = thresholds_in(self._documents("vocabulary/*.yaml"), framework.thresholds)
        written = self._entries("rules/*.yaml", RuleText, "rule", thresholds)
        check_ids_are_free(framework, written, self.problems)
        rules, overlay = laid_over(framework, self.documents[FRAMEWORK], written, self.problems)
        hazards = self._entries("hazards.yaml", HazardText, "hazard")
        if overlay is not None:
            hazards = {name: with_new_names(hazard, overlay, self.problems) for name, hazard in hazards.items()}
        return _Texts(
            sources=self._entries("sources.yaml", Source, "source"),
            pathways=self._entries("pathways.yaml", Pathway, "pathway"),
            measures=self._entries("measures.yaml", Measure, "measure"),
            disputes=self._entries("disputes.yaml", Dispute, "dispute"),
            treatments=self._entries("treatments.yaml", Treatment, "treatment"),
            scores=self._entries("scores/*.yaml", ScoreText, "score"),
            rules=rules,
            synonyms=self._entries("synonyms/*.yaml", Synonyms, "list of words"),
            hazards=hazards,
            overlay=overlay,
        )

    # --- files -------------------------------------------------------------------------------------------------

    def _document(self, file: File) -> Document | None:
        if file.path in self.seen:
            return self.documents.get(file.name)
        self.seen.add(file.path)
        try:
            self.documents[file.name] = self.read(file)
        except Invalid as invalid:
            self.problems.extend(invalid.problems)
            return None
        return self.documents[file.name]

    def _framework(self) -> Framework:
        if not self.folder.is_dir():
            message = "there is no such folder; a knowledge base is a folder with framework.yaml in it"
            raise Invalid.at(self.folder, message)
        document = self._document(File(FRAMEWORK, FRAMEWORK, self.folder / FRAMEWORK))
        framework = read_entry(document, document.data, (), Framework, self.problems) if document else None
        if document is None or framework is None:
            raise Invalid(self.problems)  # what it shares is not known, so that all else would be wrong
        self.included = included_files(self.folder, framework, document, self.problems)
        self.included += extended_files(self.folder, framework, document, self.problems)
        self.extends = framework.extends is not None
        return framework

    def _files(self, pattern: str) -> list[File]:
        """Return the files of one kind: those taken from neighbours, then our own."""
        taken = [file for file in self.included if fnmatchcase(file.place, pattern)]
        own = own_files(self.folder, pattern)
        if taken or pattern in OPTIONAL:
            own = [file for file in own if file.path.exists()]
        return [*taken, *own]

    def _documents(self, pattern: str) -> list[Document]:
        """Return the files of one kind that can be read."""
        found = (self._document(file) for file in self._files(pattern))
        return [document for document in found if document is not None]

    def _entries(
        self, pattern: str, model: type[SomeEntry], what: str, thresholds: Mapping[str, Any] | None = None
    ) -> Mapping[str, SomeEntry]:
        documents = [self._document(file) for file in self._files(pattern)]
        read = [document for document in documents if document is not None]
        if thresholds is not None:
            read = [with_numbers(document, thresholds, self.problems) for document in read]
        entries = [entry for document in read for entry in read_entries(document, model, self.problems)]
        names = [names_written(document) if document is not None else None for document in documents]
        if len({entry.id for entry in entries}) < len(entries):  # type: ignore[attr-defined]  # every entry has one
            self.repeated.add(what)
        self.written[what] = Anything() if None in names else set().union(*(found for found in names if found))
        return index(entries, what, self.problems)

    def _nothing_left_unread(self) -> None:
        """Report files that look like knowledge and are not read: a misplaced file must not be ignored in silence."""
        beside = {self.folder / name for name in BESIDE} | set(self.folder.glob(CASES))
        for path in sorted({*self.folder.rglob("*.yaml"), *self.folder.rglob("*.yml")} - self.seen - beside):
            known = ", ".join((*FILES, *OPTIONAL))
            message = f"is not read, because knowledge is in {known}; move or rename the file"
            self.problems.append(Problem(Position(path.relative_to(self.folder).as_posix()), "", message))

    # --- vocabulary --------------------------------------------------------------------------------------------

    def _vocabulary(self, texts: _Texts) -> Vocabulary:
        written = dict(self._entries("vocabulary/*.yaml", Attribute, "attribute"))
        if not written and self.written["attribute"] == set():
            message = "there is no attribute in vocabulary/*.yaml; write one"
            self.problems.append(Problem(Position("vocabulary"), "", message))
        self.problems.extend(faults_of(written, self.extends))
        for attribute in self._of_options(texts.pathways):
            if attribute.id in written:
                message = "every knowledge base has this attribute already; choose another id"
                self.problems.append(Problem(written[attribute.id].position, attribute.id, message))
            written[attribute.id] = attribute
        for score in texts.active_scores:
            self._add_points(score, written)
        return Vocabulary(written)

    def _add_points(self, score: ScoreText, written: dict[str, Attribute]) -> None:
        for attribute in points_attributes(score, written):
            taken = written.get(attribute.id)
            if taken is not None and taken.position != score.position:
                message = f"this id is kept for what an item of {score.id} scores; choose another"
                self.problems.append(Problem(taken.position, taken.id, message))
            written[attribute.id] = attribute

    def _of_options(self, pathways: Mapping[str, Pathway]) -> list[Attribute]:
        """Return the attributes that every option has: which pathway it is, what is argued about it, its status."""
        written = self.written["pathway"]
        names = set(pathways) | (written if isinstance(written, set) else set())
        if len(names) < 2:
            self._report_single(pathways)
            names |= {"a", "b"}  # so that rules about options are read, and what is wrong with them is told
        labels = {name: pathways[name].label if name in pathways else name for name in sorted(names)}
        own: list[dict[str, Any]] = [
            {"id": "pathway", "label": "pathway", "type": "choice", "values": labels},
            {"id": "status", "label": "status", "type": "choice", "values": STATUSES},
        ]
        for stance, name in zip(STANCES, ARGUED, strict=True):
            own.append({"id": name, "label": f"an argument to {stance.replace('_', ' ')} it", "type": "yes_no"})
        common = {"of": "option", "letter": "D", "from": ["rules"]}
        return [Attribute.model_validate({**common, **one}) for one in own]

    def _report_single(self, pathways: Mapping[str, Pathway]) -> None:
        for pathway in pathways.values():
            message = "one pathway alone leaves nothing to choose; write another in pathways.yaml"
            self.problems.append(Problem(pathway.position, pathway.id, message))

    def _levels(self, vocabulary: Vocabulary, units: list[Unit]) -> Mapping[str, int]:
        try:
            return strata.levels(vocabulary, units)
        except strata.Ring as ring:
            unit = ring.steps[0][1]
            how = "reads what it sets" if len(ring.steps) == 1 else "reads, through other rules, what it speaks of"
            message = f"{how}, so nothing can be settled first: {ring}; break the ring"
            self.problems.append(Problem(unit.position, unit.id, message))
            return {}


def _by_id(units: Iterable[SomeUnit | None]) -> dict[str, SomeUnit]:
    return {unit.id: unit for unit in sorted((u for u in units if u is not None), key=lambda unit: unit.id)}
