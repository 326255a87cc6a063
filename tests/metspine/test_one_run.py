"""One run behind an answer: whatever is asked of a case, it is consulted and encoded once."""

from collections import Counter
from pathlib import Path

import pytest

import metspine
from engine.inference.session import Reasoner
from engine.symbolic.encoding import Encoding
from metspine.library import LIBRARY

CASE = LIBRARY / "noms-n9.yaml"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[object, ...]]:
    """Count consultations by case and sides of disputes, and encodings by case and kind of input."""
    count: Counter[tuple[object, ...]] = Counter()
    consult, encode = Reasoner.consult, Encoding.__init__

    def consulted(self, case, knowledge=None):
        sides = tuple(sorted((knowledge or self.knowledge).sides.items()))
        count["consultation", repr(case.patient), repr(case.lesions), sides] += 1
        return consult(self, case, knowledge)

    def encoded(self, knowledge, case, maker, *more):
        if maker.__name__ != "Free":  # a program, compiled of knowledge alone where none is kept
            count["encoding", repr(case.patient), maker.__name__] += 1
        encode(self, knowledge, case, maker, *more)

    monkeypatch.setattr(Reasoner, "consult", consulted)
    monkeypatch.setattr(Encoding, "__init__", encoded)
    return count


def test_a_report_with_everything_in_it_consults_once_a_side_and_encodes_once_a_kind(counted):
    answer = metspine.advise(CASE, vary=True)
    answer.html()
    assert {count for (kind, *_), count in counted.items() if kind == "consultation"} == {1}
    encodings = {name: count for (kind, *_, name), count in counted.items() if kind == "encoding"}
    assert encodings == {"Turning": 2, "_only_given": 1}  # the plan asks completions of its own
    counted.clear()
    explained = metspine.explain(answer)
    explained.arguments()
    explained.why("separation_surgery_then_sbrt")
    explained.change()
    explained.provenance()
    patient = repr(answer.case.patient), repr(answer.case.lesions)
    assert not any(key[1:3] == patient for key in counted)  # nothing of the patient as given is run again


def test_differences_consult_each_side_once(counted, tmp_path: Path):
    other = tmp_path / "other.yaml"
    other.write_text(CASE.read_text(encoding="utf-8").replace("kps: 80", "kps: 50"), encoding="utf-8")
    assert other.read_text(encoding="utf-8") != CASE.read_text(encoding="utf-8")
    metspine.explain(CASE).differences(metspine.explain(other))
    own = {key[1:3] for key in counted}
    assert len(own) == 2
    assert set(counted.values()) == {1}
