"""What a consultation says: questions, reasons, and how the advice narrows. Lines of at most 100 columns.

A line that starts with `?` asks, one with `!` tells of a problem, one with `»` is the advice.
"""

from collections.abc import Iterable, Iterator

from cases.model import Case
from engine import Advice
from engine.analysis.contrasts import Changes
from engine.analysis.plan import Next, Plan
from engine.analysis.sensitivity import Neighbours
from engine.inference.subjects import Fact
from explain.phrases.dangers import dangers
from explain.phrases.lesions import sentence
from explain.phrases.plans import row_result, told
from explain.phrases.prose import join, paragraph
from explain.phrases.terms import COST_WORDS, URGENCY_WORDS
from explain.report.blocks import text_of
from explain.report.counterfactuals import ChangesWords
from explain.report.sensitivity import NeighboursWords
from knowledge_base.language.domains import Values
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import SOON
from knowledge_base.language.vocabulary import LETTERS, SUBJECT_KINDS, Attribute
from metspine.dialogue.moment import MOST_NOT_KNOWN, Prompt, Situation

NAMED_PLANS = 2  # of a fork that is still asked about
NAMED = 4  # outcomes, rules and answers that are named before the rest is counted
LABELLED = 12  # values of an attribute beyond which a question shows their ids only
HELP = """\
Answer with a value or the beginning of one; with several (2, 3) when it is one of these; or a range
(60..70, >= 2). An empty line, `?` or `unknown`: not known, and not asked again.
To a list: `y` when all of it holds, the number of a line that does not, an empty line
to leave it as conditions.
  why              what each answer would leave, and the rules that wait for it
  what if VALUE    what would be advised then; nothing is recorded (also: what if NAME: VALUE)
  what would change [PATHWAY]
                   the fewest things that would have to be different, for that or for other advice
  how sure         whether the advice holds when a disputed reading is a grade away
  so far           the advice now, and what was given
  back             take the last answer back
  skip             ask me later
  go on            ask on, after several answers were not known
  date: DATE       the day of the letter, from which answers such as `since yesterday` count
  NAME: VALUE      tell or correct something else (T8.NAME: VALUE for one of several lesions)
  names            the names of everything that can be told
  quit             stop here; the case is kept, and can be gone on with"""


