"""The record of a decision: it explains itself, is read strictly, and every kind of tampering is found and rightly named."""

import copy
import hashlib
import json
from contextlib import suppress

import jsonschema
import pytest
import rfc8785
from typer.testing import CliRunner

import metspine.api
from engine.decision import OF_ADVICE, OF_LESIONS
from engine.record import DecisionRecord, seal
from engine.versions import ROOMS, _digest, engine_stamp
from knowledge_base import Invalid, load
from knowledge_base.schema import DIALECT
from metspine.cli.app import app
from metspine.library import LIBRARY

CASES = [LIBRARY / name for name in ("two-lesions.yaml", "noms-n9.yaml")]


@pytest.fixture(scope="module")
def answers(knowledge):
    return [metspine.advise(case, knowledge) for case in CASES]


@pytest.fixture(scope="module")
def texts(answers):
    return [answer.record() for answer in answers]


@pytest.fixture(scope="module")
def bare(decision):
    """The same decisions with nothing asked beside them."""
    return [decision(case).record() for case in CASES]


def decided(advice):
    """Return advice without what options add to it."""
    advice = copy.deepcopy(advice)
    for names in OF_ADVICE.values():
        for name in names:
            advice.pop(name, None)
    for names in OF_LESIONS.values():
        for lesion in advice["lesions"]:
            for name in names:
                lesion.pop(name, None)
    return advice


def resealed(data):
    """Return a record with digests of what it holds now, as a forger would write them who knows the format."""
    data["digests"]["advice"] = hashlib.sha256(rfc8785.dumps(data["advice"])).hexdigest()
    data["digests"]["decision"] = hashlib.sha256(rfc8785.dumps(decided(data["advice"]))).hexdigest()
    data["digests"].pop("record")
    data["digests"]["record"] = hashlib.sha256(rfc8785.dumps(data)).hexdigest()
    return data


def test_it_says_who_gave_it_and_holds_what_it_cites(answers, texts, knowledge):
    record = json.loads(texts[0])
    assert record["schema"] == "metspine.record/1"
    assert record["engine"] == engine_stamp().model_dump()
    assert record["options"] == {"settle": True, "vary": False, "plan": True}
    assert record["case_file_sha256"] == hashlib.sha256(CASES[0].read_bytes()).hexdigest()
    fired = {firing["rule"] for firing in record["advice"]["firings"]}
    waiting = {a["rule"] for x in record["advice"]["lesions"] for o in x["options"] for a in o["open_arguments"]}
    assert fired | waiting == set(record["rules"])
    for rule in record["rules"].values():
        assert rule["text"]
        assert {source["ref"] for source in rule["sources"]} <= set(record["sources"])
    assert {fact["attribute"] for fact in record["advice"]["facts"]} == set(record["labels"]["attributes"])
    for name in fired & set(knowledge.rules):
        assert record["rules"][name]["version"] == knowledge.rules[name].version


def test_its_digests_are_those_of_canonical_json_by_another_program(answers, texts):
    record = json.loads(texts[1])
    digests = dict(record["digests"])
    assert resealed(record)["digests"] == digests
    assert digests["decision"] == answers[1].digest
    assert digests["decision"] in answers[1].html()


def test_one_decision_has_one_digest_whatever_else_is_asked(answers, knowledge):
    bare = metspine.advise(CASES[1], knowledge, settle=False)
    varied = metspine.advise(CASES[1], knowledge, settle=False, vary=True)
    assert bare.digest == varied.digest == answers[1].digest
    assert bare.json() != varied.json() != answers[1].json()


def test_every_door_names_the_decision_by_the_same_digest(answers, texts, replay):
    """By the words "decision" and its digest: whole where an auditor reads, in short in small print."""
    import io

    from pypdf import PdfReader

    answer = answers[1]
    whole = hashlib.sha256(rfc8785.dumps(decided(json.loads(answer.json())))).hexdigest()
    assert answer.digest == whole
    assert json.loads(texts[1])["digests"]["decision"] == whole
    assert replay(texts[1]).record.decision == whole
    assert f"decision         {whole}" in replay(texts[1]).text()
    assert f"<dt>Decision (SHA-256)</dt><dd><code>{whole}</code>" in answer.html()
    printed = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.pdf(full=True))).pages)
    assert whole in printed.replace("\n", "")
    short = f"decision {whole[:12]}"
    assert short in PdfReader(io.BytesIO(answer.pdf())).pages[0].extract_text()
    for text in (answer.text(), answer.text(full=True), answer.markdown()):
        assert short in " ".join(text.split())
    for view in ("summary", "everything"):
        assert short in answer.diagram(view).source.replace("<BR/>", " ").replace("\u00a0", " ")


