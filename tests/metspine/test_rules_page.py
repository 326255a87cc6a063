"""The pages of the rules: what stands around a rule is drawn small and said whole, and one walks from rule to rule."""

import re

import pytest
from fastapi.testclient import TestClient

from explain.answers.neighbourhood import neighbourhood
from explain.drawing.neighbourhood import draw_neighbourhood
from metspine.serve.server import make_app
from tests.metspine.test_serve import HOST, Page

MOST_BOXES = 15


@pytest.fixture(scope="module")
def client(knowledge) -> TestClient:
    return TestClient(make_app(knowledge), base_url=HOST)


def test_no_drawing_has_more_boxes_than_one_sees_at_a_glance_and_each_its_rule(knowledge):
    for rule in knowledge.rules.values():
        boxes = re.findall(
            r"(?m)^\t(\S+|\"[^\"]+\") \[.*label=<", draw_neighbourhood(neighbourhood(rule, knowledge)).source
        )
        assert len(boxes) <= MOST_BOXES, rule.id
        assert f'"{rule.id}"' in boxes


def test_who_sets_what_it_reads_and_who_reads_what_it_sets(knowledge):
    around = neighbourhood(knowledge.rules["NEU-10"], knowledge)
    (grade,), (compression,) = around.reads, around.sets
    assert grade.attribute.id == "escc_grade"
    assert "NEU-01" in grade.units
    assert "NOMS-09" in compression.units
    assert all("escc_class" in knowledge.units[unit].reads for unit in compression.units)
    argued = neighbourhood(knowledge.rules["NOMS-09"], knowledge).argues
    assert [(one.pathway, one.stance) for one in argued] == [("separation_surgery_then_sbrt", "recommend")]
    assert "NOMS-09" not in argued[0].units


def test_one_walks_from_rule_to_rule(client):
    page = client.get("/rules/NEU-10").text
    drawn, said = page.partition("<ul")[0], page.partition('class="around"')[2]
    links = re.findall(r'href="(/rules/[A-Z]+-\d+)"', re.search(r"<svg.*?</svg>", page, re.DOTALL)[0])
    assert len(links) >= 4
    assert {"/rules/NEU-01"} < set(links)
    assert all(f'href="{link}"' in said for link in links), "whatever is drawn is said too"
    assert "style=" not in drawn
    follows = client.get(links[-1])
    assert follows.status_code == 200
    assert "/rules/NEU-10" in follows.text


def test_its_hazards_and_those_for_whom_it_fires_are_told_and_can_be_opened(client, knowledge):
    hazard = next(one for one in knowledge.hazards.values() if set(one.control) & set(knowledge.rules))
    rule = next(name for name in hazard.control if name in knowledge.rules)
    assert hazard.hazard in Page(client.get(f"/rules/{rule}").text).text
    page = client.get("/rules/NOMS-09").text
    assert re.search(r"In \d+ of \d+ worked patients:", page)
    patient = client.get(re.search(r'href="(/worked/[^"]+)"', page)[1])
    assert re.fullmatch(r"/case/[0-9a-f]{24}", patient.url.path)
    assert client.get("/worked/nobody").status_code == 404


def test_every_rule_is_listed_where_nothing_is_sought(client, knowledge):
    page = client.get("/rules").text
    assert set(re.findall(r'href="/rules/([^"]+)"', page)) == set(knowledge.rules)


def test_a_source_has_a_short_name_of_its_own_by_which_its_rules_are_found(client, knowledge):
    named = {source.short: source for source in knowledge.sources.values()}
    assert len(named) == len(knowledge.sources)
    assert all(knowledge.sources[name] is source for name, source in named.items() if name in knowledge.sources)
    for asked in ("laufer2013", "Laufer+2013"):
        assert "/rules/NOMS-09" in client.get(f"/rules?q={asked}").text


def test_in_a_case_the_walk_stays_in_the_case(client):
    opened = client.get("/worked/noms-n9")
    page = client.get(f"{opened.url.path}/rule/NOMS-09").text
    links = re.findall(r'href="([^"]+)"', re.search(r"<svg.*?</svg>", page, re.DOTALL)[0])
    assert links
    assert all(link.startswith(f"{opened.url.path}/rule/") for link in links)
