"""What a consultation knows at one time, how things stand then, and what is made of both."""

from dataclasses import dataclass, replace

from cases.model import Case
from engine import Advice
from engine.analysis.next_question import Ahead, Waiting
from engine.inference.subjects import PATIENT, Subject, fact_of
from engine.symbolic.encoding import Fact


@dataclass(frozen=True)
class Moment:
    """All that a consultation knows at one time; `back` returns to an earlier one."""

    case: Case
    not_known: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class View:
    """How things stand at a moment."""

    advice: Advice
    ahead: Ahead


def waiting(advice: Advice) -> Waiting:
    """Return the inputs for which undecided rules wait, by the lesion and the pathway that they argue about.

    Beside them those that rules which have spoken looked for and did not find: once told, such a rule may fall silent.
    """
    missed = {fact_of(absent.fact) for firing in advice.firings for absent in firing.absent}
    return {
        (Subject(lesion.id), option.pathway): {
            *(fact_of(fact) for argument in option.open_arguments for fact in argument.waits_for),
            *(fact for fact in missed if fact[0] in (PATIENT, Subject(lesion.id))),
        }
        for lesion in advice.lesions
        for option in lesion.options
    }


def without(case: Case, key: Fact) -> Case:
    """Return a case that says nothing of one input."""
    patient = {name: values for name, values in case.patient.items() if (PATIENT, name) != key}
    lesions = tuple(
        replace(lesion, given={name: v for name, v in lesion.given.items() if (Subject(lesion.id), name) != key})
        for lesion in case.lesions
    )
    return replace(case, patient=patient, lesions=lesions)
