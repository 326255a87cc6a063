"""What nobody touched is never called altered: every worked patient, whatever was asked, under whichever sides.

Asked is every combination of the options that add to a record. The sides of disputed points have too many combinations for
that: any two sides of two points meet in one of a few choices, and three of these are taken for each patient.
"""

import itertools
from random import Random

import pytest

from engine.decision import Options
from metspine.api import Answer, explain
from metspine.journal.queries import Sought, find
from metspine.journal.store import Journal
from metspine.journal.verification import findings
from metspine.library import LIBRARY

CASES = sorted(LIBRARY.glob("*.yaml"))
PARTS = 24
ASKED = [Options(settle=a, vary=b, plan=c) for a, b, c in itertools.product((False, True), repeat=3)]
BARE = ASKED[0]


def choices_of_sides(knowledge):
    """Return choices of sides in which any two sides of two disputed points meet."""
    points = {name: tuple(dispute.sides) for name, dispute in knowledge.disputes.items()}
    each = [(name, side) for name, sides in points.items() for side in sides]
    missing = {frozenset((one, other)) for one, other in itertools.combinations(each, 2) if one[0] != other[0]}
    dice, found = Random(0), []
    while missing:
        drawn = [{name: dice.choice(sides) for name, sides in points.items()} for _ in range(50)]
        found.append(max(drawn, key=lambda choice: len(pairs_in(choice) & missing)))
        missing -= pairs_in(found[-1])
    return found


def pairs_in(choice):
    """Return every two of the sides in a choice, each with its point."""
    return {frozenset(pair) for pair in itertools.combinations(choice.items(), 2)}


def recorded(case, knowledge, *asked):
    """Yield records of the decision on a case, one for each set of options."""
    run = explain(case, knowledge).run
    for options in asked:
        yield Answer(run, run.advised(**options.model_dump()), options).recorded()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_no_record_of_any_worked_patient_is_called_altered(part, knowledge, tmp_path):
    cases = CASES[part::PARTS]
    sides = [knowledge.with_sides(choice) for choice in choices_of_sides(knowledge)]
    journal = Journal.create(tmp_path / "j.db", tmp_path / "key")
    for number, case in enumerate(cases, start=part):
        taken = [(knowledge, ASKED), *((sides[(3 * number + i) % len(sides)], [BARE]) for i in range(3))]
        for base, asked in taken:
            for record in recorded(case, base, *asked):
                journal.close(journal.open({}), record, base, {})
    assert len(find(journal, Sought())) == len(cases) * (len(ASKED) + 3)
    assert findings(journal, replay=True) == []
