"""Ten patients and everything that is said of them, as files to read aloud: what reads badly there is to be rewritten.

One or more for each letter, two lesions, a contradiction, a lesion of which nothing is known, disputes, prognosis. When
the knowledge changes, `pytest tests/explain/test_golden.py --snapshot-update` renews them, and the difference is read.
"""

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

import metspine

# case, what is asked why, what is asked why not
CASES = {
    "noms-n9": ("separation_surgery_then_sbrt", "sbrt"),  # every letter, one row of the table
    "boundary-sins-7": ("mechanical_stability", "cebrt"),  # M, and a dispute that decides
    "lymphoma-confirmed": ("cebrt_response", "separation_surgery_then_sbrt"),  # O
    "emergency-breast-with-deficit": ("dexamethasone", "dexamethasone"),  # N
    "fitness-asa-4": ("performance", "surgical_fitness=able"),  # S
    "two-lesions": ("T6.mechanical_stability", "L3/observation"),
    "contradiction-kps-ecog": ("performance", "performance"),
    "unknown-everything": ("mechanical_stability", "sbrt"),
    "vector-1c-sarcoma": ("cebrt_response", "sbrt"),  # grade 1c, on which sources part
    "score-katagiri-targeted": ("katagiri_total", "systemic_therapy"),  # prognosis
}


class Words(SingleFileSnapshotExtension):
    """A file of its own for each text."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


class Dot(Words):
    """A file of its own for each drawing."""

    file_extension = "dot"


@pytest.fixture(scope="module", params=CASES)
def answer(request, answer_on):
    return answer_on(request.param, settle=True)


@pytest.fixture(scope="module")
def explained(answer):
    return metspine.explain(answer)


@pytest.fixture
def compare(answer, snapshot):
    """A function that holds a text against its file, without the digest, which any word of the knowledge changes."""

    def compared(text, kind=Words):
        told = text.replace(answer.knowledge.digest[:12], "(digest)").replace(answer.digest[:12], "(decision)")
        assert told == snapshot(extension_class=kind)

    return compared


def width(text):
    return max(map(len, text.splitlines()))


def test_advice(answer, compare):
    compare(str(answer))
    assert width(str(answer)) <= 100


def test_why(answer, explained, compare):
    text = str(explained.why(CASES[answer.case.id][0]))
    compare(text)
    assert width(text) <= 100


def test_why_not(answer, explained, compare):
    text = str(explained.why_not(CASES[answer.case.id][1]))
    compare(text)
    assert width(text) <= 100


def test_drawing(answer, compare):
    compare(answer.diagram().source, Dot)
