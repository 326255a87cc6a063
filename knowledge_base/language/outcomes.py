"""What a hazard may speak of beside facts: what the page says in the end, as attributes of a lesion or an option.

A rule cannot read these, for they hang on all rules; a hazard can, because it is judged when all rules have spoken. Each
holds several members at once, and each member is there just when one of its `contributors` has fired for the lesion, for
one of its options or for the patient. So nothing of them is ever open.
"""

from collections.abc import Iterator, Mapping

from knowledge_base.grouping import grouped
from knowledge_base.language.knowledge import KnowledgeBase, Measure, Pathway
from knowledge_base.language.rules import ALERT_LEVELS, URGENCIES, AlertEntry, Ask, MeasureEntry, Rule, is_for_handbook
from knowledge_base.language.vocabulary import Attribute, SubjectKind, Vocabulary

INVOLVES = "involves"
FIRED = "rules_fired"
ASKED = "asked"
MEASURES = {"measures": len(URGENCIES) - 1, **{f"measures_{name}": i for i, name in enumerate(URGENCIES[:-1])}}
ALERTS = {"alerts": len(ALERT_LEVELS) - 1, **{f"alerts_{name}": i for i, name in enumerate(ALERT_LEVELS[:-1])}}
NAMES = (INVOLVES, FIRED, ASKED, *MEASURES, *ALERTS)


def with_outcomes(
    vocabulary: Vocabulary, pathways: Mapping[str, Pathway], measures: Mapping[str, Measure], rules: Mapping[str, Rule]
) -> Vocabulary:
    """Return a vocabulary in which the end of a consultation can be spoken of as well."""
    tags = sorted({tag for pathway in pathways.values() for tag in pathway.involves})
    given = [name for name, attribute in vocabulary.items() if attribute.given]
    made = [
        _several(INVOLVES, "what the pathway involves", tags, "option"),
        _several(FIRED, "rules that fired", rules, "lesion"),
        _several(ASKED, "data that were asked for", given, "lesion"),
        *(_several(name, name.replace("_", " "), measures, "lesion") for name in MEASURES),
        *(_several(name, name.replace("_", " "), rules, "lesion") for name in ALERTS),
    ]
    return Vocabulary({**vocabulary, **{attribute.id: attribute for attribute in made if attribute is not None}})


def _several(name: str, label: str, members: "Mapping[str, object] | list[str]", of: SubjectKind) -> Attribute | None:
    """Return an attribute that holds some of these; None when there are not two of them to tell apart."""
    values = {member: member for member in members}
    if len(values) < 2:
        return None
    made = {"id": name, "label": label, "of": of, "letter": "D", "type": "several", "values": values, "from": ["rules"]}
    return Attribute.model_validate(made)


def contributors(knowledge: KnowledgeBase, name: str) -> Mapping[str, tuple[Rule, ...]]:
    """Return, for each member of an attribute of the end, the rules that put it there when they fire."""
    rules = knowledge.rules.values()
    return grouped((member, rule) for rule in rules for member in dict.fromkeys(members_said(rule, name)))


def dangers(knowledge: KnowledgeBase) -> Mapping[str, tuple[Rule, ...]]:
    """Return the rules that raise each danger alert, by its text."""
    said = ((alert, rule) for rule in knowledge.rules.values() for alert in dict.fromkeys(rule.alerts))
    return grouped((alert.text, rule) for alert, rule in said if alert.level == "danger")


def members_said(rule: Rule, name: str) -> Iterator[str]:
    """Yield what a rule adds to an attribute of the end when it fires."""
    if name == FIRED:
        yield rule.id
    for conclusion in rule.conclusions:
        if isinstance(conclusion, MeasureEntry) and URGENCIES.index(conclusion.urgency) <= MEASURES.get(name, -1):
            yield conclusion.measure
        elif isinstance(conclusion, AlertEntry) and not is_for_handbook(conclusion):
            if ALERT_LEVELS.index(conclusion.level) <= ALERTS.get(name, -1):
                yield rule.id
        elif isinstance(conclusion, Ask) and name == ASKED:
            yield conclusion.attribute
