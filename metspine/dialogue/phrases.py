"""What a consultation says: questions, reasons, and how the advice narrows. Lines of at most 100 columns.

A line that starts with `?` asks, one with `!` tells of a problem, one with `»` is the advice.
"""

from collections.abc import Iterable, Iterator

from cases.model import Case
from engine import Advice
from engine.analysis.contrasts import Changes
from engine.analysis.next_question import Ahead, NextQuestion
from engine.analysis.sensitivity import Neighbours
from engine.symbolic.completions import Outcome
from engine.symbolic.encoding import Fact
from explain.phrases.prose import join, paragraph
from explain.phrases.terms import COST_WORDS, URGENCY_WORDS
from explain.report.advice import sentence
from explain.report.blocks import text_of
from explain.report.counterfactuals import ChangesWords
from explain.report.sensitivity import NeighboursWords
from knowledge_base.language.domains import Values
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import LETTERS, SUBJECT_KINDS, Attribute

NAMED = 4  # outcomes, rules and answers that are named before the rest is counted
LABELLED = 12  # values of an attribute beyond which a question shows their ids only
HELP = """\
Answer with a value or the beginning of one; with several (2, 3) when it is one of these; or a range
(60..70, >= 2). An empty line, `?` or `unknown`: not known, and not asked again.
  why              which rules and pathways this decides between, and what each answer would leave
  what if VALUE    what would be advised then; nothing is recorded (also: what if NAME: VALUE)
  what would change [PATHWAY]
                   the fewest things that would have to be different, for that or for other advice
  how sure         whether the advice holds when a disputed reading is a grade away
  so far           the advice now, and what was given
  back             take the last answer back
  skip             ask me later
  NAME: VALUE      tell or correct something else (T8.NAME: VALUE for one of several lesions)
  names            the names of everything that can be told
  quit             stop here; the case is kept, and can be gone on with"""


