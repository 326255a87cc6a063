"""Rules and scores, as they are written and as they are meant.

The pydantic models hold what the file says; `Rule.condition` and the conclusions' values are filled in by the loader,
which knows the vocabulary.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, model_validator

from knowledge_base.language.conditions import Condition, Line, lines_in
from knowledge_base.language.domains import Values
from knowledge_base.language.entries import Day, Entry, Identifier, Label, Name, is_empty
from knowledge_base.language.vocabulary import SubjectKind
from knowledge_base.text.errors import Mistake, shown

Basis = Literal["primary", "abstract", "secondary", "unconfirmed", "project"]
BASES: tuple[Basis, ...] = get_args(Basis)
Stance = Literal["recommend", "consider", "advise_against", "exclude"]
FOR: tuple[Stance, ...] = ("recommend", "consider")
AGAINST: tuple[Stance, ...] = ("advise_against", "exclude")
STANCES = (*FOR, *AGAINST)
Urgency = Literal["immediate", "within_24_h", "within_1_week", "before_treatment", "with_treatment", "planned"]
URGENCIES: tuple[Urgency, ...] = get_args(Urgency)
SOON = URGENCIES[:2]
UrgencyT = TypeVar("UrgencyT", bound=str)
AlertLevel = Literal["note", "caution", "danger"]
ALERT_LEVELS: tuple[AlertLevel, ...] = get_args(AlertLevel)[::-1]  # the gravest first
RuleId = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*-[0-9]{2,}$")]


class Strict(BaseModel):
    """A part of an entry: no unknown keys, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def weakest(bases: "tuple[Basis, ...] | list[Basis]") -> Basis:
    """Return the weakest of one or more bases (primary is the strongest, project the weakest)."""
    return max(bases, key=BASES.index)


def soonest(called: Iterable[tuple[str, UrgencyT]]) -> dict[str, UrgencyT]:
    """Return the soonest urgency with which each measure is called for."""
    found: dict[str, UrgencyT] = {}
    for measure, urgency in called:
        found[measure] = min(found.get(measure, urgency), urgency, key=URGENCIES.index)
    return found


def as_list(raw: object) -> object:
    """Return one name that stands alone as a list of it."""
    return [raw] if isinstance(raw, str) else raw


def gone(name: str, retired: Mapping[str, tuple[str, ...]]) -> str:
    """Return what to say of a rule or score that is gone: "NOMS-05 is gone; NOMS-12 stands for it"; empty for others."""
    if name not in retired:
        return ""
    by = retired[name]
    return f"{name} is gone; {' and '.join(by) or 'nothing'} {'stand' if len(by) > 1 else 'stands'} for it"


class Citation(Strict):
    """Which source says so, where in it, and how well that was confirmed."""

    ref: Identifier = Field(description="an id of sources.yaml")
    at: Label = Field(description="where in the source it says so")
    basis: Basis = Field(description="how well it was confirmed; a rule counts as weak as its weakest source")


class Review(Strict):
    """How far a clinician has looked at an entry."""

    status: Literal["draft", "reviewed", "retired"] = Field(description="draft, reviewed or retired")
    by: Label | None = Field(None, description="who reviewed it")
    on: Day | None = Field(None, description="the day of the review, as YYYY-MM-DD")
    judge: Label | None = Field(
        None,
        description="a question that a clinician must answer before anything else, asked first on the page to sign off",
    )
    replaced_by: Annotated[
        tuple[Label, ...], BeforeValidator(as_list, json_schema_input_type=Label | tuple[Label, ...])
    ] = Field((), exclude_if=is_empty, description="of a retired entry: the ids of what stands for it now")

    @model_validator(mode="after")
    def _signed(self) -> "Review":
        if self.status == "reviewed" and not (self.by and self.on):
            raise ValueError("a reviewed entry says `by` whom and `on` which day (YYYY-MM-DD)")
        if self.replaced_by and self.status != "retired":
            raise Mistake("only what is retired was replaced; write `status: retired`, or remove it", "replaced_by")
        return self


class OnSide(Strict):
    """To which side of which dispute an entry belongs."""

    dispute: Identifier = Field(description="an id of disputes.yaml")
    side: Identifier = Field(description="one of its sides")


