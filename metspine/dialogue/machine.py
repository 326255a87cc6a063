"""A consultation as a state machine: a line of text in, lines of text out, and nothing else.

Where the lines come from and go to, and how they look, is for `metspine.dialogue.terminal`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

from cases.hearing import NOT_KNOWN, hear_answer, implied
from cases.model import Case
from engine import Reasoner, Run, advise
from engine.analysis.counterfactuals import Changing
from engine.analysis.next_question import Ahead, NextQuestion, Outlook
from engine.analysis.sensitivity import neighbours
from engine.inference.subjects import PATIENT, Subject, fact_of
from engine.symbolic.completions import completed
from engine.symbolic.encoding import Fact
from knowledge_base.language.domains import Values
from knowledge_base.language.vocabulary import Attribute
from metspine.dialogue.intake import INTAKE_HELP, LESIONS_QUESTION, NAME_QUESTION, new_case, read_lesions, read_name
from metspine.dialogue.moment import Moment, View, waiting, without
from metspine.dialogue.names import fact_named
from metspine.dialogue.phrases import Teller

Stage = Literal["name", "lesions", "asking", "mending", "settled", "finished"]
Keep = Callable[[Case, tuple[str, ...]], None]

MOST_CHANGES = 12  # sets of one kind that are looked for
COMMANDS = (
    "why",
    "so far",
    "help",
    "names",
    "back",
    "skip",
    "how sure",
    "quit",
    "exit",
    "what if",
    "what would change",
)
WELCOME = [
    "One question at a time: the one that narrows the advice most for what it costs to find out.",
    "Answer with a value, several, or a range. An empty line: not known. `help` lists what else there is.",
]


class Dialogue:
    """One consultation. `open` gives the first lines, `step` what follows a line that was typed."""

    def __init__(
        self,
        reasoner: Reasoner,
        keep: Keep,
        case: Case | None = None,
        not_known: tuple[str, ...] = (),
        lingers: bool = False,
    ) -> None:
        """Start with a case or without one; `keep` stores it after every answer.

        With `lingers`, a settled consultation waits for a last word, so that one can still go back or try what if.
        """
        self.reasoner = reasoner
        self.knowledge = reasoner.knowledge
        self.teller = Teller(self.knowledge)
        self.keep = keep
        self.lingers = lingers
        self.outlook = Outlook(self.knowledge)
        self.stage: Stage = "name"
        self.name = ""
        self.past: list[Moment] = []
        self.now: Moment | None = None
        self.view: View | None = None
        self.question: NextQuestion | None = None
        self._resumed = Moment(case, self._still_asked(case, not_known)) if case else None

    def _still_asked(self, case: Case, facts: tuple[str, ...]) -> tuple[str, ...]:
        """Return those facts that the knowledge base and the case (still) have."""
        subjects = {PATIENT, *(Subject(lesion.id) for lesion in case.lesions)}
        known = ((fact, *fact_of(fact)) for fact in facts)
        return tuple(f for f, subject, name in known if subject in subjects and name in self.knowledge.vocabulary)

    # --- the flow ----------------------------------------------------------------------------------------------

    def open(self) -> list[str]:
        """Return the first lines: a welcome and the first question."""
        if self._resumed is None:
            return [*WELCOME, "", *NAME_QUESTION]
        return [*WELCOME, "", *self._to(self._resumed)]

    def step(self, text: str) -> list[str]:
        """Return what follows a line that was typed."""
        text = " ".join(text.split())
        try:
            return list(self._intake(text) if self.stage in ("name", "lesions") else self._talk(text))
        except ValueError as error:
            return [*self.teller.problem(str(error)), *self._again()]

    def _intake(self, text: str) -> Iterator[str]:
        if text.lower() in ("quit", "exit"):
            self.stage = "finished"
        elif text.lower() == "help":
            yield from [*INTAKE_HELP, *self._again()]
        elif text.lower() == "back" and self.stage == "lesions":
            self.stage = "name"
            yield from NAME_QUESTION
        elif _is_command(text):
            raise ValueError(f"`{text.lower()}` can be asked once the questions begin; `help` lists what there is now")
        elif self.stage == "name":
            self.name = read_name(text)
            self.stage = "lesions"
            yield from LESIONS_QUESTION
        else:
            moment = Moment(new_case(self.name, read_lesions(text, self.knowledge)))
            self.keep(moment.case, ())
            yield from self._to(moment)

    def _to(self, moment: Moment) -> Iterator[str]:
        """Make a moment the present one: say how the advice stands now, and ask what is next."""
        before, self.now = self.view, moment
        self.view = self._look(moment)
        yield from self.teller.narrowing(self.view.ahead, before.ahead if before else None, self.view.advice)
        self.question = self.view.ahead.question or self._skipped_question(moment)
        self.stage = self._stage(self.view.ahead)
        yield from self._ask()

    def _look(self, moment: Moment) -> View:
        aside = [fact_of(fact) for fact in (*moment.not_known, *moment.skipped)]
        advice = advise(moment.case, self.reasoner)
        return View(advice, self.outlook.ahead(moment.case, aside, waiting(advice)))

    def _skipped_question(self, moment: Moment) -> NextQuestion | None:
        """Return the best question of those that were to be asked later."""
        aside = [fact_of(fact) for fact in moment.not_known]
        if not moment.skipped or self.view is None:
            return None
        return self.outlook.ahead(moment.case, aside, waiting(self.view.advice)).question

    def _stage(self, ahead: Ahead) -> Stage:
        if not ahead.is_possible:
            return "mending"
        if self.question is not None:
            return "asking"
        return "settled" if self.lingers else "finished"

    def _ask(self) -> Iterator[str]:
        """Yield the present question, or why there is none."""
        assert self.view is not None
        if self.question is not None:
            yield from self.teller.question(self.question.key)
        elif self.stage == "mending":
            yield "? Take the last answer back (`back`), or correct one (NAME: VALUE). `so far` shows them."
        else:
            yield from self.teller.end(self.view.ahead)
            if self.stage == "settled":
                yield "? Enter finishes; `back`, `so far`, `what if NAME: VALUE` and NAME: VALUE still work."

    def _again(self) -> list[str]:
        if self.stage == "name":
            return NAME_QUESTION
        return LESIONS_QUESTION if self.stage == "lesions" else list(self._ask())

    # --- what can be typed -------------------------------------------------------------------------------------

    def _talk(self, text: str) -> Iterator[str]:
        word = text.lower()
        commands = {
            "why": self._why,
            "so far": self._so_far,
            "help": self._help,
            "names": self._names,
            "back": self._back,
            "skip": self._skip,
            "how sure": self._how_sure,
            "quit": self._quit,
            "exit": self._quit,
        }
        if word in commands:
            yield from commands[word]()
        elif word == "what would change" or word.startswith("what would change "):
            yield from self._what_would_change(word.removeprefix("what would change").strip())
        elif word == "what if" or word.startswith("what if "):
            yield from self._what_if(text[len("what if") :].strip())
        elif self.question is None and not text:
            yield from self._quit() if self.stage == "settled" else self._ask()
        else:
            yield from self._answer(text)

    def _answer(self, text: str) -> Iterator[str]:
        key, said = self._addressed(text)
        if _means_not_known(said, self._attribute(key)):
            yield from self._not_known(key)
            return
        moment, answers = self._present(), self._heard(key, said)
        for fact, values in answers.items():
            yield from self.teller.understood(fact, values)
        told = {subject.fact(name) for subject, name in answers}
        not_known = tuple(fact for fact in moment.not_known if fact not in told)
        case = completed(moment.case, answers.items())
        yield from self._record(replace(moment, case=case, not_known=not_known))

    def _not_known(self, key: Fact) -> Iterator[str]:
        moment, fact = self._present(), key[0].fact(key[1])
        yield from self.teller.understood(key, None)
        not_known = tuple(dict.fromkeys((*moment.not_known, fact)))
        yield from self._record(replace(moment, case=without(moment.case, key), not_known=not_known))

    def _skip(self) -> Iterator[str]:
        if self.question is None:
            raise ValueError("there is no question to skip")
        moment, fact = self._present(), self._fact()
        if fact in moment.skipped:  # asked again, as there was nothing else: then it is not known
            yield from self._not_known(self.question.key)
            return
        yield from self._record(replace(moment, skipped=(*moment.skipped, fact)))

    def _record(self, moment: Moment) -> Iterator[str]:
        """Keep a new moment, and go on from it."""
        self.keep(moment.case, moment.not_known)
        self.past.append(self._present())
        yield from self._to(moment)

    def _back(self) -> Iterator[str]:
        if not self.past:
            raise ValueError("there is no answer to take back")
        moment = self.past.pop()
        self.keep(moment.case, moment.not_known)
        yield "  The last answer is taken back."
        yield from self._to(moment)

    def _what_if(self, text: str) -> Iterator[str]:
        if not text:
            raise ValueError("`what if` needs a value: what if 3, or what if escc_grade: 3")
        assert self.view is not None
        key, said = self._addressed(text)
        moment, answers = self._present(), self._heard(key, said)
        view = self._look(replace(moment, case=completed(moment.case, answers.items())))
        for fact, values in answers.items():
            yield from self.teller.supposed(fact, values)
        yield from self.teller.narrowing(view.ahead, self.view.ahead, view.advice)
        yield "  Nothing was recorded."
        yield from self._ask()

    def _what_would_change(self, pathway: str) -> Iterator[str]:
        """Tell what would have to be otherwise, for any other advice or for a pathway named by its id or its label."""
        run = Run(self._present().case, self.reasoner)
        wanted = self.knowledge.pathway_named(pathway) if pathway else None
        changing = Changing(run.consultation, self.reasoner, telling=True) if wanted else run.changing
        for lesion in run.case.lesions:
            yield from self.teller.changes(changing.changes(lesion.id, wanted, most=MOST_CHANGES))
        yield from self._ask()

    def _how_sure(self) -> Iterator[str]:
        yield from self.teller.neighbours(neighbours(self.reasoner.consult(self._present().case), self.reasoner))
        yield from self._ask()

    def _why(self) -> Iterator[str]:
        assert self.view is not None
        if self.question is None:
            raise ValueError("there is no question now")
        yield from self.teller.why(self.question, self.view.advice, self.view.ahead)
        yield from self._ask()

    def _so_far(self) -> Iterator[str]:
        assert self.view is not None
        moment = self._present()
        yield from self.teller.so_far(moment.case, moment.not_known, self.view.advice, self.view.ahead)
        yield from self._ask()

    def _help(self) -> Iterator[str]:
        yield from self.teller.help(self.question.key if self.question else None)
        yield from self._ask()

    def _names(self) -> Iterator[str]:
        yield from self.teller.names()
        yield from self._ask()

    def _quit(self) -> Iterator[str]:
        self.stage = "finished"
        yield from ()

    # --- small things ------------------------------------------------------------------------------------------

    def _addressed(self, text: str) -> tuple[Fact, str]:
        """Return what a line is about and what it says: the present question, or `NAME: VALUE`."""
        key = self.question.key if self.question else None
        named = fact_named(text, self._present().case, self.knowledge, key)
        if named is not None:
            return named
        if key is None:
            raise ValueError("there is no question now; tell something as NAME: VALUE (`names` lists the names)")
        return key, text

    def _heard(self, key: Fact, said: str) -> dict[Fact, Values]:
        """Return what an answer says, of the input that it is about first, and of others that its words speak of."""
        subject, case = key[0], self._present().case
        values, meaning = hear_answer(self._attribute(key), said, self.knowledge, case.date)
        given = next((lesion.given for lesion in case.lesions if lesion.id == subject.lesion), case.patient)
        others = implied(meaning, given, self.knowledge, case.date)
        return {key: values, **{(subject, name): also for name, also in others.items()}}

    def _present(self) -> Moment:
        assert self.now is not None, "there is a case once there are lesions"
        return self.now

    def _attribute(self, key: Fact) -> Attribute:
        return self.knowledge.vocabulary[key[1]]

    def _fact(self) -> str:
        assert self.question is not None
        return self.question.key[0].fact(self.question.key[1])


def _is_command(text: str) -> bool:
    """Tell whether a line is a command, which is never the name of a case or a lesion."""
    return text.lower() in COMMANDS or text.lower().startswith(("what if ", "what would change "))


def _means_not_known(said: str, attribute: Attribute) -> bool:
    """Tell whether an answer says that nothing is known; `unknown`, however it is spelt, may be a value instead."""
    return said.lower() in NOT_KNOWN and said.lower() not in (name.lower() for name in attribute.names)
