"""Loading a folder of knowledge: read everything, resolve every name, report all problems at once."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from knowledge_base.canonical_json import digest
from knowledge_base.language.disputes import Dispute, default_sides, faults, is_on, sides_with_rules
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
from knowledge_base.language.rules import STANCES, Grounds, RuleText, ScoreText
from knowledge_base.language.synonyms import Synonyms, plain
from knowledge_base.language.synonyms import faults as word_faults
from knowledge_base.language.vocabulary import Attribute, Vocabulary
from knowledge_base.loading import stratification as strata
from knowledge_base.loading.frameworks import (
    BESIDE,
    CASES,
    FILES,
    FRAMEWORK,
    OPTIONAL,
    File,
    included_files,
    is_own,
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
    next_free,
    read_entries,
    read_entry,
)
from knowledge_base.loading.vocabulary_checks import faults_of, wrong_thresholds
from knowledge_base.text.errors import Invalid, Position, Problem, listed, suggestion
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
        if not self.folder.is_dir():
            message = "there is no such folder; a knowledge base is a folder with framework.yaml in it"
            raise Invalid.at(self.folder, message)
        framework = self._framework()
        if framework is None:
            raise Invalid(self.problems)  # what it shares is not known, so that all else would be wrong
        sources = self._entries("sources.yaml", Source, "source")
        pathways = self._entries("pathways.yaml", Pathway, "pathway")
        measures = self._entries("measures.yaml", Measure, "measure")
        disputes = self._entries("disputes.yaml", Dispute, "dispute")
        treatments = self._entries("treatments.yaml", Treatment, "treatment")
        thresholds = thresholds_in(self._documents("vocabulary/*.yaml"), framework.thresholds)
        scores = self._entries("scores/*.yaml", ScoreText, "score")
        texts = self._entries("rules/*.yaml", RuleText, "rule", thresholds)
        dangers = self._entries("hazards.yaml", HazardText, "hazard")
        self._ids_are_free(framework, texts)
        texts, overlay = laid_over(framework, self.documents[FRAMEWORK], texts, self.problems)
        if overlay is not None:
            dangers = {name: with_new_names(hazard, overlay, self.problems) for name, hazard in dangers.items()}
        active = [score for score in scores.values() if score.review.status != "retired"]
        synonyms = self._entries("synonyms/*.yaml", Synonyms, "list of words") if self._files("synonyms/*.yaml") else {}
        vocabulary = self._vocabulary(pathways, active)
        retired = self._retired(framework, texts, scores, dangers)
        if "attribute" in self.repeated:
            raise Invalid(self.problems)  # which of two is meant is not known, so that rules would be wrongly blamed
        if wrong := list(wrong_thresholds(framework, self.documents[FRAMEWORK], vocabulary)):
            raise Invalid([*self.problems, *wrong])  # the rules that test them would be blamed
        self._nothing_left_unread()
        names = Names(
            vocabulary, sources, pathways, measures, disputes, self.documents, self.problems, self.written, retired
        )
        resolver, tables = Resolver(names), Tables(names)
        rules = _by_id(resolver.rule(text) for text in texts.values() if text.review.status != "retired")
        steps = _by_id(step for score in active for step in tables.steps(score))
        levels = self._levels(vocabulary, [*rules.values(), *steps.values()])
        self._check_synonyms(names, synonyms)
        self._check_pathways(names, treatments)
        self._check_measures(names)
        hazards = HazardResolver(names, rules).hazards(dangers.values())
        self._check_disputes(names, [*active, *(text for text in texts.values() if text.review.status != "retired")])
        sides = self._sides(framework, disputes)
        self._check_settings(framework, vocabulary)
        self._check_near_inputs(framework, vocabulary)
        if self.problems:
            raise Invalid(self.problems)
        parts = (framework, *vocabulary.values(), *sources.values(), *pathways.values(), *measures.values())
        texts_read = (
            *disputes.values(),
            *treatments.values(),
            *scores.values(),
            *texts.values(),
            *synonyms.values(),
            *dangers.values(),
        )
        whole = [part.model_dump(mode="json", by_alias=True) for part in (*parts, *texts_read)]
        base = KnowledgeBase(
            framework=framework,
            vocabulary=vocabulary,
            sources=sources,
            pathways=pathways,
            measures=measures,
            rules={name: rule for name, rule in rules.items() if is_on(rule, sides)},
            steps={name: step for name, step in steps.items() if is_on(step, sides)},
            levels=levels,
            digest=digest(whole),
            disputes=disputes,
            treatments=treatments,
            sides=sides,
            every_rule=rules,
            every_step=steps,
            synonyms=synonyms,
            hazards=hazards,
            origin=self.folder,
            overlay=overlay,
            retired=retired,
        )
        return replace(base, read_as=base.parts)

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

    def _framework(self) -> Framework | None:
        document = self._document(File(FRAMEWORK, FRAMEWORK, self.folder / FRAMEWORK))
        if document is None:
            return None
        framework = read_entry(document, document.data, (), Framework, self.problems)
        if framework is not None:
            self.included = included_files(self.folder, framework, document, self.problems)
            self.extends = framework.extends is not None
            self.included += extended_files(self.folder, framework, document, self.problems)
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

    def _vocabulary(self, pathways: Mapping[str, Pathway], scores: Iterable[ScoreText]) -> Vocabulary:
        written = dict(self._entries("vocabulary/*.yaml", Attribute, "attribute"))
        if not written and self.written["attribute"] == set():
            message = "there is no attribute in vocabulary/*.yaml; write one"
            self.problems.append(Problem(Position("vocabulary"), "", message))
        self.problems.extend(faults_of(written, self.extends))
        for attribute in self._of_options(pathways):
            if attribute.id in written:
                message = "every knowledge base has this attribute already; choose another id"
                self.problems.append(Problem(written[attribute.id].position, attribute.id, message))
            written[attribute.id] = attribute
        for score in scores:
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

    def _check_synonyms(self, names: Names, synonyms: Mapping[str, Synonyms]) -> None:
        """Report words of attributes that no case gives, words with two meanings, and names that two attributes share."""
        taken: dict[tuple[str, str], str] = {}
        for attribute in (a for a in names.vocabulary.values() if a.given):
            names_of = (attribute.id, attribute.label, *attribute.formerly)
            taken |= {(attribute.of, plain(name)): attribute.id for name in names_of}
        for entry in (entry for entry in synonyms.values() if is_own(entry.position)):
            if not names.named(entry, entry.id, names.vocabulary, "attribute", ("id",)):
                continue
            attribute = names.vocabulary[entry.id]
            if not attribute.given:
                names.report(
                    entry, ("id",), "no case gives this attribute, so nobody says words for it; remove the entry"
                )
                continue
            for path, message in word_faults(entry, attribute, names.vocabulary):
                names.report(entry, path, message)
            for i, name in enumerate(entry.also):
                owner = taken.setdefault((attribute.of, plain(name)), entry.id)
                if owner != entry.id:
                    names.report(entry, ("also", i), f"{name!r} names {owner} already; a name means one attribute")

    def _check_pathways(self, names: Names, treatments: Mapping[str, Treatment]) -> None:
        """Report what own pathways are given as or exclude and is not known; those of neighbours are checked there."""
        for pathway in (pathway for pathway in names.pathways.values() if is_own(pathway.position)):
            for i, given in enumerate(pathway.given_as):
                for j, name in enumerate(given):
                    names.named(pathway, name, treatments, "treatment", ("given_as", i, j))
            for i, name in enumerate(pathway.excludes):
                names.named(pathway, name, names.pathways, "pathway", ("excludes", i))
                if name == pathway.id:
                    names.report(pathway, ("excludes", i), "a pathway does not exclude itself; name another")

    def _check_measures(self, names: Names) -> None:
        """Report what own measures find or comprise and is not known."""
        for measure in (measure for measure in names.measures.values() if is_own(measure.position)):
            for i, name in enumerate(measure.finds):
                names.named(measure, name, names.vocabulary, "attribute", ("finds", i))
            for i, name in enumerate(measure.comprises):
                names.named(measure, name, names.measures, "measure", ("comprises", i))

    def _check_disputes(self, names: Names, entries: Iterable[Grounds]) -> None:
        """Report what is wrong with the sides of disputes: their sources, and rules that are lacking."""
        taken = sides_with_rules(entries)
        whole = all(isinstance(self.written[what], set) for what in ("rule", "score")) and not self.problems
        for dispute in names.disputes.values():
            for name, side in dispute.sides.items():
                names.cited(dispute, side.sources, ("sides", name))
            for name, message in faults(dispute, taken) if whole and is_own(dispute.position) else ():
                names.report(dispute, ("sides", name), f"side {name}: {message}")

    def _ids_are_free(self, framework: Framework, texts: Mapping[str, RuleText]) -> None:
        """Report rules that take the id of one that is gone; name the next that is free."""
        former = [name for text in texts.values() for name in text.formerly]
        gone = {*framework.retired_ids, *former}
        for name in sorted(gone & texts.keys()):
            message = (
                f"this id belonged to a rule that is gone; ids are for life, take {next_free(name, {*texts, *gone})}"
            )
            self.problems.append(Problem(texts[name].position, name, message))

    def _retired(self, framework: Framework, *kinds: Mapping[str, Grounds | HazardText]) -> dict[str, tuple[str, ...]]:
        """Return what is gone, with what stands for it; report what is not there to stand for it."""
        found: dict[str, tuple[str, ...]] = dict.fromkeys(framework.retired_ids, ())
        for entries in kinds:
            for name, entry in entries.items():
                found |= dict.fromkeys(entry.formerly if isinstance(entry, RuleText) else (), (name,))
                if entry.review.status != "retired":
                    continue
                found[name] = entry.review.replaced_by
                for other in found[name]:
                    known = [each for each in entries if each != name]
                    if other not in known and other not in framework.retired_ids:
                        message = f"`replaced_by` names {other!r}, which is not among them{suggestion(other, known)}"
                        self.problems.append(Problem(entry.position, name, message))
        return dict(sorted(found.items()))

    def _sides(self, framework: Framework, disputes: Mapping[str, Dispute]) -> dict[str, str]:
        """Return the sides that are on; report those of the framework that are not known."""
        document = self.documents[FRAMEWORK]
        for name, side in framework.sides.items():
            known = disputes[name].sides if name in disputes else disputes
            if (wrong := name if name not in disputes else side) not in known:
                what = f"a side of {name}" if name in disputes else "a dispute"
                message = f"{wrong!r} is not {what} ({listed(known)}){suggestion(wrong, known)}"
                self.problems.append(Problem(document.position(("sides", name)), framework.id, message))
        return {**default_sides(disputes), **framework.sides}

    def _check_settings(self, framework: Framework, vocabulary: Vocabulary) -> None:
        """Report settings that are no settings of every patient, or have no such value."""
        for name, raw in framework.settings.items():
            attribute = vocabulary.get(name)
            if attribute is None and name in self.written["attribute"]:
                continue  # it is broken, and that was told
            known = [a.id for a in vocabulary.given_of("patient") if a.class_ in ("setting", "exception")]
            try:
                if attribute is None or name not in known:
                    raise ValueError(
                        f"{name!r} is no setting or exception of the patient ({listed(known)}){suggestion(name, known)}"
                    )
                attribute.read(raw)
            except ValueError as error:
                place = self.documents[FRAMEWORK].position(("settings", name))
                self.problems.append(Problem(place, framework.id, str(error)))

    def _check_near_inputs(self, framework: Framework, vocabulary: Vocabulary) -> None:
        """Report inputs that are told beside keys that are none, and that there are not."""
        known = [a.id for a in vocabulary.values() if a.given]
        for i, keys in enumerate(framework.near_inputs):
            for j, name in enumerate(keys.nearest):
                if name not in known and name not in self.written["attribute"]:
                    place = self.documents[FRAMEWORK].position(("near_inputs", i, "nearest", j))
                    message = f"{name!r} is nothing that a case can say{suggestion(name, known)}"
                    self.problems.append(Problem(place, framework.id, message))

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