class Teller:
    """Puts a consultation into words."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.knowledge = knowledge

    # --- asking ------------------------------------------------------------------------------------------------

    def question(self, asked: Prompt) -> Iterator[str]:
        """Yield a question with the values that answer it, or a list to be ticked off at once."""
        yield ""
        if asked.fact is not None:
            yield from self._finding(asked.fact, join(map(str, asked.lesions), "and") if asked.lesions else "")
        elif asked.kind == "confirm":
            yield from paragraph("Is all of this so?", "? ")
            for i, condition in enumerate(asked.conditions, 1):
                yield from self._line(i, condition.subject, told([condition], self.knowledge)[0])
            yield "    y: all of it; a number: that one is not so, or not known; empty: they stay conditions"
        elif asked.kind == "accept":
            yield from paragraph("Does the patient accept this plan?", "? ")
            yield "    y; n; empty: not asked yet"
        else:
            yield from paragraph("What does the patient wish?", "? ")
            for i, condition in enumerate(asked.conditions, 1):
                attribute = self.knowledge.vocabulary[condition.attribute]
                yield from self._line(i, condition.subject, attribute.question or attribute.label)
            yield "    a number: answer that one; empty: none of it"

    def _line(self, number: int, subject: str, text: str) -> Iterator[str]:
        yield from paragraph(text if subject == "patient" else f"{text} ({subject})", f"    {number:2}  ")

    def _finding(self, key: Fact, lesions: str) -> Iterator[str]:
        subject = lesions or str(key.subject)
        measures = [self.knowledge.vocabulary[name] for name in self.knowledge.vocabulary.asked_together(key.attribute)]
        about = "" if key.subject.kind == "patient" else f"{subject}: "
        for i, attribute in enumerate(measures):
            cost = f"  [{COST_WORDS[attribute.cost]}]" if attribute.cost else ""
            text = f"{'Or: ' if i else about}{attribute.question or attribute.label}{'' if i else cost}"
            yield from paragraph(text, "  " if i else "? ")
            yield from paragraph(self._values(attribute), "    ")
            if "unknown" in attribute.names:
                said = attribute.label_of("unknown")
                yield from paragraph(f"`unknown` is a value here ({said}); not known: `?`", "    ")

    def _values(self, attribute: Attribute, labelled: int = LABELLED) -> str:
        if attribute.type == "yes_no":
            return "yes; no"
        if attribute.type == "number":
            step = f", in steps of {attribute.step}" if attribute.step else ""
            return f"a number, {attribute.domain_text}{step}"
        if len(attribute.names) > labelled:
            return ", ".join(attribute.names)
        labels = attribute.values or {}
        return "; ".join(name if _same(name, labels[name]) else f"{name} = {labels[name]}" for name in attribute.names)

    def help(self, key: Fact | None) -> Iterator[str]:
        """Yield what can be typed, and what counts as an answer to the present question."""
        yield from HELP.splitlines()
        if key is None:
            return
        attribute = self.knowledge.vocabulary[key.attribute]
        yield ""
        yield from paragraph(f"{attribute.label} ({attribute.id}): {self._values(attribute, labelled=99)}", "  ")
        parts = (
            ("Includes", attribute.includes),
            ("Excludes", attribute.excludes),
            ("Measured by", attribute.measured_by),
        )
        for name, text in parts:
            if text:
                yield from paragraph(f"{name}: {text}", "  ")

    def names(self) -> Iterator[str]:
        """Yield the names of everything that can be told."""
        for kind in SUBJECT_KINDS[:2]:
            for letter, word in LETTERS.items():
                if found := [a.id for a in self.knowledge.vocabulary.given_of(kind) if a.letter == letter]:
                    yield from paragraph(", ".join(found), f"  {kind}, {word}: ")

    def why(self, asked: Prompt, advice: Advice) -> Iterator[str]:
        """Yield what each answer to a question would leave, and the rules that wait for it."""
        for condition in asked.conditions:
            rules = join(condition.because, "and") if condition.because else "the solver"
            yield from paragraph(f"{self.knowledge.vocabulary[condition.attribute].label}: {rules}", "    • ")
        if asked.following is None or asked.fact is None:
            return
        brings = asked.following.brings
        for one in brings[:NAMED]:
            left = join([self.outcome(outcome) for outcome in one.possible])
            yield from paragraph(f"{one.text}: leaves {left}", "    • ")
        yield from _rest(len(brings) - NAMED, "more answers", "    ")
        if self.knowledge.vocabulary[asked.fact.attribute].emergency:
            yield "  What is to be done now can hang on it."
        elif not brings:
            yield "  By itself it rules nothing out; together with another answer it can."
        yield from self._waiting(asked.following, advice)

    def _waiting(self, following: Next, advice: Advice) -> Iterator[str]:
        """Yield the rules that wait for an answer."""
        options = (option for lesion in advice.lesions for option in lesion.options)
        rules = {
            rule.rule: rule.title
            for option in options
            for rule in option.open_arguments
            if following.fact in rule.waits_for
        }
        if rules:
            yield "  Rules that wait for it:"
        for rule, title in list(rules.items())[:NAMED]:
            yield from paragraph(f"{rule}: {title}", "    • ")
        yield from _rest(len(rules) - NAMED, "more rules", "    ")

    # --- how the advice stands ---------------------------------------------------------------------------------

    def urgent(self, advice: Advice, before: Advice | None) -> Iterator[str]:
        """Yield the dangers, and what is to be done now, that were not told before."""
        told = set(self._urgent(before)) if before else set()
        for text in self._urgent(advice):
            if text not in told:
                yield from paragraph(text, "! ")

    def _urgent(self, advice: Advice) -> Iterator[str]:
        for alert in dangers(advice, self.knowledge):
            lesions = [subject for subject in alert.subjects if subject != "patient"]
            about = f" ({join(lesions, 'and')})" if lesions else ""
            yield f"DANGER{about}: {alert.text}"
        for measure in advice.measures:
            if measure.urgency in SOON:
                yield f"{URGENCY_WORDS[measure.urgency].capitalize()}: {measure.label}."

    def standing(self, view: Situation, before: Situation | None) -> Iterator[str]:
        """Yield how the plan of each lesion stands, where that is new."""
        for clash in view.advice.contradictions:
            yield from paragraph(clash.text, "! ")
        if not view.is_possible:
            yield from paragraph("What was told cannot all be true of one patient.", "! ")
            return
        for lesion, one in view.plans.items():
            said = list(self._plan(lesion, one))
            if before is None or lesion not in before.plans or said != list(self._plan(lesion, before.plans[lesion])):
                yield from said

    def _plan(self, lesion: str, one: Plan) -> Iterator[str]:
        if one.kind in ("firm", "provided"):
            yield from paragraph(f"{lesion}: {self.outcome(frozenset(one.recommended))}.", "» ")
            if one.kind == "firm":
                yield "  Firm: nothing that is still unknown could change this."
        elif one.fork is not None:
            labels = join([finding.label for finding in one.fork.findings], "and")
            plans = list(dict.fromkeys(row_result(row, self.knowledge) for row in one.fork.rows if row.decided))
            said = f": {'; or '.join(plans)}" if 0 < len(plans) <= NAMED_PLANS else ""
            yield from paragraph(f"{lesion}: it hangs on {labels}{said}.", "  ")
        else:
            yield from paragraph(f"{lesion}: no plan yet.", "  ")

    def outcome(self, outcome: Iterable[str]) -> str:
        """Return the pathways of an outcome in words."""
        return join([self.pathway(name) for name in sorted(outcome)]) or "no pathway, the team decides"

    def pathway(self, name: str) -> str:
        """Return a pathway in words."""
        return self.knowledge.pathways[name].label

    def changes(self, changes: Changes) -> Iterator[str]:
        """Yield what would have to be different for other advice on a lesion, or for a pathway."""
        yield from paragraph(f"{changes.lesion}: {self.outcome(frozenset(changes.recommended))}.", "» ")
        yield from text_of(ChangesWords(changes, self.knowledge).blocks()).splitlines()

    def neighbours(self, found: Neighbours) -> Iterator[str]:
        """Yield whether the advice holds one grade away."""
        words = NeighboursWords(found, self.knowledge)
        yield from text_of([*words.answers(), *words.blocks()]).splitlines()

    def so_far(self, case: Case, not_known: Iterable[Fact], view: Situation) -> Iterator[str]:
        """Yield the advice as it stands, and what it rests on."""
        advice = view.advice
        yield from self.urgent(advice, None)
        yield from self.standing(view, None)
        for lesion in advice.lesions if not view.plans else ():
            yield from paragraph(sentence(lesion), "» ")
        measures = [f"{measure.label} ({URGENCY_WORDS[measure.urgency]})" for measure in advice.measures]
        if measures:
            yield from paragraph(f"Beside the pathway: {'; '.join(measures)}.", "  ")
        yield from self._given(case)
        unknown = [self.fact(fact) for fact in not_known]
        if unknown:
            yield from paragraph(f"Not known: {join(unknown, 'and')}.", "  ")

    def _given(self, case: Case) -> Iterator[str]:
        for subject, given in (("Patient", case.patient), *((lesion.id, lesion.given) for lesion in case.lesions)):
            said = [self.knowledge.vocabulary[name].sentence(values) for name, values in given.items()]
            yield from paragraph(f"{subject}: {'; '.join(said) or 'nothing told yet'}.", "  ")

    def fact(self, fact: Fact) -> str:
        """Return a fact in words: the label, and the lesion it is about."""
        subject, name = fact
        label = self.knowledge.vocabulary[name].label
        return label if subject.kind == "patient" else f"{label} of {subject}"

    def problem(self, text: str) -> Iterator[str]:
        """Yield what is wrong with an answer."""
        yield from paragraph(text, "! ")

    def understood(self, key: Fact, values: Values | None) -> Iterator[str]:
        """Yield what was understood of an answer."""
        yield from paragraph(f"{self._told(key, values)}.", "  ")

    def supposed(self, key: Fact, values: Values) -> Iterator[str]:
        """Yield what is supposed."""
        yield from paragraph(f"What if {self._told(key, values)}?", "  ")

    def end(self, view: Situation, is_tired: bool) -> Iterator[str]:
        """Yield why there is no further question; `is_tired`, because so many were in vain."""
        yield ""
        if all(one.kind in ("firm", "provided") for one in view.plans.values()):
            yield "There is a plan; no finding is lacking."
        elif is_tired:
            yield f"{MOST_NOT_KNOWN} answers in a row were not known, so no more is asked; `go on` asks on."
        else:
            yield "Nothing more is to be had: what could still decide is not known."

    def _told(self, key: Fact, values: Values | None) -> str:
        attribute = self.knowledge.vocabulary[key.attribute]
        text = f"{attribute.label}: not known" if values is None else attribute.sentence(values)
        return text if key.subject.kind == "patient" else f"{key.subject}, {text}"


def _same(name: str, label: str) -> bool:
    return name.replace("_", " ").lower() == label.replace("-", " ").lower()


def _rest(count: int, what: str, lead: str) -> Iterator[str]:
    if count > 0:
        yield f"{lead}and {count} {what}"
