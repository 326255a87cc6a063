"""The tools for assistants, asked through the protocol's own client: exact errors, nothing filled in, nothing kept."""

import json
import sys
from collections.abc import Awaitable, Callable

import anyio
import mcp
import pytest

import metspine
from cases import read_case
from cases.writing import case_data
from engine import Reasoner
from metspine.assistant import INSTRUCTIONS, make_server
from metspine.dialogue.moment import Moment, Prospect
from metspine.library import LIBRARY

CASE = {
    "case": "renal",
    "patient": {"primary": "RCC", "ecog": "PS 1"},
    "lesions": [{"id": "T8", "levels": "D8", "bilsky": 3}],
}
OTHER = {"case": "x", "lesions": [{"id": "T8"}]}


@pytest.fixture(scope="module")
def server(knowledge):
    return make_server(knowledge)


@pytest.fixture
def ask(server) -> Callable:
    """Return a function that calls one tool and returns its result."""

    def call(tool: str, **arguments):
        async def once():
            async with mcp.Client(server) as client:
                return await client.call_tool(tool, arguments)

        return anyio.run(once)

    return call


def in_session(server, question: Callable[..., Awaitable]):
    async def once():
        async with mcp.Client(server) as client:
            return await question(client)

    return anyio.run(once)


def test_every_tool_says_what_it_takes_and_returns_and_that_it_only_reads(server):
    listed = in_session(server, lambda client: client.list_tools()).tools
    names = {"advise", "why", "why_not", "what_would_change", "next_question", "check_case"}
    assert {tool.name for tool in listed} == names
    for tool in listed:
        assert tool.annotations.read_only_hint
        assert tool.input_schema["required"][0] == "case"
        assert {"given", "heard", "text", "notice"} <= set(tool.output_schema["required"])
    for rule in ("relay", "Never choose a dose", "leave out"):
        assert rule in INSTRUCTIONS


def test_advice_is_that_of_the_command_line(ask, knowledge):
    case = read_case(LIBRARY / "noms-n9.yaml", knowledge)
    found = ask("advise", case=case_data(case, knowledge)).structured_content
    answer = metspine.advise(case_data(case, knowledge), knowledge, settle=False)
    assert found["digest"] == answer.digest
    assert found["text"] == answer.text()
    assert found["recommended"] == {"L1": ["separation_surgery_then_sbrt"]}
    assert found["notice"] == knowledge.framework.notice


def test_what_was_given_is_repeated_and_nothing_is_added(ask):
    found = ask("check_case", case=CASE).structured_content
    assert found["given"]["patient"] == {"primary_tumour": "renal_cell", "ecog": 1}
    assert found["given"]["lesions"] == [{"id": "T8", "levels": ["T8"], "escc_grade": "3"}]
    assert any("RCC" in heard for heard in found["heard"])


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("why_not", {"about": "sbtr"}, "Did you mean 'sbrt'?"),
        ("why", {"about": "sbrt", "lesion": "T9"}, "is not a lesion of this case"),
        ("what_would_change", {"pathway": "surgrey"}, "is not a pathway"),
        ("advise", {"case": {"case": "x", "lesions": [{"id": "T8", "escc_grade": 7}]}}, "lesions[0].escc_grade"),
        (
            "advise",
            {"case": {"case": "x", "patient": {"mood": "good"}, "lesions": [{"id": "T8"}]}},
            "'mood' is not a known key",
        ),
        ("check_case", {"case": {**OTHER, "patient": {"primary": "MM"}}}, "may mean"),
    ],
)
def test_a_mistake_comes_back_in_words_that_mend_it(ask, tool, arguments, told):
    result = ask(tool, **{"case": CASE, **arguments})
    assert result.is_error
    assert told in result.content[0].text


def test_why_and_why_not_and_the_next_question_answer(ask):
    assert "Why" in ask("why", case=CASE, about="T8.escc_class").structured_content["text"]
    assert "is not recommended" in ask("why_not", case=CASE, about="cebrt").structured_content["text"]
    found = ask("next_question", case=CASE).structured_content
    assert found["questions"]
    assert found["questions"][0]["question"].endswith("?")


@pytest.mark.parametrize("name", ["noms-n9", "unknown-everything", "two-lesions"])
def test_the_next_question_is_the_one_of_a_consultation(ask, knowledge, name):
    case = read_case(LIBRARY / f"{name}.yaml", knowledge)
    asked = Prospect(Reasoner(knowledge)).view(Moment(case)).question
    found = ask("next_question", case=case_data(case, knowledge)).structured_content["questions"]
    if asked is None or asked.kind != "finding":
        assert found == []
    else:
        assert found[0]["fact"] == str(asked.following.fact)
        assert found[0]["question"] == asked.following.text


def test_rules_and_sources_are_resources(server):
    def read(uri):
        return in_session(server, lambda client: client.read_resource(uri)).contents[0].text

    assert "One operation frees the cord" in read("rule://NOMS-09")
    assert "Laufer" in read("source://laufer2013")
    assert "properties" in json.loads(read("case://schema"))
    with pytest.raises(ExceptionGroup) as refused:
        read("rule://NOMS-0")
    assert refused.group_contains(mcp.MCPError, match="there is no rule 'NOMS-0'")


def test_it_answers_over_standard_input_and_output():
    from mcp.client.stdio import StdioServerParameters, stdio_client

    start = StdioServerParameters(command=sys.executable, args=["-m", "metspine", "mcp"])

    async def once():
        async with mcp.Client(stdio_client(start)) as client:
            return await client.call_tool("check_case", {"case": CASE})

    assert anyio.run(once).structured_content["given"]["case"] == "renal"
