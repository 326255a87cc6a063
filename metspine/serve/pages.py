"""What the page of a case shows, in words: rows to fill in, what follows for each lesion, what to do, what to heed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from engine.advice import Alert, LesionAdvice, MeasureAdvice
from engine.analysis.plan import Fork, ForkFinding, ForkRow, Next
from engine.decision import decision_in_short
from engine.inference.subjects import Fact
from explain.phrases.dangers import dangers
from explain.phrases.lesions import by_urgency, sentence
from explain.phrases.measures import to_do
from explain.phrases.plans import row_result
from explain.phrases.terms import COST_WORDS, STATUS_MARKS, STATUS_WORDS, URGENCY_WORDS, look_of
from explain.render.html.blocks import html_of
from explain.report.blocks import Block, Bullets, Para, Table
from explain.report.first_screen import ScreenParts, first_screen
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import LETTERS, Attribute, SubjectKind
from metspine.serve.form import MOST_CHIPS, PATIENT, Field, first_rows, form_name, further_rows
from metspine.serve.store import Session, Worked

MOST_LISTED = 60
CAUTIONS = 3
QUESTIONS = 2
SPINE = ("C", "T", "L", "S")


@dataclass(frozen=True)
class Chip:
    """One answer that a click gives."""

    act: str
    text: str
    title: str
    pressed: bool


@dataclass(frozen=True)
class FieldRow:
    """One field of the page."""

    id: str
    name: str
    label: str
    question: str
    unit: str
    number: bool
    field: Field
    chips: tuple[Chip, ...]
    listed: str  # the id of the list of suggestions, empty where there is none

    @property
    def is_open(self) -> bool:
        """Tell whether nothing was typed."""
        return not self.field.typed

    @property
    def is_said(self) -> bool:
        """Tell whether a pressed button says all that was heard."""
        return any(chip.pressed and self.field.words in (chip.text, chip.title) for chip in self.chips)


@dataclass(frozen=True)
class Group:
    """The rows about one subject."""

    subject: str
    name: str
    title: str
    first: tuple[FieldRow, ...]
    sins: tuple[FieldRow, ...]  # the parts of a score that are folded under its total
    further: tuple[tuple[str, tuple[FieldRow, ...]], ...]

    @property
    def has_sins(self) -> bool:
        """Tell whether a part of the score was typed."""
        return any(not row.is_open for row in self.sins)

    @property
    def has_further(self) -> bool:
        """Tell whether something was typed into a row that is folded."""
        return any(not row.is_open for _, rows in self.further for row in rows)


@dataclass(frozen=True)
class Do:
    """Something to do, by how soon."""

    id: str
    label: str
    text: str  # the verb first
    rules: tuple[str, ...]
    done: bool
    is_new: bool  # not called for by what was known before


@dataclass(frozen=True)
class DirectAnswer:
    """An answer that can be given at once: the button's act, its words, what it brings, the rows of the fork it leaves."""

    act: str
    text: str
    means: str
    rows: tuple[int, ...] = ()

    @classmethod
    def of(cls, field: str, typed: str, text: str, means: str, rows: tuple[int, ...] = ()) -> "DirectAnswer":
        """Return the answer that types something into a field; without a button where nothing can be typed."""
        return cls(f"set:{field}={typed}" if typed else "", text.partition(": ")[2] or text, means, rows)


@dataclass(frozen=True)
class Asked:
    """A question that decides, with the answers that can be given at once and what each would bring."""

    text: str
    cost: str
    field: str
    answers: tuple["DirectAnswer", ...]

    @classmethod
    def of(cls, field: str, text: str, cost: str | None, answers: Iterable["DirectAnswer"]) -> "Asked":
        """Return the question that a field of the form asks."""
        return cls(text, COST_WORDS.get(cost or "", ""), field.replace(".", "-"), tuple(answers))


@dataclass(frozen=True)
class PathwayRow:
    """One pathway of a lesion."""

    id: str
    label: str
    status: str
    mark: str
    words: str


@dataclass(frozen=True)
class Early:
    """What follows for one lesion as things are known, before it is worked out what else may come out."""

    id: str
    headline: str
    letters: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]
    pathways: tuple[PathwayRow, ...]


@dataclass(frozen=True)
class Card(Early):
    """What follows for one lesion, with its plan."""

    about: Markup
    blocks: Markup
    was: str
    asked: tuple[Asked, ...]


