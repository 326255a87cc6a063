"""REDCap: the dictionary covers the vocabulary in REDCap's own form, and what is exported is read as the case it was."""

import csv
import io
import re

import pytest
from registries import rows_of, text_of

from cases import read_case
from cases.columns import cell_of
from metspine.library import LIBRARY
from metspine.registry.frames import registry_of
from metspine.registry.redcap import HEAD, data_dictionary
from metspine.registry.tables import open_table


@pytest.fixture(scope="module")
def fields(knowledge):
    return list(csv.DictReader(io.StringIO(data_dictionary(knowledge))))


def test_the_dictionary_has_every_input_once_in_the_form_of_redcap(knowledge, fields):
    names = [field["Variable / Field Name"] for field in fields]
    given = [a.id for kind in ("patient", "lesion") for a in knowledge.vocabulary.given_of(kind)]
    assert sorted(names) == sorted([*given, "record_id", "date", "lesion"])
    assert names[0] == "record_id", "REDCap takes the first field for the record"
    assert tuple(fields[0]) == HEAD
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)
    forms = [field["Form Name"] for field in fields]
    assert forms == sorted(forms, key=["patient", "lesion"].index), "a form is in one piece"
    assert {field["Field Type"] for field in fields} == {"text", "radio"}


def test_every_code_and_every_end_of_a_number_reads_as_it_is(knowledge, fields):
    """What REDCap would export for any choice, and for the ends of any number it checks, is what the field means."""
    from cases.columns import ColumnEar

    for field in fields:
        attribute = knowledge.vocabulary.get(field["Variable / Field Name"])
        if attribute is None:
            continue
        ear = ColumnEar(attribute.id, attribute, knowledge, is_typed=False)
        choices = field["Choices, Calculations, OR Slider Labels"]
        codes = [part.split(",")[0].strip() for part in choices.split(" | ")] if choices else []
        assert all(re.fullmatch(r"[A-Za-z0-9_]+", code) for code in codes)
        ends = [field[f"Text Validation {end}"] for end in ("Min", "Max") if field[f"Text Validation {end}"]]
        for text in (*codes, *ends):
            code = ear.code(text)
            assert code not in ear.refused, ear.refused
            assert ear.meanings[code] == attribute.read(cell_of(text)), (attribute.id, text)


def export(path, cases, knowledge):
    """Write cases as REDCap exports them: the patient in a row of its own, the lesions as a repeating instrument."""
    vocabulary = knowledge.vocabulary
    names = [a.id for kind in ("patient", "lesion") for a in vocabulary.given_of(kind)]
    with path.open("w", newline="", encoding="utf-8") as stream:
        head = ["record_id", "redcap_repeat_instrument", "redcap_repeat_instance", "lesion", *names, "lesion_complete"]
        out = csv.DictWriter(stream, head, restval="")
        out.writeheader()
        for case in cases:
            rows = rows_of([case], knowledge)
            own = {name.replace(".", "_"): text_of(cell) for name, cell in rows[0].items()}
            out.writerow(
                {"record_id": case.id} | {n: own[n] for n in names if n in own and vocabulary[n].of == "patient"}
            )
            for i, row in enumerate(rows):
                cells = {name.replace(".", "_"): text_of(cell) for name, cell in row.items()}
                said = {n: cells[n] for n in names if n in cells and vocabulary[n].of == "lesion"}
                marks = {"redcap_repeat_instrument": "lesion", "redcap_repeat_instance": i + 1, "lesion": row["lesion"]}
                out.writerow({"record_id": case.id, "lesion_complete": "2"} | marks | said)


def test_an_export_is_read_as_the_patients_it_holds(tmp_path, knowledge):
    cases = [read_case(LIBRARY / f"{name}.yaml", knowledge) for name in ("noms-n9", "two-lesions")]
    export(tmp_path / "export.csv", cases, knowledge)
    found = registry_of(tmp_path / "export.csv", knowledge)
    plain = registry_of(rows_of(cases, knowledge), knowledge, carry=["hospital"])
    silent = ("hospital", "date")
    assert found.counts["errors"] == 0
    assert [{k: v for k, v in row.items() if k not in silent} for row in found.rows] == [
        {k: v for k, v in row.items() if k not in silent} for row in plain.rows
    ]


def test_a_row_with_a_cell_too_few_is_an_error_row(tmp_path, knowledge):
    (tmp_path / "export.csv").write_text("record_id,kps,lesion_complete\n1,80,2\n2,80\n", encoding="utf-8")
    batch = next(open_table(tmp_path / "export.csv").batches())
    assert list(batch.broken) == [1]
    assert sum(row["error"] is not None for row in registry_of(tmp_path / "export.csv", knowledge).rows) == 1
