"""From documents to entries: pydantic models with file and line, and every mistake told by file, line and entry."""

from collections.abc import Container, Mapping, Sequence
from itertools import count
from types import UnionType
from typing import Annotated, Any, TypeGuard, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from knowledge_base.language.entries import Entry
from knowledge_base.language.literals import text_of
from knowledge_base.text.errors import LONGEST, MANY, Mistake, Problem, listed, nearest, shown, suggestion
from knowledge_base.text.strict_yaml import Document, KeyPath

MOST = 100  # mistakes of one entry that are told; a hostile file could hold a hundred thousand
SomeEntry = TypeVar("SomeEntry", bound=Entry)


def read_entries(document: Document, model: type[SomeEntry], problems: list[Problem]) -> list[SomeEntry]:
    """Return the valid entries of a document that is a list; report the others."""
    if not isinstance(document.data, list) or not document.data:
        problems.append(Problem(document.position(()), "", "must be a list of entries; start each with `- id:`"))
        return []
    found = (read_entry(document, raw, (i,), model, problems) for i, raw in enumerate(document.data))
    return [entry for entry in found if entry is not None]


def read_entry(
    document: Document, raw: Any, path: KeyPath, model: type[SomeEntry], problems: list[Problem]
) -> SomeEntry | None:
    """Return one valid entry with its position, or None after reporting everything wrong with it."""
    if not isinstance(raw, dict):
        message = f"an entry is a mapping that starts with `id:`, not {shown(raw)}"
        problems.append(Problem(document.position(path), "", message))
        return None
    about = name_of(raw, "id")
    if reserved := "position" in raw:
        message = _unknown("position", model, {})
        problems.append(Problem(document.position((*path, "position")), about, message))
    try:
        entry = model.model_validate({**raw, "position": document.position(path)})
    except ValidationError as error:
        problems.extend(problems_of(error, document, path, about, model))
        return None
    return None if reserved else entry


def name_of(raw: Mapping[str, Any], key: str) -> str:
    """Return the name that an entry gives itself, as messages show it; empty when it gives none."""
    name = text_of(raw.get(key))
    return name if isinstance(name, str) and len(name) <= LONGEST and "\n" not in name else ""


def names_written(document: Document) -> set[str] | None:
    """Return the ids of all entries of a document, valid or not; None when there are entries without one."""
    entries = document.data if isinstance(document.data, list) and document.data else [None]
    names = {name_of(raw, "id") if isinstance(raw, dict) else "" for raw in entries}
    return None if "" in names else names


def problems_of(
    error: ValidationError,
    document: Document,
    path: KeyPath,
    about: str,
    model: type[BaseModel],
    elsewhere: Mapping[str, str] | None = None,
    otherwise: str = "",
) -> list[Problem]:
    """Return pydantic's findings as problems with a place and plain words.

    `elsewhere` says of keys that are unknown where they stand what is known about them: "belongs in …"; `otherwise` what
    to do about a key of which nothing is known, where there are too many keys to list.
    """
    problems = []
    findings = [found for found in error.errors() if not _is_echo(found)]
    misspelt = {_meant(found["loc"], model) for found in findings[:MOST] if found["type"] == "extra_forbidden"}
    for found in findings[:MOST]:
        if found["type"] == "missing" and found["loc"] in misspelt:
            continue
        place = _known_path(document, (*path, *found["loc"], *_inside(found)))
        problems.append(
            Problem(document.position(place), about, _message(found, place, model, elsewhere or {}, otherwise))
        )
    if (left := len(findings) - MOST) > 0:
        problems.append(Problem(problems[-1].position, about, f"there are {left:,} more mistakes; mend these first"))
    return problems


def _inside(found: Any) -> KeyPath:
    """Return with which part of a value something is wrong, when the reader of the value says so."""
    error = found.get("ctx", {}).get("error")
    return error.path if isinstance(error, Mistake) else ()


def _is_echo(found: Any) -> bool:
    """Tell whether pydantic calls a list too short only because it has just refused what is in it."""
    return found["type"] == "too_short" and bool(found["input"])


def _meant(loc: KeyPath, model: type[BaseModel]) -> KeyPath:
    """Return the path of the key that an unknown one was meant to be; the same path when none is near."""
    holder = _model_at(model, loc[:-1])
    known = list(_fields(holder)) if _is_model(holder) else []
    return (*loc[:-1], nearest(str(loc[-1])[:LONGEST], known) or loc[-1])


def _known_path(document: Document, path: KeyPath) -> KeyPath:
    """Return the part of a finding's path that is in the document; names of pydantic's own are passed over."""
    known: KeyPath = ()
    for part in path:
        if (*known, part) in document.lines:
            known = (*known, part)
    return known


