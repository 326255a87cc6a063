"""How sure the advice is, what to ask next and what need not be asked any more, in words for the report.

There is nothing to say where the advice was not asked for it.
"""

from collections.abc import Iterator

from engine.advice import Advice, LesionAdvice, MeasureAdvice
from engine.analysis.certainty import AskedQuestion, OpenAnswer, Possibility
from engine.inference.subjects import PATIENT, Subject
from explain.phrases.brief import brief
from explain.phrases.prose import join
from explain.phrases.terms import COST_WORDS
from knowledge_base.language.domains import both
from knowledge_base.language.knowledge import KnowledgeBase

OTHERS_SHOWN = 2  # of the outcomes that are possible too
DECISIVE_SHOWN = 3
QUESTIONS_SHOWN = 3
TO_SETTLE = "What is given cannot all be true of one patient; settle that beside the steps below."
NAMED = 4  # pathways, rules and inputs that are named before the rest is counted


class SettledWords:
    """What an advice says about its own certainty."""

    def __init__(self, advice: Advice, knowledge: KnowledgeBase) -> None:
        self.advice = advice
        self.knowledge = knowledge

    # --- lesions -----------------------------------------------------------------------------------------------

    def certainty(self, lesion: LesionAdvice) -> str | None:
        """Return in a sentence or two how sure the answer for a lesion is; None when that was not asked."""
        if lesion.certainty is None or lesion.stopped:
            return None
        if lesion.certainty == "contradictory":
            return TO_SETTLE
        if lesion.certainty == "firm":
            return self._firm(lesion.possible[0])
        return self._open(lesion)

    def _firm(self, only: Possibility) -> str:
        by = f" ({join(self._cut(only.rules), 'or')})" if len(only.rules) > 1 else ""
        if only.is_current and only.recommended:
            return f"Nothing that is still unknown could change this{by}."
        if only.is_current:
            return "Nothing that is still unknown could lead to a recommendation."
        return f"Whatever the rest shows, it will be {_outcome(only, self.knowledge)}{by}."

    def _open(self, lesion: LesionAdvice) -> str:
        """Say what else may come out, and how many more there are."""
        others = sorted(
            (p for p in lesion.possible if not p.is_current),
            key=lambda p: order_of(p, self.knowledge),
        )
        shown = [way_in_words(other, lesion.id, self.knowledge) for other in others[:OTHERS_SHOWN]]
        could = "Could still become" if lesion.certainty == "provisional" else "Not settled. Could become"
        more = len(others) - OTHERS_SHOWN
        rest = f" {more} more {'outcomes are' if more > 1 else 'outcome is'} possible." if more > 0 else ""
        return f"{could} {'; '.join(shown)}.{rest}"

    # --- questions ---------------------------------------------------------------------------------------------

    def questions(self) -> Iterator[tuple[str, str]]:
        """Yield the questions most worth asking, each with what it decides."""
        several = len(self.advice.lesions) > 1
        for asked in self.advice.questions[:QUESTIONS_SHOWN]:
            about = f"{asked.subject}: " if several and asked.subject != "patient" else ""
            yield f"{about}{asked.question} [{COST_WORDS[asked.cost]}]", self._why(asked)

    def _why(self, asked: AskedQuestion) -> str:
        labels = [self.knowledge.pathways[name].label for name in asked.between]
        rules = f" [{', '.join(self._cut(asked.why))}]" if asked.why else ""
        return f"decides between {join(self._cut(labels), 'and')}{rules}" if labels else f"may matter{rules}"

    def rest(self) -> Iterator[str]:
        """Yield in a line each what else could be asked, and what need not be asked any more."""
        more = len(self.advice.questions) - QUESTIONS_SHOWN
        if more > 0:
            yield f"{more} other {'answers' if more > 1 else 'answer'} could matter too; `--format json` lists them."
        idle = dict.fromkeys(self.knowledge.vocabulary[fact.attribute].label for fact in self.advice.not_needed)
        if idle:
            yield f"Can no longer change what is recommended: {join(self._cut(tuple(idle)), 'and')}."

    # --- measures ----------------------------------------------------------------------------------------------

    def is_firm(self, measure: MeasureAdvice) -> bool:
        """Tell whether a measure is called for whatever the rest shows, for each subject."""
        firm = {
            m.subject for m in self.advice.measures_settled if m.measure == measure.measure and m.certainty == "firm"
        }
        return firm.issuperset(measure.subjects)

    def coming(self) -> Iterator[str]:
        """Yield the measures that will be called for in any case, though no rule does so yet."""
        found = (m for m in self.advice.measures_settled if m.certainty == "firm" and not m.called)
        for measure in dict.fromkeys(m.measure for m in found):
            yield self.knowledge.measures[measure].label

    def _cut(self, words: tuple[str, ...] | list[str]) -> list[str]:
        more = len(words) - NAMED
        return [*words[:NAMED], f"{more} more"] if more > 1 else list(words)


def order_of(way: Possibility, knowledge: KnowledgeBase) -> tuple[bool, bool, int, bool, tuple[str, ...]]:
    """Sort outcomes: those of the usual patient first, wishes last, then those that take fewest answers."""
    unusual = [answer for answer in way.decisive if not is_usual(answer, knowledge)]
    wished = any(knowledge.vocabulary[answer.fact.attribute].class_ == "wish" for answer in unusual)
    return not way.is_usual, wished, len(unusual), not way.recommended, way.recommended


def way_in_words(way: Possibility, lesion: str, knowledge: KnowledgeBase) -> str:
    """Return an outcome with a few answers that lead there: "operating, if ESCC 3"; what is usual is not listed."""
    unusual = [answer for answer in way.decisive if not is_usual(answer, knowledge)]
    answers = [_answer(answer, lesion, knowledge) for answer in unusual[:DECISIVE_SHOWN]]
    more = len(unusual) - DECISIVE_SHOWN
    if more > 0:
        answers.append(f"{more} more {'answers' if more > 1 else 'answer'}")
    if len(unusual) < len(way.decisive):
        answers.append("the rest is as usual" if answers else "all is as usual")
    outcome = _outcome(way, knowledge)
    return f"{outcome}, if {join(answers, 'and')}" if answers else outcome


def is_usual(answer: OpenAnswer, knowledge: KnowledgeBase) -> bool:
    """Tell whether an answer is what holds of an exception or a setting unless something else is said."""
    attribute = knowledge.vocabulary[answer.fact.attribute]
    usual = attribute.usual_values
    return usual is not None and not both(attribute.read(answer.values), usual).is_empty


def _answer(answer: OpenAnswer, lesion: str, knowledge: KnowledgeBase) -> str:
    subject, name = answer.fact
    attribute = knowledge.vocabulary[name]
    of = "" if subject in (PATIENT, Subject(lesion)) else f" of {subject}"
    return f"{brief(attribute, attribute.read(answer.values))}{of}"


def _outcome(outcome: Possibility, knowledge: KnowledgeBase) -> str:
    labels = [knowledge.pathways[name].label for name in outcome.recommended]
    return join(labels, "or") if labels else "no recommendation"
