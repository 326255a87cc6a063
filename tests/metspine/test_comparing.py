"""The commands that compare, and the options that change what is compared."""

import json
from pathlib import Path

import pytest

from knowledge_base.loading.frameworks import DEFAULT

CASE = """
case: one
patient: {fitness: fit}
lesions: [{id: T8, grade: "2", histology: renal, gap_mm: 9}]
source_decision: {treatments: [knife], confidence: clear}
"""
TREATMENTS = "- {id: knife, label: the knife}\n- {id: beam, label: the beam}\n"
PATHWAYS = """
- {id: radiotherapy, label: radiotherapy, summary: Irradiate., involves: [beam], given_as: [[beam]]}
- {id: surgery, label: surgery, summary: Operate., involves: [open_surgery], given_as: [[knife]]}
"""


@pytest.fixture
def toy(write_knowledge) -> str:
    options = (DEFAULT / "rules" / "options.yaml").read_text(encoding="utf-8")
    files = {"rules/options.yaml": options, "treatments.yaml": TREATMENTS, "pathways.yaml": PATHWAYS}
    return str(write_knowledge(files))


@pytest.fixture
def case(tmp_path: Path) -> str:
    path = tmp_path / "one.yaml"
    path.write_text(CASE, encoding="utf-8")
    return str(path)


@pytest.fixture
def run(run, toy):
    return lambda *arguments: run(*arguments, "--knowledge", toy)


def recommended(out: str) -> list[str]:
    return json.loads(out)["lesions"][0]["recommended"]


def test_a_value_beside_the_case_is_recorded_as_given(run, case):
    code, out, _ = run("advise", case, "--set", "T8.gap_mm=1", "--format", "json")
    advice = json.loads(out)
    assert code == 0
    assert recommended(out) == []
    assert next(fact for fact in advice["facts"] if fact["id"] == "T8.gap_mm")["given"] == 1


def test_another_side_can_be_taken(run, case):
    _, out, _ = run("advise", case, "--set", "T8.gap_mm=1", "--side", "gap=any", "--format", "json")
    assert recommended(out) == ["surgery"]
    assert json.loads(out)["knowledge_base"]["sides"] == {"gap": "any"}


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("--set", "T8.gapp_mm=1"), "--set: T8.gapp_mm=1: 'gapp_mm' is not a known attribute of the lesion."),
        (("--side", "gap=an"), "--side: gap=an: 'an' is not a side of gap (two, three, any). Did you mean 'any'?"),
        (("--side", "gap"), "--side: gap: '' is not a side of gap (two, three, any)"),
    ],
)
def test_a_wrong_option_says_what_is_wrong(run, case, option, message):
    code, out, err = run("advise", case, *option)
    assert (code, out) == (2, "")
    assert err.startswith(message)


def test_compare_with_a_folder(run, case, toy):
    code, out, _ = run("compare", case, "--with", toy, "--format", "json")
    views = json.loads(out)["lesions"][0]["views"]
    assert code == 0
    assert [view["relation"] for view in views] == ["itself", "agrees"]
    assert "A toy: agrees" in run("compare", case, "--with", toy)[1]


def test_agreement_of_a_file_and_of_a_folder(run, case):
    code, out, _ = run("agreement", case)
    assert code == 0
    assert "| one:  | the knife (clear) | surgery | firm | 0 | 0 | agrees |" in out
    assert run("agreement", str(Path(case).parent))[1] == out


def test_agreement_writes_its_page(run, case, tmp_path):
    page = tmp_path / "new" / "page.md"
    code, out, err = run("agreement", case, "--write", "--to", str(page))
    assert (code, out, err) == (0, "", f"written: {page}\n")
    assert "agrees" in page.read_text()


def test_agreement_needs_cases_that_say_what_was_done(run, case):
    Path(case).write_text(CASE.partition("source_decision")[0])
    assert run("agreement", case)[::2] == (2, "no case says what its source did; add `source_decision` to one\n")
