"""The argument table: every pathway, and what was said for it, against it, or to rule it out."""

from collections.abc import Iterable

from engine.advice import KnowledgeStamp, LesionAdvice, Option
from engine.inference.subjects import Fact
from engine.inference.trace import Record
from engine.run import Run
from engine.verdicts import Status
from explain.phrases.arguments import Spoken, spoken
from explain.phrases.lesions import sentence
from explain.phrases.terms import look_of
from knowledge_base.language.rules import Stance


class OpenRow(Record):
    """A rule that might still speak, and the labels of the inputs it waits for."""

    stance: Stance
    rule: str
    title: str
    waits_for: tuple[str, ...]


class OptionRows(Record):
    """A pathway with all its arguments."""

    pathway: str
    label: str
    status: Status
    arguments: tuple[Spoken, ...]
    may_yet: tuple[OpenRow, ...]

    @property
    def look(self) -> str:
        """Under which name it is shown."""
        return look_of(self.status, self.arguments)


class LesionTable(Record):
    """All pathways for one lesion."""

    lesion: str
    answer: str
    options: tuple[OptionRows, ...]


class ArgumentTable(Record):
    """All pathways for all lesions of a case."""

    case: str
    title: str | None
    knowledge_base: KnowledgeStamp
    notice: str
    lesions: tuple[LesionTable, ...]


def argument_table(run: Run) -> ArgumentTable:
    """Return every pathway of every lesion with its arguments, recommended ones first."""
    advice = run.advice
    return ArgumentTable(
        case=advice.case,
        title=advice.title,
        knowledge_base=advice.knowledge_base,
        notice=advice.notice,
        lesions=tuple(_lesion(lesion, run) for lesion in advice.lesions),
    )


def _lesion(lesion: LesionAdvice, run: Run) -> LesionTable:
    options = tuple(_option(option, run) for option in lesion.options)
    return LesionTable(lesion=lesion.id, answer=sentence(lesion), options=options)


def _option(option: Option, run: Run) -> OptionRows:
    return OptionRows(
        pathway=option.pathway,
        label=option.label,
        status=option.status,
        arguments=tuple(spoken(run.firings[a.firing], a.stance, run) for a in option.arguments),
        may_yet=tuple(
            OpenRow(stance=o.stance, rule=o.rule, title=o.title, waits_for=_labels(o.waits_for, run))
            for o in option.open_arguments
        ),
    )


def _labels(facts: Iterable[Fact], run: Run) -> tuple[str, ...]:
    return tuple(dict.fromkeys(run.attribute(fact).label for fact in facts))
