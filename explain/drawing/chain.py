"""What decides about one lesion, as a small graph: known facts in the order of NOMS, what hangs on what, and the plan.

A chain of eight to fifteen boxes, made from the plan and the record of the consultation. A firm plan goes from facts over
the rule that speaks for it to the pathway, with what it beat beside it. A fork has a box for each finding that is still
to be found, and what each value leads to. Where there is no plan yet, it shows what to find out first. Every box names
what it stands for: a fact, a firing, or a pathway, by the ids of the record.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import networkx as nx

from engine.advice import Advice, LesionAdvice, Option
from engine.analysis.plan import ForkFinding, ForkRow, Next, Plan
from engine.inference.subjects import Subject
from engine.inference.trace import FactRecord
from explain.drawing.labels import rule_name
from explain.drawing.nodes import FactKind, FactNode, FiringNode, Graph, grounds, node_at
from explain.drawing.views import origins, predecessors, score_parts
from explain.phrases.brief import brief, short_name, values_in_brief
from explain.phrases.plans import NOTHING, headline, pathways_of, recommended, result, row_value
from explain.phrases.prose import few, join
from explain.phrases.terms import COST_WORDS, STATUS_WORDS, look_of
from explain.phrases.tooltips import fact_tooltip, grounds_tooltip
from knowledge_base.grouping import grouped
from knowledge_base.language.conditions import Leaf, Quantified, truth, truth_of_line
from knowledge_base.language.domains import Values
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.predicates import Truth
from knowledge_base.language.rules import AGAINST, Rule
from knowledge_base.language.vocabulary import LETTERS, Letter

BoxKind = Literal["given", "score", "derived", "unknown", "finding", "rule", "waiting", "pathway", "result", "next"]
LinkKind = Literal["leads", "premise", "decides", "for", "against", "asks"]
NOMS: tuple[Letter, ...] = ("N", "O", "M", "S")
MOST_BOXES = 15
MOST_FACTS = 5
MOST_INPUTS = 5
MOST_BEATEN = 2
RULES_SHOWN = 2
BRINGS_SHOWN = 3
MOST_NEXT = 4


@dataclass(frozen=True)
class Box:
    """One box: `head` and `foot` are the small words above and below its text."""

    id: str
    kind: BoxKind
    letter: str
    text: str
    head: str = ""
    foot: str = ""
    look: str = ""
    rules: tuple[str, ...] = ()
    tooltip: str = ""
    href: str | None = None


@dataclass(frozen=True)
class Link:
    """A line from one box to another; `words` are the value that leads there."""

    start: str
    end: str
    kind: LinkKind
    words: str = ""


@dataclass(frozen=True)
class Chain:
    """The boxes and lines about one lesion: `facts`, what they come from, and then level by level what follows."""

    lesion: str
    headline: str
    inputs: tuple[Box, ...]
    facts: tuple[Box, ...]
    levels: tuple[tuple[Box, ...], ...]
    links: tuple[Link, ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        return (*self.inputs, *self.facts, *(box for level in self.levels for box in level))

    def follow(self, box: str) -> list[tuple[Link, Box]]:
        """Return what follows a box, in order."""
        by_id = {found.id: found for found in self.boxes}
        return [(link, by_id[link.end]) for link in self.links if link.start == box]


def as_graph(chains: Sequence[Chain]) -> Graph:
    """Return chains as one graph, for other programs."""
    graph: Graph = nx.MultiDiGraph(lesions=[found.lesion for found in chains])
    for found in chains:
        for box in found.boxes:
            graph.add_node(
                box.id, kind=box.kind, letter=box.letter, label=" ".join(filter(None, (box.head, box.text))),
                rules=list(box.rules), tooltip=box.tooltip, href=box.href,
            )  # fmt: skip
        for link in found.links:
            graph.add_edge(link.start, link.end, link.kind, kind=link.kind, words=link.words)
    return graph


def chain(lesion: LesionAdvice, advice: Advice, knowledge: KnowledgeBase, record: Graph, small: bool = False) -> Chain:
    """Return what decides about a lesion; `small` leaves out what its facts come from, and what the plan beat.

    `record` is that of the same advice. Raises ValueError when the advice holds no plan.
    """
    if lesion.plan is None:
        raise ValueError(f"the advice on {lesion.id} holds no plan: ask for it with `plan=True`")
    return _Weaver(lesion, lesion.plan, advice, knowledge, record).chain(small)


class _Weaver:
    def __init__(
        self, lesion: LesionAdvice, plan: Plan, advice: Advice, knowledge: KnowledgeBase, record: Graph
    ) -> None:
        self.lesion = lesion
        self.plan = plan
        self.advice = advice
        self.knowledge = knowledge
        self.record = record
        self.facts: Mapping[str, FactRecord] = {str(fact.id): fact for fact in advice.facts}
        self.options = {option.pathway: option for option in lesion.options}
        self.levels: list[list[Box]] = []
        self.links: list[Link] = []

    def chain(self, small: bool) -> Chain:
        fork = self.plan.fork
        if fork is not None:
            self._fork(fork.findings, fork.rows)
        room = len(NOMS) if small else min(MOST_FACTS, MOST_BOXES - sum(map(len, self.levels)))
        facts = [self._fact(fact) for fact in self._known(room)]
        if fork is None and (self.plan.kind == "open" or not self.plan.recommended):
            self._unsettled()
        elif fork is None:
            self._settled(facts)
        inputs: list[Box] = []
        if fork is None and not small:
            self._beaten(facts)
            inputs = self._inputs(facts)
        known = facts if inputs else [self._with_origins(box, small) for box in facts]
        if self.levels and not any(link.end == box.id for box in self.levels[0] for link in self.links):
            self.links += [Link(f.id, box.id, "leads") for f in facts if f.kind != "unknown" for box in self.levels[0]]
        return Chain(
            lesion=self.lesion.id,
            headline=headline(self.plan, self.knowledge, costs=False).replace(":", "."),
            inputs=tuple(inputs),
            facts=tuple(known),
            levels=tuple(map(tuple, self.levels)),
            links=tuple(self.links),
        )

    # --- what is known -----------------------------------------------------------------------------------------

    def _known(self, most: int) -> Iterator[str]:
        """Yield a fact or two for each letter, in the order of NOMS: those that the rules read which speak."""
        wanted = {str(finding.fact) for finding in self.plan.fork.findings} if self.plan.fork else set()
        read = [fact for fact in self._read() if fact not in wanted]
        left = most - len(NOMS)
        for letter in NOMS:
            mine = [fact for fact in read if self.facts[fact].letter == letter]
            if not mine:
                is_wanted = any(self.facts[fact].letter == letter for fact in wanted)
                mine = [
                    f
                    for f in self._headline_of(letter)
                    if f not in wanted and (self.facts[f].values is not None or not is_wanted)
                ]
            yield from mine[: 1 + left]
            left -= max(len(mine[: 1 + left]) - 1, 0)

    def _read(self) -> list[str]:
        """Return the facts that rules read which speak for a pathway of the plan, assessments first."""
        rules = [rule for name in sorted(pathways_of(self.plan)) for rule in self._speakers(self.options[name])]
        found = dict.fromkeys(fact for rule in rules for fact in self._premises(rule))
        vocabulary = self.knowledge.vocabulary
        return sorted(found, key=lambda fact: not vocabulary[self.facts[fact].attribute].assessment)

    def _premises(self, rule: str) -> Iterator[str]:
        """Yield what a firing of a rule read; of a rule that waits, what of its conditions is known."""
        firing = next((f for f in self._firings(rule)), None)
        if firing is not None:
            every = predecessors(self.record, firing, "premise")
            yield from (fact for fact in every if fact in self.facts and self._is_mine(self.facts[fact]))
            return
        read = {name for name in self.knowledge.rules[rule].reads if self.knowledge.vocabulary[name].assessment}
        yield from (str(fact.id) for fact in self.advice.facts if fact.attribute in read and self._is_mine(fact))

    def _is_mine(self, fact: FactRecord) -> bool:
        return fact.subject in ("patient", self.lesion.id) and fact.values is not None

    def _firings(self, rule: str) -> Iterator[str]:
        for firing in self.advice.firings:
            if firing.rule == rule and firing.subject.split("/")[0] in ("patient", self.lesion.id):
                yield firing.id

    def _is_known(self, fact: str) -> bool:
        return self.facts[fact].values is not None

    def _headline_of(self, letter: Letter) -> list[str]:
        """Return the assessment under a letter that is known, or the first; none where a letter has none."""
        assessed = self.lesion.assessments[LETTERS[letter]]
        return [str(a.fact) for a in sorted(assessed, key=lambda a: a.values is None)][:1]

    def _fact(self, fact_id: str) -> Box:
        fact = self.facts[fact_id]
        attribute = self.knowledge.vocabulary[fact.attribute]
        kind: BoxKind = "unknown" if fact.values is None else self._kind(fact_id)
        by = {self._rule_name(f) for f in fact.supports if f in self.record}
        return Box(
            id=fact_id,
            kind=kind,
            letter=fact.letter,
            head=short_name(attribute),
            text="not known" if fact.values is None else values_in_brief(attribute, attribute.read(fact.values)),
            foot="" if kind == "given" else self._by(fact_id, by),
            rules=tuple(sorted(by)),
            tooltip=fact_tooltip(attribute, fact),
        )

    def _kind(self, fact: str) -> FactKind:
        node = node_at(self.record, fact) if fact in self.record else None
        return node.kind if isinstance(node, FactNode) else "derived"

    def _rule_name(self, firing: str) -> str:
        node = node_at(self.record, firing)
        assert isinstance(node, FiringNode)
        return rule_name(node)

    def _by(self, fact: str, by: Iterable[str]) -> str:
        """Return how a fact came about: the parts of a score, or the rules that concluded it."""
        if self._kind(fact) == "score" and (parts := score_parts(self.record, fact)) is not None:
            return " + ".join(f"{name} {points}" for name, points in parts)
        return f"by {_few(sorted(by))}" if by else ""

    def _with_origins(self, box: Box, small: bool) -> Box:
        """Return a fact with the inputs behind it in its foot."""
        if box.kind != "derived":
            return box
        behind = sorted(origins(self.record, box.id))[: 1 if small else RULES_SHOWN]
        words = [self._brief(self.facts[origin]) for origin in behind]
        return replace(box, foot="; ".join([*words, box.foot])) if words else box

    def _brief(self, fact: FactRecord) -> str:
        attribute = self.knowledge.vocabulary[fact.attribute]
        return brief(attribute, attribute.read(fact.values))

    def _inputs(self, facts: Sequence[Box]) -> list[Box]:
        """Return the inputs behind the facts, as far as there is room, and tie them to these."""
        room = min(MOST_INPUTS, MOST_BOXES - len(facts) - sum(map(len, self.levels)))
        shown = {box.id: box for box in facts}
        behind = {box.id: sorted(origins(self.record, box.id)) for box in facts if box.kind == "derived"}
        first = [(fact, found[0]) for fact, found in behind.items() if found]
        rest = [(fact, origin) for fact, found in behind.items() for origin in found[1:]]
        chosen: dict[str, Box] = {}
        for fact, origin in [*first, *rest]:
            if origin not in shown and (origin in chosen or len(chosen) < room):
                chosen.setdefault(origin, self._fact(origin))
            if origin in shown or origin in chosen:
                self.links.append(Link(origin, fact, "leads"))
        return sorted(chosen.values(), key=lambda box: tuple(LETTERS).index(box.letter))

    # --- one plan ----------------------------------------------------------------------------------------------

    def _settled(self, facts: Sequence[Box]) -> None:
        rules: dict[str, Box] = {}
        ends = []
        for name in self.plan.recommended:
            option = self.options[name]
            end = self._pathway(option, "recommended")
            ends.append(end)
            for rule in self._speakers(option)[:RULES_SHOWN]:
                box = rules.setdefault(rule, self._rule(rule, option))
                self.links.append(Link(box.id, end.id, "for"))
        for rule, box in rules.items():
            self._reads(rule, box, facts)
        self.levels = [list(rules.values()), ends]

    def _speakers(self, option: Option) -> list[str]:
        """Return the rules that speak for a pathway; while none does, those that still may."""
        said = [argument.rule for argument in option.arguments if argument.stance == "recommend"]
        may = [argument.rule for argument in option.open_arguments if argument.stance == "recommend"]
        return list(dict.fromkeys(said or may))

    def _rule(self, rule: str, option: Option) -> Box:
        """Return the box of a rule that spoke of a pathway, or that may."""
        firing = next((a.firing for a in option.arguments if a.rule == rule), None)
        unit = self.knowledge.rules[rule]
        link = grounds(self.knowledge, unit.sources)["href"]
        tip = grounds_tooltip(self.knowledge, f"{firing or rule}: {unit.title}", unit.because, unit.sources)
        if firing is not None:
            name = self._rule_name(firing)
            return Box(firing, "rule", "D", unit.because, head=name, rules=(rule,), tooltip=tip, href=link)
        name = f"{rule}@{self.lesion.id}"
        head = f"{rule} may speak"
        return Box(name, "waiting", "D", unit.because, head=head, rules=(rule,), tooltip=tip, href=link)

    def _reads(self, rule: str, box: Box, facts: Sequence[Box]) -> None:
        read = set(self._premises(rule))
        self.links += [Link(fact.id, box.id, "premise") for fact in facts if fact.id in read]

    def _pathway(self, option: Option, look: str) -> Box:
        pathway = self.knowledge.pathways[option.pathway]
        return Box(
            id=f"{self.lesion.id}/{option.pathway}",
            kind="pathway",
            letter="D",
            text=option.label,
            foot=STATUS_WORDS[look].upper() if look == "recommended" else STATUS_WORDS[look],
            look=look,
            rules=tuple(argument.rule for argument in option.arguments),
            tooltip=f"{option.label}: {pathway.summary}",
        )

    def _beaten(self, facts: Sequence[Box]) -> None:
        """Add the simplest pathways that rules speak against, and those rules: why a lesser treatment will not do."""
        if not self.plan.recommended:
            return
        opposed = [o for o in self.lesion.options if o.status in ("not_advised", "excluded") and _against(o)]
        opposed.sort(key=lambda o: (len(self.knowledge.pathways[o.pathway].involves), o.pathway))
        rules, ends = self.levels
        for option in opposed[:MOST_BEATEN]:
            if len(facts) + len(rules) + len(ends) + 2 > MOST_BOXES - len(NOMS):
                return
            rule = _against(option)[0]
            box = next((known for known in rules if rule in known.rules), None)
            if box is None:
                box = self._rule(rule, option)
                self._reads(rule, box, facts)
                rules.append(box)
            end = self._pathway(option, look_of(option.status, option.arguments))
            ends.append(end)
            self.links.append(Link(box.id, end.id, "against"))

    # --- a fork ------------------------------------------------------------------------------------------------

    def _fork(self, findings: Sequence[ForkFinding], rows: Sequence[ForkRow]) -> None:
        """Make a tree of the rows: they tell what is found in the order in which it is asked."""
        self.findings = {finding.fact: finding for finding in findings}
        self._branch(rows, 0, "")

    def _branch(self, rows: Sequence[ForkRow], depth: int, path: str) -> Box:
        if len(rows) == 1 and len(rows[0].when) == depth:
            return self._put(depth, self._leaf(rows[0], path))
        box = self._put(depth, self._finding(self.findings[rows[0].when[depth].fact], path))
        groups = grouped((row.when[depth].text, row) for row in rows)
        for place, group in enumerate(groups.values(), 1):
            below = self._branch(group, depth + 1, f"{path}.{place}")
            self.links.append(Link(box.id, below.id, "decides", row_value(group[0].when[depth], self.knowledge)))
        return box

    def _put(self, depth: int, box: Box) -> Box:
        while len(self.levels) <= depth:
            self.levels.append([])
        self.levels[depth].append(box)
        return box

    def _finding(self, finding: ForkFinding, path: str) -> Box:
        fact = self.facts[str(finding.fact)]
        attribute = self.knowledge.vocabulary[finding.attribute]
        how = COST_WORDS[finding.cost] if finding.cost else "assess"
        return Box(
            id=f"{finding.fact}{path}",
            kind="finding",
            letter=attribute.letter,
            head=how.upper(),
            text=short_name(attribute),
            foot="" if fact.values is None else values_in_brief(attribute, attribute.read(fact.values)),
            tooltip=fact_tooltip(attribute, fact),
        )

    def _leaf(self, row: ForkRow, path: str) -> Box:
        """Return the end of a row: the pathway with the rules that speak for it, or what follows."""
        about = "; ".join(when.text for when in row.when)
        provided = "; ".join(condition.text for condition in row.conditions)
        tip = "\n".join(filter(None, [about, f"Provided: {provided}" if provided else ""]))
        if not row.recommended:
            words, foot = result(row, self.advice, self.knowledge)
            return Box(f"row{path}@{self.lesion.id}", "result", "D", words, foot=foot, tooltip=tip)
        units = [rule for name in row.recommended for rule in self._may(name, row)]
        return Box(
            id=f"row{path}@{self.lesion.id}",
            kind="pathway",
            letter="D",
            text=recommended(row.recommended, self.knowledge),
            foot=f"by {_few([unit.id for unit in units], 'or')}" if units else "",
            look="recommended",
            rules=tuple(unit.id for unit in units),
            tooltip="\n".join([tip, *(f"{unit.id}: {unit.because}" for unit in units)]),
            href=grounds(self.knowledge, units[0].sources)["href"] if units else None,
        )

    def _may(self, pathway: str, row: ForkRow) -> list[Rule]:
        """Return the rules that may recommend a pathway when a row is found: those that wait, or else any that could."""
        waiting = [self.knowledge.rules[rule] for rule in self._speakers(self.options[pathway])]
        any_rule = self.knowledge.arguers.get((pathway, "recommend"), ())
        return next(
            filter(None, ([rule for rule in rules if self._may_speak(rule, row)] for rules in (waiting, any_rule))), []
        )

    def _may_speak(self, rule: Rule, row: ForkRow) -> bool:
        """Tell whether a rule can still fire for this lesion when a row is found: what is known does not forbid it."""
        found = {when.fact: when.values for when in row.when if when.settled}

        def values_of(name: str) -> Values:
            attribute = self.knowledge.vocabulary[name]
            fact = Subject(self.lesion.id).at(attribute.of).fact(name)
            known = found.get(fact) or (self.facts[str(fact)].values if str(fact) in self.facts else None)
            return attribute.domain if known is None else attribute.read(known)

        def truth_of(leaf: Leaf) -> Truth:
            return Truth.OPEN if isinstance(leaf, Quantified) else truth_of_line(leaf, values_of)

        return truth(rule.when, truth_of) is not Truth.FALSE and truth(rule.unless, truth_of) is not Truth.TRUE

    # --- no plan yet -------------------------------------------------------------------------------------------

    def _unsettled(self) -> None:
        """Make boxes of what to find out first, with what it would bring, and of what can be said so far."""
        words = "no plan yet" if self.plan.kind == "open" else NOTHING
        *tests, last = self.plan.next or [None]
        shown = [*tests[: MOST_NEXT - 1], last] if last else []
        asks = [self._next(following, place) for place, following in enumerate(shown, 1)]
        end = Box(f"{self.lesion.id} plan", "result", "D", words, tooltip=headline(self.plan, self.knowledge))
        if self.plan.kind == "open":
            self.levels = [asks, [end]] if asks else [[end]]
            self.links += [Link(box.id, end.id, "decides") for box in asks]
        else:
            self.levels = [[end], asks] if asks else [[end]]
            self.links += [Link(end.id, box.id, "asks") for box in asks]

    def _next(self, following: Next, place: int) -> Box:
        if following.fact is None or following.kind != "finding":
            head = "TEST" if following.kind == "test" else "THEN"
            name = f"measure:{following.measure}" if following.measure else f"{self.lesion.id} next {place}"
            return Box(name, "next", "D", following.text, head=head, tooltip=following.text)
        fact = self.facts[str(following.fact)]
        attribute = self.knowledge.vocabulary[fact.attribute]
        brings = [
            f"{text}: {recommended(*possible, self.knowledge)}"
            for text, possible in _brought(following)
            if len(possible) == 1
        ]
        return Box(
            id=str(following.fact),
            kind="finding",
            letter=fact.letter,
            head=f"{place}. {COST_WORDS[following.cost or 'history'].upper()}",
            text=short_name(attribute),
            foot="; ".join(brings[:BRINGS_SHOWN]),
            tooltip=fact_tooltip(attribute, fact),
        )


def _brought(following: Next) -> Iterator[tuple[str, tuple[tuple[str, ...], ...]]]:
    for brings in following.brings:
        yield brings.text.partition(": ")[2] or brings.text, brings.possible


def _against(option: Option) -> list[str]:
    return [argument.rule for argument in option.arguments if argument.stance in AGAINST]


def _few(rules: Sequence[str], last: str = "and") -> str:
    return join(few(rules, RULES_SHOWN), last)
