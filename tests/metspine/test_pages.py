"""The library as a whole, and the pages that are written from it: one run serves all."""

from pathlib import Path

import pytest

from engine import Reasoner
from explain.handbook import handbook
from metspine.agreement import agreement, table
from metspine.coverage import coverage, rules_without_pair
from metspine.library import read_library, run

DOCS = Path(__file__).parents[2] / "docs"
REASONS = "\n## Why\n"


@pytest.mark.slow
def test_library_gives_what_it_expects_and_the_pages_written_from_it_are_up_to_date(knowledge):
    reasoner = Reasoner(knowledge)
    cases = read_library(knowledge)
    outcomes = [run(case, reasoner) for case in cases]
    seen = coverage(knowledge, [outcome.advice for outcome in outcomes])
    page = handbook(knowledge, seen.fires)
    found = [agreement(case, reasoner) for case in cases if case.source_decision is not None]
    compared = table(found, knowledge)

    assert {o.case.id: o.differences for o in outcomes if o.differences} == {}
    assert [str(problem) for problem in rules_without_pair(knowledge, seen)] == []
    assert (DOCS / "knowledge.md").read_text() == page, "run `metspine knowledge --write`"
    written = (DOCS / "agreement.md").read_text()
    assert written.partition(REASONS)[0] == compared.partition(REASONS)[0], "run `metspine agreement --write`"