_PLAIN = {
    "string_type": "`{key}` must be text, not {given}; write it out, or put it in quotes",
    "bool_type": "`{key}` must be true or false, not {given}",
    "int_type": "`{key}` must be a whole number, not {given}",
    "tuple_type": "`{key}` must be a list, not {given}",
    "list_type": "`{key}` must be a list, not {given}",
    "dict_type": "`{key}` must be a mapping (lines of `key: value`), not {given}",
    "model_type": "`{key}` must be a mapping (lines of `key: value`), not {given}",
    "too_short": "`{key}` is empty; write at least one entry",
    "string_too_short": "`{key}` is empty; write it out",
    "string_too_long": "`{key}` is {length} characters long; use at most {max_length}",
    "greater_than_equal": "`{key}` must be at least {ge}, not {given}",
}
_FORMS = {
    r"^[a-z][a-z0-9_]*$": "small letters, digits and _, such as escc_grade",
    r"^[A-Za-z0-9][A-Za-z0-9_+-]*$": "letters, digits, _, + and -, such as 1a or renal_cell",
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,60}$": "at most 61 letters, digits, _ and -, such as T8 or T8-left",
    r"^[A-Z][A-Z0-9]*-[0-9]{2,}$": "capital letters, a hyphen and a number of two digits or more, such as NOMS-07",
    r"^\d+\.\d+\.\d+$": "three numbers with dots, such as 1.0.0",
    r"^https?://[^\s\"'<>]+$": "a link to a page that starts with https:// or http://",
}


def _message(found: Any, place: KeyPath, model: type[BaseModel], elsewhere: Mapping[str, str], otherwise: str) -> str:
    kind, loc, given, context = found["type"], found["loc"], found["input"], found.get("ctx", {})
    key = next((part for part in reversed(place) if isinstance(part, str)), "entry")
    if kind == "extra_forbidden":
        return _unknown(str(loc[-1]), _model_at(model, loc[:-1]), elsewhere, otherwise)
    if kind == "missing":
        return _missing(str(loc[-1]), _model_at(model, loc[:-1]))
    if kind == "value_error":
        return str(context["error"])
    if given is None:
        return f"`{key}` has nothing written after it; write its value, or remove the line"
    if kind == "literal_error":
        allowed = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        hint = suggestion(str(given)[:LONGEST], allowed)
        return f"{shown(given)} is not a value of `{key}` ({', '.join(allowed)}){hint}"
    if kind == "string_pattern_mismatch":
        name = "" if given == key else f"`{key}`: "
        return f"{name}{shown(given)} is not well formed; write {_FORMS[context['pattern']]}"
    if isinstance(given, str) and kind in ("too_short", "too_long"):
        kind = f"string_{kind}"
    length = len(given) if isinstance(given, str) else 0
    plain = _PLAIN.get(kind, "`{key}`: {given} cannot be used here")
    return plain.format(key=key, given=shown(given), length=length, **context)


def _missing(key: str, model: Any) -> str:
    fields = _fields(model) if _is_model(model) else {}
    description = fields[key].description if key in fields else None
    return f"`{key}` is missing; add it" + (f" ({description})" if description else "")


def _unknown(key: str, model: Any, elsewhere: Mapping[str, str], otherwise: str = "") -> str:
    if key in elsewhere:
        return f"{shown(key)} {elsewhere[key]}"
    known = list(_fields(model)) if _is_model(model) else []
    if otherwise and len(known) > MANY:
        return f"{shown(key)} is not a known key here{suggestion(key[:LONGEST], known) or otherwise}"
    keys = f" ({listed(known)})" if known else ""
    return f"{shown(key)} is not a known key here{keys}{suggestion(key[:LONGEST], known)}"


def _fields(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """Return the fields of a model by the key that a file uses for them."""
    return {field.alias or name: field for name, field in model.model_fields.items() if name != "position"}


def _is_model(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _model_at(model: Any, loc: Sequence[str | int]) -> Any:
    """Return the model of the part of an entry at a path; something else when the path leaves the models."""
    for part in loc:
        if _is_model(model):
            field = _fields(model).get(str(part))
            model = _bare(field.annotation) if field else None
        else:
            model = _bare(next((a for a in reversed(get_args(model)) if a is not Ellipsis), None))
    return model


def _bare(annotation: Any) -> Any:
    """Return an annotation without `Annotated[…]` and `| None`."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _bare(next(a for a in get_args(annotation) if a is not type(None)))
    return annotation


def next_free(name: str, taken: Container[str]) -> str:
    """Return the next id after that of a rule, in its family, that is not taken."""
    family, _, number = name.rpartition("-")
    places = (f"{family}-{n:0{len(number)}d}" for n in count(int(number) + 1))
    return next(place for place in places if place not in taken)


def index(entries: Sequence[SomeEntry], what: str, problems: list[Problem]) -> Mapping[str, SomeEntry]:
    """Return entries by id in order of id; report an id that is used twice at its later place."""
    found: dict[str, SomeEntry] = {}
    for entry in sorted(entries, key=lambda entry: entry.position):
        name: str = entry.id  # type: ignore[attr-defined]  # every entry model declares an id
        if name in found:
            free = (
                next_free(name, {str(getattr(other, "id", "")) for other in entries}) if what == "rule" else "another"
            )
            message = f"this {what} id is already used at {found[name].position}; ids are for life, choose {free}"
            problems.append(Problem(entry.position, name, message))
        else:
            found[name] = entry
    return dict(sorted(found.items()))