class Form:
    """The left column of one state."""

    def __init__(self, worked: Worked, knowledge: KnowledgeBase) -> None:
        self.worked = worked
        self.knowledge = knowledge

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Return the patient, and then each lesion."""
        names = self.worked.reading.names
        lesions = (self._group(str(i), name, "lesion") for i, name in enumerate(names))
        return (self._group(PATIENT, "patient", "patient"), *lesions)

    @property
    def rows(self) -> Iterator[FieldRow]:
        """Yield every row."""
        for group in self.groups:
            yield from group.first
            yield from group.sins
            for _, rows in group.further:
                yield from rows

    def _group(self, subject: str, name: str, kind: SubjectKind) -> Group:
        first = tuple(self._row(subject, attribute) for attribute in first_rows(self.knowledge, kind))
        rest = [attribute for attribute in further_rows(self.knowledge, kind) if attribute.group != "sins"]
        sins = [a for a in further_rows(self.knowledge, kind) if a.group == "sins"]
        further = (
            (title, tuple(self._row(subject, attribute) for attribute in rest if attribute.letter == letter))
            for letter, title in LETTERS.items()
        )
        title = "Patient" if subject == PATIENT else name
        return Group(
            subject,
            name,
            title,
            first,
            tuple(self._row(subject, a) for a in sins),
            tuple(part for part in further if part[1]),
        )

    def _row(self, subject: str, attribute: Attribute) -> FieldRow:
        found = self.worked.reading.field(subject, attribute.id)
        name = form_name(subject, attribute.id)
        many = attribute.type == "choice" and len(attribute.names) > MOST_CHIPS
        return FieldRow(
            id=name.replace(".", "-"),
            name=name,
            label=attribute.label,
            question=attribute.asking,
            unit=attribute.unit or "",
            number=attribute.type == "number",
            field=found,
            chips=() if many or attribute.type in ("number", "several") else tuple(self._chips(name, attribute, found)),
            listed=f"list-{attribute.id}" if many else "",
        )

    def _chips(self, name: str, attribute: Attribute, found: Field) -> Iterator[Chip]:
        yield Chip(f"set:{name}=", "?", "not known", not found.typed)
        for value in reversed(attribute.names) if attribute.type == "yes_no" else attribute.names:
            word = {"true": "yes", "false": "no"}.get(value, value) if attribute.type == "yes_no" else value
            label = attribute.label_of(value == "true" if attribute.type == "yes_no" else value)
            short = label.partition(" (")[0] if label.startswith(f"{value} (") else label
            pressed = found.values is not None and found.values == attribute.read(
                word if attribute.values else word == "yes"
            )
            yield Chip(f"set:{name}={word}", short, label if label != short else "", pressed)

    @cached_property
    def lists(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the suggestions of fields with many values, by the id of their list."""
        vocabulary = self.knowledge.vocabulary
        given = [*vocabulary.given_of("patient"), *vocabulary.given_of("lesion")]
        many = [a for a in given if a.type == "choice" and len(a.names) > MOST_CHIPS]
        return tuple((f"list-{a.id}", tuple((a.values or {}).values())[:MOST_LISTED]) for a in many)

    @cached_property
    def spine(self) -> tuple[tuple[str, tuple[tuple[str, bool], ...]], ...]:
        """Return the levels by region, and whether a lesion is there."""
        levels = self.knowledge.vocabulary.get("levels")
        if levels is None:
            return ()
        taken = {
            str(member)
            for (_, name), found in self.worked.reading.fields.items()
            if name == "levels" and found.values is not None
            for member in levels.members_in_order(found.values)
        }
        return tuple((r, tuple((n, n in taken) for n in levels.names if n.startswith(r) and n != "C0")) for r in SPINE)

    @property
    def level_texts(self) -> tuple[str, ...]:
        """Return what was typed for the levels of each lesion."""
        return tuple(self.worked.state.text(group.subject, "levels") for group in self.groups[1:])

    @cached_property
    def refused(self) -> tuple[tuple[str, str], ...]:
        """Return the fields that are not counted: their id and label."""
        vocabulary = self.knowledge.vocabulary
        fields = tuple(
            (form_name(*key).replace(".", "-"), vocabulary[key[1]].label) for key in self.worked.reading.refused
        )
        return (*((name, name) for name in self.worked.reading.problems), *fields)


