"""Random patients over any vocabulary: known, partly known and unknown attributes, one to three lesions."""

import math
import random

from cases.model import Case, Lesion
from knowledge_base.language.domains import Numbers, Values
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute


def random_case(knowledge: KnowledgeBase, seed: int, known: float | None = None, lesions: int | None = None) -> Case:
    """Return the patient of a seed; `known` is the share of attributes that are given, which varies as `lesions` do."""
    dice = random.Random(seed)
    share = dice.choice([0.1, 0.4, 0.7, 0.95]) if known is None else known
    drawn = dice.choice([1, 1, 1, 2, 3])
    found = tuple(Lesion(f"L{i}", random_given(knowledge, "lesion", dice, share)) for i in range(lesions or drawn))
    return Case(f"random-{seed}", random_given(knowledge, "patient", dice, share), found)


def random_given(knowledge: KnowledgeBase, kind: str, dice: random.Random, share: float) -> dict[str, Values]:
    found = {a.id: random_values(a, dice) for a in knowledge.vocabulary.given_of(kind) if dice.random() < share}
    return {name: values for name, values in found.items() if values != knowledge.vocabulary[name].domain}


def random_values(attribute: Attribute, dice: random.Random) -> Values:
    if attribute.type == "number":
        domain = attribute.domain
        assert isinstance(domain, Numbers)
        step = attribute.step or 1
        least, most = math.ceil(domain.low / step), math.floor(domain.high / step)
        points = sorted(dice.randint(least, most) * step for _ in range(2))
        return attribute.read(points[0] if dice.random() < 0.7 else f"{points[0]}..{points[1]}")
    names = list(attribute.names)
    if attribute.type == "several":
        return attribute.read(dice.sample(names, dice.choice([1, 1, 2])))
    return attribute.read(dice.sample(names, 1 if dice.random() < 0.75 else min(2, len(names))))
