"""`metspine table`: rules and scores as tables, and only what was changed in them written back into the YAML."""

import csv
import io

import pytest

from knowledge_base.loading.frameworks import DEFAULT
from metspine.decision_tables import tables

RULES = """\
# Who is operated on.
- id: ROW-01   # the first row
  title: High grade
  when:
    grade_class: high   # by TOY-01
    fitness: fit
  unless:
    any:
      - {histology: unknown}   # no tissue
      - {deficit: false}
  then:
    - argue: {pathway: surgery, stance: recommend}   # the strongest
    - argue: {pathway: radiotherapy, stance: consider}
  because: >-
    The cord needs room,
    and quickly.
  sources: [{ref: book, at: p. 2, basis: primary}]
  review: {status: draft}

# The others.
- id: ROW-02
  title: Low grade
  when: {grade_class: low, histology: [breast, renal]}
  then:
    - argue: {pathway: radiotherapy, stance: recommend}
  because: The cord has room.
  sources: [{ref: book, at: p. 2, basis: primary}]
  review: {status: draft}
"""
PLACE = "rules/rows.yaml"


@pytest.fixture
def folder(write_knowledge):
    return write_knowledge({PLACE: RULES})


@pytest.fixture
def changed(run, folder, tmp_path):
    """Change cells, by row and column, of what is printed, and read it back."""

    def call(name, *changes, separator=","):
        code, out, _ = run("table", name, "--knowledge", folder)
        assert code == 0
        rows = list(csv.reader(io.StringIO(out)))
        for row, column, text in changes:
            rows[row][rows[0].index(column)] = text
        stream = io.StringIO()
        csv.writer(stream, delimiter=separator).writerows(rows)
        (tmp_path / "t.csv").write_text(f"\ufeff{stream.getvalue()}", encoding="utf-8")
        code, out, err = run("table", name, "--read", tmp_path / "t.csv", "--knowledge", folder)
        return code, (out or err).replace(f"{tmp_path}/", "")

    return call


def test_rules_are_rows_and_their_lines_columns(run, folder):
    code, out, _ = run("table", "rows", "--knowledge", folder)
    assert (code, next(csv.DictReader(io.StringIO(out)))) == (
        0,
        {
            "rule": "ROW-01",
            "title": "High grade",
            "when grade_class": "high",
            "when fitness": "fit",
            "when histology": "",
            "unless": "histology: unknown or deficit: false",
            "recommend": "surgery",
            "consider": "radiotherapy",
            "advise_against": "",
            "exclude": "",
            "because": "The cord needs room, and quickly.",
        },
    )


def test_all_tables_are_one_page_for_reviewers(run, folder):
    code, out, _ = run("table", "--knowledge", folder)
    assert code == 0
    assert "## rules/rows\n\nWho is operated on.\n\n| rule |" in out
    assert "| ROW-02 | Low grade | low |  | breast or renal |" in out
    assert "| sins | sins_total | 3..5 | unstable |\n" in out
    assert "rules/base" not in out  # its rules do more than argue


def test_what_is_read_back_as_it_was_changes_nothing(run, changed, folder):
    before = (folder / PLACE).read_bytes()
    for separator in ",;":
        code, out = changed("rows", separator=separator)
        assert (code, out.splitlines()[-1]) == (0, "knowledge/rules/rows.yaml: 0 cells changed")
    assert (folder / PLACE).read_bytes() == before


def test_only_the_value_of_a_changed_cell_is_written_anew(changed, folder):
    code, out = changed(
        "rows", (1, "when fitness", "unfit"), (1, "title", "Unfit"), (1, "recommend", "radiotherapy"),
        (1, "consider", "surgery"), (1, "unless", "histology: unknown"), (2, "when histology", ""),
        (2, "when fitness", "fit"), (2, "unless", "deficit: true or kps: < 50"), (2, "because", "There is room: enough."),
    )  # fmt: skip
    assert code == 0, out
    assert "ROW-01, when fitness: fit -> unfit\n" in out
    expected = (
        RULES.replace("fitness: fit\n", "fitness: unfit\n")
        .replace("title: High grade", "title: Unfit")
        .replace("surgery, stance: recommend", "radiotherapy, stance: recommend")
        .replace("radiotherapy, stance: consider", "surgery, stance: consider")
        .replace("      - {deficit: false}\n", "")
        .replace("histology: [breast, renal]}", "fitness: fit}")
        .replace("The cord has room.", '"There is room: enough."')
    )
    end = '  unless:\n    any:\n      - {deficit: true}\n      - {kps: "< 50"}\n'
    assert (folder / PLACE).read_text(encoding="utf-8") == expected + end