class Grounds(Entry):
    """What every rule and score has to say for itself."""

    title: Label = Field(max_length=110, description="what it says, on one line")
    because: Label = Field(description="why it holds, in a sentence or two")
    sources: tuple[Citation, ...] = Field(min_length=1, description="who says so; `{ref, at, basis}` each")
    review: Review = Field(description="how far a clinician has looked at it, such as {status: draft}")
    side: OnSide | None = Field(None, description="the side of a dispute that it belongs to, if any")

    @property
    def basis(self) -> Basis:
        """The weakest basis among its sources."""
        return weakest([source.basis for source in self.sources])


def _pathways(raw: object) -> object:
    if isinstance(raw, dict) and set(raw) == {"involving"}:
        return {"involving": raw["involving"]}
    named = [raw] if isinstance(raw, str) else raw
    if not isinstance(named, list) or not named:
        raise ValueError(f"{shown(raw)} names no pathway; write one, a list of them, or {{involving: …}}")
    return {"ids": named}


class Pathways(Strict):
    """Pathways by id, or all that involve something such as open surgery."""

    ids: tuple[Identifier, ...] = ()
    involving: Identifier | None = None


class ArgueEntry(Strict):
    pathway: Annotated[Pathways, BeforeValidator(_pathways)] = Field(
        description="a pathway, a list of them, or {involving: something}"
    )
    stance: Stance = Field(description="whether the rule speaks for or against it")


class MeasureEntry(Strict):
    measure: Identifier = Field(description="an id of measures.yaml")
    urgency: Urgency = Field(description="how soon")


class AlertEntry(Strict):
    level: Literal["note", "caution", "danger", "handbook"] = Field(
        description="note, caution or danger; handbook: stands in the handbook and is shown with no patient"
    )
    text: Label = Field(description="what the reader must see")


_KINDS_OF_CONCLUSION = "set, argue, measure, alert, ask"


class ThenEntry(Strict):
    """One entry of `then`: exactly one of its keys."""

    set: Annotated[dict[Identifier, Any], Field(min_length=1)] | None = Field(
        None, description="narrows attributes to these values"
    )
    argue: ArgueEntry | None = Field(None, description="speaks for or against pathways")
    measure: MeasureEntry | None = Field(None, description="calls for a measure")
    alert: AlertEntry | None = Field(None, description="says something the reader must see")
    ask: Annotated[list[Identifier], BeforeValidator(as_list), Field(min_length=1)] | None = Field(
        None, description="names data that would help"
    )

    @model_validator(mode="after")
    def _one(self) -> "ThenEntry":
        given = [name for name in type(self).model_fields if name in self.model_fields_set]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} stand in one entry of `then`; give each its own `- `")
        if not given:
            raise ValueError(f"an entry of `then` needs one of {_KINDS_OF_CONCLUSION}; add it")
        if getattr(self, given[0]) is None:
            raise ValueError(f"`{given[0]}` has nothing written after it; write its value, or remove the line")
        return self


class SetTo(Strict):
    """Narrows an attribute to `values`, to the size of the set that `count_of` holds, or to what `same_as` may be."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    attribute: str
    values: Values | None = None
    count_of: str | None = None
    same_as: str | None = None

    @property
    def reads(self) -> str | None:
        """The id of the attribute from which the values are taken, if they are not written in the rule."""
        return self.count_of or self.same_as


class Argue(Strict):
    pathway: str
    stance: Stance


class Ask(Strict):
    attribute: str


Conclusion = SetTo | Argue | MeasureEntry | AlertEntry | Ask


def is_for_handbook(conclusion: Conclusion) -> bool:
    """Tell whether a conclusion only stands in the handbook, so that no patient's trace holds it."""
    return isinstance(conclusion, AlertEntry) and conclusion.level == "handbook"


