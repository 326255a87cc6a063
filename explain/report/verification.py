"""What a verification has found, in words: the findings, and under each what to do about it."""

from collections.abc import Iterable, Iterator, Mapping

from cases.model import Case
from engine.verification.findings import Finding, FindingKind
from explain.phrases.prose import join
from knowledge_base.language.knowledge import KnowledgeBase

_SENTENCES: Mapping[FindingKind, str] = {
    "rules_contradict": "{rules} can leave no value of {place} on sound inputs; one of them must say less",
    "hazard_happens": "{hazard}; mend one of {control}",
    "pathways_together": "{rules} exclude each other, and are both recommended for this patient",
    "nothing_offered": "nothing is recommended, acceptable or open, and no rule says what to do next: {place}",
    "worse_is_calmer": "as {first} gets worse, {second} {place} is lost",
    "rule_never_fires": "its `when` is surely true of no patient",
    "exceptions_always_apply": "whenever its `when` is surely true, its `unless` is too, so it never fires",
    "exception_never_applies": "its exception `{place}` never stops it; remove it, or say what it should stop",
    "alternative_never_fires": "its alternative `{place}` is never true when it fires",
    "line_never_matters": "its line `{place}` never matters: the rule fires for the same patients without it",
    "gap_at_threshold": "one test ends just below, another begins just above, and none takes in {place}",
    "twin_rules": "they fire for the same patients and say the same; retire one",
    "rule_subsumed": "whenever {first} fires, {second} does too, and says all that it says",
    "pathway_never_recommended": "no patient can be recommended it",
    "pathway_never_acceptable": "for no patient can it be acceptable",
}


def sentence(finding: Finding, knowledge: KnowledgeBase) -> str:
    """Return what is wrong, and what to do where that is not plain."""
    hazard = knowledge.hazards.get(finding.about[0])
    said = _SENTENCES[finding.kind].format(
        place=finding.place,
        rules=join(finding.about, "and"),
        first=finding.about[0],
        second=finding.about[-1],
        hazard=hazard.hazard if hazard else "",
        control=join(hazard.control) if hazard else "",
    )
    return " ".join(said.split())


def lines(findings: Iterable[Finding], knowledge: KnowledgeBase) -> Iterator[str]:
    """Yield each finding as a line or two: where and what, and the patient that shows it."""
    for finding in findings:
        side = f" (with {finding.side})" if finding.side else ""
        yield f"{finding.position}: {' + '.join(finding.about)}: {sentence(finding, knowledge)}{side}"
        yield f"    to accept it: {finding.key}"
        if finding.witness is not None:
            yield f"    patient: {patient(finding.witness, knowledge)}"
        if finding.detail:
            yield f"    {finding.detail}"


def patient(case: Case, knowledge: KnowledgeBase) -> str:
    """Return what is known of an invented patient, on one line."""
    parts = [knowledge.vocabulary[name].sentence(values) for name, values in case.patient.items()]
    several = len(case.lesions) > 1
    for lesion in case.lesions:
        said = [knowledge.vocabulary[name].sentence(values) for name, values in lesion.given.items()]
        parts += [f"{lesion.id}: {text}" if several else text for text in said]
    return "; ".join(parts) or "nothing is known"
