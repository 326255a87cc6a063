"""The safety page: every hazard with its cause, its harm, what controls it, and its invariant as it is written."""

from collections.abc import Iterator, Mapping
from typing import Any

from explain.phrases.terms import BASIS_WORDS
from knowledge_base.language.acceptance import Acceptance
from knowledge_base.language.hazards import Hazard
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.literals import text_of
from knowledge_base.language.rules import weakest

SEVERITY = ("nuisance", "short", "lasting but recoverable", "death or permanent harm", "death or paralysis of several")


def safety_page(knowledge: KnowledgeBase, accepted: Mapping[str, Acceptance]) -> str:
    """Return the page in Markdown, the gravest hazards first; `accepted` says which are known to happen still."""
    known = {key: acceptance for acceptance in accepted.values() for key in acceptance.findings}
    return "\n".join(_lines(knowledge, known)).rstrip() + "\n"


def _lines(knowledge: KnowledgeBase, known: Mapping[str, Acceptance]) -> Iterator[str]:
    framework = knowledge.framework
    yield from (f"# {framework.title}: hazards", "")
    yield "What must never happen, in the manner of ISO 14971. `metspine verify` proves each invariant over every patient"
    yield "with one lesion or two and in every state of knowledge, or shows one to whom it happens. It is checked again on"
    yield "every consultation: should a hazard happen all the same, the lesion gets no advice and the reader is told why."
    yield from ("", f"Version {framework.version}. Written by `metspine knowledge --write`; {framework.notice}", "")
    hazards = sorted(knowledge.hazards.values(), key=lambda hazard: (-hazard.severity, hazard.id))
    yield from ("| hazard | severity | what could go wrong | controlled by |", "|---|---:|---|---|")
    for hazard in hazards:
        link = f"[{hazard.id}](#{hazard.id.lower()})"
        yield f"| {link} | {hazard.severity} | {hazard.hazard} | {_control(hazard, knowledge)} |"
    for hazard in hazards:
        yield from _of(hazard, knowledge, known.get(f"hazard_happens {hazard.id}"))


def _of(hazard: Hazard, knowledge: KnowledgeBase, accepted: Acceptance | None) -> Iterator[str]:
    yield from ("", f"## {hazard.id}", "", f"**{hazard.hazard}.**", "")
    if accepted is not None:
        yield from (
            f"It happens still, and then the advice is held back: {accepted.reason} Until {accepted.expires}.",
            "",
        )
    yield f"- Cause: {hazard.cause}."
    yield f"- Harm: {hazard.harm} (severity {hazard.severity}: {SEVERITY[hazard.severity - 1]})."
    for name in hazard.control:
        yield f"- Controlled by {name}: {knowledge.every_rule[name].title}."
    cited = "; ".join(f"{knowledge.sources[c.ref].citation} ({c.at})" for c in hazard.sources)
    yield f"- Stated by: {cited}; {BASIS_WORDS[weakest([c.basis for c in hazard.sources])]}. Review: {hazard.review.status}."
    yield from ("", "```yaml")
    for key in ("when", "never", "always"):
        if key in hazard.text.model_fields_set:
            yield from _yaml({key: getattr(hazard.text, key)})
    yield "```"


def _control(hazard: Hazard, knowledge: KnowledgeBase) -> str:
    return ", ".join(name if name in knowledge.rules else f"{name} (on its side)" for name in hazard.control)


def _yaml(condition: dict[str, Any], indent: str = "") -> Iterator[str]:
    """Yield a condition as it is written, one line for each key; what is short stays on one line."""
    for key, value in condition.items():
        flat = _flat(value)
        if not isinstance(value, dict) or len(flat) < 90:
            yield f"{indent}{key}: {flat}"
        else:
            yield f"{indent}{key}:"
            yield from _yaml(value, f"{indent}  ")


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flat(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    text = str(text_of(value))
    return f'"{text}"' if text.startswith((">", "<")) else text
