"""The record of a consultation as a graph: what was given, what fired, what it concluded, and what speaks for what.

Everything that happened is in it, under ids that stay the same from run to run: facts (`T8.escc_grade`), firings
(`NOMS-07@T8`), pathways (`T8/sbrt`), measures (`measure:biopsy`) and alerts (`alert:NEU-12`). Views select from it.
"""

from typing import TYPE_CHECKING, Any

import networkx as nx

from engine.advice import Advice, LesionAdvice, Option
from engine.inference.subjects import Fact, Subject
from engine.inference.trace import (
    AlertConclusion,
    ArgumentConclusion,
    AskConclusion,
    Concluded,
    FactRecord,
    Firing,
    MeasureConclusion,
    SetConclusion,
)
from explain.phrases.disputes import rests_on, sided_firings
from explain.phrases.terms import STATUS_WORDS, look_of
from explain.phrases.tooltips import fact_tooltip, grounds, grounds_tooltip
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import Step, weakest

if TYPE_CHECKING:
    Graph = nx.MultiDiGraph[str]
else:
    Graph = nx.MultiDiGraph

FACT_KINDS = ("given", "derived", "score", "unknown")
FIRING_KINDS = ("rule", "step")
NODE_KINDS = (*FACT_KINDS, *FIRING_KINDS, "pathway", "measure", "alert", "question")
EDGE_KINDS = (
    "premise",  # fact to firing: a line of `when` that it met
    "absent",  # fact to firing: looked at for a line of `unless`, which did not hold
    "concludes",  # firing to fact
    "settles",  # status fact to pathway
    "for",  # firing to pathway, stance recommend or consider
    "against",  # firing to pathway, stance advise_against or exclude
    "calls",  # firing to measure
    "warns",  # firing to alert
    "asks",  # firing to fact
    "awaited",  # unknown fact to pathway: rules wait for it
    "decides",  # the question to ask next to a pathway, or to the unknown fact that it asks for
    "contradicts",  # fact or firing to the alert about a contradiction
)
FOR = ("recommend", "consider")


def graph_of(advice: Advice, knowledge: KnowledgeBase) -> Graph:
    """Return the record of one consultation; `graph.graph` holds the case, the knowledge's version and the notice."""
    recorder = _Recorder(advice, knowledge)
    recorder.record()
    return recorder.graph


def node_link(graph: Graph) -> dict[str, Any]:
    """Return a graph as networkx node-link data: plain JSON, nodes and edges in a fixed order."""
    data: dict[str, Any] = nx.node_link_data(graph, edges="edges")
    data["nodes"] = sorted(data["nodes"], key=lambda node: node["id"])
    data["edges"] = sorted(data["edges"], key=lambda edge: (edge["source"], edge["target"], edge["key"]))
    return data


