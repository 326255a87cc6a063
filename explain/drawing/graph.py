"""The record of a consultation as a graph: what was given, what fired, what it concluded, and what speaks for what.

Everything that happened is in it, under ids that stay the same from run to run: facts (`T8.escc_grade`), firings
(`NOMS-07@T8`), pathways (`T8/sbrt`), measures (`measure:biopsy`) and alerts (`alert:NEU-12`). Views select from it.
"""

from typing import Any

import networkx as nx

from engine.advice import Advice, LesionAdvice, Option, rules_waiting
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
from explain.drawing.nodes import (
    AlertNode,
    ArgumentEdge,
    Awaited,
    ConclusionEdge,
    Edge,
    FactKind,
    FactNode,
    FiringNode,
    Graph,
    MeasureEdge,
    MeasureNode,
    Node,
    PathwayNode,
    Prospect,
    QuestionNode,
    Read,
    Warned,
    grounds,
)
from explain.phrases.disputes import rests_on, sided_firings
from explain.phrases.terms import STATUS_WORDS, look_of
from explain.phrases.tooltips import fact_tooltip, grounds_tooltip
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import FOR, Step, weakest
from knowledge_base.language.vocabulary import Letter


def graph_of(advice: Advice, knowledge: KnowledgeBase) -> Graph:
    """Return the record of one consultation; `graph.graph` holds the case, the knowledge's version and the notice."""
    recorder = _GraphRecorder(advice, knowledge)
    recorder.record()
    return recorder.graph


def node_link(graph: Graph) -> dict[str, Any]:
    """Return a graph as networkx node-link data: plain JSON, nodes and edges in a fixed order."""
    data: dict[str, Any] = nx.node_link_data(graph, edges="edges")
    data["nodes"] = sorted(data["nodes"], key=lambda node: node["id"])
    data["edges"] = sorted(data["edges"], key=lambda edge: (edge["source"], edge["target"], edge["key"]))
    return data


