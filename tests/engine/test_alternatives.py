"""What would change the advice, asked of a patient as a clinician would ask it."""

from pathlib import Path

import pytest

from cases import read_case
from cases.model import Case
from engine import Reasoner, advise
from engine.alternatives import Alternatives, alternatives
from engine.run import Run
from engine.symbolic.completions import completed
from knowledge_base import KnowledgeBase

LIBRARY = Path(__file__).parents[2] / "cases" / "library"


@pytest.fixture
def n9(noms: KnowledgeBase) -> Case:
    return read_case(LIBRARY / "noms-n9.yaml", noms)


def rerun(case: Case, found: Alternatives, reasoner: Reasoner) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return what each set of changes is said to lead to, and what it leads to with the first value of each."""
    vocabulary, pairs = reasoner.knowledge.vocabulary, []
    for lesion in found.lesions:
        for told in (*lesion.changes.changeable.sets, *lesion.changes.fixed.sets):
            values = []
            for change in told.changes:
                attribute = vocabulary[change.fact.attribute]
                raw = change.values
                if isinstance(raw, list) and attribute.type != "several":
                    raw = raw[0]
                elif isinstance(raw, str) and ".." in raw:
                    raw = float(raw.partition("..")[0]) if not attribute.whole else int(raw.partition("..")[0])
                values.append((change.fact, attribute.read(raw)))
            advice = advise(completed(case, values), reasoner)
            pairs.append((told.recommended, next(x.recommended for x in advice.lesions if x.id == lesion.lesion)))
    return pairs


def test_every_set_that_is_told_leads_where_it_says(n9, reasoner):
    pairs = rerun(n9, alternatives(Run(n9, reasoner)), reasoner)
    assert len(pairs) >= 5
    assert all(sorted(said) == sorted(became) for said, became in pairs)


def test_one_graded_reading_is_enough_for_another_operation(n9, reasoner):
    (lesion,) = alternatives(Run(n9, reasoner)).lesions
    assert lesion.changes.changeable.size == 1
    ways = {change.recommended: change for change in lesion.changes.changeable.sets}
    (change,) = ways["stabilization_then_sbrt",].changes
    assert (str(change.fact), change.given, change.values) == ("L1.escc_grade", "3", ["0", "1a", "1b"])
    assert ways["stabilization_then_sbrt",].rules == ("NOMS-04",)


def test_what_cannot_change_is_kept_apart(n9, noms, reasoner):
    (lesion,) = alternatives(Run(n9, reasoner)).lesions
    changed = {c.fact.attribute for s in lesion.changes.changeable.sets for c in s.changes}
    assert not any(noms.vocabulary[name].fixed for name in changed)
    for told in lesion.changes.fixed.sets:
        assert any(noms.vocabulary[change.fact.attribute].fixed for change in told.changes)


def test_a_pathway_asked_for_by_name_may_need_something_told_that_is_not_known(n9, reasoner):
    found = alternatives(Run(n9, reasoner), "sbrt")
    (told,) = found.lesions[0].changes.changeable.sets
    assert [(str(change.fact), change.given) for change in told.changes] == [
        ("L1.escc_grade", "3"),
        ("L1.stability_opinion", None),
    ]
    assert all("sbrt" in became for _, became in rerun(n9, found, reasoner))


def test_a_pathway_that_is_recommended_needs_nothing(n9, reasoner):
    (lesion,) = alternatives(Run(n9, reasoner), "separation_surgery_then_sbrt").lesions
    assert lesion.changes.already
    assert lesion.changes.changeable.sets == lesion.changes.fixed.sets == ()


def test_one_lesion_of_several_can_be_asked_about(noms, reasoner):
    case = read_case(LIBRARY / "two-lesions.yaml", noms)
    assert [x.lesion for x in alternatives(Run(case, reasoner), lesion="T6").lesions] == ["T6"]


@pytest.mark.parametrize(
    ("pathway", "lesion", "message"),
    [
        ("sbtr", None, "'sbtr' is not a pathway. Did you mean 'sbrt'?"),
        ("sbrt", "L2", "'L2' is not a lesion of this case (L1)"),
    ],
)
def test_a_name_that_means_nothing_is_answered_with_what_would_be_right(n9, reasoner, pathway, lesion, message):
    with pytest.raises(ValueError) as raised:
        alternatives(Run(n9, reasoner), pathway, lesion)
    assert str(raised.value) == message


def test_advice_tells_it_only_when_asked(n9, reasoner):
    plain = advise(n9, reasoner)
    assert (plain.lesions[0].changes, plain.neighbours) == (None, None)
    varied = advise(n9, reasoner, vary=True)
    assert varied.lesions[0].changes == alternatives(Run(n9, reasoner)).lesions[0].changes
    assert varied.neighbours is not None
    assert varied.neighbours.recommended == {"L1": ("separation_surgery_then_sbrt",)}
