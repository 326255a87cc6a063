"""The JSON API: a case in, advice and answers about it out. It answers this machine alone; it keeps what it advised
in the journal, where one is named, and nothing else.

Every mistake in a case has its place as a JSON Pointer (RFC 6901) beside its message, all of them at once.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import APIRouter, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from cases import case_from
from cases.schema import case_schema
from engine import Advice, Run
from engine.alternatives import Alternatives
from explain.answers.justification import Why
from explain.answers.why_not import WhyNot
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.text.errors import Invalid, Problem
from metspine.api import Answer, Explanation
from metspine.journal.keeping import keeping
from metspine.results import Unknown
from metspine.serve.work import Work

if TYPE_CHECKING:
    from metspine.journal.store import Journal

T = TypeVar("T")
LONGEST = 200


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ProblemDetail(Body):
    """One mistake: where in the request it is, and what to do."""

    pointer: str = Field(description="where, as a JSON Pointer (RFC 6901) into the body; empty: the whole")
    message: str = Field(description="what is wrong, and what would be right")


class Refusal(Body):
    """Why a request was not answered."""

    status: int
    title: str
    problems: list[ProblemDetail]


class AdviceReply(Body):
    """The advice on a case: the first screen in words, what is recommended, and all of it as data."""

    digest: str = Field(description="SHA-256 of the decision, the same whatever else was asked about it")
    recommended: dict[str, tuple[str, ...]] = Field(description="for each lesion the pathways, by id")
    heard: tuple[str, ...] = Field(description="what was said in other words than the vocabulary's, and its meaning")
    text: str = Field(description="what `metspine advise` prints")
    advice: Advice


class WhyAnswer(Body):
    """Why something is as it is."""

    text: str
    record: Why


class WhyNotAnswer(Body):
    """Why something is not so."""

    text: str
    record: WhyNot


class ChangeAnswer(Body):
    """What would have to be different."""

    text: str
    record: Alternatives


class CaseReply(Body):
    """That a case can be read, and what its everyday words were taken for."""

    heard: tuple[str, ...]
    lesions: tuple[str, ...]


class RuleAnswer(Body):
    """A rule, as its file writes it."""

    id: str
    title: str
    because: str
    words: dict[str, str] = Field(description="when, unless, then")
    sources: list[dict[str, Any]]
    version: str


ASKED = Annotated[
    str, Field(min_length=1, max_length=LONGEST, description="a pathway, a measure or a fact, by id or label")
]
LESION = Annotated[str | None, Field(max_length=LONGEST, description="which lesion, where there are several")]
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "the body is no JSON"},
    404: {"model": Refusal, "description": "a name that means nothing here; the message has the nearest one"},
    413: {"description": "the body is too large", "content": {"text/plain": {}}},
    422: {"model": Refusal, "description": "the case cannot be read; every mistake with its place"},
}


def api_routes(knowledge: KnowledgeBase, work: Work, journal: "Journal | None" = None) -> APIRouter:
    """Return the routes under `/api`."""
    routes = APIRouter(prefix="/api", responses=REFUSALS)
    whole = case_schema(knowledge)
    case_json = {key: value for key, value in whole.items() if key not in ("$schema", "$id", "$defs")}
    a_case = Annotated[
        dict[str, Any], Field(description=case_json.get("description", "a case, as `metspine schema` has it"))
    ]

    class Asking(Body):
        case: a_case

    class AskingAbout(Asking):
        about: ASKED
        lesion: LESION = None

    class AskingForChange(Asking):
        pathway: Annotated[
            str | None, Field(max_length=LONGEST, description="the one that is wanted; none: any other")
        ] = None
        lesion: LESION = None

    def run_of(case: dict[str, Any]) -> Run:
        try:
            return Run(case_from(case, knowledge), work.reasoner)
        except Invalid as invalid:
            raise RequestRefused(422, "The case cannot be read.", [_detail(p) for p in invalid.problems]) from None

    def answered(question: Callable[[], T]) -> T:
        try:
            with work.lock:
                return question()
        except Unknown as error:
            raise RequestRefused(
                404, "The name means nothing here.", [ProblemDetail(pointer="/about", message=str(error))]
            ) from None

    @routes.post("/advise", summary="Advise on a patient")
    def advise(asking: Asking) -> AdviceReply:
        run = run_of(asking.case)
        with keeping(journal, "api", settle=True) as kept:
            answer = Answer(run, work.advised(run, settle=True, plan=True))
            text = answer.text()
            kept.close(answer, text=text)
        heard = tuple(map(str, answer.case.heard))
        return AdviceReply(
            digest=answer.digest, recommended=answer.recommended, heard=heard, text=text, advice=answer.advice
        )

    @routes.post("/why", summary="Why a fact, a pathway's status or a measure is as it is")
    def why(asking: AskingAbout) -> WhyAnswer:
        run = run_of(asking.case)
        told = answered(lambda: Explanation(run).why(asking.about, asking.lesion))
        return WhyAnswer(text=told.text(everything=True), record=told.record)

    @routes.post("/why-not", summary="Why something is not so, such as sbrt or sbrt=acceptable")
    def why_not(asking: AskingAbout) -> WhyNotAnswer:
        run = run_of(asking.case)
        told = answered(lambda: Explanation(run).why_not(asking.about, asking.lesion))
        return WhyNotAnswer(text=told.text(everything=True), record=told.record)

    @routes.post("/change", summary="What would change the advice, or bring one pathway to be recommended")
    def change(asking: AskingForChange) -> ChangeAnswer:
        run = run_of(asking.case)
        told = answered(lambda: Explanation(run).change(asking.pathway, asking.lesion))
        return ChangeAnswer(text=told.text(everything=True), record=told.record)

    @routes.post("/check", summary="Whether a case can be read")
    def check(asking: Asking) -> CaseReply:
        case = run_of(asking.case).case
        return CaseReply(heard=tuple(map(str, case.heard)), lesions=tuple(lesion.id for lesion in case.lesions))

    @routes.get("/rules/{rule}", summary="A rule in words, with its sources")
    def rule(rule: Annotated[str, Field(max_length=LONGEST)]) -> RuleAnswer:
        from explain.phrases.rules import rule_in_words

        if rule not in knowledge.rules:
            raise RequestRefused(
                404, "There is no such rule.", [ProblemDetail(pointer="", message="name a rule by its id")]
            )
        found = knowledge.rules[rule]
        sources = [
            {"ref": c.ref, "at": c.at, "basis": c.basis, "citation": knowledge.sources[c.ref].citation}
            for c in found.sources
        ]
        return RuleAnswer(
            id=found.id, title=found.title, because=found.because, words=dict(rule_in_words(found, knowledge)),
            sources=sources, version=found.version,
        )  # fmt: skip

    @routes.get("/schema/case", summary="The JSON Schema of a case")
    def schema() -> dict[str, Any]:
        return whole

    return routes


class RequestRefused(HTTPException):  # reads well where it is raised
    """A request that is not answered, with every reason."""

    def __init__(self, status: int, title: str, problems: list[ProblemDetail]) -> None:
        super().__init__(status, title)
        self.problems = problems


def invalid(error: RequestValidationError) -> Response:
    """Return what is wrong with a body that has not the shape of a request."""
    details = [ProblemDetail(pointer=_pointer(e["loc"][1:]), message=_mended(e["msg"])) for e in error.errors()]
    return problem(422, "The request cannot be read.", details)


def problem(
    status: int, title: str, problems: list[ProblemDetail] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a refusal."""
    found = problems or [ProblemDetail(pointer="", message=title)]
    return JSONResponse(Refusal(status=status, title=title, problems=found).model_dump(), status, headers)


def _mended(message: str) -> str:
    return message[:1].lower() + message[1:]


def _pointer(path: Any) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def _detail(found: Problem) -> ProblemDetail:
    """Return a mistake of a case with its place as a pointer into the body."""
    place = found.position.file
    parts = [p for p in re.split(r"\.|\[(\d+)\]\.?", place) if p] if place != "the case" else []
    about = f"{found.about}: " if found.about else ""
    return ProblemDetail(pointer=_pointer(["case", *parts]), message=f"{about}{found.message}")
