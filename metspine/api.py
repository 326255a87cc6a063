"""The public interface: a knowledge base, the advice it gives on a patient, and every explanation of that advice.

The command line goes the same way, so what it prints and what a program gets cannot differ. Threads may advise at the same
time, and take turns where they share a knowledge base; an `Answer` and its explanations belong to one thread.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import knowledge_base
from cases import Case, case_from, read_case
from cases.settings import WHERE, with_settings
from engine import Advice, Run
from engine.decision import Options, decision_digest, is_record
from engine.inference.session import Reasoner, reasoner_of
from knowledge_base import Invalid, KnowledgeBase, Position
from knowledge_base.language.vocabulary import LETTERS
from knowledge_base.text.errors import shown, suggestion
from metspine.results import Drawn, Picture, Told, Unknown

if TYPE_CHECKING:
    from engine.advice import KnowledgeStamp
    from engine.alternatives import Alternatives
    from engine.analysis.sensitivity import Neighbours
    from engine.record import DecisionRecord
    from engine.replay import Replay
    from explain.answers.arguments import ArgumentTable
    from explain.answers.differences import Differences
    from explain.answers.justification import Why
    from explain.answers.why_not import WhyNot
    from explain.drawing.nodes import Graph
    from metspine.registry.frames import Registry

CaseGiven = str | os.PathLike[str] | Mapping[str, object] | Case
Settings = Mapping[str, object] | list[str] | tuple[str, ...]
VIEWS = ("summary", *LETTERS.values(), "everything")
T = TypeVar("T")


def load(which: str | os.PathLike[str] | None = None, sides: Mapping[str, str] | None = None) -> KnowledgeBase:
    """Return a knowledge base by name or folder, the NOMS one when none is named, read anew from its files.

    `sides` takes other sides of disputed points, by dispute: `{"grade_1c": "high"}`. Raises `Invalid` with every problem
    of every file, `Unknown` for a dispute or a side that there is not.
    """
    if which is not None:
        _is(which, (str, os.PathLike), "the name or the folder of a knowledge base")
    base = knowledge_base.load(which if which is None or isinstance(which, str) else Path(which))
    try:
        return base.with_sides(sides or {})
    except ValueError as error:
        raise Unknown(str(error)) from None


def advise(
    case: CaseGiven,
    knowledge: KnowledgeBase | None = None,
    *,
    settings: Settings = (),
    settle: bool = True,
    vary: bool = False,
) -> "Answer":
    """Return the advice on a patient: a case file, the same as plain data, or a `Case`.

    `settings` gives values beside the case: `{"patient.kps": 70, "T8.sins.pain": None}` (None: not known). With `settle`
    (the default; up to a second) the advice also says what is settled and what to ask next; with `vary` (a second or two
    more), what would have to be given otherwise to change it, and whether it holds when a disputed reading is a grade away.
    Without `knowledge` the NOMS one, read once. Raises `Invalid` with every problem of the case.
    """
    run = _run(case, knowledge, settings)
    options = Options(settle=settle, vary=vary, plan=True)
    return Answer(run, run.advised(settle, vary, plan=True), options)


def explain(
    about: "Answer | CaseGiven", knowledge: KnowledgeBase | None = None, *, settings: Settings = ()
) -> "Explanation":
    """Return what can be asked about the advice on a patient: an `Answer`, or a case as `advise` takes it."""
    return Explanation(about.run if isinstance(about, Answer) else _run(about, knowledge, settings))


def replay(stored: str | os.PathLike[str], knowledge: KnowledgeBase | None = None) -> "Told[Replay]":
    """Return what becomes of a stored decision (`Answer.record`, or `Answer.json`) when it is repeated from its own inputs.

    Without `knowledge`, the built-in one of the same name; of disputed points the same sides, as far as it has them.
    Raises `Invalid`, by place, for a file that holds no whole record or advice, or inputs that the knowledge cannot read.
    """
    from engine.replay import read_stored, stamp_in
    from engine.replay import replay as repeated
    from explain.report.replay import replay_report

    held = read_stored(Path(_is(stored, (str, os.PathLike), "a file of a stored decision")))
    base = _base_of(stamp_in(held), knowledge)
    return Told(repeated(held, reasoner_of(base)), replay_report)


def _base_of(stamp: "KnowledgeStamp | None", knowledge: KnowledgeBase | None) -> KnowledgeBase:
    """Return the knowledge that was given, else the built-in one that a stamp names; with its sides, if it has them."""
    from knowledge_base.loading.frameworks import frameworks

    is_other = knowledge is None and stamp is not None and stamp.id in frameworks()
    base = load(stamp.id) if is_other and stamp and stamp.id != _noms().framework.id else _base(knowledge)
    return base.with_sides(base.sides_among(stamp.sides if stamp else {}))


def cohort(
    table: object,
    knowledge: KnowledgeBase | None = None,
    *,
    carry: Iterable[str] = (),
    fired: bool = False,
    plan: bool = False,
) -> "Registry":
    """Return the advice on a registry, a row for each lesion: a file, rows as dictionaries, a data frame, an Arrow table.

    Columns are named as attributes; others are carried through, those of `carry` whatever they are called. Rows that
    cannot be read say so in `error`. With `fired`, each row lists the rules that fired; with `plan`, it
    holds the conditional plan, at up to a second a patient. Raises `Invalid` for a header that
    cannot be meant so. `metspine cohort` does the same for files, and checks it against Experta.
    """
    from metspine.registry.frames import registry_of

    return registry_of(table, _base(knowledge), carry, fired, plan)


@dataclass(frozen=True, repr=False)
class Answer:
    """The advice on one patient. `advice` is its data, with a JSON Schema; printed it is what `metspine advise` prints."""

    run: Run
    advice: Advice
    options: Options | None = None  # what was asked; without it, what the advice holds

    @property
    def case(self) -> Case:
        """The patient."""
        return self.run.case

    @property
    def reasoner(self) -> Reasoner:
        """The knowledge base, compiled."""
        return self.run.reasoner

    @property
    def knowledge(self) -> KnowledgeBase:
        """The knowledge base that gave it."""
        return self.run.knowledge

    @property
    def recommended(self) -> dict[str, tuple[str, ...]]:
        """For each lesion, the pathways that are recommended: none, one or several, by id."""
        return {lesion.id: lesion.recommended for lesion in self.advice.lesions}

    @property
    def digest(self) -> str:
        """The digest of the decision, the same whatever else was asked about it, as every output shows it.

        It is the SHA-256 of canonical JSON (RFC 8785) of the advice without what options add to it.
        """
        return decision_digest(self.advice)

    def text(self, full: bool = False) -> str:
        """Return the advice as plain text of at most 100 columns: the plan on one screen, or (`full`) everything."""
        from explain.report.advice import report
        from explain.report.blocks import text_of
        from explain.report.first_screen import first_screen

        if full:
            return report(self.advice, self.knowledge, self.case.heard)
        return text_of(first_screen(self.advice, self.knowledge, self.case.heard))

    def json(self) -> str:
        """Return the advice as JSON, as `metspine advise --format json` prints it."""
        return self.advice.model_dump_json(indent=2)

    def record(self) -> str:
        """Return the decision as a record that explains itself, as `metspine advise --format record` prints it.

        JSON of the format `metspine.record/1`: program, options, case, advice, the rules that fired or wait, digests.
        """
        return self.recorded().text()

    def recorded(self) -> "DecisionRecord":
        """Return the same record as data."""
        from engine.record import record_of

        return record_of(self.run, self.advice, self.options or Options.seen_in(self.advice))

    def html(self) -> str:
        """Return the page: one HTML document that needs nothing from outside."""
        from explain.render.html import page

        return page(self.advice, self.knowledge, self.case.heard)

    def pdf(self, full: bool = False) -> bytes:
        """Return the advice as PDF for A4 paper: one page for the patient, or (`full`) the auditor's part and all else."""
        from explain.render.pdf import pdf

        return pdf(self.advice, self.knowledge, full, self.case.heard)

    @property
    def graph(self) -> "Graph":
        """The whole record as a networkx graph: facts, firings, pathways, measures, and what led to what."""
        from explain.drawing.graph import graph_of

        return graph_of(self.advice, self.knowledge)

    def markdown(self, full: bool = False) -> str:
        """Return the advice as Markdown: the plan, or (`full`) what stands behind it too."""
        from explain.render.markdown import markdown_of
        from explain.report.advice import whole
        from explain.report.first_screen import first_screen
        from explain.report.typed import in_full

        screen = first_screen(self.advice, self.knowledge, self.case.heard)
        behind = [*in_full(self.case.heard), *whole(self.advice, self.knowledge)] if full else []
        return markdown_of([*screen, *behind])

    def diagram(self, view: str = "summary", lesion: str | None = None, legend: bool | None = None) -> Picture:
        """Return a drawing of how the advice came about.

        `view` is `summary` (the plan and what decides it), `everything`, or one letter: `neurologic`, `oncologic`,
        `mechanical`, `systemic`, `decision`; `lesion` leaves the others out. `legend` says how to read it; without it
        the larger views do and the summary does not. Raises `Unknown` for a view or a lesion that there is not.
        """
        from explain.drawing.chain import as_graph
        from explain.drawing.chart import chains_of, draw_chains
        from explain.drawing.dot import draw
        from explain.drawing.views import view as selected

        if view not in VIEWS:
            raise Unknown(f"{shown(view)} is not a view ({', '.join(VIEWS)}){suggestion(view, VIEWS)}")
        if view == "summary":
            chains = _known(lambda: chains_of(self.advice, self.knowledge, lesion))
            drawn = draw_chains(chains, self.advice, self.knowledge, bool(legend))
            return Picture(drawn.source, as_graph(chains))
        name, letter = (view, None) if view == "everything" else ("letter", view)
        graph = _known(lambda: selected(self.graph, name, letter, lesion))
        return Picture(draw(graph, self.advice, legend is not False).source, graph)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        from explain.phrases.lesions import sentence

        return f"<advice on {self.case.id}: {' '.join(sentence(lesion) for lesion in self.advice.lesions)}>"

    def _repr_html_(self) -> str:
        """Return the page in a frame of its own, so that its style stays its own."""
        style = "width: 100%; height: 40rem; border: 1px solid #d9d9d4"
        title = escape(f"Advice on {self.case.id}", quote=True)
        return (
            f'<iframe title="{title}" sandbox="allow-scripts allow-popups" style="{style}" '
            f'srcdoc="{escape(self.html(), quote=True)}"></iframe>'
        )

    def _repr_svg_(self) -> str:
        return self.diagram()._repr_svg_()


