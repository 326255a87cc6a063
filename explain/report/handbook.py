"""The knowledge base as a page to read: every rule in words, how well it is founded, and what is to be signed off."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from explain.phrases.rules import rule_in_words, step_in_words
from explain.phrases.terms import BASIS_WORDS
from knowledge_base.language.disputes import Dispute
from knowledge_base.language.knowledge import KnowledgeBase, Unit
from knowledge_base.language.rules import BASES, Argue, Basis, Citation, Grounds, Rule, Step
from knowledge_base.loading.frameworks import is_own

CASES_SHOWN = 5
DECIDING = "argues about a treatment"


def handbook(knowledge: KnowledgeBase, fires: Mapping[str, Sequence[str]]) -> str:
    """Return the page in Markdown; `fires` has, for each rule and score step, the library cases in which it fires."""
    return "\n".join(_Handbook(knowledge, fires).lines()).rstrip() + "\n"


class _Handbook:
    def __init__(self, knowledge: KnowledgeBase, fires: Mapping[str, Sequence[str]]) -> None:
        self.knowledge = knowledge
        self.fires = fires
        whole = knowledge.whole
        self.rules = [rule for rule in whole.rules.values() if is_own(rule.position)]
        self.scores: dict[str, list[Step]] = {}
        for step in whole.steps.values():
            if is_own(step.position):
                self.scores.setdefault(step.score, []).append(step)
        self.entries: list[tuple[str, Unit]] = [(rule.id, rule) for rule in self.rules]
        self.entries += [(f"score {name}", steps[0]) for name, steps in self.scores.items()]

    def lines(self) -> Iterator[str]:
        framework = self.knowledge.framework
        yield from (f"# {framework.title}: what is believed", "", framework.about, "")
        yield f"Version {framework.version}. Written by `metspine knowledge --write`; {framework.notice}"
        yield from self._bases()
        yield from self._disputes()
        yield from self._to_sign()
        yield from self._rules()
        yield from self._scores()
        yield from self._sources()

    # --- tables ------------------------------------------------------------------------------------------------

    def _bases(self) -> Iterator[str]:
        yield from ("", "## How well it is founded", "")
        yield "An entry counts as weak as its weakest source."
        yield from ("", "| basis | meaning | rules | of these, deciding | scores | citations |")
        yield "|---|---|---:|---:|---:|---:|"
        cited = [citation.basis for _, entry in self.entries for citation in entry.sources]
        for basis in BASES:
            rules = [rule for rule in self.rules if rule.basis == basis]
            deciding = sum(_decides(rule) for rule in rules)
            scores = sum(steps[0].basis == basis for steps in self.scores.values())
            row = (basis, BASIS_WORDS[basis], len(rules), deciding, scores, cited.count(basis))
            yield f"| {' | '.join(map(str, row))} |"
        total = ("all", "", len(self.rules), sum(map(_decides, self.rules)), len(self.scores), len(cited))
        yield f"| {' | '.join(map(str, total))} |"
        yield from (
            "",
            f"“Deciding” means that the rule {DECIDING}; the others derive facts, warn, ask or call for measures.",
        )

    def _disputes(self) -> Iterator[str]:
        disputes = self.knowledge.disputes.values()
        if disputes:
            yield from ("", "## Disputed points")
        for dispute in disputes:
            yield from self._dispute(dispute)

    def _dispute(self, dispute: Dispute) -> Iterator[str]:
        yield from ("", f"### {dispute.topic}", "")
        for name, side in dispute.sides.items():
            units = [unit.id for unit in self.knowledge.side_units(dispute.id, name)]
            mark = " (default)" if name == dispute.default else ""
            rules = ", ".join(units) or "no rule: it means to do without"
            yield f"- **{side.label}**{mark} `{dispute.id}={name}`: {rules}. {_cited(side.sources)}"
        yield from ("", f"Why the default: {dispute.because}")

    def _to_sign(self) -> Iterator[str]:
        drafts = [(name, entry) for name, entry in self.entries if entry.review.status == "draft"]
        yield from ("", "## What a clinician must sign off", "")
        yield f"{len(self.entries) - len(drafts)} of {len(self.entries)} entries are reviewed. What decides and is founded"
        yield "least comes first: these rules argue about a treatment, and no source that was read says all they say."
        weak = [
            (n, e) for n, e in drafts if isinstance(e, Rule) and _decides(e) and e.basis in ("unconfirmed", "project")
        ]
        yield from ("", "| rule | says | weakest basis |", "|---|---|---|")
        yield from (f"| {name} | {entry.title} | {entry.basis} |" for name, entry in weak)
        first = {name for name, _ in weak}
        yield from ("", "The rest, by weakest basis:", "")
        for basis in reversed(BASES):
            names = [name for name, entry in drafts if entry.basis == basis and name not in first]
            if names:
                yield f"- {basis}: {', '.join(names)}"

    # --- entries -----------------------------------------------------------------------------------------------

    def _rules(self) -> Iterator[str]:
        for file in dict.fromkeys(rule.position.file for rule in sorted(self.rules, key=lambda rule: rule.position)):
            yield from ("", f"## `{file}`")
            for rule in (rule for rule in self.rules if rule.position.file == file):
                yield from ("", f"### {rule.id}: {rule.title}", "")
                yield from (f"- {part}: {text}" for part, text in rule_in_words(rule, self.knowledge))
                yield from self._grounds(rule, self.fires.get(rule.id, ()))

    def _scores(self) -> Iterator[str]:
        if self.scores:
            yield from ("", "## Scores")
        for name, steps in self.scores.items():
            yield from ("", f"### {name}: {steps[0].title}", "")
            yield from (f"- {step_in_words(step, self.knowledge)}" for step in steps)
            cases = dict.fromkeys(case for step in steps for case in self.fires.get(step.id, ()))
            yield from self._grounds(steps[0], sorted(cases))

    def _grounds(self, entry: Grounds, cases: Sequence[str]) -> Iterator[str]:
        yield f"- because: {entry.because}"
        yield f"- sources: {_cited(entry.sources)}"
        review = entry.review
        signed = f" by {review.by} on {review.on}" if review.by else ""
        side = f"; side {entry.side.side} of {entry.side.dispute}" if entry.side else ""
        yield f"- weakest basis {entry.basis}; review {review.status}{signed}{side}"
        more = f" and {len(cases) - CASES_SHOWN} more" if len(cases) > CASES_SHOWN else ""
        yield f"- fires in: {', '.join(cases[:CASES_SHOWN])}{more}" if cases else "- fires in: no library case"

    def _sources(self) -> Iterator[str]:
        yield from ("", "## Sources", "", "| id | source | what was read |", "|---|---|---|")
        for name, source in self.knowledge.sources.items():
            link = f" {source.link}" if source.link else ""
            yield f"| {name} | {source.citation}{link} | {source.read.replace('_', ' ')} |"


def _decides(rule: Rule) -> bool:
    return any(isinstance(conclusion, Argue) for conclusion in rule.conclusions)


def _cited(sources: Iterable[Citation]) -> str:
    bases: dict[Basis, str] = {"unconfirmed": "**unconfirmed**"}
    return "; ".join(f"{c.ref} ({c.at}; {bases.get(c.basis, c.basis)})" for c in sources)
