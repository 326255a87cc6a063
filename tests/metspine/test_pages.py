"""The library as a whole, and the pages that are written from it: one run serves all."""

import re
from pathlib import Path

import pytest

from engine import Reasoner
from explain.report.handbook import one_page
from knowledge_base.loading.themes import themes
from metspine.coverage import coverage_of, proof_of, rules_without_pair
from metspine.library import read_library, run
from metspine.studies.agreement import agreement
from metspine.studies.agreement_page import page
from metspine.studies.handbook_pages import handbook_pages
from metspine.studies.stamp import stamp

DOCS = Path(__file__).parents[2] / "docs"
PAGES = DOCS / "knowledge"


@pytest.mark.parametrize(
    ("name", "command"), [("knowledge/index.md", "metspine knowledge"), ("agreement.md", "metspine agreement")]
)
def test_page_is_written_from_this_knowledge_and_these_patients(knowledge, name, command):
    last = (DOCS / name).read_text(encoding="utf-8").splitlines()[-1]
    assert last == stamp(knowledge), f"run `{command} --write`"


def test_every_rule_has_its_page_and_every_page_says_what_it_is_about(knowledge):
    about = themes()
    assert all(about.values())
    rules = {
        path.stem: set(re.findall(r"^## (\S+)$", path.read_text(), re.MULTILINE)) for path in PAGES.glob("rules/*.md")
    }
    wanted = {Path(place).stem: set[str]() for place in about}
    for rule in knowledge.whole.rules.values():
        wanted[Path(rule.position.file).stem].add(rule.id)
    assert rules == wanted, "run `make renew`"


def test_on_one_page_every_link_leads_to_a_heading():
    page = one_page({path.relative_to(PAGES).as_posix(): path.read_text() for path in sorted(PAGES.rglob("*.md"))})
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = set(re.findall(r"\]\(([^)]*)\)", page))
    assert len(links) > 1000
    assert {link for link in links if not link.startswith("http")} - {f"#{anchor}" for anchor in anchors} == set()


def test_stamp_changes_with_a_patient_and_with_the_knowledge(knowledge, toy_knowledge, tmp_path):
    none = stamp(knowledge, tmp_path)
    (tmp_path / "one.yaml").write_text("case: one", encoding="utf-8")
    one = stamp(knowledge, tmp_path)
    (tmp_path / "one.yaml").write_text("case: two", encoding="utf-8")
    assert len({none, one, stamp(knowledge, tmp_path), stamp(toy_knowledge, tmp_path)}) == 4


@pytest.mark.slow
def test_library_gives_what_it_expects_and_the_pages_say_what_the_program_says(knowledge):
    reasoner = Reasoner(knowledge)
    cases = read_library(knowledge)
    outcomes = [run(case, reasoner) for case in cases]
    seen = coverage_of(knowledge, (proof_of(knowledge, outcome.advice) for outcome in outcomes))
    found = [agreement(case, reasoner, settle=True) for case in cases if case.source_decision is not None]
    last = f"\n{stamp(knowledge)}\n"

    assert {o.case.id: o.differences for o in outcomes if o.differences} == {}
    assert [str(problem) for problem in rules_without_pair(knowledge, seen)] == []
    written = {path.relative_to(PAGES).as_posix(): path.read_text() for path in PAGES.rglob("*.md")}
    assert written == handbook_pages(knowledge, seen), "run `make renew`"
    assert (DOCS / "agreement.md").read_text() == page(found) + last, "run `metspine agreement --write`"
