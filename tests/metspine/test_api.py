"""`import metspine`: the same advice and the same explanations as the command line, for code and for notebooks."""

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

import metspine
from cases import read_case
from metspine.cli import app as cli
from metspine.library import LIBRARY

CASE = LIBRARY / "noms-n9.yaml"
DATA = {
    "case": "small",
    "patient": {"primary_tumour": "renal_cell", "kps": 80, "open_surgery": "able"},
    "lesions": [{"id": "T8", "escc_grade": "3", "sins_total": 14, "prior_radiotherapy": "none"}],
}


@pytest.fixture(scope="module")
def answer(knowledge):
    return metspine.advise(CASE, knowledge, settle=False)


@pytest.fixture(scope="module")
def explained(answer):
    return metspine.explain(answer)


@pytest.fixture
def printed(monkeypatch, capsys):
    """A function that runs the command line and returns what it prints."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["metspine", *map(str, arguments)])
        with pytest.raises(SystemExit):
            cli.main()
        return capsys.readouterr()

    return run


# --- importing -----------------------------------------------------------------------------------------------------


def test_importing_it_imports_nothing_of_weight():
    script = "import sys; before = set(sys.modules); import metspine; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    imported = {name.partition(".")[0] for name in done.stdout.split()}
    assert imported - set(sys.stdlib_module_names) == {"metspine"}


def test_its_public_names_are_there_and_others_are_told():
    assert set(metspine.__all__) <= set(dir(metspine))
    assert all(getattr(metspine, name) is not None for name in metspine.__all__)
    with pytest.raises(AttributeError, match="it has Answer, Explanation"):
        metspine.advice  # noqa: B018


@pytest.mark.parametrize("package", ["metspine", "engine", "explain", "cases", "knowledge_base"])
def test_it_is_typed(package):
    assert (Path(metspine.__file__).parents[1] / package / "py.typed").exists()


# --- advising ------------------------------------------------------------------------------------------------------


def test_a_file_its_data_and_the_case_give_the_same(knowledge, answer):
    case = read_case(CASE, knowledge)
    for given in (CASE, str(CASE), case):
        assert metspine.advise(given, knowledge, settle=False).advice == answer.advice
    assert metspine.advise(DATA, knowledge, settle=False).recommended == {"T8": ("separation_surgery_then_sbrt",)}


def test_it_prints_what_the_command_line_prints(answer, printed):
    assert printed("advise", CASE, "--no-settle").out == str(answer)
    assert json.loads(printed("advise", CASE, "--no-settle", "--format", "json").out) == json.loads(answer.json())


def test_settling_is_the_default(knowledge):
    assert metspine.advise(DATA, knowledge).advice.lesions[0].certainty == "provisional"


def test_settings_give_and_take_away(knowledge):
    given = {"patient.kps": 60, "T8.escc_grade": ["2", "3"], "T8.sins_total": None}
    case = metspine.advise(DATA, knowledge, settings=given, settle=False).case
    as_text = ["patient.kps=60", 'T8.escc_grade=["2", "3"]', "T8.sins_total="]
    assert case == metspine.advise(DATA, knowledge, settings=as_text, settle=False).case
    assert set(case.lesions[0].given) == {"escc_grade", "prior_radiotherapy"}


def test_other_knowledge_and_other_sides(knowledge):
    assert metspine.load("tomita").framework.id == "tomita"
    assert metspine.load(Path(metspine.__file__).parents[1] / "knowledge_base" / "noms").digest == knowledge.digest
    strict = metspine.load(sides={"grade_1c": "high"})
    assert metspine.advise(DATA, strict, settle=False).advice.knowledge_base.sides["grade_1c"] == "high"
    assert metspine.explain(DATA, strict).why("escc_class").record.knowledge_base.sides["grade_1c"] == "high"


def test_a_knowledge_base_is_compiled_once(knowledge):
    first, second = (metspine.advise(DATA, knowledge, settle=False) for _ in range(2))
    assert first.reasoner is second.reasoner


# --- explaining ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        (("why", "escc_class"), lambda e: e.why("escc_class")),
        (("why-not", "sbrt"), lambda e: e.why_not("sbrt")),
        (("arguments",), lambda e: e.arguments()),
    ],
)
def test_explanations_are_those_of_the_command_line(explained, printed, command, asked):
    (name, *about), told = command, asked(explained)
    assert printed(name, CASE, *about).out == str(told)
    assert json.loads(printed(name, CASE, *about, "--format", "json").out) == json.loads(told.json())


def test_everything_is_what_all_prints(explained, printed):
    assert printed("why-not", CASE, "sbrt", "--all").out == explained.why_not("sbrt").text(everything=True)


def test_differences_and_provenance_are_those_of_the_command_line(explained, knowledge, printed):
    other = LIBRARY / "noms-n7.yaml"
    assert str(explained.differences(metspine.explain(other, knowledge))) == printed("diff", CASE, other).out
    assert explained.provenance() == printed("prov", CASE).out.rstrip("\n")
    assert explained.provenance("provn") == printed("prov", CASE, "--format", "provn").out


def test_a_patient_is_run_once_for_all_questions(knowledge, monkeypatch):
    reasoner = metspine.advise(DATA, knowledge, settle=False).reasoner
    runs = []
    consult = reasoner.consult
    monkeypatch.setattr(reasoner, "consult", lambda *given: (runs.append(given), consult(*given))[1])
    explained = metspine.explain(DATA, knowledge)
    explained.why_not("sbrt")
    explained.why_not("cebrt")
    assert len(runs) == 1


# --- notebooks -----------------------------------------------------------------------------------------------------


class Frames(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_a_notebook_shows_the_page_in_a_frame_of_its_own(answer):
    ((tag, attributes),) = Frames(answer._repr_html_()).found
    assert tag == "iframe"
    assert attributes["srcdoc"] == answer.html()
    assert attributes["title"] == "Advice on noms-n9"
    assert "allow-same-origin" not in attributes["sandbox"]


def test_a_notebook_shows_pictures_and_texts(answer, explained):
    for shown in (answer, answer.diagram("mechanical"), explained.arguments()):
        assert ElementTree.fromstring(shown._repr_svg_()).tag.endswith("svg")
    told = explained.why("escc_class")
    assert "<h3>Why: epidural compression (L1) is high-grade (2 to 3)</h3>" in told._repr_html_()
    assert told.markdown().startswith("# Why: epidural compression (L1) is high-grade (2 to 3)\n")
    assert explained.arguments()._repr_html_().startswith("<svg")


def test_what_a_case_says_is_escaped_in_a_notebook(knowledge):
    nasty = metspine.advise({**DATA, "title": "<script>alert(1)</script>"}, knowledge, settle=False)
    assert "<script" not in nasty._repr_html_()
    assert "<script" not in metspine.explain(nasty).arguments()._repr_html_()


def test_they_say_in_a_line_what_they_are(answer, explained):
    assert repr(answer) == "<advice on noms-n9: L1: separation surgery, then SBRT.>"
    assert repr(explained.why("escc_class")) == "<Why: epidural compression (L1) is high-grade (2 to 3)>"
    assert repr(answer.diagram()).startswith("<picture, ")


def test_pictures_are_drawn_and_saved(answer, tmp_path):
    picture = answer.diagram(lesion="L1")
    assert picture.save(tmp_path / "a.dot").read_text() == picture.source == str(picture)
    assert picture.render("png").startswith(b"\x89PNG")
    assert answer.pdf().startswith(b"%PDF")


# --- mistakes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda answer: metspine.load("nmos"), "Did you mean 'noms'?"),
        (lambda answer: metspine.advise("nowhere.yaml"), "nowhere.yaml: there is no such file"),
        (lambda answer: metspine.advise({"case": "a"}), "the case: a: `lesions` is missing"),
        (
            lambda answer: metspine.advise(DATA, settings={"patient.kp": 1}),
            "settings: patient.kp=1: 'kp' is not a known attribute of the patient. Did you mean 'kps'?",
        ),
    ],
)
def test_mistakes_in_what_is_given_are_invalid(answer, wrong, message):
    with pytest.raises(metspine.Invalid) as raised:
        wrong(answer)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda answer: metspine.load(sides={"grade_1c": "hihg"}), "grade_1c=hihg: 'hihg' is not a side of grade_1c"),
        (lambda answer: metspine.explain(answer).why("sbtr"), "Did you mean 'sbrt'?"),
        (lambda answer: metspine.explain(answer).why("escc_class", "T9"), "'T9' is not a lesion of this case (L1)"),
        (lambda answer: metspine.explain(answer).why_not("sbrt=fine"), "'fine' is not a value of status"),
        (lambda answer: answer.diagram("sumary"), "Did you mean 'summary'?"),
        (lambda answer: answer.diagram(lesion="L2"), "'L2' is not a lesion of this case"),
        (
            lambda answer: answer.diagram().save("a.gif"),
            "a.gif: a diagram is drawn as .svg, .png, .pdf or .dot, and its graph is written as .json",
        ),
        (lambda answer: answer.diagram().render("gif"), "'gif' is not a format of pictures"),
    ],
)
def test_names_that_mean_nothing_are_unknown(answer, wrong, message):
    with pytest.raises(metspine.Unknown) as raised:
        wrong(answer)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: metspine.load(7), "7 is not the name or the folder of a knowledge base"),
        (lambda: metspine.advise(None), "nothing is not a case: a file, plain data or a `Case`"),
        (lambda: metspine.advise([1]), "a list is not a case: a file, plain data or a `Case`"),
        (lambda: metspine.advise(DATA, "noms"), "'noms' is not a knowledge base as `load` returns it"),
        (
            lambda: metspine.advise(DATA, settings="patient.kps=70"),
            """'patient.kps=70' is not settings: {"patient.kps": 70} or ["patient.kps=70"]""",
        ),
        (lambda: metspine.replay(3), "3 is not a file of a stored decision"),
    ],
)
def test_what_is_of_the_wrong_kind_is_told_what_is_wanted(wrong, message):
    with pytest.raises(TypeError) as raised:
        wrong()
    assert str(raised.value) == message


def test_what_a_case_expects_never_stops_advice(tmp_path):
    text = Path(CASE).read_text(encoding="utf-8")
    case = tmp_path / "noms-n9.yaml"
    case.write_text(text[: text.index("\nexpect:")] + "\nexpect: {T99: {fired: [GONE-01]}}\n", encoding="utf-8")
    assert metspine.advise(case).recommended == metspine.advise(CASE).recommended
    assert "GONE" not in metspine.advise(case).json()
