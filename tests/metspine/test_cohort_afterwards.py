"""What can be asked of a run afterwards: one patient opened, two readings compared, the page; and registries in memory."""

import re
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from html.parser import HTMLParser
from multiprocessing import get_context
from pathlib import Path

import pyarrow
import pytest
from registries import read, rows_of, text_of, write

import metspine
from cases import read_case
from engine.verdicts import STATUSES
from metspine.registry.frames import advise_arrow

LIBRARY = Path(__file__).parents[2] / "cases" / "library"
CASES = ("noms-n9", "noms-n7", "two-lesions", "noms-n2")


@pytest.fixture(scope="module")
def rows(knowledge):
    cases = [read_case(LIBRARY / f"{name}.yaml", knowledge) for name in CASES]
    odd = {
        "patient": "P-1c",
        "lesion": "T8",
        "levels": "T8",
        "escc_grade": "1c",
        "primary_tumour": "renal_cell",
        "kps": 80,
    }
    bad = {"patient": "P-bad", "lesion": "T8", "escc_grade": "9z"}
    return [*rows_of(cases, knowledge), odd, bad]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, rows):
    """A folder with a table and a finished run over it."""
    folder = tmp_path_factory.mktemp("registry")
    write(folder / "in.csv", [row | {"date": f"2024-0{1 + i % 2}-03"} for i, row in enumerate(_one_date(rows))])
    return folder


def _one_date(rows):
    return [row for i, row in enumerate(rows) if not i or row["patient"] != rows[i - 1]["patient"]]


@pytest.fixture
def run(run, monkeypatch, folder):
    monkeypatch.chdir(folder)
    return run


@pytest.fixture
def finished(run, folder):
    if not (folder / "out.csv").exists():
        assert run("cohort", "in.csv", "-o", "out.csv", "--recheck", 1)[0] == 1  # one row is bad
    return "out.csv"


# --- one patient -----------------------------------------------------------------------------------------------------


def test_a_patient_opens_to_the_advice_beside_the_row(run, finished):
    code, out, _ = run("cohort", "open", finished, "noms-n9")
    assert code == 0
    assert "» Separation surgery, then SBRT." in out
    assert out.endswith("every column says the same.\n")


def test_a_row_that_was_changed_since_is_told(run, finished, folder):
    text = (folder / "out.csv").read_text(encoding="utf-8")
    (folder / "other.csv").write_text(text, encoding="utf-8")
    (folder / "other.csv.run.json").write_text(
        (folder / "out.csv.run.json").read_text(encoding="utf-8"), encoding="utf-8"
    )
    assert run("cohort", "open", "other.csv", "noms-n9")[0] == 0
    (folder / "other.csv").write_text(text.replace("separation_surgery_then_sbrt", "sbrt"), encoding="utf-8")
    code, _, err = run("cohort", "open", "other.csv", "noms-n9")
    assert code == 2
    assert "the output is not the one that its record speaks of" in err


def test_a_row_with_an_error_opens_to_its_error(run, finished):
    code, out, _ = run("cohort", "open", finished, "P-bad")
    assert code == 1
    assert "'9z' is not a value of escc_grade" in out


def test_nobody_of_this_name_and_a_table_that_is_gone_are_told(run, finished, folder):
    assert "is no patient of in.csv" in run("cohort", "open", finished, "Nobody")[2]
    assert "the record of the run is missing" in run("cohort", "open", "in.csv", "P1")[2]
    moved = (folder / "in.csv").rename(folder / "moved.csv")
    assert "name where it is with --table" in run("cohort", "open", finished, "noms-n9")[2]
    assert run("cohort", "open", finished, "noms-n9", "--table", "moved.csv")[0] == 0
    moved.rename(folder / "in.csv")


# --- two readings ------------------------------------------------------------------------------------------------------


def test_another_side_is_compared_row_by_row(run, finished, folder):
    code, out, _ = run("cohort", "compare", finished, "--side", "grade_1c=high")
    assert code == 0
    assert re.match(r"lesions: \d+; advised otherwise: [1-9]", out)
    run("cohort", "in.csv", "-o", "high.csv", "--side", "grade_1c=high", "--recheck", 0)
    run("cohort", "compare", finished, "--side", "grade_1c=high", "-o", "changes.csv")
    ours, theirs = read(folder / "out.csv"), read(folder / "high.csv")
    silent = ("missing", "knowledge")
    expected = {
        (one["patient"], one["lesion"], name, one[name], two[name])
        for one, two in zip(ours, theirs, strict=True)
        for name in one
        if one[name] != two[name] and name not in silent
    }
    assert {tuple(row.values()) for row in read(folder / "changes.csv")} == expected


def test_the_same_knowledge_is_not_compared(run, finished):
    code, _, err = run("cohort", "compare", finished)
    assert code == 2
    assert "nothing to compare with" in err


# --- the page ----------------------------------------------------------------------------------------------------------


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.open = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "rect", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag != "rect":
            assert self.open.pop() == tag


