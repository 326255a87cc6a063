"""A consultation as a state machine: a line of text in, lines of text out, and nothing else.

Where the lines come from and go to, and how they look, is for `metspine.dialogue.terminal`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from cases.hearing import NOT_KNOWN, Meaning, hear_answer, implied
from cases.hearing.times import moment as moment_of
from cases.model import Case
from engine import Reasoner, Run
from engine.analysis.counterfactuals import Changing
from engine.analysis.plan import asking
from engine.analysis.sensitivity import neighbours
from engine.inference.subjects import PATIENT, Fact, Subject
from engine.run import changed
from knowledge_base.language.domains import Values
from knowledge_base.language.vocabulary import Attribute
from metspine.dialogue.intake import INTAKE_HELP, LESIONS_QUESTION, NAME_QUESTION, new_case, read_lesions, read_name
from metspine.dialogue.moment import Moment, Prompt, Prospect, Situation
from metspine.dialogue.names import fact_named
from metspine.dialogue.phrases import Teller

Stage = Literal["name", "lesions", "asking", "mending", "settled", "finished"]
Keep = Callable[[Case, tuple[Fact, ...]], None]

MOST_CHANGES = 12  # sets of one kind that are looked for
COMMANDS = (
    "why",
    "so far",
    "help",
    "names",
    "back",
    "skip",
    "go on",
    "how sure",
    "quit",
    "exit",
    "what if",
    "what would change",
)
WELCOME = [
    "Emergencies first, then one finding at a time, as far as it decides; exceptions and wishes at the end.",
    "Answer with a value, several, or a range. An empty line: not known. `help` lists what else there is.",
]


class Dialogue:
    """One consultation. `open` gives the first lines, `step` what follows a line that was typed."""

    def __init__(
        self,
        reasoner: Reasoner,
        keep: Keep,
        case: Case | None = None,
        not_known: tuple[Fact, ...] = (),
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
        self.prospect = Prospect(reasoner)
        self.stage: Stage = "name"
        self.name = ""
        self.past: list[Moment] = []
        self.now: Moment | None = None
        self.view: Situation | None = None
        self.question: Prompt | None = None
        self.is_picked = False  # the question is one line of a list
        self._resumed = Moment(case, self._still_asked(case, not_known)) if case else None

    def _still_asked(self, case: Case, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        """Return those facts that the knowledge base and the case (still) have."""
        subjects = {PATIENT, *(Subject(lesion.id) for lesion in case.lesions)}
        return tuple(f for f in facts if f.subject in subjects and f.attribute in self.knowledge.vocabulary)

    # --- the flow ----------------------------------------------------------------------------------------------

    def open(self) -> list[str]:
        """Return the first lines: a welcome and the first question."""
        if self._resumed is None:
            return [*WELCOME, "", *NAME_QUESTION]
        return [*WELCOME, "", *self._to(self._resumed)]

    def urgent(self) -> list[str]:
        """Return the dangers and what is to be done now, for whoever breaks off."""
        return [] if self.view is None else list(self.teller.urgent(self.view.advice, None))

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
        self.view = self.prospect.view(moment)
        yield from self.teller.urgent(self.view.advice, before.advice if before else None)
        yield from self.teller.standing(self.view, before)
        self.question, self.is_picked = self.view.question or self._skipped_question(moment), False
        self.stage = self._stage(self.view)
        yield from self._ask()

    def _skipped_question(self, moment: Moment) -> Prompt | None:
        """Return the best question of those that were to be asked later."""
        return self.prospect.view(replace(moment, skipped=())).question if moment.skipped else None

    def _stage(self, view: Situation) -> Stage:
        if not view.is_possible:
            return "mending"
        if self.question is not None:
            return "asking"
        return "settled" if self.lingers else "finished"

    def _ask(self) -> Iterator[str]:
        """Yield the present question, or why there is none."""
        assert self.view is not None
        if self.question is not None:
            yield from self.teller.question(self.question)
        elif self.stage == "mending":
            yield "? Take the last answer back (`back`), or correct one (NAME: VALUE). `so far` shows them."
        else:
            yield from self.teller.end(self.view, self._present().is_tired)
            if self.stage == "settled":
                yield "? Enter finishes; `back`, `go on`, `so far`, `what if NAME: VALUE` and NAME: VALUE still work."

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
            "names": self._list_names,
            "back": self._back,
            "skip": self._skip,
            "go on": self._go_on,
            "how sure": self._how_sure,
            "quit": self._quit,
            "exit": self._quit,
        }
        if word in commands:
            yield from commands[word]()
        elif word.startswith("date:"):
            yield from self._dated(text.partition(":")[2].strip())
        elif word == "what would change" or word.startswith("what would change "):
            yield from self._what_would_change(word.removeprefix("what would change").strip())
        elif word == "what if" or word.startswith("what if "):
            yield from self._what_if(text[len("what if") :].strip())
        elif self.question is None and not text:
            yield from self._quit() if self.stage == "settled" else self._ask()
        elif self.question is not None and self.question.kind != "finding" and not self._is_named(text):
            yield from self._listed(self.question, word)
        else:
            yield from self._answer(text)

    def _answer(self, text: str) -> Iterator[str]:
        key, said = self._addressed(text)
        together = self.question.lesions if self.question is not None and self.question.fact == key else ()
        if _means_not_known(said, self._attribute(key)):
            yield from self._not_known(key, together)
            return
        moment, answers = self._present(), self._heard(key, said)
        if together and answers.get(key) != self._attribute(key).harmless:
            yield from self._to(replace(moment, apart=(*moment.apart, key.attribute)))
            return
        answers |= {lesion.fact(key.attribute): answers[key] for lesion in together}
        for fact, values in answers.items():
            yield from self.teller.understood(fact, values)
        again = [fact for fact, values in answers.items() if not values.is_single and self._is_given(fact)]
        not_known = (*(fact for fact in moment.not_known if fact not in answers), *again)
        yield from self._record(replace(moment, case=changed(moment.case, answers), not_known=not_known, in_vain=0))

    def _not_known(self, key: Fact, together: tuple[Subject, ...] = ()) -> Iterator[str]:
        """Take an answer away; of a question that was asked again, what was told before stays.

        What is not known at the bedside of one lesion is not known of the others, and no longer asked.
        """
        moment = self._present()
        is_asked = self.question is not None and self.question.fact == key
        yield from self.teller.understood(key, None)
        lesions = [Subject(lesion.id) for lesion in moment.case.lesions]
        at_bedside = key.subject.kind == "lesion" and self._attribute(key).cost in ("history", "examination")
        also = (lesion.fact(key.attribute) for lesion in (lesions if at_bedside and is_asked else together))
        not_known = tuple(dict.fromkeys((*moment.not_known, key, *also)))
        case = moment.case if is_asked else changed(moment.case, {key: None})
        in_vain = moment.in_vain + (is_asked and not self._attribute(key).emergency)
        yield from self._record(replace(moment, case=case, not_known=not_known, in_vain=in_vain))

    def _dated(self, text: str) -> Iterator[str]:
        """Record the day from which answers such as `since yesterday` count; raise ValueError for what is no date."""
        moment_of(text)
        yield f"  The day of the letter: {text}."
        moment = self._present()
        yield from self._record(replace(moment, case=replace(moment.case, date=text)))

    def _is_given(self, key: Fact) -> bool:
        case = self._present().case
        given = next((lesion.given for lesion in case.lesions if lesion.id == key.subject.lesion), case.patient)
        return key.attribute in given

    def _listed(self, asked: Prompt, word: str) -> Iterator[str]:
        """Take the answer to a list: all of it, one of it by its number, or nothing."""
        if word in ("y", "yes", "all") and asked.kind != "decline":
            held = (condition for condition in asked.conditions if condition.values is not None)
            yield from self._put(asked, {c.fact: self._attribute(c.fact).read(c.values) for c in held})
        elif word in NOT_KNOWN:
            yield from self._put(asked, {})
        elif word.isdecimal() and 0 < int(word) <= len(asked.conditions):
            fact = asked.conditions[int(word) - 1].fact
            yield from self._pick(Prompt("finding", asking(fact, self.knowledge.vocabulary)))
        elif word in ("n", "no") and asked.kind == "accept":
            yield from self._pick(replace(asked, kind="decline"))
        else:
            raise ValueError("that answers no list: write y, the number of a line, or NAME: VALUE")

    def _pick(self, question: Prompt) -> Iterator[str]:
        """Ask one thing of a list before the list is put again; `back` leads to the list."""
        self.question, self.is_picked = question, True
        yield from self._ask()

    def _put(self, asked: Prompt, told: Mapping[Fact, Values]) -> Iterator[str]:
        """Go on when a list was put: with what was told of it, and with the rest as conditions."""
        moment = self._present()
        put = (*moment.confirmed, *(condition.fact for condition in asked.conditions))
        yield from self._record(replace(moment, case=changed(moment.case, told), confirmed=put))

    def _skip(self) -> Iterator[str]:
        if self.question is None or self.question.fact is None:
            raise ValueError("there is no question to skip")
        moment, key = self._present(), self.question.fact
        if key in moment.skipped:  # asked again, as there was nothing else: then it is not known
            yield from self._not_known(key)
            return
        yield from self._record(replace(moment, skipped=(*moment.skipped, key)))

    def _go_on(self) -> Iterator[str]:
        """Ask on after questions in vain."""
        yield from self._to(replace(self._present(), in_vain=0))

    def _record(self, moment: Moment) -> Iterator[str]:
        """Keep a new moment, and go on from it."""
        self.keep(moment.case, moment.not_known)
        self.past.append(self._present())
        yield from self._to(moment)

    def _back(self) -> Iterator[str]:
        if self.is_picked and self.view is not None:
            self.question, self.is_picked = self.view.question, False
            yield from self._ask()
            return
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
        view = Prospect(self.reasoner).view(replace(moment, case=changed(moment.case, answers)))
        for fact, values in answers.items():
            yield from self.teller.supposed(fact, values)
        yield from self.teller.urgent(view.advice, self.view.advice)
        yield from self.teller.standing(view, self.view)
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
        run = Run(self._present().case, self.reasoner)
        yield from self.teller.neighbours(neighbours(run.consultation, self.reasoner))
        yield from self._ask()

    def _why(self) -> Iterator[str]:
        assert self.view is not None
        if self.question is None:
            raise ValueError("there is no question now")
        yield from self.teller.why(self.question, self.view.advice)
        yield from self._ask()

    def _so_far(self) -> Iterator[str]:
        assert self.view is not None
        moment = self._present()
        yield from self.teller.so_far(moment.case, moment.not_known, self.view)
        yield from self._ask()

    def _help(self) -> Iterator[str]:
        yield from self.teller.help(self.question.fact if self.question else None)
        yield from self._ask()

    def _list_names(self) -> Iterator[str]:
        yield from self.teller.names()
        yield from self._ask()

    def _quit(self) -> Iterator[str]:
        self.stage = "finished"
        yield from ()

    # --- small things ------------------------------------------------------------------------------------------

    def _addressed(self, text: str) -> tuple[Fact, str]:
        """Return what a line is about and what it says: the present question, or `NAME: VALUE`."""
        key = self.question.fact if self.question else None
        named = fact_named(text, self._present().case, self.knowledge, key)
        if named is not None:
            return named
        if key is None:
            raise ValueError("there is no question now; tell something as NAME: VALUE (`names` lists the names)")
        return key, text

    def _is_named(self, text: str) -> bool:
        """Tell whether a line names what it is about."""
        return fact_named(text, self._present().case, self.knowledge, None) is not None

    def _heard(self, key: Fact, said: str) -> dict[Fact, Values]:
        """Return what an answer says, of the input that it is about first, and of others that its words speak of."""
        subject, case = key.subject, self._present().case
        key, values, meaning = self._measured(key, said)
        given = next((lesion.given for lesion in case.lesions if lesion.id == subject.lesion), case.patient)
        others = implied(meaning, given, self.knowledge)
        return {key: values, **{subject.fact(name): also for name, also in others.items()}}

    def _present(self) -> Moment:
        assert self.now is not None, "there is a case once there are lesions"
        return self.now

    def _attribute(self, key: Fact) -> Attribute:
        return self.knowledge.vocabulary[key.attribute]

    def _measured(self, key: Fact, said: str) -> tuple[Fact, Values, Meaning]:
        """Return which of the measures that are one question an answer gives, and what it says of it.

        Raises ValueError when it can be read as several, and when as none with what the first of them would take.
        """
        date, failed = self._present().case.date, None
        found = []
        is_asked = self.question is not None and self.question.fact == key
        for name in self.knowledge.vocabulary.asked_together(key.attribute) if is_asked else (key.attribute,):
            try:
                found.append(
                    (key.subject.fact(name), *hear_answer(self.knowledge.vocabulary[name], said, self.knowledge, date))
                )
            except ValueError as error:
                failed = failed or error
        if len(found) == 1:
            return found[0]
        if found:
            names = " or ".join(f"{fact.attribute}: {said}" for fact, _, _ in found)
            raise ValueError(f"{said!r} may be read in several ways; write {names}")
        assert failed is not None
        raise failed


def _is_command(text: str) -> bool:
    """Tell whether a line is a command, which is never the name of a case or a lesion."""
    return text.lower() in COMMANDS or text.lower().startswith(("what if ", "what would change "))


def _means_not_known(said: str, attribute: Attribute) -> bool:
    """Tell whether an answer says that nothing is known; `unknown`, however it is spelt, may be a value instead."""
    return said.lower() in NOT_KNOWN and said.lower() not in (name.lower() for name in attribute.names)