def test_a_recommendation_can_become_a_consideration(changed, folder):
    changed("rows", (2, "recommend", ""), (2, "consider", "radiotherapy and surgery"))
    assert "  then:\n    - argue: {pathway: [radiotherapy, surgery], stance: consider}\n  because: The cord has" in (
        folder / PLACE
    ).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["rows", None])
def test_a_table_of_markdown_is_read_back_too(run, folder, tmp_path, name):
    """One table by itself, or on the page of all of them; the bar in a cell is no border."""
    before = (folder / PLACE).read_text(encoding="utf-8")
    named = () if name is None else (name, "--format", "markdown")
    text = run("table", *named, "--knowledge", folder)[1].replace("The cord has room.", "The cord has room \\| time.")
    source = tmp_path / "table.md"
    source.write_text(text, encoding="utf-8")
    code, out, _ = run("table", "rows", "--read", source, "--knowledge", folder)
    assert (code, out.splitlines()[0]) == (0, "ROW-02, because: The cord has room. -> The cord has room | time.")
    after = (folder / PLACE).read_text(encoding="utf-8")
    assert after == before.replace("The cord has room.", "The cord has room | time.")


def test_a_mistake_in_a_table_of_markdown_is_told_by_its_line(run, folder, tmp_path):
    text = run("table", "rows", "--format", "markdown", "--knowledge", folder)[1].replace("| ROW-02 |", "| ROW-09 |")
    (tmp_path / "table.md").write_text(f"Read by a reviewer.\n\n{text}", encoding="utf-8")
    code, _, err = run("table", "rows", "--read", tmp_path / "table.md", "--knowledge", folder)
    assert code == 2
    assert "table.md:6: ROW-09: is no row that is left in the table" in err


def test_points_and_classes_of_a_score_are_read_back(changed, folder):
    file = folder / "scores" / "base.yaml"
    before = file.read_text(encoding="utf-8")
    code, _ = changed("sins", (6, "is", "0..3"), (7, "is", "4..5"))
    assert code == 0
    assert file.read_text(encoding="utf-8") == before.replace("0..2", "0..3").replace("3..5", "4..5")


def test_each_mistake_is_told_by_row_and_column_and_nothing_is_changed(changed, folder):
    before = (folder / PLACE).read_bytes()
    code, out = changed("rows", (1, "when grade_class", "hihg"), (2, "recommend", "surgry"), (2, "when fitness", "fit"))
    assert code == 2
    assert out == (
        "t.csv:2: ROW-01: column 'when grade_class': 'hihg' is not a value of grade_class (low, high). "
        "Did you mean 'high'?\n"
        "t.csv:3: ROW-02: column 'recommend': 'surgry' is not a known pathway. "
        "Did you mean 'surgery'?\n"
    )
    assert (folder / PLACE).read_bytes() == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((1, "rule", "ROW-09"), "t.csv:2: ROW-09: is no row that is left in the table; a new one is written in its file\n"),
        ((1, "unless", "unknown"), "t.csv:2: ROW-01: column 'unless': 'unknown' is no exception; write `attribute: value`"),
        ((1, "title", ""), "t.csv:2: ROW-01: column 'title': is empty; write its value\n"),
        ((2, "recommend", ""), "t.csv:3: ROW-02: column 'recommend': a rule has to argue for or against something"),
        ((0, "because", "becuase"), "t.csv:1: 'becuase' is not a column of rules/rows (rule, title,"),
        ((0, "rule", "id"), "t.csv:1: the first line names the columns, and rule is not among them"),
    ],
)  # fmt: skip
def test_what_is_no_cell_of_the_table_is_refused(changed, change, message):
    code, out = changed("rows", change)
    assert code == 2
    assert message in out


def test_a_score_that_no_longer_adds_up_is_told_at_the_points(changed):
    code, out = changed("sins", (2, "gives", "4"))
    assert (code, out.split(": ")[:2]) == (2, ["t.csv:3", "sins"])
    assert "column 'gives': the items add up to 0..6" in out


def test_what_is_no_table_is_named(run, folder):
    assert run("table", "row", "--knowledge", folder)[2] == (
        "table: 'row' is not a table (rows, sided, base). Did you mean 'rows'?\n"
    )
    assert "base: its rules do more than argue" in run("table", "rules/base", "--knowledge", folder)[2]
    assert run("table", "--read", "x.csv", "--knowledge", folder)[0] == 2


def test_the_rows_of_noms_and_every_score_are_tables():
    names = [table.name for table in tables(DEFAULT)]
    assert "rules/noms_table" in names
    assert {f"scores/{path.stem}" for path in DEFAULT.glob("scores/*.yaml")} <= set(names)
