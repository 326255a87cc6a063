"""The trace as W3C PROV: what was given, what fired under which plan, and what came of it.

- A case is a collection of the facts that it gives; a knowledge base one of its rules, which are plans.
- A firing is an activity that used facts, was carried out by the engine under the plan of its rule, and generated its
  conclusions. A settled fact was derived from everything that was said of it.
- A rule was derived from the sources it cites.

Everything of one decision is in one bundle, named by the digest of the decision, and so are the names in it: two patients,
or one at two times, never share one. Rules, sources, knowledge and program have names of their own, with version and digest,
which are the same in every bundle. There are no times: the same case and knowledge give the same document.

In RDF a relation that says more (a role, a plan) is a node of its own; there the plain one stands beside it, so that
`prov:used+` finds what `prov:qualifiedUsage` explains.
"""

import json
import re
import warnings
from importlib import import_module
from typing import Any
from urllib.parse import quote

from prov.constants import PROV_ROLE, PROV_TYPE
from prov.identifier import Identifier, Namespace, QualifiedName
from prov.model import PROV, ProvDocument

from engine.decision import decision_digest
from engine.inference.subjects import Fact
from engine.inference.trace import (
    AlertConclusion,
    ArgumentConclusion,
    Concluded,
    FactRecord,
    Firing,
    Json,
    MeasureConclusion,
    Premise,
    SetConclusion,
)
from engine.run import Run
from engine.versions import engine_stamp
from explain.phrases.conclusions import concluded_fact, conclusion_words
from explain.phrases.conditions import found
from knowledge_base.grouping import grouped
from knowledge_base.language.knowledge import Unit

ProvAttributes = dict[QualifiedName | str | Identifier, Any]
ROOT = "urn:metspine:"
NAMELESS = re.compile(r"_:[A-Za-z0-9]+")
MARK = 16  # digits of a digest in names
KINDS = ("decision", "case", "given", "fact", "conclusion", "firing", "rule", "source", "knowledge", "agent", "term")


def provenance(run: Run, plain: bool = False) -> ProvDocument:
    """Return the PROV document of a finished consultation: one bundle, and the statement that there is one.

    With `plain`, each relation that says more stands there without it, too.
    """
    return _ProvenanceRecorder(run, plain).document


def prov_json(document: ProvDocument) -> str:
    """Return a document as PROV-JSON, keys in a fixed order."""
    text = document.serialize(format="json") or ""
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False, sort_keys=True)


def prov_n(document: ProvDocument) -> str:
    """Return a document as PROV-N."""
    text: str = document.get_provn()
    return text + "\n"


def prov_nquads(run: Run) -> str:
    """Return the trace as RDF (PROV-O) in N-Quads, one named graph for the decision; needs rdflib.

    Nodes without a name are numbered by what is said of them, and lines sorted, so that the bytes are always the same.
    """
    import_module("rdflib")  # where it is missing, this says so; the package prov has an error of its own
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of rdflib, for how the prov package calls it
        text = provenance(run, plain=True).serialize(format="rdf", rdf_format="nquads") or ""
    lines = [line for line in text.splitlines() if line.strip()]
    said = grouped((name, line.replace(name, "_:")) for line in lines for name in set(NAMELESS.findall(line)))
    order = sorted(said, key=lambda name: sorted(said[name]))
    numbers = {name: f"_:b{number}" for number, name in enumerate(order, start=1)}
    return "".join(sorted(f"{NAMELESS.sub(lambda found: numbers[found[0]], line)}\n" for line in lines))