def test_its_schema_describes_it(texts):
    schema = DecisionRecord.model_json_schema(mode="serialization")
    jsonschema.validators.validator_for({"$schema": DIALECT})(schema).validate(json.loads(texts[0]))


def test_an_untouched_record_is_the_same(texts, replay):
    for text in texts:
        found = replay(text)
        assert found.record.verdict == "same"
        assert found.record.departures == ()
        assert found.text().splitlines()[2].startswith("» Same: ")


def test_everything_that_reads_a_case_reads_a_record(texts, tmp_path, knowledge, answers):
    (file := tmp_path / "record.json").write_text(texts[1], encoding="utf-8")
    again = metspine.advise(file, knowledge)
    assert (again.json(), again.html()) == (answers[1].json(), answers[1].html())
    one, two = metspine.explain(file, knowledge), metspine.explain(answers[1])
    name = answers[1].advice.lesions[0].recommended[0]
    assert one.why(name).text() == two.why(name).text()
    assert one.why_not("cebrt").text() == two.why_not("cebrt").text()
    assert one.provenance() == two.provenance()


# --- tampering -----------------------------------------------------------------------------------------------------


def set_to(*path, to):
    def change(data):
        holder = data
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = to

    return change


def take(*path):
    def change(data):
        holder = data
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]

    return change


def empty_certainty(data):
    for lesion in data["advice"]["lesions"]:
        lesion["certainty"], lesion["possible"] = None, []
    for name in OF_ADVICE["settle"]:
        data["advice"][name] = []


def empty_certainty_and_say_so(data):
    empty_certainty(data)
    data["options"]["settle"] = False


def empty_half(data):
    data["advice"]["lesions"][0]["certainty"] = None


def swap_side(data):
    data["advice"]["knowledge_base"]["sides"]["grade_1c"] = "high"


def reorder(data):
    firings = data["advice"]["firings"]
    firings[0], firings[1] = firings[1], firings[0]


def rename_case(data):
    data["case"]["case"] = data["advice"]["case"] = "somebody-else"


def rename_case_once(data):
    data["advice"]["case"] = "somebody-else"


def other_engine(data):
    data["engine"]["digest"] = "0" * 64
    data["advice"]["lesions"][0]["recommended"] = ["nothing"]


def other_input(data):
    data["case"]["lesions"][0]["cord_signal"] = True