@dataclass(frozen=True, repr=False)
class Explanation:
    """What can be asked about the advice on one patient. The patient is run once, at the first question."""

    run: Run

    def why(self, name: str, lesion: str | None = None) -> "Told[Why]":
        """Return why a fact, a pathway's status or a measure is as it is, such as `sbrt` or `T8.escc_class`.

        Raises `Unknown`, with the nearest name, for one that means nothing; so do the others.
        """
        from explain.answers.justification import why
        from explain.report.why import why_report

        return Told(_known(lambda: why(name, self.run, lesion)), why_report)

    def why_not(self, name: str, lesion: str | None = None) -> "Told[WhyNot]":
        """Return why something is not so, such as `sbrt`, `sbrt=acceptable` or `T8.escc_class=low`."""
        from explain.answers.why_not import why_not
        from explain.report.why_not import why_not_report

        return Told(_known(lambda: why_not(name, self.run, lesion)), why_not_report)

    def change(self, pathway: str | None = None, lesion: str | None = None) -> "Told[Alternatives]":
        """Return what would change the advice, or bring one pathway to be recommended; of all lesions, or of one."""
        from engine.alternatives import alternatives
        from explain.report.alternatives import alternatives_report

        found = _known(lambda: alternatives(self.run, pathway, lesion))
        return Told(found, lambda record, everything: alternatives_report(record, self.run.knowledge))

    def sure(self) -> "Told[Neighbours]":
        """Return whether the advice holds when a disputed reading is a grade away, and how near numbers are to a line."""
        from engine.analysis.sensitivity import neighbours
        from explain.report.sensitivity import neighbours_report

        found = neighbours(self.run.consultation, self.run.reasoner)
        return Told(found, lambda record, everything: neighbours_report(record, self.run.knowledge))

    def arguments(self) -> "Drawn[ArgumentTable]":
        """Return every pathway with what speaks for it, against it, or rules it out; also as a figure."""
        from explain.answers.arguments import argument_table
        from explain.drawing.arguments import draw_arguments
        from explain.report.arguments import argument_report

        return Drawn(
            argument_table(self.run),
            lambda table, everything: argument_report(table),
            lambda table: Picture(draw_arguments(table).source),
        )

    def differences(self, other: "Explanation | Answer") -> "Drawn[Differences]":
        """Return what was given, fired and advised differently for another case, or under other knowledge."""
        from explain.answers.differences import compare
        from explain.drawing.differences import draw_differences
        from explain.report.differences import differences_report

        found, one, two = compare(self.run, other.run)
        return Drawn(
            found,
            lambda record, everything: differences_report(record),
            lambda record: Picture(draw_differences(record, one, two).source),
        )

    def provenance(self, format: Literal["json", "provn", "nquads"] = "json") -> str:
        """Return the trace as W3C PROV: PROV-JSON, PROV-N, or RDF as N-Quads, which needs rdflib (`metspine[rdf]`)."""
        from explain.answers.provenance import prov_json, prov_n, prov_nquads, provenance

        if format == "nquads":
            return prov_nquads(self.run)
        document = provenance(self.run)
        return prov_n(document) if format == "provn" else prov_json(document)

    def __repr__(self) -> str:
        return f"<explanations of the advice on {self.run.case.id}>"