class _ProvenanceRecorder:
    def __init__(self, run: Run, plain: bool = False) -> None:
        self.run = run
        self.plain = plain
        self.mark = decision_digest(run.advice)[:MARK]
        self.document = ProvDocument()
        self.spaces: dict[str, Namespace] = {
            kind: self.document.add_namespace(kind, f"{ROOT}{kind}:") for kind in KINDS
        }
        decision = self._id("decision", self.mark)
        self.bundle = self.document.bundle(decision)
        self.document.entity(decision, {PROV_TYPE: PROV["Bundle"], "prov:label": f"decision on {run.case.id}"})
        program = engine_stamp()
        self.engine = self._id("agent", f"metspine@{program.metspine}-{program.digest[:MARK]}")
        self.base = self._id("knowledge", f"{run.stamp.id}@{run.stamp.version}-{run.stamp.digest[:MARK]}")
        self._agents()
        self._case()
        used = {firing.rule for firing in run.trace.firings}
        self._sources({c.ref for rule in used for c in run.knowledge.units[rule].sources})
        for rule in sorted(used):
            self._rule(run.knowledge.units[rule])
        for fact in run.trace.facts:
            self._fact(fact)
        for firing in run.trace.firings:
            self._firing(firing)

    def _id(self, kind: str, name: str) -> QualifiedName:
        """Return the name of something, with what PROV-N cannot hold written as %XX."""
        return self.spaces[kind][quote(name, safe="./@-_")]

    def _own(self, kind: str, name: str | Fact) -> QualifiedName:
        """Return the name of something of this decision: its id in the trace, after the digest of the decision."""
        return self._id(kind, f"{self.mark}/{name}")

    def _term(self, name: str) -> QualifiedName:
        return self._id("term", name)

    # --- what there is before anything fires -------------------------------------------------------------------

    def _agents(self) -> None:
        stamp = self.run.stamp
        program = engine_stamp()
        said: ProvAttributes = {PROV_TYPE: PROV["SoftwareAgent"], "prov:label": f"metspine {program.metspine}"}
        said[self._term("version")] = program.metspine
        said[self._term("digest")] = program.digest
        self.bundle.agent(self.engine, said)
        self.bundle.collection(
            self.base,
            {"prov:label": self.run.knowledge.framework.title, self._term("digest"): stamp.digest},
        )

    def _case(self) -> None:
        case = self.run.case
        about = self._own("case", case.id)
        self.bundle.collection(about, {"prov:label": case.title or case.id})
        for name in self.run.given():
            record = self.run.facts[name]
            given = self._own("given", name)
            self.bundle.entity(given, {self._term("values"): _text(record.given)})
            self.bundle.hadMember(about, given)

    def _sources(self, refs: set[str]) -> None:
        for ref in sorted(refs):
            source = self.run.knowledge.sources[ref]
            said: ProvAttributes = {"prov:label": source.citation}
            if source.link:
                said["prov:location"] = source.link
            self.bundle.entity(self._id("source", ref), said)

    def _rule(self, unit: Unit) -> None:
        plan = self._plan(unit.id, unit.version)
        said: ProvAttributes = {PROV_TYPE: PROV["Plan"], "prov:label": unit.title, self._term("because"): unit.because}
        said[self._term("basis")] = unit.basis
        self.bundle.entity(plan, said)
        self.bundle.hadMember(self.base, plan)
        for source in dict.fromkeys(unit.sources):
            words: ProvAttributes = {self._term("at"): source.at, self._term("basis"): source.basis}
            self.bundle.wasDerivedFrom(plan, self._id("source", source.ref), other_attributes=words)
            if self.plain:
                self.bundle.wasDerivedFrom(plan, self._id("source", source.ref))

    def _plan(self, rule: str, version: str) -> QualifiedName:
        return self._id("rule", f"{rule}@{version}")

    # --- what happened -----------------------------------------------------------------------------------------

    def _fact(self, fact: FactRecord) -> None:
        """Record a settled fact, and that it came from the case and from every conclusion about it."""
        name = self._own("fact", fact.id)
        self.bundle.entity(name, {"prov:label": self._sentence(fact), self._term("values"): _text(fact.values)})
        if fact.given is not None:
            self.bundle.wasDerivedFrom(name, self._own("given", fact.id))
        for support in fact.supports:
            firing = self.run.firings[support]
            for number, conclusion in enumerate(firing.conclusions, start=1):
                if concluded_fact(conclusion) == fact.id:
                    self.bundle.wasDerivedFrom(name, self._own("conclusion", f"{support}/{number}"))

    def _sentence(self, fact: FactRecord) -> str:
        return found(self.run.attribute(fact.id), self.run.values(fact.id))

    def _firing(self, firing: Firing) -> None:
        activity = self._own("firing", firing.id)
        said: ProvAttributes = {"prov:label": firing.title, self._term("sequence"): firing.sequence}
        self.bundle.activity(activity, other_attributes=said)
        self.bundle.wasAssociatedWith(activity, self.engine, self._plan(firing.rule, firing.version))
        if self.plain:
            self.bundle.wasAssociatedWith(activity, self.engine)
        for role, premises in (("premise", firing.premises), ("absent", firing.absent)):
            for premise in premises:
                self._used(activity, premise, role)
        for number, conclusion in enumerate(firing.conclusions, start=1):
            entity = self._own("conclusion", f"{firing.id}/{number}")
            self.bundle.entity(entity, self._concluded(conclusion))
            self.bundle.wasGeneratedBy(entity, activity)

    def _used(self, activity: QualifiedName, premise: Premise, role: str) -> None:
        words: ProvAttributes = {
            PROV_ROLE: self._term(role),
            self._term("line"): premise.line,
            self._term("test"): premise.test,
        }
        fact = self._own("fact", premise.fact)
        self.bundle.used(activity, fact, other_attributes=words)
        if self.plain:
            self.bundle.used(activity, fact)

    def _concluded(self, conclusion: Concluded) -> ProvAttributes:
        said: ProvAttributes = {
            PROV_TYPE: self._term(conclusion.kind),
            "prov:label": conclusion_words(conclusion, self.run),
        }
        if isinstance(conclusion, SetConclusion):
            said[self._term("values")] = _text(conclusion.values)
        elif isinstance(conclusion, ArgumentConclusion):
            said[self._term("pathway")] = f"{conclusion.lesion}/{conclusion.pathway}"
            said[self._term("stance")] = conclusion.stance
        elif isinstance(conclusion, MeasureConclusion):
            said[self._term("urgency")] = conclusion.urgency
        elif isinstance(conclusion, AlertConclusion):
            said[self._term("level")] = conclusion.level
        return said


def _text(values: Json) -> str:
    """Return values as the JSON that the trace has."""
    return json.dumps(values, ensure_ascii=False)