REC = ("advice", "lesions", 0, "recommended")
FIRST = ("advice", "firings", 0)
SEALED = {  # what is found although the forger writes the digests anew
    "recommendation": (set_to(*REC, to=["nothing"]), "altered"),
    "recommendation emptied": (set_to(*REC, to=[]), "altered"),
    "status": (set_to("advice", "lesions", 0, "options", 0, "status", to="excluded"), "altered"),
    "firing left out": (take(*FIRST), "altered"),
    "firings in another order": (reorder, "altered"),
    "reason": (set_to(*FIRST, "because", to="because"), "altered"),
    "rule version": (set_to(*FIRST, "version", to="0" * 12), "altered"),
    "basis": (set_to(*FIRST, "chain_basis", to="primary"), "altered"),
    "premise": (set_to("advice", "firings", -1, "premises", 0, "test", to="anything"), "altered"),
    "fact": (set_to("advice", "facts", 0, "words", to="well"), "altered"),
    "given value": (set_to("advice", "facts", 0, "given", to="x"), "altered"),
    "notice": (set_to("advice", "notice", to="no doubt"), "altered"),
    "alert left out": (set_to("advice", "alerts", to=[]), "altered"),
    "measure left out": (take("advice", "measures", 0), "altered"),
    "case in one place": (rename_case_once, "altered"),
    "title in one place": (set_to("case", "title", to="other"), "altered"),
    "knowledge digest": (set_to("advice", "knowledge_base", "digest", to="0" * 64), "other_knowledge"),
    "knowledge version": (set_to("advice", "knowledge_base", "version", to="9.9.9"), "altered"),
    "program": (other_engine, "other_engine"),
    "rule text": (lambda data: next(iter(data["rules"].values()))["text"].update(when={}), "altered"),
    "rule left out": (lambda data: data["rules"].popitem(), "altered"),
    "source": (lambda data: next(iter(data["sources"].values())).update(citation="somebody"), "altered"),
    "label": (lambda data: next(iter(data["labels"]["attributes"].values())).update(label="something"), "altered"),
    "case with more than a record holds": (set_to("case", "expect", to={}), "altered"),
    "number with a fraction": (set_to("advice", "facts", 0, "given", to=4.0), "altered"),
}
SETTLED = {  # the same, of what options add
    "plan": (set_to("advice", "lesions", 0, "plan", "recommended", to=["nothing"]), "altered"),
    "question left out": (take("advice", "questions", 0), "altered"),
    "possibility left out": (take("advice", "lesions", 0, "possible", 0), "altered"),
    "certainty of one lesion": (empty_half, "altered"),
    "certainty, all of it": (empty_certainty, "other_options"),
}
UNSEALED = {  # what only its digests tell: the record would have been genuine for another patient or question
    "case everywhere": rename_case,
    "side that does not bear": swap_side,
    "certainty, and its option": empty_certainty_and_say_so,
    "digest of the case file": set_to("case_file_sha256", to="0" * 64),
    "python": set_to("engine", "python", to="2.7"),
    "decision digest": set_to("digests", "decision", to="0" * 64),
    "advice digest": set_to("digests", "advice", to="0" * 64),
    "record digest": set_to("digests", "record", to="0" * 64),
}
REFUSED = {  # what no program of ours would have written, by the place that is named
    "text for a number": (set_to(*FIRST, "sequence", to="4"), "advice.firings[0].sequence"),
    "fraction for a whole number": (set_to(*FIRST, "sequence", to=4.0), "advice.firings[0].sequence"),
    "number for a truth": (set_to("advice", "lesions", 0, "stopped", to=0), "advice.lesions[0].stopped"),
    "a digest that is none": (set_to("case_file_sha256", to="none"), "case_file_sha256"),
    "unknown key": (set_to("advice", "extra", to=1), "advice.extra"),
    "unknown option": (set_to("options", "guess", to=True), "options.guess"),
    "missing key": (take("advice", "notice"), "advice.notice"),
    "not a number": (set_to("advice", "facts", 0, "given", to=float("nan")), "advice.facts[0].given"),
    "endless": (set_to("advice", "facts", 0, "given", to=float("inf")), "advice.facts[0].given"),
    "escape": (set_to("advice", "title", to="\x1b[2J"), "advice.title"),
    "reading direction": (set_to("advice", "title", to="\u202e"), "advice.title"),
    "half a character": (set_to("advice", "title", to="\ud800"), "advice.title"),
}


@pytest.mark.parametrize("kind", SEALED)
def test_a_forgery_with_new_digests_is_found_and_named(kind, bare, replay):
    change, verdict = SEALED[kind]
    found = forged(bare[0], change, replay)
    assert found.record.verdict == verdict, found.text()


@pytest.mark.parametrize("kind", SETTLED)
def test_a_forgery_of_what_options_add_is_found_and_named(kind, texts, replay):
    change, verdict = SETTLED[kind]
    found = forged(texts[1], change, replay)
    assert found.record.verdict == verdict, found.text()


@pytest.mark.slow
@pytest.mark.parametrize("case", sorted(LIBRARY.glob("*.yaml"))[::21], ids=lambda file: file.stem)
def test_every_forgery_is_found_on_twenty_patients(case, decision, replay):
    text = decision(case).record()
    held_against(text, SEALED, replay)
    for kind, change in UNSEALED.items():
        with suppress(IndexError, KeyError, TypeError):
            change(data := json.loads(text))
            assert data == json.loads(text) or replay(data).record.verdict == "altered", kind
    for kind, (change, place) in REFUSED.items():
        with suppress(IndexError, KeyError, TypeError):
            change(data := json.loads(text))
            with pytest.raises(Invalid) as refused:
                replay(data)
            assert place in str(refused.value), kind


@pytest.mark.slow
@pytest.mark.parametrize("case", sorted(LIBRARY.glob("*.yaml"))[::21], ids=lambda file: file.stem)
def test_every_forgery_of_what_options_add_is_found_on_twenty_patients(case, knowledge, replay):
    held_against(metspine.advise(case, knowledge).record(), SETTLED, replay)


def held_against(text, kinds, replay):
    """Hold what becomes of each forgery against its name; what this patient has nothing of is left out."""
    for kind, (change, verdict) in kinds.items():
        with suppress(IndexError, KeyError, TypeError):
            found = forged(text, change, replay)
            assert found is None or found.record.verdict == verdict, kind


def forged(text, change, replay):
    """Return what becomes of a changed record with new digests; None when nothing was changed."""
    data = json.loads(text)
    change(data)
    if json.dumps(data) == json.dumps(json.loads(text)):
        return None
    found = replay(resealed(data))
    assert found.record.departures
    assert not found.record.is_same
    return found


