"""Several frameworks beside each other, in words."""

from collections.abc import Iterator

from engine.frameworks import Comparison, Parting, Relation, Stand, View
from explain.phrases.terms import STANCE_WORDS
from explain.report.blocks import Block, Heading, Para, Point, points

RELATION_WORDS: dict[Relation, str] = {
    "itself": "",
    "agrees": "agrees",
    "parts": "parts",
    "open": "cannot be compared yet",
    "silent": "nothing speaks for any pathway",
}


def comparison_report(comparison: Comparison) -> Iterator[Block]:
    """Yield a comparison."""
    yield Heading(f"{comparison.case}{f': {comparison.title}' if comparison.title else ''}")
    for lesion in comparison.lesions:
        yield Heading(f"Lesion {lesion.id}", 2)
        yield from points(_view(view, comparison) for view in lesion.views)
        yield from points(_parting(parting) for view in lesion.views[1:] for parting in view.partings)
    yield Para(comparison.notice, "small")
    stamps = "; ".join(f"{stamp.id} {stamp.version}, digest {stamp.digest[:12]}" for stamp in comparison.knowledge)
    yield Para(f"Knowledge bases: {stamps}.", "small")


def _view(view: View, comparison: Comparison) -> Point:
    relation = RELATION_WORDS[view.relation]
    names = (("recommended", view.recommended), ("acceptable", view.acceptable), ("open", view.open))
    said = (Point(_labels(n, comparison), lead=word) for word, n in names if n or word == "recommended")
    return Point(f"{view.title}{f': {relation}' if relation else ''}", tuple(said))


def _parting(parting: Parting) -> Point:
    return Point(f"{parting.label}: {_stand(parting.first)}; {_stand(parting.other)}", mark="≠")


def _stand(stand: Stand) -> str:
    said = [f"{v.rule} {STANCE_WORDS[v.stance]} ({v.because.rstrip('.')})" for v in stand.voices]
    reasons = ", ".join(said) or "no rule speaks of it"
    return f"{stand.framework} {stand.status.replace('_', ' ')}: {reasons}"


def _labels(names: tuple[str, ...], comparison: Comparison) -> str:
    return "; ".join(comparison.labels[name] for name in names) or "nothing"