def _run(case: CaseGiven, knowledge: KnowledgeBase | None, settings: Settings) -> Run:
    base = _base(knowledge)
    if isinstance(case, Mapping):
        patient = case_from(case, base)
    elif isinstance(case, Case):
        patient = case
    else:
        path = Path(_is(case, (str, os.PathLike), "a case: a file, plain data or a `Case`"))
        if is_record(path):
            return _recorded(path, knowledge, settings)
        patient = read_case(path, base, expecting=False)
    return Run(_with(patient, settings, base), reasoner_of(base))


def _recorded(path: Path, knowledge: KnowledgeBase | None, settings: Settings) -> Run:
    """Return the run of a stored decision, once it is known to be that decision; raise `Invalid` when it is not.

    With settings it is the recorded patient, otherwise.
    """
    from engine.record import case_of_record, read_record
    from engine.replay import denials

    record = read_record(path)
    stamp = record.advice.knowledge_base
    base = _base_of(stamp, knowledge)
    if denied := denials(record):
        raise _unlike(
            path, f"was altered: {denied[0].place} is not that of what it holds", "`metspine replay` says where"
        )
    if stamp.digest != base.digest:
        where = f"{stamp.id} {stamp.version} with the digest {stamp.digest[:12]}; this is {base.digest[:12]}"
        raise _unlike(path, f"was given under other knowledge ({where})", "name that one with --knowledge")
    run = Run(_with(case_of_record(record, base), settings, base), reasoner_of(base))
    if not settings and decision_digest(run.advice) != record.digests.decision:
        raise _unlike(path, "comes to another decision in this program", "`metspine replay` says where, and why")
    return run