class _GraphRecorder:
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
            node = FactNode(
                kind=self._kind(fact),
                letter=fact.letter,
                subject=fact.subject,
                label=attribute.label,
                value=fact.words,
                values=fact.values,
                given=fact.given,
                attribute=fact.attribute,
                assessment=attribute.assessment,
                tooltip=fact_tooltip(attribute, fact),
            )
            self._node(fact_id, node)
        return fact_id

    def _kind(self, fact: FactRecord) -> FactKind:
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
        node = FiringNode(
            kind="step" if isinstance(unit, Step) else "rule",
            letter=self._letter(firing),
            subject=firing.subject,
            label=firing.rule,
            title=firing.title,
            rule=firing.rule,
            version=firing.version,
            sequence=firing.sequence,
            because=firing.because,
            disputed=tuple(disputed),
            tooltip=grounds_tooltip(self.knowledge, head, firing.because, unit.sources),
            **grounds(self.knowledge, unit.sources),
            basis=firing.basis,
            chain_basis=firing.chain_basis,
        )
        self._node(firing.id, node)
        read = [Read("premise", p.line, p.test, p.values) for p in firing.premises]
        read += [Read("absent", p.line, p.test, p.values) for p in firing.absent]
        for edge, premise in zip(read, (*firing.premises, *firing.absent), strict=True):
            self._edge(self._fact(premise.fact), firing.id, edge, edge.line)
        for conclusion in firing.conclusions:
            self._concluded(firing, conclusion)

    def _letter(self, firing: Firing) -> Letter:
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
            self._edge(firing.id, self._fact(conclusion.fact), ConclusionEdge("concludes", conclusion.values))
        elif isinstance(conclusion, ArgumentConclusion):
            option = Subject(conclusion.lesion, conclusion.pathway)
            stance = conclusion.stance
            argued = ArgumentEdge("for" if stance in FOR else "against", stance)
            self._edge(firing.id, str(option), argued, stance)
            self._edge(firing.id, self._fact(option.fact(f"argued_{stance}")), ConclusionEdge("concludes", True))
        elif isinstance(conclusion, MeasureConclusion):
            self._edge(firing.id, f"measure:{conclusion.measure}", MeasureEdge("calls", conclusion.urgency))
        elif isinstance(conclusion, AskConclusion):
            self._edge(firing.id, self._fact(conclusion.fact), Edge("asks"))
        else:
            assert isinstance(conclusion, AlertConclusion)
            self._edge(firing.id, self._alert_id(firing.rule, conclusion.text), Warned("warns", conclusion.level))

    # --- advice ------------------------------------------------------------------------------------------------

    def _pathway(self, lesion: LesionAdvice, option: Option) -> None:
        pathway = self.knowledge.pathways[option.pathway]
        reasons = [f"{a.stance.replace('_', ' ')}: {a.because} ({a.rule})" for a in option.arguments]
        look = look_of(option.status, option.arguments)
        node = PathwayNode(
            letter="D",
            subject=lesion.id,
            label=option.label,
            status=option.status,
            look=look,
            basis=option.basis,
            involves=tuple(pathway.involves),
            open_rules=tuple(sorted({a.rule for a in option.open_arguments})),
            prospect=_prospect(lesion, option),
            tooltip="\n".join([f"{option.label}: {STATUS_WORDS[look]}", pathway.summary, *reasons]),
        )
        self._node(f"{lesion.id}/{option.pathway}", node)

    def _settled(self, lesion: LesionAdvice, option: Option) -> None:
        """Tie a pathway to its status fact and to the inputs on which open arguments wait."""
        about = Subject(lesion.id, option.pathway)
        option_id, status = str(about), about.fact("status")
        if self.facts[status].supports:
            self._edge(self._fact(status), option_id, Edge("settles"))
        for fact, rules in sorted(rules_waiting([option]).items(), key=lambda item: str(item[0])):
            self._edge(self._fact(fact), option_id, Awaited("awaited", tuple(sorted(rules))))

    def _measures(self) -> None:
        for measure in self.advice.measures:
            summary = self.knowledge.measures[measure.measure].summary
            sources = list(dict.fromkeys(source for reason in measure.reasons for source in reason.sources))
            because = " ".join(dict.fromkeys(reason.because for reason in measure.reasons))
            node = MeasureNode(
                letter="D",
                subject=", ".join(measure.subjects),
                label=measure.label,
                urgency=measure.urgency,
                status=measure.urgency,
                **grounds(self.knowledge, sources),
                basis=weakest([reason.basis for reason in measure.reasons]),
                tooltip=grounds_tooltip(self.knowledge, f"{measure.label}: {summary}", because, sources),
            )
            self._node(f"measure:{measure.measure}", node)

    def _alerts(self) -> None:
        for alert in self.advice.alerts:
            node = AlertNode(
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
            self._node(self._alert_id(alert.rule, alert.text), node)

    def _alert_id(self, rule: str, text: str) -> str:
        if (rule, text) not in self.alert_ids:
            earlier = sum(1 for other, _ in self.alert_ids if other == rule)
            self.alert_ids[rule, text] = f"alert:{rule}" + (f"#{earlier + 1}" if earlier else "")
        return self.alert_ids[rule, text]

    def _question(self) -> None:
        """Put in the question to ask next, when the advice knows one, with what it decides between."""
        for asked in self.advice.questions[:1]:
            why = f"It decides between rules {', '.join(asked.why)}." if asked.why else ""
            node = QuestionNode(
                letter=self.facts[asked.fact].letter, subject=asked.subject, label=asked.question, cost=asked.cost,
                rules=asked.why, fact=str(asked.fact),
                tooltip="\n".join(part for part in (asked.question, why) if part),
            )  # fmt: skip
            self._node(f"question:{asked.fact}", node)
            self._edge(f"question:{asked.fact}", self._fact(asked.fact), Edge("decides"))
            for lesion in self.advice.lesions:
                if asked.subject in ("patient", lesion.id):
                    for pathway in asked.between:
                        self._edge(f"question:{asked.fact}", f"{lesion.id}/{pathway}", Edge("decides"))

    def _contradictions(self) -> None:
        for clash in self.advice.contradictions:
            alert = f"contradiction:{clash.fact}"
            fact = self.facts[clash.fact]
            node = AlertNode(
                letter=fact.letter, subject=fact.subject, label=clash.text, level="danger", status="danger",
                tooltip=clash.text,
            )  # fmt: skip
            self._node(alert, node)
            for claim in clash.claims:
                by = self._fact(clash.fact) if claim.by == "case" else claim.by
                self._edge(by, alert, ConclusionEdge("contradicts", claim.values))

    def _node(self, name: str, node: Node) -> None:
        self.graph.add_node(name, **node.attributes)

    def _edge(self, start: str, end: str, edge: Edge, which: str = "") -> None:
        """Put in an edge; `which` tells those of one kind between the same two nodes apart."""
        self.graph.add_edge(start, end, " ".join(filter(None, (edge.kind, which))), **vars(edge))


def _prospect(lesion: LesionAdvice, option: Option) -> Prospect | None:
    """Tell of a pathway that is not advised now whether it could become recommended, if that is known."""
    could = any(option.pathway in possible.recommended for possible in lesion.possible)
    if not lesion.possible or option.status in ("recommended", "acceptable"):
        return "could" if could and option.status == "acceptable" else None
    return "could" if could else "gone"