class _Recorder:
    def __init__(self, advice: Advice, knowledge: KnowledgeBase) -> None:
        self.advice = advice
        self.knowledge = knowledge
        self.facts = {fact.id: fact for fact in advice.facts}
        self.disputed = sided_firings(advice)
        stamp = advice.knowledge_base
        self.graph: Graph = nx.MultiDiGraph(
            case=advice.case,
            title=advice.title,
            knowledge=stamp.id,
            version=stamp.version,
            digest=stamp.digest,
            notice=advice.notice,
            lesions=[lesion.id for lesion in advice.lesions],
            rests_on={lesion.id: list(rests_on(lesion, advice, knowledge)) for lesion in advice.lesions},
        )
        self.alert_ids: dict[tuple[str, str], str] = {}

    def record(self) -> None:
        """Put everything in the graph: first what can be argued about or called for, then what happened."""
        options = [(lesion, option) for lesion in self.advice.lesions for option in lesion.options]
        for lesion, option in options:
            self._pathway(lesion, option)
        self._measures()
        self._alerts()
        for fact in self.advice.facts:
            if fact.given is not None:
                self._fact(fact.id)
        for firing in self.advice.firings:
            self._firing(firing)
        for lesion, option in options:
            self._settled(lesion, option)
        self._contradictions()
        self._question()

    # --- facts -------------------------------------------------------------------------------------------------

    def _fact(self, name: Fact) -> str:
        """Put a fact in the graph, once, and return its id."""
        fact_id = str(name)
        if fact_id not in self.graph:
            fact = self.facts[name]
            attribute = self.knowledge.vocabulary[fact.attribute]
            words = fact.words
            self.graph.add_node(
                fact_id,
                kind=self._kind(fact),
                letter=fact.letter,
                subject=fact.subject,
                label=attribute.label,
                value=words,
                values=fact.values,
                given=fact.given,
                attribute=fact.attribute,
                assessment=attribute.assessment,
                tooltip=fact_tooltip(attribute, fact),
            )
        return fact_id

    def _kind(self, fact: FactRecord) -> str:
        if fact.given is not None:
            return "given"
        if fact.values is None:
            return "unknown"
        writers = self.knowledge.writers[fact.attribute]
        is_score = any(isinstance(unit, Step) and unit.kind != "class" for unit in writers)
        return "score" if is_score else "derived"

    # --- firings -----------------------------------------------------------------------------------------------

    def _firing(self, firing: Firing) -> None:
        unit = self.knowledge.units[firing.rule]
        disputed = self.disputed.get(firing.id, [])
        head = "\n".join(
            [f"{firing.id}: {firing.title}", *(f"On one side of a dispute: {words}" for words in disputed)]
        )
        self.graph.add_node(
            firing.id,
            kind="step" if isinstance(unit, Step) else "rule",
            letter=self._letter(firing),
            subject=firing.subject,
            label=firing.rule,
            title=firing.title,
            rule=firing.rule,
            version=firing.version,
            sequence=firing.sequence,
            because=firing.because,
            disputed=disputed,
            tooltip=grounds_tooltip(self.knowledge, head, firing.because, unit.sources),
            **grounds(self.knowledge, unit.sources),
            basis=firing.basis,
            chain_basis=firing.chain_basis,
        )
        for kind, premises in (("premise", firing.premises), ("absent", firing.absent)):
            for p in premises:
                key = f"{kind} {p.line}"
                self._edge(self._fact(p.fact), firing.id, kind, key, line=p.line, test=p.test, values=p.values)
        for conclusion in firing.conclusions:
            self._concluded(firing, conclusion)

    def _letter(self, firing: Firing) -> str:
        """Return the letter of what a firing sets; arguments and measures belong to the decision."""
        for conclusion in firing.conclusions:
            if isinstance(conclusion, SetConclusion):
                return self.facts[conclusion.fact].letter
        if (
            any(isinstance(c, ArgumentConclusion | MeasureConclusion) for c in firing.conclusions)
            or not firing.premises
        ):
            return "D"
        return self.facts[firing.premises[0].fact].letter

    def _concluded(self, firing: Firing, conclusion: Concluded) -> None:
        if isinstance(conclusion, SetConclusion):
            self._edge(firing.id, self._fact(conclusion.fact), "concludes", values=conclusion.values)
        elif isinstance(conclusion, ArgumentConclusion):
            option = Subject(conclusion.lesion, conclusion.pathway)
            kind = "for" if conclusion.stance in FOR else "against"
            self._edge(firing.id, str(option), kind, f"{kind} {conclusion.stance}", stance=conclusion.stance)
            self._edge(firing.id, self._fact(option.fact(f"argued_{conclusion.stance}")), "concludes", values=True)
        elif isinstance(conclusion, MeasureConclusion):
            self._edge(firing.id, f"measure:{conclusion.measure}", "calls", urgency=conclusion.urgency)
        elif isinstance(conclusion, AskConclusion):
            self._edge(firing.id, self._fact(conclusion.fact), "asks")
        else:
            assert isinstance(conclusion, AlertConclusion)
            self._edge(firing.id, self._alert_id(firing.rule, conclusion.text), "warns", level=conclusion.level)

    # --- advice ------------------------------------------------------------------------------------------------

    def _pathway(self, lesion: LesionAdvice, option: Option) -> None:
        pathway = self.knowledge.pathways[option.pathway]
        reasons = [f"{a.stance.replace('_', ' ')}: {a.because} ({a.rule})" for a in option.arguments]
        look = look_of(option.status, option.arguments)
        self.graph.add_node(
            f"{lesion.id}/{option.pathway}",
            kind="pathway",
            letter="D",
            subject=lesion.id,
            label=option.label,
            status=option.status,
            look=look,
            basis=option.basis,
            involves=list(pathway.involves),
            open_rules=sorted({a.rule for a in option.open_arguments}),
            **_prospect(lesion, option),
            tooltip="\n".join([f"{option.label}: {STATUS_WORDS[look]}", pathway.summary, *reasons]),
        )

    def _settled(self, lesion: LesionAdvice, option: Option) -> None:
        """Tie a pathway to its status fact and to the inputs on which open arguments wait."""
        about = Subject(lesion.id, option.pathway)
        option_id, status = str(about), about.fact("status")
        if self.facts[status].supports:
            self._edge(self._fact(status), option_id, "settles")
        waiting: dict[Fact, set[str]] = {}
        for argument in option.open_arguments:
            for fact in argument.waits_for:
                waiting.setdefault(fact, set()).add(argument.rule)
        for fact, rules in sorted(waiting.items(), key=lambda item: str(item[0])):
            self._edge(self._fact(fact), option_id, "awaited", rules=sorted(rules))

    def _measures(self) -> None:
        for measure in self.advice.measures:
            summary = self.knowledge.measures[measure.measure].summary
            sources = list(dict.fromkeys(source for reason in measure.reasons for source in reason.sources))
            because = " ".join(dict.fromkeys(reason.because for reason in measure.reasons))
            self.graph.add_node(
                f"measure:{measure.measure}",
                kind="measure",
                letter="D",
                subject=", ".join(measure.subjects),
                label=measure.label,
                urgency=measure.urgency,
                status=measure.urgency,
                **grounds(self.knowledge, sources),
                basis=weakest([reason.basis for reason in measure.reasons]),
                tooltip=grounds_tooltip(self.knowledge, f"{measure.label}: {summary}", because, sources),
            )

    def _alerts(self) -> None:
        for alert in self.advice.alerts:
            self.graph.add_node(
                self._alert_id(alert.rule, alert.text),
                kind="alert",
                letter="D",
                subject=", ".join(alert.subjects),
                label=alert.text,
                level=alert.level,
                status=alert.level,
                rule=alert.rule,
                **grounds(self.knowledge, alert.sources),
                basis=alert.basis,
                tooltip=grounds_tooltip(self.knowledge, f"{alert.level}, by {alert.rule}", alert.text, alert.sources),
            )

    def _alert_id(self, rule: str, text: str) -> str:
        if (rule, text) not in self.alert_ids:
            earlier = sum(1 for other, _ in self.alert_ids if other == rule)
            self.alert_ids[rule, text] = f"alert:{rule}" + (f"#{earlier + 1}" if earlier else "")
        return self.alert_ids[rule, text]

    def _question(self) -> None:
        """Put in the question to ask next, when the advice knows one, with what it decides between."""
        for asked in self.advice.questions[:1]:
            why = f"It decides between rules {', '.join(asked.why)}." if asked.why else ""
            self.graph.add_node(
                f"question:{asked.fact}", kind="question", letter=self.facts[asked.fact].letter, subject=asked.subject,
                label=asked.question, cost=asked.cost, rules=list(asked.why), fact=str(asked.fact),
                tooltip="\n".join(part for part in (asked.question, why) if part),
            )  # fmt: skip
            self._edge(f"question:{asked.fact}", self._fact(asked.fact), "decides")
            for lesion in self.advice.lesions:
                if asked.subject in ("patient", lesion.id):
                    for pathway in asked.between:
                        self._edge(f"question:{asked.fact}", f"{lesion.id}/{pathway}", "decides")

    def _contradictions(self) -> None:
        for clash in self.advice.contradictions:
            alert = f"contradiction:{clash.fact}"
            fact = self.facts[clash.fact]
            self.graph.add_node(
                alert, kind="alert", letter=fact.letter, subject=fact.subject, label=clash.text, level="danger",
                status="danger", rule=None, basis=None, sources=[], href=None, tooltip=clash.text,
            )  # fmt: skip
            for claim in clash.claims:
                by = self._fact(clash.fact) if claim.by == "case" else claim.by
                self._edge(by, alert, "contradicts", values=claim.values)

    def _edge(self, start: str, end: str, kind: str, key: str | None = None, **attributes: Any) -> None:
        self.graph.add_edge(start, end, key or kind, kind=kind, **attributes)


def _prospect(lesion: LesionAdvice, option: Option) -> dict[str, str]:
    """Say of a pathway that is not advised now whether it `could` become recommended or not (`gone`), if that is known."""
    if not lesion.possible or option.status in ("recommended", "acceptable"):
        could = option.status == "acceptable" and any(option.pathway in p.recommended for p in lesion.possible)
        return {"prospect": "could"} if could else {}
    return {"prospect": "could" if any(option.pathway in p.recommended for p in lesion.possible) else "gone"}