def _unlike(path: Path, what: str, advice: str) -> Invalid:
    return Invalid.at(path, f"{what}; {advice}")


def _base(knowledge: KnowledgeBase | None) -> KnowledgeBase:
    """Return the knowledge base that was given; without one the NOMS one, read once."""
    return _noms() if knowledge is None else _is(knowledge, KnowledgeBase, "a knowledge base as `load` returns it")


def _is(given: T, kinds: type | tuple[type, ...], what: str) -> T:
    """Return what was given when it is of such a kind; raise TypeError, with what is wanted, when not."""
    if not isinstance(given, kinds):
        raise TypeError(f"{shown(given)} is not {what}")
    return given


def _with(case: Case, settings: Settings, base: KnowledgeBase) -> Case:
    if not isinstance(settings, Mapping):
        _is(settings, (list, tuple), 'settings: {"patient.kps": 70} or ["patient.kps=70"]')
        return with_settings(case, settings, base, WHERE)
    written = (f"{name}={dumps(value, default=str)}" for name, value in settings.items())
    return with_settings(case, written, base, Position("settings"))


def _known(answer: Callable[[], T]) -> T:
    """Return an answer; a name that means nothing is an `Unknown`."""
    try:
        return answer()
    except ValueError as error:
        raise Unknown(str(error)) from None


@lru_cache(maxsize=1)
def _noms() -> KnowledgeBase:
    return knowledge_base.load()


__all__ = [
    "Answer",
    "Drawn",
    "Explanation",
    "Invalid",
    "Picture",
    "Told",
    "Unknown",
    "advise",
    "cohort",
    "explain",
    "load",
    "replay",
]
