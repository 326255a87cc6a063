"""A plan in words: its headline, and the conditions on which it rests."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from engine.advice import Advice
from engine.analysis.conditions import Condition
from engine.analysis.fork import is_told
from engine.analysis.plan import CONVERSATION, Fork, ForkRow, Plan, When
from engine.inference.subjects import Fact
from explain.phrases.brief import brief, short_name, values_in_brief
from explain.phrases.prose import join
from explain.phrases.terms import COST_WORDS
from knowledge_base.grouping import grouped
from knowledge_base.language.domains import Choices, Numbers, Values, both
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute

NOTHING = "no recommendation"
NONE = "none"  # of several ways
NOT_READ = "not read"
TEAM = "the team decides with the patient"
ACCEPTS = "the patient agrees"
OPINIONS = ("judgement", "setting")
PERMANENT = 4  # the severity of a hazard that kills or leaves permanent harm


def headline(plan: Plan, knowledge: KnowledgeBase, costs: bool = True, not_read: Collection[Fact] = ()) -> str:
    """Return what a plan comes to, as a sentence; that of a fork ends in a colon, and its table follows.

    `costs` says of each finding what it takes, or that it is typed and `not_read`.
    """
    if plan.fork is not None:
        of = knowledge.vocabulary
        by_fact = {finding.fact: finding for finding in plan.fork.findings}
        findings = [by_fact[fact] for fact in fork_columns(plan.fork)]
        typed = {(fact.subject, short_name(of[fact.attribute])) for fact in not_read}
        names: dict[str, str] = {}  # a grade and its class are one to a reader
        for finding in findings:
            name = short_name(of[finding.attribute])
            if (finding.fact.subject, name) in typed:
                names[name] = f"{name} [{NOT_READ}]"
            elif costs and finding.cost:
                names[name] = asked(name, finding.cost)
            else:
                names.setdefault(name, name)
        return f"It hangs on {join(names.values(), 'and')}:"
    if plan.kind == "open":
        return "No plan yet." if plan.next else "No plan."
    if not plan.recommended:
        return f"{NOTHING.capitalize()}."
    labels = recommended(plan.recommended, knowledge)
    return f"{labels[0].upper()}{labels[1:]}."


def fork_columns(fork: Fork | None) -> list[Fact]:
    """Return the findings of a fork in the order in which its rows ask for them; none without a fork."""
    return list(dict.fromkeys(when.fact for row in fork.rows for when in row.when)) if fork else []


def recommended(pathways: Iterable[str], knowledge: KnowledgeBase) -> str:
    """Return pathways by their labels, or that nothing is recommended."""
    return join([knowledge.pathways[name].label for name in sorted(pathways)]) or NOTHING


def pathways_of(plan: Plan) -> set[str]:
    """Return every pathway that a plan recommends, in whichever row."""
    rows = plan.fork.rows if plan.fork else ()
    return {*plan.recommended, *(name for row in rows for name in row.recommended)}


def result(row: ForkRow, advice: Advice, knowledge: KnowledgeBase) -> tuple[str, str]:
    """Return what a row of a fork comes to, and what is then to be found out, tried or talked about.

    What is called for whatever the row is not said again.
    """
    if row.recommended:
        return row_result(row, knowledge), ""
    called = {measure.measure for measure in advice.measures}
    facts = {fact.id: fact.attribute for fact in advice.facts}
    left = [following for following in row.next if following.measure not in called]
    words = [
        short_name(knowledge.vocabulary[facts[n.fact]]) if n.fact else TEAM if n.text == CONVERSATION else n.text
        for n in left
    ]
    return row_result(row, knowledge), "; ".join(words)


def row_result(row: ForkRow, knowledge: KnowledgeBase) -> str:
    """Return what a row comes to: what is recommended, what may be, at least which course it takes, or that it is open."""
    if row.decided:
        return recommended(row.recommended, knowledge)
    told = row.courses
    if is_told(row.possible):
        told = tuple(tuple(knowledge.pathways[name].label for name in sorted(way)) for way in row.possible)
    return one_of(list(map(set, told))) if told else "still open"


def row_courses(row: ForkRow, knowledge: KnowledgeBase) -> list[set[str]]:
    """Return the courses that a row may come to; none where not even these are told."""
    pathways = (row.recommended,) if row.decided else row.possible
    if row.courses:
        return list(map(set, row.courses))
    return [{knowledge.pathways[name].course or knowledge.pathways[name].label for name in way} for way in pathways]


def one_of(ways: list[set[str]]) -> str:
    """Return ways as "A; or B; or none", or as "A, perhaps also B" where they have something in common."""
    some = sorted(filter(None, ways), key=lambda way: (len(way), sorted(way)))
    if not some:
        return NOTHING
    common = set.intersection(*some)
    more = set.union(*some) - common
    if common and more:
        named = [f"{join(sorted(common))}, perhaps also {join(sorted(more))}"]
    elif len(some) > 1 and len(more) == len(some):
        named = [_alternatives(sorted(more))]
    else:
        named = [join(sorted(way)) for way in some]
    return "; or ".join(named if all(ways) else [*named, NONE])


def _alternatives(labels: list[str]) -> str:
    """Return labels of which one holds; what all begin or end with is said once: "cement or screws, then SBRT"."""
    heads, _, tails = zip(*(label.partition(", ") for label in labels), strict=True)
    if len(set(heads)) == 1:
        return f"{heads[0]}, {join(tails)}"
    if len(set(tails)) == 1 and tails[0]:
        return f"{join(heads)}, {tails[0]}"
    return "; or ".join(labels)


def row_words(when: When, knowledge: KnowledgeBase) -> str:
    """Return one column of a row with its name: "ESCC 2 to 3", "no earlier radiotherapy"."""
    attribute = knowledge.vocabulary[when.fact.attribute]
    if not when.settled or when.values is None:
        return f"{short_name(attribute)} {row_value(when, knowledge)}"
    return brief(attribute, attribute.read(when.values))


def row_value(when: When, knowledge: KnowledgeBase) -> str:
    """Return what is found in one column of a row, in brief."""
    attribute = knowledge.vocabulary[when.fact.attribute]
    if not when.settled or when.values is None:
        return when.text.partition(": ")[2]
    return values_in_brief(attribute, attribute.read(when.values))


def asked(text: str, cost: str | None) -> str:
    """Return something to be found out, with what it takes."""
    return text if cost is None else f"{text} [{COST_WORDS[cost]}]"


# --- conditions ----------------------------------------------------------------------------------------------------


def shared_conditions(plans: Iterable[Plan], knowledge: KnowledgeBase) -> list[Condition]:
    """Return what several plans rest on, each fact once and wishes too: what suffices for all of them."""
    merged: dict[Fact, Condition] = {}
    for condition in (condition for plan in plans for condition in every_condition(plan)):
        merged[condition.fact] = _both(merged.get(condition.fact), condition, knowledge)
    return list(merged.values())


def provisos(
    plans: Sequence[Plan],
    knowledge: KnowledgeBase,
    lesions: Sequence[object] = (),
    in_parts: bool = True,
    not_read: Collection[Fact] = (),
    implied: Collection[Fact] = (),
) -> tuple[list[str], list[str]]:
    """Return what suffices for plans and for every row of their forks: what may kill if it is overlooked, and the rest.

    Each is said once, and wishes are one question; those of one concern are named by it, and `in_parts` one by one too.
    Of what is typed and `not_read` nobody knows that it says nothing; that nothing is said of what is `implied` goes without
    saying.
    """
    every, wishes = conditions_and_wishes(plans, knowledge)
    every = [c for c in every if not c.unsaid or c.fact not in implied]
    deadly = {_kind(c) or c.fact for c in every if c.input_class == "exception" and _is_deadly(c, knowledge)}
    first = [c for c in every if (_kind(c) or c.fact) in deadly]
    rest = [c for c in every if c not in first]
    return (
        told(first, knowledge, lesions, (), in_parts, not_read),
        told(rest, knowledge, lesions, wishes, in_parts, not_read),
    )


def conditions_and_wishes(plans: Sequence[Plan], knowledge: KnowledgeBase) -> tuple[list[Condition], list[str]]:
    """Return what suffices for plans beside wishes, and the one question that these come to where there are any."""
    shared = shared_conditions(plans, knowledge)
    conditions = [condition for condition in shared if condition.input_class != "wish"]
    wished = len(conditions) < len(shared) and any(map(pathways_of, plans))
    return conditions, [ACCEPTS] if wished else []


def _is_deadly(condition: Condition, knowledge: KnowledgeBase) -> bool:
    """Tell whether a rule that reads what a condition is about keeps death or permanent harm away."""
    controls = {rule for h in knowledge.hazards.values() if h.severity >= PERMANENT for rule in h.control}
    return not controls.isdisjoint(unit.id for unit in knowledge.readers[condition.attribute])


def conditions_met(conditions: Iterable[Condition]) -> int:
    """Return how many conditions a reader meets; those of one concern, all wishes, all opinions that nobody gave are one."""
    return len({_kind(condition) or condition.fact for condition in conditions})


def _kind(condition: Condition) -> str | None:
    """Return what makes several conditions one for a reader: a concern, a wish, an opinion that nobody gave."""
    if condition.unsaid and condition.input_class in OPINIONS:
        return "opinion"
    return "wish" if condition.input_class == "wish" else condition.concern


def every_condition(plan: Plan) -> Iterator[Condition]:
    """Yield the conditions of a plan and of every row of its fork."""
    yield from plan.conditions
    for row in plan.fork.rows if plan.fork else ():
        yield from row.conditions


def _both(first: Condition | None, second: Condition, knowledge: KnowledgeBase) -> Condition:
    if first is None or first.values == second.values:
        return second
    if first.values is None or second.values is None:
        return first if first.values is None else second
    attribute = knowledge.vocabulary[second.attribute]
    shared = both(attribute.read(first.values), attribute.read(second.values))
    # What one row allows and another does not, in either direction: in every row it must stay unsaid.
    return second.model_copy(update={"values": None if shared.is_empty else attribute.dump(shared)})


def told(
    conditions: Iterable[Condition],
    knowledge: KnowledgeBase,
    lesions: Sequence[object] = (),
    also: Sequence[str] = (),
    in_parts: bool = True,
    not_read: Collection[Fact] = (),
) -> list[str]:
    """Return conditions as a reader ticks them off; those of one concern are one, and opinions that nobody gave another.

    Where there are several `lesions`, each says of which ones it speaks, unless of all. What holds `also` stands before the
    opinions, where nobody can read it as one.
    """
    every = list(conditions)
    opinions = [c for c in every if _kind(c) == "opinion"]
    facts = [c for c in every if c not in opinions]
    said = _each_once(((_concern(c, every, knowledge, in_parts), c.subject) for c in facts), len(lesions))
    said += also
    unsaid = [c for c in opinions if c.fact not in not_read]
    for lead, some in (
        ("nothing said of", [c for c in unsaid if c.values is None]),
        ("nobody says", [c for c in unsaid if c.values is not None]),
        ("what is not read must not say", [c for c in opinions if c.fact in not_read]),
    ):
        if named := _each_once(((_contrary(_attribute(c, knowledge), c), c.subject) for c in some), len(lesions)):
            said.append(f"{lead}: {', '.join(named)}")
    return said


def _concern(condition: Condition, every: Iterable[Condition], knowledge: KnowledgeBase, in_parts: bool) -> str:
    """Return a condition, or what it comes to together with others: "no bleeding tendency (platelets, INR)"."""
    together = {c.attribute: short_name(_attribute(c, knowledge)) for c in every if c.concern == condition.concern}
    if condition.concern is None or len(together) == 1:
        return _holds(_attribute(condition, knowledge), condition)
    parts = [name for name in together.values() if name not in condition.concern]
    return f"{condition.concern} ({', '.join(parts)})" if parts and in_parts else condition.concern


def _each_once(said: Iterable[tuple[str, str]], lesions: int) -> list[str]:
    """Return what is said, each once, with the lesions of which it holds where these are some of several."""
    return [
        f"{words} ({', '.join(subjects)})" if "patient" not in subjects and len(subjects) < lesions else words
        for words, subjects in grouped(said).items()
    ]


def _attribute(condition: Condition, knowledge: KnowledgeBase) -> Attribute:
    return knowledge.vocabulary[condition.attribute]


def _contrary(attribute: Attribute, condition: Condition) -> str:
    """Return the opinion with which the plan would not stay, as "survival < 3 months"; its name alone: whichever."""
    left = None if condition.values is None else _others(attribute, attribute.read(condition.values))
    return short_name(attribute) if left is None else f"{short_name(attribute)} {values_in_brief(attribute, left)}"


def _holds(attribute: Attribute, condition: Condition) -> str:
    """Return a condition as "no active infection", or "platelets 20 10^9/L or more"."""
    if condition.values is None:
        return f"nothing said of {short_name(attribute)}"
    values = attribute.read(condition.values)
    usual = attribute.usual_values
    if attribute.type == "choice" and usual is not None and usual.is_single and both(usual, values) == usual:
        return brief(attribute, usual)  # narrower than what suffices, and what a reader knows of most patients
    if condition.unsaid and (left := _others(attribute, values)) is not None:
        return f"{short_name(attribute)} not {values_in_brief(attribute, left)}"
    return brief(attribute, values)


def _others(attribute: Attribute, values: Values) -> Values | None:
    domain = attribute.domain
    if isinstance(domain, Numbers) and isinstance(values, Numbers):
        return domain.without(values)
    if isinstance(domain, Choices) and isinstance(values, Choices):
        return domain.without(values)
    return None