class Screen:
    """The right of one state: dangers, what to do, what to heed; and, once it is planned, the cards of the lesions."""

    def __init__(self, worked: Worked, knowledge: KnowledgeBase, before: Worked | None = None) -> None:
        self.worked = worked
        self.knowledge = knowledge
        self.before = before
        self.advice = worked.advised.advice
        self.has_any = worked.reading.case.says_anything

    # --- at once -----------------------------------------------------------------------------------------------

    @cached_property
    def contradictions(self) -> tuple[str, ...]:
        """Return what cannot all be true."""
        return tuple(clash.text for clash in self.advice.contradictions)

    @cached_property
    def dangers(self) -> tuple[tuple[Alert, str, bool], ...]:
        """Return the dangers, of which lesion each is, and whether it was ticked."""
        return tuple(
            (a, ", ".join(s for s in a.subjects if s != "patient"), a.rule in self.worked.state.done)
            for a in dangers(self.advice, self.knowledge)
        )

    @cached_property
    def todo(self) -> tuple[tuple[str, tuple[Do, ...]], ...]:
        """Return what to do by how soon."""
        measures = to_do(self.advice, self.knowledge)
        by_urgency = (
            (words.capitalize(), tuple(self._do(m) for m in measures if m.urgency == urgency))
            for urgency, words in URGENCY_WORDS.items()
        )
        return tuple(part for part in by_urgency if part[1])

    def _do(self, measure: MeasureAdvice) -> Do:
        rules = tuple(dict.fromkeys(reason.rule for reason in measure.reasons))
        is_new = self.called_before is not None and measure.measure not in self.called_before
        text = self.knowledge.measures[measure.measure].to_do
        is_done = measure.measure in self.worked.state.done
        return Do(measure.measure, measure.label, f"{text[0].upper()}{text[1:]}", rules, is_done, is_new)

    @cached_property
    def called_before(self) -> frozenset[str] | None:
        """The measures that the page showed before; None where it showed none."""
        if self.before is None or not self.before.reading.case.says_anything:
            return None
        return frozenset(measure.measure for measure in self.before.advised.advice.measures)

    @cached_property
    def warnings(self) -> tuple[tuple[Alert, ...], tuple[Alert, ...]]:
        """Return the warnings that are shown and those that are folded."""
        cautions = [alert for alert in self.advice.alerts if alert.level == "caution"]
        notes = [alert for alert in self.advice.alerts if alert.level == "note"]
        return tuple(cautions[:CAUTIONS]), (*cautions[CAUTIONS:], *notes)

    @cached_property
    def early(self) -> tuple[Early, ...]:
        """Return for each lesion, the most urgent first, what follows as things are known."""
        return tuple(
            Early(lesion.id, sentence(lesion), tuple(self._letters(lesion)), tuple(self._pathways(lesion)))
            for lesion in by_urgency(self.advice, self.knowledge)
        )

    # --- with the plan -----------------------------------------------------------------------------------------

    @cached_property
    def parts(self) -> ScreenParts:
        """Return the first screen, as the command line prints it."""
        return first_screen(self.worked.advised.answer.advice, self.knowledge)

    @cached_property
    def cards(self) -> tuple[Card, ...]:
        """Return a card for each lesion, the most urgent first."""
        lesions = {lesion.id: lesion for lesion in self.worked.advised.answer.advice.lesions}
        return tuple(self._card(lesions[name], blocks) for name, blocks in self.parts.lesions.items())

    def _card(self, lesion: LesionAdvice, blocks: tuple[Block, ...]) -> Card:
        about, *rest = blocks
        asked = self._asked(lesion)
        told = [
            b
            for b in rest
            if not (asked and (self._is_table_of(asked, b) or (isinstance(b, Bullets) and b.lead == "Next")))
        ]
        headline = headline_of(blocks)
        return Card(
            id=lesion.id,
            about=html_of([about], rule_link=self.rule_link),
            blocks=html_of(told, rule_link=self.rule_link),
            headline=headline,
            was=self._was(lesion.id, headline),
            asked=asked,
            letters=tuple(self._letters(lesion)),
            pathways=tuple(self._pathways(lesion)),
        )

    def _is_table_of(self, asked: tuple[Asked, ...], block: Block) -> bool:
        """Tell whether a block is the table that the answers of the one question say already."""
        return isinstance(block, Table) and len(asked) == 1 and len(block.rows) == len(asked[0].answers)

    @property
    def decision(self) -> str:
        """Return the digest of the decision, in short."""
        return decision_in_short(self.advice)

    @property
    def patient(self) -> Markup:
        """Return the line that introduces the patient."""
        return html_of(self.parts.patient[-1:])

    @property
    def provided(self) -> Markup:
        """Return what must hold for the plans of several lesions."""
        return html_of(self.parts.provided)

    def rule_link(self, rule: str) -> str | None:
        """Return where a rule is read beside this case."""
        return f"/case/{self.worked.id}/rule/{rule}" if rule in self.knowledge.rules else None

    def _was(self, lesion: str, headline: str) -> str:
        """Return what the page said of the lesion before, where it says something else now."""
        if self.before is None or not self.before.advised.is_planned:
            return ""
        parts = first_screen(self.before.advised.answer.advice, self.knowledge)
        before = headline_of(parts.lesions.get(lesion, ()))
        return before if before != headline else ""

    def _asked(self, lesion: LesionAdvice) -> tuple[Asked, ...]:
        """Return the findings that decide: those on which a plan forks, else what to find out next."""
        fork = lesion.plan.fork if lesion.plan else None
        if fork is not None:
            given = [finding for finding in fork.findings if finding.question is not None]
            return tuple(self._forking(fork, finding) for finding in given[:QUESTIONS])
        rows = lesion.plan.next if lesion.plan else ()
        findings = [following for following in rows if following.kind == "finding" and following.fact][:QUESTIONS]
        return tuple(self._question(following) for following in findings)

    def _forking(self, fork: Fork, finding: ForkFinding) -> Asked:
        """Return one finding of a fork, with what is left of the table for each thing that may be found."""
        name, attribute = self._field(finding.fact)
        found = {when.text: when for row in fork.rows for when in row.when if when.fact == finding.fact}
        answers = []
        for text, when in found.items():
            left = {
                number: self._result(row)
                for number, row in enumerate(fork.rows)
                if all(w.text == text for w in row.when if w.fact == finding.fact)
            }
            results = list(dict.fromkeys(left.values()))
            means = results[0] if len(results) == 1 else f"{len(results)} plans are left"
            typed = self._typed(attribute, when.values) if when.settled and when.values is not None else ""
            answers.append(DirectAnswer.of(name, typed, text, means, tuple(left)))
        return Asked.of(name, finding.question or finding.label, finding.cost, answers)

    def _result(self, row: ForkRow) -> str:
        """Return what a row of a fork comes to."""
        following = "; ".join(following.text for following in row.next)
        return f"{row_result(row, self.knowledge)}{f'; {following}' if following and not row.recommended else ''}"

    def _field(self, fact: Fact) -> tuple[str, Attribute]:
        """Return the field in which a fact is told."""
        lesion = fact.subject.lesion
        subject = str(self.worked.reading.names.index(lesion)) if lesion else PATIENT
        return form_name(subject, fact.attribute), self.knowledge.vocabulary[fact.attribute]

    def _question(self, following: Next) -> Asked:
        assert following.fact is not None
        name, attribute = self._field(following.fact)
        answers = []
        for brings in following.brings:
            labels = [" and ".join(self.knowledge.pathways[p].label for p in found) for found in brings.possible]
            means = labels[0] or "nothing recommended" if len(labels) == 1 else f"{len(labels)} plans still possible"
            answers.append(DirectAnswer.of(name, self._typed(attribute, brings.values), brings.text, means))
        return Asked.of(name, following.text, following.cost, answers)

    def _typed(self, attribute: Attribute, values: object) -> str:
        """Return what is typed to say such values; nothing where the ear would take it otherwise."""
        if isinstance(values, bool):
            text = "yes" if values else "no"
        elif isinstance(values, list):
            text = ", ".join(map(str, values))
        else:
            text = str(values)
        return text if attribute.type != "number" or ".." not in text or attribute.unit is not None else ""

    def _letters(self, lesion: LesionAdvice) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
        for letter, name in LETTERS.items():
            said = [(a.label, a.text) for a in lesion.assessments.get(name, ()) if a.values is not None]
            if letter != "D":
                yield letter, name, tuple(said[:3])

    def _pathways(self, lesion: LesionAdvice) -> Iterator[PathwayRow]:
        order = list(STATUS_WORDS)
        for option in sorted(lesion.options, key=lambda o: order.index(look_of(o.status, o.arguments))):
            look = look_of(option.status, option.arguments)
            yield PathwayRow(option.pathway, option.label, look, STATUS_MARKS[look], STATUS_WORDS[look])

    @property
    def headlines(self) -> str:
        """Return what a screen reader is told when the plan has changed."""
        return " ".join(f"{card.id}: {card.headline}" for card in self.cards)


def headline_of(blocks: tuple[Block, ...]) -> str:
    """Return the line that says the plan."""
    return next((block.text for block in blocks if isinstance(block, Para) and block.role == "plan"), "")


def place_on_board(session: Session, worked: Worked) -> tuple[int, str, str]:
    """Return the place of a state on the board from 1 (0: not on it), and the states before and after it."""
    if worked.id not in session.board:
        return 0, "", ""
    place = session.board.index(worked.id)
    before = session.board[place - 1] if place else ""
    after = session.board[place + 1] if place + 1 < len(session.board) else ""
    return place + 1, before, after
