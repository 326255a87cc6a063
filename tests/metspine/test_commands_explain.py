"""The commands that explain, from the outside: what is printed, where, and with which exit code."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

LIBRARY = Path(__file__).parents[2] / "cases" / "library"
CASE, OTHER = str(LIBRARY / "noms-n9.yaml"), str(LIBRARY / "noms-n7.yaml")
PATHWAY = "separation_surgery_then_sbrt"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("why", CASE, PATHWAY), "The only proof"),
        (("why-not", CASE, "sbrt"), "nearest miss first"),
        (("change", CASE), "A single change leads to another recommendation."),
        (("change", CASE, "sbrt", "--lesion", "L1"), "at least two changes together"),
        (("sure", CASE), "SINS total 16: 4 above 12"),
        (("arguments", CASE), "Laufer 2013 (decision table, row 9)"),
        (("diff", CASE, OTHER), "What fired"),
    ],
)
def test_text_says_it_on_a_page(run, arguments, words):
    code, out, err = run(*arguments)
    assert (code, err) == (0, "")
    assert words in out
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize(
    "arguments",
    [
        ("why", CASE, PATHWAY),
        ("why-not", CASE, "sbrt"),
        ("arguments", CASE),
        ("diff", CASE, OTHER),
        ("prov", CASE),
    ],
)
def test_json_is_json(run, arguments):
    code, out, err = run(*arguments, "--format", "json")
    assert (code, err) == (0, "")
    assert isinstance(json.loads(out), dict)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("change", ("change", CASE)), ("change", ("change", CASE, "sbrt")), ("sure", ("sure", CASE))],
)
def test_json_follows_its_schema(run, name, arguments):
    code, out, err = run(*arguments, "--format", "json")
    assert (code, err) == (0, "")
    jsonschema.validate(json.loads(out), json.loads(run("schema", name)[1]))


def test_advice_with_its_changes_follows_the_schema_of_advice(run):
    _, out, _ = run("advise", CASE, "--changes", "--format", "json")
    advice = json.loads(out)
    jsonschema.validate(advice, json.loads(run("schema", "advice")[1]))
    assert advice["lesions"][0]["changes"]["changeable"]["size"] == 1
    assert advice["neighbours"]["holds"] is True


def test_stored_advice_is_replayed_and_an_alteration_ends_in_1(run, tmp_path):
    stored = tmp_path / "stored.json"
    stored.write_text(run("advise", CASE, "--format", "json")[1], encoding="utf-8")
    code, out, err = run("replay", str(stored))
    assert (code, err) == (0, "")
    assert "» Same: " in out
    stored.write_text(stored.read_text(encoding="utf-8").replace(PATHWAY, "sbrt"), encoding="utf-8")
    code, out, _ = run("replay", str(stored))
    assert code == 1
    assert "more places; `--all` lists them" in out
    code, out, _ = run("replay", str(stored), "--format", "json")
    assert code == 1
    jsonschema.validate(json.loads(out), json.loads(run("schema", "replay")[1]))


def test_prov_n_is_a_document(run):
    _, out, _ = run("prov", CASE, "--format", "provn")
    assert out.startswith("document")
    assert out.endswith("endDocument\n")


@pytest.mark.parametrize("name", ["sins_pain", "sins.pain", "L1.sins.pain", "SINS pain"])
def test_a_fact_is_named_by_its_id_by_its_place_in_a_case_or_by_its_label(run, name):
    assert run("why", CASE, name)[1] == run("why", CASE, "L1.sins_pain")[1]


def test_a_pathway_is_named_by_its_label(run):
    asked = "Stereotactic radiotherapy"
    assert run("why-not", CASE, asked)[1] == run("why-not", CASE, "sbrt")[1]
    assert run("change", CASE, asked)[1] == run("change", CASE, "sbrt")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("why", CASE, "points for visceral metastases"), "'points for visceral metastases' may be "),
        (("why", CASE, "escc_clas"), "Did you mean 'escc_class'?"),
        (("why", CASE, "escc_class", "--lesion", "T8"), "is not a lesion of this case (L1)"),
        (("why-not", CASE, "escc_class=lo"), "Did you mean 'low'?"),
        (("change", CASE, "sbtr"), "'sbtr' is not a pathway. Did you mean 'sbrt'?"),
        (("change", CASE, "sbrt", "--lesion", "L2"), "'L2' is not a lesion of this case (L1)"),
        (("why-not", CASE, "sbrt="), "no value is written after sbrt=; write one, or leave out the ="),
        (("replay", CASE), "is not JSON"),
        (("replay", "nowhere.json"), "nowhere.json: there is no such file; check the path"),
        (("diff", CASE), "give a second case, or --knowledge-a and --knowledge-b"),
        (("arguments", CASE, "--diagram", "x.txt"), "a diagram is drawn as .svg, .png, .pdf or .dot"),
    ],
)
def test_wrong_use_is_told_and_ends_in_2(run, arguments, message):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_pictures_are_written(run, tmp_path):
    for name, arguments in (("a.svg", ("arguments", CASE)), ("d.dot", ("diff", CASE, OTHER))):
        code, _, err = run(*arguments, "--diagram", str(tmp_path / name))
        assert (code, err) == (0, f"diagram: {tmp_path / name}\n")
        assert (tmp_path / name).stat().st_size > 1000


def test_a_pipe_is_not_read_twice(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "metspine", "diff", "/dev/stdin", "--knowledge-b", "tomita"],
        input=Path(CASE).read_text(encoding="utf-8"), capture_output=True, text=True,
    )  # fmt: skip
    message = "/dev/stdin: is read twice, and can be read only once; save it to a file first\n"
    assert (done.returncode, done.stderr) == (2, message)


def test_rdf_without_the_package_that_writes_it_ends_with_how_to_get_it(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "rdflib", None)
    code, out, err = run("prov", CASE, "--format", "nquads")
    assert (code, out) == (2, "")
    assert err == "--format nquads needs rdflib; install it with: pip install 'metspine[rdf]'\n"