@pytest.mark.parametrize("kind", UNSEALED)
def test_what_bears_on_nothing_is_told_by_the_digests(kind, bare, texts, replay):
    UNSEALED[kind](data := json.loads((texts if "certainty" in kind else bare)[0]))
    found = replay(data).record
    assert found.verdict == "altered"
    assert any(departure.place.startswith("digests.") for departure in found.departures)


@pytest.mark.parametrize("kind", REFUSED)
def test_what_could_not_have_been_written_is_refused_by_its_place(kind, bare, replay):
    change, place = REFUSED[kind]
    change(data := json.loads(bare[0]))
    with pytest.raises(Invalid) as refused:
        replay(data)
    assert place in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("key", ["recommended", "knowledge_base", "schema"])
def test_a_repeated_key_is_refused_whichever_would_win(key, bare, replay):
    at = bare[0].index(f'"{key}":')
    with pytest.raises(Invalid, match=f"{key}: is given twice"):
        replay(bare[0][:at] + f'"{key}": null,' + bare[0][at:])


@pytest.mark.parametrize("text", ["4.50", "-0", "1" * 400, "01"])
def test_a_number_in_another_spelling_is_refused(text, bare, replay):
    with pytest.raises(Invalid):
        replay(bare[0].replace('"sequence": 1,', f'"sequence": {text},', 1))


def test_a_record_of_another_format_is_told(bare, replay):
    found = replay(bare[0].replace("metspine.record/1", "metspine.record/2", 1))
    assert found.record.verdict == "other_schema"
    assert "! Other format" in found.text()


def test_a_record_that_denies_itself_is_not_explained(bare, tmp_path, knowledge):
    rename_case(data := json.loads(bare[0]))
    (file := tmp_path / "record.json").write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(Invalid, match="was altered"):
        metspine.explain(file, knowledge)


def test_what_was_given_beside_the_case_is_recorded_and_not_asked_again(tmp_path):
    asked = ("--set", "L1.escc_grade=2", "--set", "patient.kps=60", "--side", "grade_1c=high", "--no-settle")
    made = CliRunner().invoke(app, ["advise", str(CASES[1]), *asked, "--format", "record"])
    (file := tmp_path / "record.json").write_text(made.stdout, encoding="utf-8")
    record = json.loads(made.stdout)
    assert record["settings"] == ["L1.escc_grade=2", "patient.kps=60"]
    assert (record["case"]["patient"]["kps"], record["case"]["lesions"][0]["escc_grade"]) == (60, "2")
    assert record["advice"]["knowledge_base"]["sides"]["grade_1c"] == "high"
    assert "Same" in CliRunner().invoke(app, ["replay", str(file)]).stdout


def test_a_record_of_another_framework_is_repeated_by_its_name(tmp_path):
    (file := tmp_path / "record.json").write_text(metspine.advise(CASES[1], load("tomita")).record(), encoding="utf-8")
    assert "Same" in CliRunner().invoke(app, ["replay", str(file)]).stdout


def test_a_record_of_other_knowledge_asks_for_it(bare, tmp_path):
    (file := tmp_path / "record.json").write_text(bare[0], encoding="utf-8")
    with pytest.raises(Invalid, match=r"was given under other knowledge .*--knowledge"):
        metspine.advise(file, metspine.load("tomita"))


def test_the_seal_is_over_all_but_itself(bare):
    record = DecisionRecord.model_validate_json(bare[0])
    assert record.digests.record == seal(record)
    changed = record.model_copy(update={"case_file_sha256": None})
    assert seal(changed) != seal(record)


def test_the_digest_of_the_program_knows_names_and_contents_and_no_line_ends(tmp_path):
    for room in ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "a.py").write_bytes(b"A = 1\n")
    first = _digest(tmp_path)
    (tmp_path / ROOMS[0] / "a.py").write_bytes(b"A = 1\r\n")
    assert _digest(tmp_path) == first
    (tmp_path / ROOMS[0] / "a.py").write_bytes(b"A = 2\n")
    assert _digest(tmp_path) != first
    (tmp_path / ROOMS[0] / "a.py").write_bytes(b"A = 1\n")
    (tmp_path / ROOMS[0] / "a.py").rename(tmp_path / ROOMS[0] / "b.py")
    assert _digest(tmp_path) != first


def test_the_program_says_which_it_is():
    said = CliRunner().invoke(app, ["--version"]).stdout
    stamp = engine_stamp()
    assert said.splitlines()[:2] == [f"metspine {stamp.metspine}", f"engine {stamp.digest}"]
    assert f"Python {stamp.python}, experta {stamp.packages['experta']}" in said
