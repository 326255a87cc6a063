"""The order of questions: emergencies before all else, then the findings that the plans of all lesions name.

Advice and a consultation ask in the same order: what an urgent rule waits for, then in a board's order what decides.
"""

from collections.abc import Collection, Iterable

from engine.analysis.asking import asking_order, is_due, without_emergency
from engine.analysis.plan import Next, Plan
from engine.inference.subjects import PATIENT, Fact, Subject
from engine.inference.working_memory import WorkingMemory
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import SOON, Rule


def emergency_questions(state: WorkingMemory, aside: Collection[Fact] = ()) -> list[Fact]:
    """Return the inputs of emergencies on which an undecided urgent rule waits, in the order of the vocabulary.

    None of those that are set aside: what was asked, and is not known.
    """
    vocabulary = state.knowledge.vocabulary
    ordered = sorted((a for a in vocabulary.values() if a.emergency), key=lambda a: (a.emergency, a.id))
    waited_for = _waited_for(state, [attribute.id for attribute in ordered]) if ordered else set()
    lesions = [Subject(lesion.id) for lesion in state.case.lesions]
    found, quiet = [], without_emergency(state.given, vocabulary)
    for attribute in ordered:
        for subject in lesions if attribute.of == "lesion" else [PATIENT]:
            fact = subject.fact(attribute.id)
            is_told = attribute.id in state.given[subject] or fact in aside
            if not is_told and fact in waited_for and fact not in quiet and is_due(fact, state.given, vocabulary):
                found.append(fact)
    return found


def _waited_for(state: WorkingMemory, names: list[str]) -> set[Fact]:
    """Return the facts on which rules wait that would tell of a danger, or call for something within a day."""
    downstream = frozenset(names).union(*(state.knowledge.downstream(name) for name in names))
    found: set[Fact] = set()
    for rule in state.knowledge.rules.values():
        if _is_urgent(rule) and not downstream.isdisjoint(rule.reads):
            for subject in state.subjects(rule.subject):
                if state.is_undecided(rule, subject):
                    found |= state.open_inputs(rule, subject)
    return found


def _is_urgent(rule: Rule) -> bool:
    return rule.tells_of_danger or any(called.urgency in SOON for called in rule.measures)


def findings_to_get(plans: Iterable[Plan], knowledge: KnowledgeBase) -> list[Next]:
    """Return the findings that plans name as next, each once, in a board's order."""
    found = {n.fact: n for one in plans for n in one.next if n.fact is not None}
    attributes = {fact: knowledge.vocabulary[fact.attribute] for fact in found}
    asked = [fact for fact in found if attributes[fact].class_ == "finding"]
    return [found[fact] for fact in sorted(asked, key=lambda fact: asking_order(fact, attributes[fact]))]
