"""The trace as W3C PROV: what was given, what fired under which plan, and what came of it.

- A case is a collection of the facts that it gives; a knowledge base one of its rules, which are plans.
- A firing is an activity that used facts, was carried out by the engine under the plan of its rule, and generated its
  conclusions. A settled fact was derived from everything that was said of it.
- A rule was derived from the sources it cites.

Names are the stable ids of the trace under `urn:metspine:`. There are no times: the same case and knowledge give the
same document.
"""

import json
from typing import Any
from urllib.parse import quote

from prov.constants import PROV_ROLE, PROV_TYPE
from prov.identifier import Identifier, Namespace, QualifiedName
from prov.model import PROV, ProvDocument

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
from explain.phrases.conclusions import concluded_fact, conclusion_words
from explain.phrases.conditions import found
from knowledge_base.language.knowledge import Unit

Said = dict[QualifiedName | str | Identifier, Any]
ROOT = "urn:metspine:"
KINDS = ("case", "given", "fact", "conclusion", "firing", "rule", "source", "knowledge", "agent", "term")


def provenance(run: Run) -> ProvDocument:
    """Return the PROV document of a finished consultation."""
    return _Recorder(run).document


def prov_json(document: ProvDocument) -> str:
    """Return a document as PROV-JSON, keys in a fixed order."""
    text = document.serialize(format="json") or ""
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False, sort_keys=True)


def prov_n(document: ProvDocument) -> str:
    """Return a document as PROV-N."""
    text: str = document.get_provn()
    return text + "\n"


class _Recorder:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.document = ProvDocument()
        self.spaces: dict[str, Namespace] = {
            kind: self.document.add_namespace(kind, f"{ROOT}{kind}:") for kind in KINDS
        }
        self.engine = self._id("agent", "engine")
        self.base = self._id("knowledge", f"{run.stamp.id}@{run.stamp.version}")
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
        """Return the name of something: its id in the trace, with what PROV-N cannot hold written as %XX."""
        return self.spaces[kind][quote(name, safe="./@-_")]

    def _term(self, name: str) -> QualifiedName:
        return self._id("term", name)

    # --- what there is before anything fires -------------------------------------------------------------------

    def _agents(self) -> None:
        stamp = self.run.stamp
        self.document.agent(self.engine, {PROV_TYPE: PROV["SoftwareAgent"], "prov:label": "metspine"})
        self.document.collection(
            self.base,
            {"prov:label": self.run.knowledge.framework.title, self._term("digest"): stamp.digest},
        )

    def _case(self) -> None:
        case = self.run.case
        about = self._id("case", case.id)
        self.document.collection(about, {"prov:label": case.title or case.id})
        for name in self.run.given():
            record = self.run.facts[name]
            given = self._id("given", name)
            self.document.entity(given, {self._term("values"): _text(record.given)})
            self.document.hadMember(about, given)

    def _sources(self, refs: set[str]) -> None:
        for ref in sorted(refs):
            source = self.run.knowledge.sources[ref]
            said: Said = {"prov:label": source.citation}
            if source.link:
                said["prov:location"] = source.link
            self.document.entity(self._id("source", ref), said)

    def _rule(self, unit: Unit) -> None:
        plan = self._plan(unit.id, unit.version)
        said: Said = {PROV_TYPE: PROV["Plan"], "prov:label": unit.title, self._term("because"): unit.because}
        said[self._term("basis")] = unit.basis
        self.document.entity(plan, said)
        self.document.hadMember(self.base, plan)
        for source in dict.fromkeys(unit.sources):
            words: Said = {self._term("at"): source.at, self._term("basis"): source.basis}
            self.document.wasDerivedFrom(plan, self._id("source", source.ref), other_attributes=words)

    def _plan(self, rule: str, version: str) -> QualifiedName:
        return self._id("rule", f"{rule}@{version}")

    # --- what happened -----------------------------------------------------------------------------------------

    def _fact(self, fact: FactRecord) -> None:
        """Record a settled fact, and that it came from the case and from every conclusion about it."""
        name = self._id("fact", fact.id)
        self.document.entity(name, {"prov:label": self._sentence(fact), self._term("values"): _text(fact.values)})
        if fact.given is not None:
            self.document.wasDerivedFrom(name, self._id("given", fact.id))
        for support in fact.supports:
            firing = self.run.firings[support]
            for number, conclusion in enumerate(firing.conclusions, start=1):
                if concluded_fact(conclusion) == fact.id:
                    self.document.wasDerivedFrom(name, self._id("conclusion", f"{support}/{number}"))

    def _sentence(self, fact: FactRecord) -> str:
        return found(self.run.attribute(fact.id), self.run.values(fact.id))

    def _firing(self, firing: Firing) -> None:
        activity = self._id("firing", firing.id)
        said: Said = {"prov:label": firing.title, self._term("sequence"): firing.sequence}
        self.document.activity(activity, other_attributes=said)
        self.document.wasAssociatedWith(activity, self.engine, self._plan(firing.rule, firing.version))
        for role, premises in (("premise", firing.premises), ("absent", firing.absent)):
            for premise in premises:
                self._used(activity, premise, role)
        for number, conclusion in enumerate(firing.conclusions, start=1):
            entity = self._id("conclusion", f"{firing.id}/{number}")
            self.document.entity(entity, self._concluded(conclusion))
            self.document.wasGeneratedBy(entity, activity)

    def _used(self, activity: QualifiedName, premise: Premise, role: str) -> None:
        words: Said = {PROV_ROLE: self._term(role), self._term("line"): premise.line, self._term("test"): premise.test}
        self.document.used(activity, self._id("fact", premise.fact), other_attributes=words)

    def _concluded(self, conclusion: Concluded) -> Said:
        said: Said = {
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
