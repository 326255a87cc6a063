"""A rule or a score in words, apart from any patient."""

from collections.abc import Iterator

from explain.phrases.conditions import asked_sentence
from explain.phrases.prose import join
from explain.phrases.terms import URGENCY_WORDS
from knowledge_base.language.conditions import ALWAYS, NEVER, All, Condition, Line, Quantified
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import AlertEntry, Argue, Conclusion, MeasureEntry, Rule, SetTo, Stance, Step

_STANCES: dict[Stance, str] = {
    "recommend": "recommend",
    "consider": "consider",
    "advise_against": "advise against",
    "exclude": "rule out",
}


def rule_in_words(rule: Rule, knowledge: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """Yield what a rule says in up to three parts: ("when", …), ("unless", …), ("then", …)."""
    yield "when", "always" if rule.when == ALWAYS else condition_in_words(rule.when, knowledge)
    if rule.unless != NEVER:
        yield "unless", condition_in_words(rule.unless, knowledge)
    yield "then", "; ".join(_conclusions(rule.conclusions, knowledge))


def condition_in_words(condition: Condition, knowledge: KnowledgeBase, inner: bool = False) -> str:
    """Return a condition as a clause; one inside another stands in brackets where it has several parts."""
    if isinstance(condition, Line):
        return asked_sentence(knowledge.vocabulary[condition.attribute], condition.test)
    if isinstance(condition, Quantified):
        who = "lesion" if condition.over == "lesion" else "pathway"
        return (
            f"for {'every' if condition.every else 'some'} {who}: {condition_in_words(condition.condition, knowledge)}"
        )
    parts = [condition_in_words(part, knowledge, inner=True) for part in condition.parts]
    text = ("; and " if isinstance(condition, All) else "; or ").join(parts)
    return f"({text})" if inner and len(parts) > 1 else text


def _conclusions(conclusions: tuple[Conclusion, ...], knowledge: KnowledgeBase) -> Iterator[str]:
    argued: dict[Stance, list[str]] = {}
    for conclusion in conclusions:
        if isinstance(conclusion, Argue):
            argued.setdefault(conclusion.stance, []).append(knowledge.pathways[conclusion.pathway].label)
        else:
            yield _conclusion(conclusion, knowledge)
    for stance, labels in argued.items():
        yield f"{_STANCES[stance]} {join(labels, 'and')}"


def _conclusion(conclusion: Conclusion, knowledge: KnowledgeBase) -> str:
    vocabulary = knowledge.vocabulary
    if isinstance(conclusion, SetTo):
        attribute = vocabulary[conclusion.attribute]
        if conclusion.values is not None:
            return f"{attribute.label} is {attribute.words(conclusion.values)}"
        how = "the number of" if conclusion.count_of else "as"
        return f"{attribute.label} is {how} {vocabulary[conclusion.reads or ''].label}"
    if isinstance(conclusion, MeasureEntry):
        return f"{knowledge.measures[conclusion.measure].label}, {URGENCY_WORDS[conclusion.urgency]}"
    if isinstance(conclusion, AlertEntry):
        return f"{conclusion.level}: “{conclusion.text}”"
    assert not isinstance(conclusion, Argue)
    return f"ask for {vocabulary[conclusion.attribute].label}"


def step_in_words(step: Step, knowledge: KnowledgeBase) -> str:
    """Return the table of a step of a score, or what it adds up."""
    target = knowledge.vocabulary[step.attribute]
    if step.kind == "total":
        return f"{target.label} is the sum of {join([knowledge.vocabulary[name].label for name in step.reads], 'and')}."
    read = knowledge.vocabulary[step.reads[0]]
    rows = (f"{read.words(row.accepted)}: {target.words(row.result)}" for row in step.rows)
    return f"{target.label} from {read.label}: {'; '.join(rows)}."
