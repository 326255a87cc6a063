"""What is known or supposed, in as few words as a clinician says them: "ESCC 3", "no coagulopathy", "platelets ≥ 50"."""

from explain.phrases.prose import join
from knowledge_base.language.domains import Choices, Member, Numbers, Span, Values
from knowledge_base.language.literals import words_of_names
from knowledge_base.language.vocabulary import Attribute


def short_name(attribute: Attribute) -> str:
    """Return the shortest name that the vocabulary has for an attribute."""
    return attribute.short or attribute.label


def brief(attribute: Attribute, values: Values) -> str:
    """Return an attribute with its values; a yes, a no and a none need no value: "deficit", "no earlier radiotherapy"."""
    words = values_in_brief(attribute, values)
    if words in ("yes", "no", "none"):
        return short_name(attribute) if words == "yes" else f"no {short_name(attribute)}"
    return f"{short_name(attribute)} {words}"


def values_in_brief(attribute: Attribute, values: Values) -> str:
    """Return values alone: "3", "B to E", "< 14 mg/dL"."""
    if values == attribute.domain:
        return "not known"
    if isinstance(values, Numbers):
        assert isinstance(attribute.domain, Numbers)
        domain = attribute.domain
        return " or ".join(_span(span, domain, attribute.unit or "") for span in values.spans)
    if not isinstance(values, Choices):
        return attribute.words(values)
    members = attribute.members_in_order(values)
    labels = [_label(attribute, member) for member in members]
    if attribute.ordered:
        return words_of_names(labels, [attribute.names.index(str(member)) for member in members])
    return join(labels)


def _label(attribute: Attribute, member: Member) -> str:
    if isinstance(member, bool):
        return "yes" if member else "no"
    if attribute.brief and member in attribute.brief:
        return attribute.brief[member]
    label = attribute.label_of(member)
    return member if label.startswith(f"{member} (") else label


def _span(span: Span, domain: Numbers, unit: str) -> str:
    """Return numbers with signs; a limit of the domain goes without saying."""
    if span.low == span.high:
        words = f"{span.low}"
    elif span.low == domain.low and not span.low_open:
        words = f"{'<' if span.high_open else '≤'} {span.high}"
    elif span.high == domain.high and not span.high_open:
        words = f"{'>' if span.low_open else '≥'} {span.low}"
    else:
        words = f"{'> ' if span.low_open else ''}{span.low} to {'< ' if span.high_open else ''}{span.high}"
    unit = unit.removesuffix("s") if f"{span.high}" == "1" else unit
    times = "\u00d7 " if unit[:1].isdigit() else ""
    return f"{words} {times}{unit}".rstrip()
