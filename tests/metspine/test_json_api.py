"""The JSON API: the advice of the command line, every mistake with its place, and nothing that its OpenAPI does not say."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import knowledge_base
import metspine
from metspine.serve.server import make_app

HOST = "http://127.0.0.1:8421"
CASE = {"case": "toy", "patient": {"fitness": "fit"}, "lesions": [{"id": "T8", "levels": "T8", "grade": "3"}]}


@pytest.fixture(scope="module")
def small():
    return knowledge_base.load(Path(__file__).parents[1] / "bad_knowledge" / "base")


@pytest.fixture(scope="module")
def small_app(small):
    return make_app(small)


@pytest.fixture(scope="module")
def client(small_app) -> TestClient:
    return TestClient(small_app, base_url=HOST)


def test_advice_is_that_of_the_python_interface(client, small):
    found = client.post("/api/advise", json={"case": CASE}).json()
    answer = metspine.advise(CASE, small)
    assert found["digest"] == answer.digest
    assert found["text"] == answer.text()
    assert found["advice"] == answer.advice.model_dump(mode="json")
    assert found["recommended"] == {"T8": list(answer.recommended["T8"])}


def test_why_why_not_and_change_answer_in_words_and_as_data(client, small):
    explained = metspine.explain(CASE, small)
    why = client.post("/api/why", json={"case": CASE, "about": "surgery"}).json()
    assert why["text"] == explained.why("surgery").text(everything=True)
    assert why["record"] == explained.why("surgery").record.model_dump(mode="json")
    why_not = client.post("/api/why-not", json={"case": CASE, "about": "grade_class=low"}).json()
    assert why_not["text"] == explained.why_not("grade_class=low").text(everything=True)
    change = client.post("/api/change", json={"case": CASE, "lesion": "T8"}).json()
    assert change["record"] == explained.change(None, "T8").record.model_dump(mode="json")


def pointed(body: dict, pointer: str):
    """Return what a JSON Pointer leads to, by the plain reading of RFC 6901."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        body = body[int(name)] if isinstance(body, list) else body[name]
    return body


@pytest.mark.parametrize(
    ("lesion", "patient", "wrong"),
    [
        ({"grade": "7"}, {}, ["7"]),
        ({"grade": ["3", "x"]}, {}, ["x"]),
        ({"sins": {"pain": "awful"}}, {}, ["awful"]),
        ({"grade": "7"}, {"kps": 55}, ["7", 55]),
        ({}, {"a~/b": 1}, [1]),
    ],
)
def test_every_mistake_leads_to_what_was_wrong(client, lesion, patient, wrong):
    body = {"case": {**CASE, "patient": patient, "lesions": [{"id": "T8", **lesion}]}}
    response = client.post("/api/check", json=body)
    assert response.status_code == 422
    problems = response.json()["problems"]
    assert sorted(str(pointed(body, problem["pointer"])) for problem in problems) == sorted(map(str, wrong))


@pytest.mark.parametrize(
    ("path", "body", "status", "pointer"),
    [
        ("advise", {}, 422, "/case"),
        ("advise", {"case": CASE, "more": 1}, 422, "/more"),
        ("advise", {"case": [1]}, 422, "/case"),
        ("why", {"case": CASE, "about": "surgrey"}, 404, "/about"),
        ("why", {"case": CASE, "about": "surgery", "lesion": "T9"}, 404, "/about"),
        ("change", {"case": CASE, "pathway": "surgrey"}, 404, "/about"),
    ],
)
def test_a_request_that_cannot_be_answered_says_where_and_why(client, path, body, status, pointer):
    response = client.post(f"/api/{path}", json=body)
    assert response.status_code == status
    assert response.json()["status"] == status
    assert response.json()["problems"][0]["pointer"] == pointer


def test_a_body_that_is_no_json_and_a_page_that_is_not_there_are_told_as_json(client):
    assert client.post("/api/advise", content=b"{", headers={"content-type": "application/json"}).status_code == 422
    assert client.get("/api/nothing").json()["status"] == 404
    assert client.get("/api/rules/TOY-99").json()["title"] == "There is no such rule."
    assert client.get("/api/rules/TOY-01").json()["words"]["when"]


def test_another_site_gets_nothing(client):
    assert client.post("/api/advise", json={"case": CASE}, headers={"origin": "http://evil.example"}).status_code == 403


@pytest.mark.filterwarnings("ignore")
def test_whatever_the_openapi_allows_is_answered_as_it_says(small_app):
    """Ask every operation what its own description allows; each answer must be one that it describes (Schemathesis)."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    checks = (not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance)
    host = {"host": "127.0.0.1"}
    described = schemathesis.openapi.from_asgi("/api/openapi.json", small_app, headers=host)
    asked: dict[str, set[int]] = {}

    for found in described.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=15,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        @given(case=operation.as_strategy())
        def once(case):
            response = case.call_and_validate(headers=host, checks=checks)
            asked.setdefault(case.path, set()).add(response.status_code)

        once()
    assert set(asked) >= {f"/api/{name}" for name in ("advise", "why", "why-not", "change", "check", "schema/case")}
    assert 422 in asked["/api/advise"]