class Teller:
    """Puts a consultation into words."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.knowledge = knowledge

    # --- asking ------------------------------------------------------------------------------------------------

    def question(self, key: Fact) -> Iterator[str]:
        """Yield a question with the values that answer it."""
        subject, attribute = key[0], self.knowledge.vocabulary[key[1]]
        about = "" if subject.kind == "patient" else f"{subject}: "
        cost = f"  [{COST_WORDS[attribute.cost]}]" if attribute.cost else ""
        yield ""
        yield from paragraph(f"{about}{attribute.question or attribute.label}{cost}", "? ")
        yield from paragraph(self._values(attribute), "    ")
        if "unknown" in attribute.names:
            yield from paragraph(f"`unknown` is a value here ({attribute.label_of('unknown')}); not known: `?`", "    ")

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
        attribute = self.knowledge.vocabulary[key[1]]
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

    def why(self, question: NextQuestion, advice: Advice, ahead: Ahead) -> Iterator[str]:
        """Yield the pathways and rules that a question decides between, and what each answer would leave."""
        between = self._between(question)
        if between:
            yield from paragraph(f"It decides between {join([self.pathway(name) for name in between], 'and')}.", "  ")
        else:
            yield "  By itself it rules nothing out; together with another answer it can."
        for values, left in question.leaves[:NAMED]:
            said = [
                f"{len(found)} of {len(ahead.outcomes[lesion])} outcomes of {lesion}" for lesion, found in left.items()
            ]
            answer = self.knowledge.vocabulary[question.key[1]].words(values)
            yield from paragraph(f"{answer}: leaves {join(said, 'and')}", "    • ")
        yield from _rest(len(question.leaves) - NAMED, "more answers", "    ")
        yield from self._waiting(question.key, advice, between)

    def _waiting(self, key: Fact, advice: Advice, between: list[str]) -> Iterator[str]:
        """Yield the rules that wait for an answer, those about the pathways in question first."""
        fact = key[0].fact(key[1])
        rules: dict[str, str] = {}
        for option in sorted(
            (option for lesion in advice.lesions for option in lesion.options), key=lambda o: o.pathway not in between
        ):
            rules.update({rule.rule: rule.title for rule in option.open_arguments if fact in rule.waits_for})
        if rules:
            yield "  Rules that wait for it:"
        for rule, title in list(rules.items())[:NAMED]:
            yield from paragraph(f"{rule}: {title}", "    • ")
        yield from _rest(len(rules) - NAMED, "more rules", "    ")

    def _between(self, question: NextQuestion) -> list[str]:
        """Return the pathways that some answer rules out, or in, and another does not."""
        found = set()
        for lesion in question.leaves[0][1] if question.leaves else ():
            ways = [left[lesion] for _, left in question.leaves]
            differing = frozenset().union(*ways) - frozenset.intersection(*ways)
            found |= {pathway for outcome in differing for pathway in outcome}
        return sorted(found)

    # --- how the advice stands ---------------------------------------------------------------------------------

    def narrowing(self, ahead: Ahead, before: Ahead | None, advice: Advice) -> Iterator[str]:
        """Yield what can still come out for each lesion, and how many fewer these are than before."""
        for clash in advice.contradictions:
            yield from paragraph(clash.text, "! ")
        if not ahead.is_possible:
            facts = join([self.fact(key[0].fact(key[1])) for key in ahead.clash], "and")
            yield from paragraph(f"These answers cannot all be true of one patient: {facts}.", "! ")
            return
        for lesion in advice.lesions:
            found = ahead.outcomes[lesion.id]
            was = len(before.outcomes[lesion.id]) if before else 0
            if len(found) == 1:
                yield from paragraph(f"{lesion.id}: {self.outcome(found[0])}.", "» ")
                yield "  Firm: nothing that is still unknown could change this."
            else:
                fewer = f", {was} before" if was and was != len(found) else ""
                still = "still " if was == len(found) else ""
                text = f"{lesion.id}: {still}{len(found)} outcomes possible{fewer}; {self._now(lesion.recommended)}."
                yield from paragraph(text, "  ")
                yield from self._narrowed(found, before.outcomes[lesion.id] if before else ())

    def _narrowed(self, found: tuple[Outcome, ...], before: tuple[Outcome, ...]) -> Iterator[str]:
        """Yield what is left, when that is little or new, else what is no longer possible."""
        gone = tuple(outcome for outcome in before if outcome not in found)
        if gone and len(found) > max(len(gone), NAMED):
            yield "    no longer possible:"
            yield from self._outcomes(gone)
        elif gone or not set(found) <= set(before):
            yield from self._outcomes(found)

    def _now(self, recommended: tuple[str, ...]) -> str:
        if not recommended:
            return "undetermined, nothing is recommended yet"
        return f"provisional, recommended now: {self.outcome(frozenset(recommended))}"

    def _outcomes(self, found: tuple[Outcome, ...], most: int = NAMED) -> Iterator[str]:
        for outcome in found[:most]:
            yield from paragraph(self.outcome(outcome), "    • ")
        yield from _rest(len(found) - most, "more", "    ")

    def outcome(self, outcome: Outcome) -> str:
        """Return the pathways of an outcome in words."""
        return join([self.pathway(name) for name in sorted(outcome)]) if outcome else "no pathway, the team decides"

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

    def so_far(self, case: Case, not_known: Iterable[str], advice: Advice, ahead: Ahead) -> Iterator[str]:
        """Yield the advice as it stands, and what it rests on."""
        for clash in advice.contradictions:
            yield from paragraph(clash.text, "! ")
        for lesion in advice.lesions:
            yield from paragraph(sentence(lesion), "» ")
            found = ahead.outcomes[lesion.id]
            if len(found) > 1:
                yield f"  {len(found)} outcomes possible:"
                yield from self._outcomes(found, 2 * NAMED)
            elif found:
                yield from paragraph(f"Firm: whatever the rest shows, {self.outcome(found[0])}.", "  ")
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

    def fact(self, fact: str) -> str:
        """Return a fact in words: the label, and the lesion it is about."""
        subject, _, name = fact.rpartition(".")
        label = self.knowledge.vocabulary[name].label
        return label if subject == "patient" else f"{label} of {subject}"

    def problem(self, text: str) -> Iterator[str]:
        """Yield what is wrong with an answer."""
        yield from paragraph(text, "! ")

    def understood(self, key: Fact, values: Values | None) -> Iterator[str]:
        """Yield what was understood of an answer."""
        yield from paragraph(f"{self._told(key, values)}.", "  ")

    def supposed(self, key: Fact, values: Values) -> Iterator[str]:
        """Yield what is supposed."""
        yield from paragraph(f"What if {self._told(key, values)}?", "  ")

    def end(self, ahead: Ahead) -> Iterator[str]:
        """Yield why there is no further question."""
        yield ""
        if ahead.is_settled:
            yield "Settled. No other answer can change what is recommended."
        else:
            yield "Nothing more is to be had: what could still decide is not known."

    def _told(self, key: Fact, values: Values | None) -> str:
        attribute = self.knowledge.vocabulary[key[1]]
        text = f"{attribute.label}: not known" if values is None else attribute.sentence(values)
        return text if key[0].kind == "patient" else f"{key[0]}, {text}"


def _same(name: str, label: str) -> bool:
    return name.replace("_", " ").lower() == label.replace("-", " ").lower()


def _rest(count: int, what: str, lead: str) -> Iterator[str]:
    if count > 0:
        yield f"{lead}and {count} {what}"