class RuleText(Grounds):
    """A rule as it stands in a file."""

    id: RuleId = Field(description="LETTERS-NUMBER, for life")
    when: Any = Field(description="what must surely be true, or `always`")
    unless: Any = Field(None, description="what must not surely be true")
    then: tuple[ThenEntry, ...] = Field(
        min_length=1, description="what follows; a list of set, argue, measure, alert, ask"
    )
    replaces: RuleId | None = Field(
        None, exclude_if=is_empty, description="in an overlay: the rule of the extended framework that it stands for"
    )
    formerly: tuple[RuleId, ...] = Field(
        (), exclude_if=is_empty, description="ids that it had; nobody takes them, and who asks for one is told this one"
    )

    @property
    def as_written(self) -> dict[str, Any]:
        """Its `when`, `unless` and `then` as data."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True, include={"when", "unless", "then"})


class Rule(Grounds):
    """A rule as it is meant: conditions and conclusions resolved against the vocabulary."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    id: RuleId
    when: Condition
    unless: Condition
    conclusions: tuple[Conclusion, ...]
    subject: SubjectKind
    text: RuleText = Field(repr=False)
    version: str

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line of `when` and `unless`, those inside `some_…` and `every_…` too."""
        return (*lines_in(self.when), *lines_in(self.unless))

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The ids of all attributes its firing depends on."""
        taken = (c.reads for c in self.sets if c.reads)
        return tuple(sorted({*(line.attribute for line in self.lines), *taken}))

    @cached_property
    def writes(self) -> tuple[str, ...]:
        """The ids of all attributes it speaks of."""
        return tuple(sorted(set(self._writes())))

    def _writes(self) -> Iterator[str]:
        for conclusion in self.conclusions:
            if isinstance(conclusion, SetTo):
                yield conclusion.attribute
            elif isinstance(conclusion, Argue):
                yield f"argued_{conclusion.stance}"

    @property
    def arguments(self) -> tuple[Argue, ...]:
        """The pathways it argues about."""
        return tuple(c for c in self.conclusions if isinstance(c, Argue))

    @property
    def sets(self) -> tuple[SetTo, ...]:
        """The attributes it sets."""
        return tuple(c for c in self.conclusions if isinstance(c, SetTo))

    def sets_of(self, attribute: str) -> tuple[SetTo, ...]:
        """Return what it says of one attribute that it sets."""
        return tuple(said for said in self.sets if said.attribute == attribute)

    @property
    def measures(self) -> tuple[MeasureEntry, ...]:
        """The measures it calls for."""
        return tuple(c for c in self.conclusions if isinstance(c, MeasureEntry))

    @property
    def alerts(self) -> tuple[AlertEntry, ...]:
        """The alerts it raises."""
        return tuple(c for c in self.conclusions if isinstance(c, AlertEntry))

    @property
    def tells_of_danger(self) -> bool:
        """Whether one of its alerts is of a danger."""
        return any(alert.level == "danger" for alert in self.alerts)


class PointsRow(Strict):
    """Values of an item, and the points they score."""

    is_: Any = Field(alias="is", description="a value of the item, a list of them, or a range")
    points: StrictInt = Field(description="the points they score, a whole number")


class Item(Strict):
    attribute: Identifier = Field(description="the attribute that is scored")
    points: tuple[PointsRow, ...] = Field(min_length=1, description="rows of {is, points}; every value has one")


class ClassRow(Strict):
    """Totals, and the class they belong to."""

    is_: Any = Field(alias="is", description="a range of totals, such as 7..12")
    class_: Name = Field(alias="class", description="the class they belong to")


class ScoreText(Grounds):
    """A score as it stands in a file."""

    id: Identifier = Field(description="its name, for life")
    items: tuple[Item, ...] = Field(min_length=1, description="the parts that are added up")
    total: Identifier = Field(description="the number attribute that holds the sum")
    class_: Identifier | None = Field(None, alias="class", description="the choice attribute that holds the class")
    classes: tuple[ClassRow, ...] = Field((), description="rows of {is, class}; every total has one")

    @model_validator(mode="after")
    def _classes(self) -> "ScoreText":
        if self.class_ and not self.classes:
            message = "`class` is given without `classes`; add the rows that say which totals belong to which class"
            raise Mistake(message, "class")
        if self.classes and not self.class_:
            raise Mistake("`classes` are given without `class`; add the attribute that they fill", "classes")
        return self


class ScoreRow(Strict):
    """One row of a table: where the input is in `accepted`, the output is in `result`."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    accepted: Values
    result: Values


class Step(Grounds):
    """One part of a score: a table from an attribute to points or from the total to a class, or the sum of the points.

    Its id is `SINS/location`, `SINS/total` or `SINS/class`; each step that narrows something is a firing of its own.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)
    id: str
    score: str
    kind: Literal["item", "total", "class"]
    reads: tuple[str, ...]
    attribute: str
    rows: tuple[ScoreRow, ...] = ()
    subject: SubjectKind
    version: str

    @property
    def writes(self) -> tuple[str, ...]:
        return (self.attribute,)