def test_the_page_needs_nothing_and_says_what_it_counts(run, finished, folder, rows):
    assert run("cohort", "summary", finished, "-o", "page.html")[0] == 0
    text = (folder / "page.html").read_text(encoding="utf-8")
    page = _Page()
    page.feed(text)
    assert page.open == []
    assert not any(tag == "script" or "src" in found or "href" in found for tag, found in page.tags)
    assert all("aria-label" in found for tag, found in page.tags if tag == "svg")
    assert sum(tag == "table" for tag, _ in page.tags) == sum(tag == "caption" for tag, _ in page.tags)
    patients = len({row["patient"] for row in rows})
    assert f"<h1>Registry of {patients} patients</h1>" in text
    for words in (
        "What is missing most, and what it would settle",
        "every value settles",
        "Which rules decide",
        "By month",
        "2024-01",
        "OPT-02",
        "escc_grade",
    ):
        assert words in text
    assert re.search(r"metspine cohort open out\.csv noms-n9", text)


def test_the_page_counts_what_the_rows_say(run, finished, folder):
    run("cohort", "summary", finished, "-o", "page.html")
    text = (folder / "page.html").read_text(encoding="utf-8")
    rows = read(folder / "out.csv")
    recommended = sum(row["status_sbrt"] == "recommended" for row in rows)
    acceptable = sum(row["status_sbrt"] == "acceptable" for row in rows)
    cells = rf'stereotactic radiotherapy</th><td class="n">{recommended}</td><td class="n">{acceptable}</td>'
    assert re.search(cells, text)


def test_the_page_counts_the_plans_that_were_written(run, rows, folder):
    write(folder / "few.csv", _one_date(rows)[:3])
    run("cohort", "few.csv", "-o", "planned.csv", "--recheck", 0, "--plan")
    run("cohort", "summary", "planned.csv", "-o", "planned.html")
    text = (folder / "planned.html").read_text(encoding="utf-8")
    kinds = Counter(row["plan"] for row in read(folder / "planned.csv"))
    assert set(kinds) <= {"firm", "provided", "forked", "open"}
    told = dict(re.findall(r"<b>(\w+)</b>[^<]*</th><td class=\"n\">(\d+)</td>", text))
    assert told == {kind: str(kinds[kind]) for kind in ("firm", "provided", "forked", "open")}
    assert run("cohort", "open", "planned.csv", rows[0]["patient"])[0] == 0


def test_what_was_done_stands_beside_what_was_advised(run, rows, folder, knowledge):
    surgery = knowledge.pathways["separation_surgery_then_sbrt"]
    had = [surgery.label, "sbrt", "sbrt", "", "prayer"]
    table = [row | {"had": had[i]} for i, row in enumerate(_one_date(rows)[: len(had)])]
    write(folder / "had.csv", table)
    run("cohort", "had.csv", "-o", "treated.csv", "--recheck", 0)
    written = read(folder / "treated.csv")
    assert run("cohort", "summary", "treated.csv", "-o", "done.html", "--done", "had")[0] == 0
    text = (folder / "done.html").read_text(encoding="utf-8")
    counts = [sum(row["had"] == "sbrt" and row["status_sbrt"] == status for row in written) for status in STATUSES]
    assert sum(counts) == 2
    cells = "".join(f'<td class="n">{n}</td>' for n in counts)
    assert f"stereotactic radiotherapy</th>{cells}" in text
    said = [row for row in written if row["had"] not in ("", "prayer") and row["recommended"]]
    ids = {surgery.label: surgery.id, "sbrt": "sbrt"}
    agreed = sum(ids[row["had"]] in row["recommended"].split("; ") for row in said)
    assert agreed > 0
    assert f"of {len(said)} lesions {agreed} had a pathway that is recommended" in text
    assert "name no pathway: prayer." in text


def test_a_column_that_was_not_carried_says_nothing_of_what_was_done(run, finished):
    code, _, err = run("cohort", "summary", finished, "-o", "page.html", "--done", "kps")
    assert code == 2
    assert "'kps' is no column that was carried through (hospital)" in err


# --- in memory ----------------------------------------------------------------------------------------------------------


def test_rows_of_a_program_are_advised_on_as_a_file_is(run, finished, folder, rows):
    found = metspine.cohort(_one_date(rows), carry=["hospital"])
    written = read(folder / "out.csv")
    assert found.counts["errors"] == 1
    assert [text_of_answers(row) for row in found.rows] == [text_of_answers(row) for row in written]
    assert "P-bad" in found._repr_html_()


def text_of_answers(row):
    cells = {name: cell for name, cell in row.items() if name not in ("hospital", "date", "error")}
    return {name: "; ".join(c) if isinstance(c, list) else c or "" for name, c in cells.items()}


def test_arrow_in_is_arrow_out_and_parts_in_two_processes_are_the_whole(rows):
    chosen = _one_date(rows)
    names = list(dict.fromkeys(name for row in chosen for name in row))
    table = pyarrow.table({n: [None if row.get(n) is None else text_of(row[n]) for row in chosen] for n in names})
    whole = advise_arrow(table)
    parts = [table.slice(0, 3), table.slice(3)]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        joined = pyarrow.concat_tables(pool.map(advise_arrow, parts))
    assert joined.to_pylist() == whole.to_pylist()
    assert whole.schema.field("recommended").type == pyarrow.list_(pyarrow.string())
