"""Several frameworks beside each other, in words."""

from collections.abc import Iterator

from engine.frameworks import Comparison, Relation, Stand, View
from explain.phrases.prose import paragraph
from explain.phrases.terms import STANCE_WORDS

RELATION_WORDS: dict[Relation, str] = {
    "itself": "",
    "agrees": "agrees",
    "parts": "parts",
    "open": "cannot be compared yet",
    "silent": "nothing speaks for any pathway",
}


def comparison_in_words(comparison: Comparison) -> str:
    """Return a comparison as plain text of at most 100 columns."""
    return "\n".join(_lines(comparison)).rstrip() + "\n"


def _lines(comparison: Comparison) -> Iterator[str]:
    yield from paragraph(f"{comparison.case}{f': {comparison.title}' if comparison.title else ''}")
    for lesion in comparison.lesions:
        yield from ("", f"Lesion {lesion.id}", "-" * (len(lesion.id) + 7))
        for view in lesion.views:
            yield from _view(view, comparison)
        for view in lesion.views[1:]:
            yield from _partings(view)
    yield from ("", *paragraph(comparison.notice))
    stamps = "; ".join(f"{stamp.id} {stamp.version}, digest {stamp.digest[:12]}" for stamp in comparison.knowledge)
    yield from paragraph(f"Knowledge bases: {stamps}.")


def _view(view: View, comparison: Comparison) -> Iterator[str]:
    relation = RELATION_WORDS[view.relation]
    yield from paragraph(f"{view.title}{f': {relation}' if relation else ''}", "  • ")
    yield from paragraph(f"recommended: {_labels(view.recommended, comparison)}", "      ")
    if view.acceptable:
        yield from paragraph(f"acceptable: {_labels(view.acceptable, comparison)}", "      ")
    if view.open:
        yield from paragraph(f"open: {_labels(view.open, comparison)}", "      ")


def _partings(view: View) -> Iterator[str]:
    for parting in view.partings:
        yield from paragraph(f"≠ {parting.label}: {_stand(parting.first)}; {_stand(parting.other)}", "  ")


def _stand(stand: Stand) -> str:
    said = [f"{v.rule} {STANCE_WORDS[v.stance]} ({v.because.rstrip('.')})" for v in stand.voices]
    reasons = ", ".join(said) or "no rule speaks of it"
    return f"{stand.framework} {stand.status.replace('_', ' ')}: {reasons}"


def _labels(names: tuple[str, ...], comparison: Comparison) -> str:
    return "; ".join(comparison.labels[name] for name in names) or "nothing"
