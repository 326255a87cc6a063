"""What is wrong with a vocabulary by itself: names that are taken, questions in no order, thresholds that are not there."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from knowledge_base.language.conditions import WORDS
from knowledge_base.language.knowledge import Framework
from knowledge_base.language.vocabulary import Attribute
from knowledge_base.loading.frameworks import is_own
from knowledge_base.text.errors import Problem, listed, suggestion
from knowledge_base.text.strict_yaml import Document

RESERVED = frozenset({"id", "known", "always", *WORDS})
Attributes = Mapping[str, Attribute]


def faults_of(attributes: Attributes, extends: bool) -> Iterator[Problem]:
    """Yield what is wrong with the attributes of a framework, which may extend another."""
    yield from _names_taken(attributes)
    yield from _former_names_taken(attributes)
    if not extends:
        yield from _case_fields_alone(attributes)
    yield from _questions_led_by_nothing(attributes)
    yield from _questions_after_nothing(attributes)
    yield from _questions_nowhere(attributes)


def _names_taken(attributes: Attributes) -> Iterator[Problem]:
    """Yield ids and keys that mean something else in a case or a condition."""
    groups = {(a.of, a.group) for a in attributes.values() if a.group}
    for attribute in attributes.values():
        taken = attribute.id in RESERVED or hasattr(BaseModel, attribute.key)
        if taken or (attribute.of, attribute.id) in groups:
            message = f"{attribute.key!r} has a meaning of its own in cases or conditions; choose another id"
            yield Problem(attribute.position, attribute.id, message)


def _former_names_taken(attributes: Attributes) -> Iterator[Problem]:
    """Yield attributes that take an id which another one had: an old case would be read as saying something else."""
    owners: dict[str, str] = {}
    for attribute in attributes.values():
        for old in attribute.formerly:
            taker = attributes.get(old) or attributes[owners.setdefault(old, attribute.id)]
            if taker is attribute and old != attribute.id:
                continue
            message = f"{old!r} was the id of {attribute.id} (`formerly`); ids are for life, choose another"
            yield Problem(taker.position, taker.id, message)


def _case_fields_alone(attributes: Attributes) -> Iterator[Problem]:
    """Yield case fields of its own in a framework that shares a vocabulary: one case must serve all of them."""
    if all(is_own(attribute.position) for attribute in attributes.values()):
        return
    for attribute in attributes.values():
        if attribute.given and is_own(attribute.position):
            message = "a case could give it to this framework alone; write it in the vocabulary that is shared"
            yield Problem(attribute.position, attribute.id, message)


def _questions_led_by_nothing(attributes: Attributes) -> Iterator[Problem]:
    """Yield attributes that are to be asked with what leads no question about the same subject."""
    for attribute in (attribute for attribute in attributes.values() if attribute.asked_with):
        lead = attributes.get(attribute.asked_with or "")
        if lead is None or not lead.given or lead.of != attribute.of or lead.asked_with:
            message = f"{attribute.asked_with!r} leads no question of the same subject; name what a case may give of it"
            yield Problem(attribute.position, attribute.id, message)


def _questions_after_nothing(attributes: Attributes) -> Iterator[Problem]:
    """Yield attributes that are to be asked after what nothing says of the same subject, or of its lesions."""
    for attribute in attributes.values():
        for name in attribute.asked_after:
            before = attributes.get(name)
            if before is None or (before.of != attribute.of and "patient" not in (before.of, attribute.of)):
                hint = suggestion(name, attributes)
                message = f"{name!r} is nothing that could be found before it; name what could{hint}"
                yield Problem(attribute.position, attribute.id, message)


def _questions_nowhere(attributes: Attributes) -> Iterator[Problem]:
    """Yield attributes that are to be asked somewhere that is no range of an ordered attribute with several values."""
    for attribute in attributes.values():
        for name, where in attribute.asked_at.items():
            place = attributes.get(name)
            names = place.names if place is not None and place.type == "several" and place.ordered else ()
            if where.count("..") != 1 or not set(where.split("..")) <= set(names):
                message = (
                    f"{name} {where} is no range of places; name an ordered attribute of several values, as low..high"
                )
                yield Problem(attribute.position, attribute.id, message)


def wrong_thresholds(framework: Framework, document: Document, attributes: Attributes) -> Iterator[Problem]:
    """Yield names that two thresholds have, and moved ones that are not known or leave the range."""
    owners: dict[str, Attribute] = {}
    for attribute in attributes.values():
        for name in attribute.thresholds:
            if owners.setdefault(name, attribute) is not attribute:
                message = f"`thresholds` has {name}, which {owners[name].id} has already; choose another name"
                yield Problem(attribute.position, attribute.id, message)
    for name, number in framework.thresholds.items():
        try:
            if name not in owners:
                known = listed(sorted(owners)) or "none is named"
                raise ValueError(f"{name!r} is no threshold of the vocabulary ({known}){suggestion(name, owners)}")
            owners[name].check_threshold(number)
        except ValueError as error:
            yield Problem(document.position(("thresholds", name)), framework.id, str(error))
