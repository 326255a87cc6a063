"""REDCap: a data dictionary written from the vocabulary, and its export read as a registry.

Patients are records, and their lesions a repeating instrument. In the export (CSV, raw data) the patient's cells stand in a
row of their own, without an instrument; they are put into the rows of the lesions.
"""

import csv
import io
import re
from collections.abc import Iterator

from cases.columns import DATE, LESION, PATIENT
from cases.writing import is_heard
from knowledge_base.language.domains import Numbers
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute

RECORD = "record_id"
INSTRUMENT, INSTANCE = "redcap_repeat_instrument", "redcap_repeat_instance"
HEAD = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
_CODE = re.compile(r"[A-Za-z0-9_]+")


def data_dictionary(knowledge: KnowledgeBase) -> str:
    """Return the data dictionary as CSV: form `patient`, and form `lesion`, which is to be made a repeating instrument."""
    rows = [_row(RECORD, PATIENT, "text", "Patient, as the registry names them")]
    rows.append(_row(DATE, PATIENT, "text", "Day from which `yesterday` is counted", validation="date_ymd"))
    rows += [_field(attribute, PATIENT, knowledge) for attribute in knowledge.vocabulary.given_of("patient")]
    rows.append(_row(LESION, LESION, "text", "Name of the lesion", note="letters, digits, _ or -, such as T8"))
    rows += [_field(attribute, LESION, knowledge) for attribute in knowledge.vocabulary.given_of("lesion")]
    stream = io.StringIO()
    out = csv.DictWriter(stream, HEAD, restval="", lineterminator="\n")
    out.writeheader()
    out.writerows(rows)
    return stream.getvalue()


def _row(name: str, form: str, kind: str, label: str, note: str = "", validation: str = "") -> dict[str, str]:
    return {
        "Variable / Field Name": name,
        "Form Name": form,
        "Field Type": kind,
        "Field Label": label,
        "Field Note": note,
        "Text Validation Type OR Show Slider Number": validation,
    }


def _field(attribute: Attribute, form: str, knowledge: KnowledgeBase) -> dict[str, str]:
    scope = [
        f"{lead}: {text}" for lead, text in (("Includes", attribute.includes), ("Excludes", attribute.excludes)) if text
    ]
    row = _row(attribute.id, form, "text", attribute.asking)
    notes = [*scope]
    if attribute.type in ("choice", "yes_no") and all(_CODE.fullmatch(name) for name in attribute.names):
        row["Field Type"] = "radio"
        members = [name == "true" for name in attribute.names] if attribute.type == "yes_no" else attribute.names
        labels = [attribute.label_of(member) for member in members]
        pairs = zip(attribute.names, labels, strict=True)
        row["Choices, Calculations, OR Slider Labels"] = " | ".join(f"{name}, {_label(label)}" for name, label in pairs)
    elif attribute.type == "number":
        notes = [*_number(attribute, row, knowledge), *scope]
    else:
        several = "several, with ; between them: " if attribute.type == "several" else "one of: "
        notes = [several + attribute.domain_text, *scope]
    row["Field Note"] = ". ".join(notes)
    return row


def _label(label: str) -> str:
    return label.replace("|", "/")


def _number(attribute: Attribute, row: dict[str, str], knowledge: KnowledgeBase) -> list[str]:
    """Have a number checked by REDCap where it is heard without its unit; say what to write."""
    domain = attribute.domain
    assert isinstance(domain, Numbers)
    bare = all(is_heard(attribute, number, knowledge) for number in (domain.low, domain.high))
    if not bare:
        return [f"with its unit, such as {domain.low} {attribute.unit or attribute.label}"]
    row["Text Validation Type OR Show Slider Number"] = "integer" if attribute.whole else "number"
    row["Text Validation Min"], row["Text Validation Max"] = str(domain.low), str(domain.high)
    return [attribute.unit] if attribute.unit else []


def is_export(names: tuple[str, ...]) -> bool:
    """Tell by its columns whether a table is an export."""
    return RECORD in names and PATIENT not in names


def registry_rows(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """Yield the rows of an export as those of a registry: a row for each lesion, with the cells of its patient."""
    names = [name.strip() for name in next(rows, [])]
    kept = [i for i, name in enumerate(names) if name not in (RECORD, LESION) and not _is_redcaps(name)]
    yield [PATIENT, LESION, *(names[i] for i in kept)]
    of_record: list[dict[str, str]] = []
    for cells in rows:
        if not cells:
            continue
        if len(cells) != len(names):
            yield from _lesions(of_record, [names[i] for i in kept])
            of_record = []
            yield [*cells, *[""] * (len(kept) + 3)]  # more cells than there are columns: it is told as broken
            continue
        row = dict(zip(names, cells, strict=True))
        if of_record and row[RECORD] != of_record[0][RECORD]:
            yield from _lesions(of_record, [names[i] for i in kept])
            of_record = []
        of_record.append(row)
    if of_record:
        yield from _lesions(of_record, [names[i] for i in kept])


def _is_redcaps(name: str) -> bool:
    return name.startswith("redcap_") or name.endswith("_complete")


def _lesions(rows: list[dict[str, str]], names: list[str]) -> Iterator[list[str]]:
    """Yield the rows of one record: its lesions, with what the record says of the patient; itself where it has none."""
    own = [row for row in rows if not row.get(INSTRUMENT)]
    repeated = [row for row in rows if row.get(INSTRUMENT)]
    said = {name: next((row[name] for row in own if row[name].strip()), "") for name in names}
    for i, row in enumerate(repeated or own):
        lesion = row.get(LESION, "").strip() or f"L{row.get(INSTANCE) or i + 1}"
        yield [row[RECORD], lesion, *(row[name] if row[name].strip() else said[name] for name in names)]
