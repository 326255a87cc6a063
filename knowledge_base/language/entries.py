"""What every entry of the knowledge base is, and the names, labels and days that entries hold."""

from datetime import date
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from knowledge_base.language.literals import text_of
from knowledge_base.text.errors import NOWHERE, Position, shown


def _as_list(raw: object) -> object:
    return raw if isinstance(raw, list | tuple) else [raw]


def is_empty(raw: object) -> bool:
    """Tell whether an optional key says nothing: such a one is left out of digests, so that old ones still hold."""
    return raw is None or raw == () or raw == {}


class Entry(BaseModel):
    """Anything written in the knowledge base: strict, frozen, and aware of the line it stands on."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))
    position: Annotated[Position, Field(exclude=True, repr=False)] = NOWHERE


def _value_name(raw: object) -> object:
    """Return the id of a value as text; refuse what a condition would read as something else."""
    text = text_of(raw)
    if text == "known":
        raise ValueError("'known' has a meaning of its own in conditions; name the value otherwise")
    return text


def _day(text: str) -> str:
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise ValueError(f"{shown(text)} is not a day; write YYYY-MM-DD")


Day = Annotated[str, AfterValidator(_day)]
Name = Annotated[str, BeforeValidator(text_of), Field(min_length=1)]
Identifier = Annotated[str, BeforeValidator(text_of), Field(pattern=r"^[a-z][a-z0-9_]*$")]
ValueName = Annotated[str, BeforeValidator(_value_name), Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_+-]*$")]
ValueNames = Annotated[
    tuple[ValueName, ...],
    BeforeValidator(_as_list, json_schema_input_type=ValueName | tuple[ValueName, ...]),
    Field(min_length=1),
]
Label = Name
# Pages show links to be followed, so a link is one of the web and nothing that a browser would run.
Link = Annotated[str, BeforeValidator(text_of), Field(pattern=r"^https?://[^\s\"'<>]+$")]
