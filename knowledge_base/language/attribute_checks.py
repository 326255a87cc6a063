"""What an attribute of the vocabulary says of itself and cannot mean."""

from typing import TYPE_CHECKING, Literal

from knowledge_base.text.errors import Mistake, listed, shown

if TYPE_CHECKING:
    from knowledge_base.language.vocabulary import Attribute

InputClass = Literal["finding", "exception", "setting", "wish", "judgement"]
INPUT_CLASSES: tuple[InputClass, ...] = ("finding", "exception", "setting", "wish", "judgement")


def check(a: "Attribute") -> None:
    """Raise `Mistake` for the first thing that is wrong with an attribute."""
    _check_values(a)
    _check_former(a)
    _check_range(a)
    _check_thresholds(a)
    if a.group and not a.id.startswith(f"{a.group}_"):
        raise Mistake(f"its id must start with its group: {a.group}_{a.id}", "group")
    _check_brief(a)
    _check_agreement(a)
    _check_worse(a)
    _check_emergency(a)
    _check_plausible(a)
    if a.given and not a.question:
        lacks = "a `question`" if a.class_ else f"a `question` and a `class` ({listed(INPUT_CLASSES)})"
        raise Mistake(f"a case may give it, so it needs {lacks}; add what lacks, or write `from: [rules]`", "from")
    _check_class(a)


def _check_values(a: "Attribute") -> None:
    listing = a.type in ("choice", "several")
    if listing and len(a.values or {}) < 2:
        raise Mistake(f"a {a.type} needs at least two values; list them under `values`", "values")
    if a.values and not listing:
        raise Mistake(f"`values` belong to a choice or several, not to a {a.type}; remove them", "values")
    if a.ordered and not listing:
        raise Mistake(f"`ordered` belongs to a choice or several, not to a {a.type}; remove it", "ordered")


def _check_former(a: "Attribute") -> None:
    for old, new in a.former_values.items():
        if old in (a.values or {}):
            raise Mistake(f"{old!r} is a value, so it is not a former one; ids are for life", "former_values", old)
        for value in new:
            if value not in (a.values or {}):
                message = f"{value!r} is not a value ({', '.join(a.values or {})}); name what stands for {old}"
                raise Mistake(message, "former_values", old)


def _check_range(a: "Attribute") -> None:
    if a.type != "number":
        for key in ("range", "whole", "step", "unit", "also_in"):
            if getattr(a, key):
                raise Mistake(f"`{key}` belongs to a number, not to a {a.type}; remove it", key)
        return
    if a.also_in and not a.unit:
        raise Mistake("`also_in` names other units, but the own `unit` is not given; add it", "also_in")
    if a.range is None:
        raise Mistake("a number needs a range; add `range: low..high`", "range")
    low, high = a.ends
    if low > high:
        raise Mistake(f"the range {a.range} runs backwards; write the lower number first", "range")
    if low == high:
        raise Mistake(f"the range {a.range} leaves nothing to know; give low..high", "range")
    if a.step and not a.whole:
        raise Mistake("`step` needs whole numbers; add `whole: true`", "step")
    if a.whole and (low != int(low) or high != int(high)):
        raise Mistake(f"the range {a.range} of a `whole` number needs whole ends", "range")


def _check_thresholds(a: "Attribute") -> None:
    for name, number in a.thresholds.items():
        if a.type != "number":
            raise Mistake(f"`thresholds` belong to a number, not to a {a.type}; remove them", "thresholds")
        try:
            a.check_threshold(number)
        except ValueError as error:
            raise Mistake(str(error), "thresholds", name) from None


def _check_brief(a: "Attribute") -> None:
    for value in a.brief or {}:
        if value not in (a.values or {}):
            raise Mistake(f"{value!r} is not a value ({', '.join(a.values or {})}); mend it", "brief", value)


def _check_agreement(a: "Attribute") -> None:
    if a.agreement is not None and not (a.given and a.type == "choice" and a.ordered):
        message = "`agreement` is between raters of an ordered choice that a case may give; remove it, or add `ordered`"
        raise Mistake(message, "agreement")


def _check_worse(a: "Attribute") -> None:
    if a.worse and not (a.given and (a.type == "number" or a.ordered or a.type == "yes_no")):
        message = "`worse` is for what a case may give and what has an order; remove it, or add `ordered`"
        raise Mistake(message, "worse")


def _check_emergency(a: "Attribute") -> None:
    if a.no_emergency is not None and a.no_emergency not in a.names:
        raise Mistake(f"{a.no_emergency!r} is not one of its values ({listed(a.names)})", "no_emergency")


def _check_plausible(a: "Attribute") -> None:
    if a.plausible is None:
        return
    if a.type != "number" or not a.given:
        raise Mistake("`plausible` is for a number that a case may give; remove it", "plausible")
    try:
        a.accepted(a.plausible)
    except ValueError as error:
        raise Mistake(str(error), "plausible") from None


def _check_class(a: "Attribute") -> None:
    if not a.given:
        for name in ("class_", "usual", "concern", "emergency", "no_emergency", "asked_with", "asked_after"):
            if getattr(a, name):
                key = name.rstrip("_")
                raise Mistake(f"`{key}` is of what a case may give, and only rules speak of it; remove it", key)
        return
    if a.class_ is None:
        classes = listed(INPUT_CLASSES)
        raise Mistake(f"a case may give it, so it needs a `class` ({classes}); add it: may it be supposed?", "from")
    if a.usual is not None:
        _check_usual(a)
    elif a.class_ == "exception":
        raise Mistake(
            "an exception needs what is `usual`: the values that hold unless something is said; add it", "class"
        )
    if a.concern is not None and a.class_ != "exception":
        raise Mistake(f"only exceptions are confirmed together, and this is a {a.class_}; remove it", "concern")


def _check_usual(a: "Attribute") -> None:
    if a.class_ not in ("exception", "setting"):
        raise Mistake(f"nothing is `usual` of a {a.class_}, only of an exception or a setting; remove it", "usual")
    if a.type == "several":
        raise Mistake("nothing is `usual` of what holds several values at once; remove it", "usual")
    try:
        usual = a.accepted(a.usual)
    except ValueError as error:
        raise Mistake(str(error), "usual") from None
    if usual.is_empty or usual == a.domain:
        raise Mistake(f"{shown(a.usual)} is none or all of its values; write those of the usual patient", "usual")
