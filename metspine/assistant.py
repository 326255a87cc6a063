"""Tools for assistants, over the Model Context Protocol: they ask, and what they relay is ours.

Only reading: no tool changes anything, and of advice nothing is kept but in the journal, where one is named. A mistake
comes back in the words that the command line prints, since "Did you mean 'sbrt'?" is what mends the next call. Every
answer repeats what was given, so that a reader sees what an assistant claimed of the patient.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field

from cases import case_from
from cases.model import Case
from cases.writing import case_data
from engine import Reasoner, Run
from engine.analysis.plan import Next, asking
from engine.analysis.questions import emergency_questions, findings_to_get
from explain.phrases.rules import rule_in_words
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import gone
from knowledge_base.text.errors import Invalid
from metspine.api import Answer, Explanation
from metspine.journal.keeping import keeping
from metspine.results import Told, Unknown

if TYPE_CHECKING:
    from metspine.journal.store import Journal

T = TypeVar("T")
QUESTIONS = 3
NO_QUESTION = "There is no finding to ask for now; `advise` says what the plan is, and on which conditions it rests."
INSTRUCTIONS = """\
metspine advises on metastatic spinal tumours by rules with sources. It advises a multidisciplinary team, decides nothing.
Rules of conduct: relay its words, its conditions and its notice as they are. Put into a case only what was said, and
leave out what was not: not recorded is never "no" or "normal". Write values in the words that were used ("RCC",
"Bilsky 2", "PS 2"); when a tool asks which of two things is meant, ask the person and do not choose.
Never choose a dose or a drug. Danger comes first."""
CaseGiven = Annotated[
    dict[str, Any],
    Field(
        description='a case: {"case": NAME, "patient": {…}, "lesions": [{"id": "T8", "levels": "T8", …}]}; see case://schema'
    ),
]
About = Annotated[
    str, Field(min_length=1, max_length=200, description="a pathway, a measure or a fact, by id or label")
]
Lesion = Annotated[str | None, Field(max_length=200, description="which lesion, where there are several")]
READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)


class Reply(BaseModel):
    """What every tool returns: what was given, and what metspine says."""

    model_config = ConfigDict(extra="forbid")
    given: dict[str, Any] = Field(description="the case as it was understood; show it to the person")
    heard: list[str] = Field(
        description="words, and what they were taken for; show them, so that the person can object"
    )
    text: str = Field(description="what metspine says; relay it as it is")
    notice: str


class AdvisedReply(Reply):
    """The advice on a case."""

    digest: str = Field(description="SHA-256 of the advice")
    recommended: dict[str, list[str]] = Field(description="for each lesion the pathways, by id")


class NextQuestion(BaseModel):
    """One question, with what each answer would bring."""

    fact: str
    question: str
    cost: str | None
    brings: list[str]


class Questions(Reply):
    """What to find out next."""

    questions: list[NextQuestion]


def make_server(knowledge: KnowledgeBase, journal: "Journal | None" = None) -> MCPServer:
    """Return the server over one knowledge base."""
    return _Tools(knowledge, journal).server()


class _Tools:
    def __init__(self, knowledge: KnowledgeBase, journal: "Journal | None" = None) -> None:
        self.knowledge = knowledge
        self.journal = journal
        self.reasoner: Reasoner = Reasoner(knowledge)

    def server(self) -> MCPServer:
        framework = self.knowledge.framework
        server = MCPServer("metspine", instructions=INSTRUCTIONS, version=framework.version)
        tools = (self.advise, self.why, self.why_not, self.what_would_change, self.next_question, self.check_case)
        for tool in tools:
            server.add_tool(tool, annotations=READS)
        server.resource("rule://{rule}", mime_type="text/plain")(self.rule)
        server.resource("source://{source}", mime_type="text/plain")(self.source)
        server.resource("case://schema", mime_type="application/json")(self.schema)
        return server

    # --- tools -------------------------------------------------------------------------------------------------

    def advise(self, case: CaseGiven) -> AdvisedReply:
        """Advise on a patient: dangers first, then for each lesion the plan with its conditions, or what it hangs on."""
        run = self._run(case)
        with keeping(self.journal, "mcp") as kept:
            answer = Answer(run, run.advised(plan=True))
            text = answer.text()
            kept.close(answer, text=text)
        recommended = {lesion: list(pathways) for lesion, pathways in answer.recommended.items()}
        return AdvisedReply(**self._reply(run.case, text), digest=answer.digest, recommended=recommended)

    def why(self, case: CaseGiven, about: About, lesion: Lesion = None) -> Reply:
        """Say why a fact, a pathway's status or a measure is as it is, such as sbrt or T8.escc_class."""
        return self._told(case, lambda explained: explained.why(about, lesion))

    def why_not(self, case: CaseGiven, about: About, lesion: Lesion = None) -> Reply:
        """Say why something is not so, such as sbrt or sbrt=acceptable, and which rule came nearest."""
        return self._told(case, lambda explained: explained.why_not(about, lesion))

    def what_would_change(
        self,
        case: CaseGiven,
        pathway: Annotated[
            str | None, Field(max_length=200, description="the pathway that is wanted; none: any other")
        ] = None,
        lesion: Lesion = None,
    ) -> Reply:
        """Say the fewest things that would have to be different for other advice, or for a pathway."""
        return self._told(case, lambda explained: explained.change(pathway, lesion))

    def next_question(self, case: CaseGiven) -> Questions:
        """Say what to find out next, the best question first, and what each answer would bring: ask the person."""
        run = self._run(case)
        questions = [
            NextQuestion(
                fact=str(following.fact),
                question=following.text,
                cost=following.cost,
                brings=[f"{brought.text}: {self._labels(brought.possible)}" for brought in following.brings],
            )
            for following in self._following(run)[:QUESTIONS]
        ]
        text = "\n".join(q.question for q in questions) or NO_QUESTION
        return Questions(**self._reply(run.case, text), questions=questions)

    def check_case(self, case: CaseGiven) -> Reply:
        """Say whether a case can be read and what its words were taken for, without any advice."""
        return Reply(**self._reply(self._read(case), "The case can be read."))

    # --- resources ---------------------------------------------------------------------------------------------

    def rule(self, rule: str) -> str:
        """Return a rule in words, with its sources."""
        if rule not in self.knowledge.rules:
            raise ResourceNotFoundError(gone(rule, self.knowledge.retired) or f"there is no rule {rule[:60]!r}")
        found = self.knowledge.rules[rule]
        words = [f"{part}: {text}" for part, text in rule_in_words(found, self.knowledge)]
        sources = [f"source {c.ref} ({c.basis}){f', {c.at}' if c.at else ''}" for c in found.sources]
        return "\n".join([f"{found.id}: {found.title}", *words, f"because: {found.because}", *sources])

    def source(self, source: str) -> str:
        """Return a source: its citation, and where to open it."""
        if source not in self.knowledge.sources:
            raise ResourceNotFoundError(f"there is no source {source[:60]!r}")
        found = self.knowledge.sources[source]
        return "\n".join(filter(None, [found.citation, found.link, f"read as: {found.read}"]))

    def schema(self) -> str:
        """Return the JSON Schema of a case."""
        from json import dumps

        from cases.schema import case_schema

        return dumps(case_schema(self.knowledge), ensure_ascii=False)

    def _following(self, run: Run) -> list[Next]:
        """Return what `metspine consult` would ask: of an emergency first, then what the plans name as next."""
        if urgent := emergency_questions(run.state):
            return [asking(fact, self.knowledge.vocabulary) for fact in urgent]
        plans = run.planner.lesions(run.stopped).values()
        return findings_to_get(plans, self.knowledge) if run.planner.completions.is_possible else []

    # --- small things ------------------------------------------------------------------------------------------

    def _read(self, case: dict[str, Any]) -> Case:
        return _mended(lambda: case_from(case, self.knowledge))

    def _run(self, case: dict[str, Any]) -> Run:
        return Run(self._read(case), self.reasoner)

    def _told(self, case: dict[str, Any], question: Callable[[Explanation], Told[Any]]) -> Reply:
        run = self._run(case)
        told = _mended(lambda: question(Explanation(run)))
        return Reply(**self._reply(run.case, told.text()))

    def _reply(self, case: Case, text: str) -> dict[str, Any]:
        return {
            "given": case_data(case, self.knowledge),
            "heard": [str(heard) for heard in case.heard],
            "text": text,
            "notice": self.knowledge.framework.notice,
        }

    def _labels(self, possible: tuple[tuple[str, ...], ...]) -> str:
        outcomes = [" and ".join(self.knowledge.pathways[name].label for name in found) for found in possible]
        return " or ".join(outcome or "nothing is recommended" for outcome in outcomes)


def _mended(answer: Callable[[], T]) -> T:
    """Return an answer; a mistake in what was asked is told in its own words."""
    try:
        return answer()
    except (Invalid, Unknown) as error:
        raise ToolError(str(error)) from None
