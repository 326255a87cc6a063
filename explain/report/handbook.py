"""The knowledge base as pages to read: every rule in words, how well it is founded, and what is to be signed off.

One page a theme (a file of rules), one for the scores, the sources, the disputed points and the signatures, and an index.
What has an id stands under a heading that is the id and nothing else, so that its anchor is for life as the id is, and the
same wherever the page is shown: `rules/noms_table.md#noms-09`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from explain.phrases.prose import cut_short
from explain.phrases.rules import rule_in_words, step_in_words
from explain.phrases.terms import BASIS_WORDS
from knowledge_base.checks import printed
from knowledge_base.grouping import grouped
from knowledge_base.language.disputes import Dispute
from knowledge_base.language.knowledge import KnowledgeBase, Unit
from knowledge_base.language.rules import BASES, Basis, Citation, Grounds, Rule, Step
from knowledge_base.loading.frameworks import is_own
from knowledge_base.text.figures import figures

CASES_SHOWN = 5
DECIDING = "argues about a treatment"
INDEX, DISPUTES, SIGN_OFF, SCORES, SOURCES = "index.md", "disputed-points.md", "sign-off.md", "scores.md", "sources.md"
NUMBERS = "numbers.md"


def handbook(
    knowledge: KnowledgeBase, fires: Mapping[str, Sequence[str]], themes: Mapping[str, str]
) -> Mapping[str, str]:
    """Return the pages in Markdown by their place in one folder.

    `fires` has, for each rule and score step, the library cases in which it fires; `themes` has what each file of rules is
    about.
    """
    pages = _Handbook(knowledge, fires, themes).pages()
    return {place: "\n".join(lines).rstrip() + "\n" for place, lines in pages}


def one_page(pages: Mapping[str, str]) -> str:
    """Return the pages of the handbook one behind the other, with every link inside the text."""
    first = {place: _slug(page.partition("\n")[0]) for place, page in pages.items()}
    names = {PurePosixPath(place).name: slug for place, slug in first.items()}

    def inside(link: re.Match[str]) -> str:
        return f"](#{link[2] or names[PurePosixPath(link[1]).name]})"

    return re.sub(r"\]\(([\w./-]+\.md)(?:#([^)]+))?\)", inside, "\n".join(pages.values()))


def _slug(heading: str) -> str:
    """Return the anchor of a heading, as those who show Markdown make it."""
    return re.sub(r"[^\w -]", "", heading.lstrip("# ").lower()).replace(" ", "-")


def page_of(file: str) -> str:
    """Return the place of the page on a file of rules."""
    return PurePosixPath(file).with_suffix(".md").as_posix()


class _Handbook:
    def __init__(self, knowledge: KnowledgeBase, fires: Mapping[str, Sequence[str]], themes: Mapping[str, str]) -> None:
        self.knowledge = knowledge
        self.fires = fires
        self.themes = themes
        whole = knowledge.whole
        self.rules = [rule for rule in whole.rules.values() if is_own(rule.position)]
        self.files = list(dict.fromkeys(rule.position.file for rule in sorted(self.rules, key=lambda r: r.position)))
        self.scores = grouped((step.score, step) for step in whole.steps.values() if is_own(step.position))
        self.entries: list[tuple[str, Unit]] = [(rule.id, rule) for rule in self.rules]
        self.entries += [(name, steps[0]) for name, steps in self.scores.items()]
        self.anchors = {rule.id: (page_of(rule.position.file), rule.id) for rule in self.rules}
        self.anchors |= {
            name: (SCORES, score) for score, steps in self.scores.items() for name in (score, *_ids(steps))
        }

    def pages(self) -> Iterator[tuple[str, Iterator[str]]]:
        yield INDEX, self._index()
        yield DISPUTES, self._disputes()
        yield SIGN_OFF, self._to_sign()
        for file in self.files:
            yield page_of(file), self._theme(file)
        yield SCORES, self._scores()
        yield SOURCES, self._sources()
        yield NUMBERS, self._numbers()

    # --- index -------------------------------------------------------------------------------------------------

    def _index(self) -> Iterator[str]:
        framework = self.knowledge.framework
        yield from (f"# {framework.title}: what is believed", "", framework.about, "")
        yield f"Version {framework.version}. Written by `metspine knowledge --write`; {framework.notice}"
        yield from ("", "## How well it is founded", "", "An entry counts as weak as its weakest source.", "")
        yield from self._bases()
        yield from (
            "",
            f"“Deciding” means that the rule {DECIDING}; the others derive facts, warn, ask or call for measures.",
        )
        yield from ("", "## Pages", "", "| page | about | entries |", "|---|---|---:|")
        yield f"| [disputed points]({DISPUTES}) | where sources part, and the default | {len(self.knowledge.disputes)} |"
        yield f"| [to sign off]({SIGN_OFF}) | what a clinician must sign, the weakest first | {len(self._drafts())} |"
        rules = Counter(rule.position.file for rule in self.rules)
        for file in self.files:
            name = PurePosixPath(file).stem
            yield f"| [{name}]({page_of(file)}) | {_cell(self.themes.get(file, ''))} | {rules[file]} |"
        yield f"| [scores]({SCORES}) | tables of points, totals and classes | {len(self.scores)} |"
        yield f"| [sources]({SOURCES}) | what may be cited, and how much of it was read | {len(self.knowledge.sources)} |"
        yield f"| [numbers]({NUMBERS}) | every number that a rule prints, and who says it | {len(self._counting())} |"

    def _bases(self) -> Iterator[str]:
        yield "| basis | meaning | rules | of these, deciding | scores | citations |"
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

    # --- disputes and signatures -------------------------------------------------------------------------------

    def _disputes(self) -> Iterator[str]:
        yield from ("# Disputed points", "")
        yield "Where sources part, each side stands here with its rules; `--side POINT=SIDE` takes another than the default."
        for dispute in self.knowledge.disputes.values():
            yield from self._dispute(dispute)

    def _dispute(self, dispute: Dispute) -> Iterator[str]:
        yield from _headed(dispute.id, f"**{dispute.topic}**")
        for name, side in dispute.sides.items():
            units = [self._link(unit.id, DISPUTES) for unit in self.knowledge.side_units(dispute.id, name)]
            mark = " (default)" if name == dispute.default else ""
            rules = ", ".join(units) or "no rule: it means to do without"
            yield f"- **{side.label}**{mark} `{dispute.id}={name}`: {rules}. {_cited(side.sources, DISPUTES)}"
        yield from ("", f"Why the default: {dispute.because}")

    def _drafts(self) -> list[tuple[str, Unit]]:
        return [(name, entry) for name, entry in self.entries if entry.review.status == "draft"]

    def _to_sign(self) -> Iterator[str]:
        drafts = self._drafts()
        yield from ("# What a clinician must sign off", "")
        if asked := [(name, entry) for name, entry in drafts if entry.review.judge]:
            asked.sort(key=lambda each: -len(self.fires.get(each[0], ())))
            yield f"These {len(asked)} questions come before all else: what hangs on them is done to patients today."
            yield "The rules that fire in most worked patients come first."
            yield from ("", "| | question | today | rule | patients |", "|---:|---|---|---|---:|")
            for place, (name, entry) in enumerate(asked, 1):
                question, today, fires = (
                    _cell(entry.review.judge or ""),
                    _cell(entry.title),
                    len(self.fires.get(name, ())),
                )
                yield f"| {place} | {question} | {today} | {self._link(name, SIGN_OFF)} | {fires} |"
            yield from ("", "## Everything else", "")
        yield f"{len(self.entries) - len(drafts)} of {len(self.entries)} entries are reviewed. What decides and is founded"
        yield "least comes first: these rules argue about a treatment, and no source that was read says all they say."
        weak = [
            (n, e) for n, e in drafts if isinstance(e, Rule) and _decides(e) and e.basis in ("unconfirmed", "project")
        ]
        yield from ("", "| rule | says | weakest basis |", "|---|---|---|")
        yield from (f"| {self._link(name, SIGN_OFF)} | {_cell(entry.title)} | {entry.basis} |" for name, entry in weak)
        first = {name for name, _ in weak}
        yield from ("", "The rest, by weakest basis:", "")
        for basis in reversed(BASES):
            names = [name for name, entry in drafts if entry.basis == basis and name not in first]
            if names:
                yield f"- {basis}: {', '.join(self._link(name, SIGN_OFF) for name in names)}"

    # --- entries -----------------------------------------------------------------------------------------------

    def _theme(self, file: str) -> Iterator[str]:
        here = page_of(file)
        yield f"# `{file}`"
        if about := self.themes.get(file):
            yield from ("", about)
        for rule in (rule for rule in self.rules if rule.position.file == file):
            yield from _headed(rule.id, f"**{rule.title}**")
            yield from (f"- {part}: {text}" for part, text in rule_in_words(rule, self.knowledge))
            yield from self._grounds(rule, self.fires.get(rule.id, ()), here)

    def _scores(self) -> Iterator[str]:
        yield "# Scores"
        for name, steps in self.scores.items():
            yield from _headed(name, f"**{steps[0].title}**")
            yield from (f"- {step_in_words(step, self.knowledge)}" for step in steps)
            cases = dict.fromkeys(case for step in steps for case in self.fires.get(step.id, ()))
            yield from self._grounds(steps[0], sorted(cases), SCORES)

    def _grounds(self, entry: Grounds, cases: Sequence[str], here: str) -> Iterator[str]:
        yield f"- because: {entry.because}"
        yield f"- sources: {_cited(entry.sources, here)}"
        review = entry.review
        signed = f" by {review.by} on {review.on}" if review.by else ""
        yield f"- weakest basis {entry.basis}; review {review.status}{signed}{_side(entry, here)}"
        yield f"- fires in: {cut_short(cases, CASES_SHOWN) or 'no library case'}"

    def _sources(self) -> Iterator[str]:
        yield "# Sources"
        for name, source in self.knowledge.sources.items():
            yield from _headed(name, f"{source.short}: {source.citation} {source.link or ''}".rstrip())
            yield f"- what was read: {source.read.replace('_', ' ')}"

    def _counting(self) -> list[tuple[Rule, tuple[str, ...]]]:
        """Return the rules that print numbers, each with these."""
        counted = ((rule, figures(" ".join(printed(rule)))) for rule in self.rules)
        return [(rule, numbers) for rule, numbers in counted if numbers]

    def _numbers(self) -> Iterator[str]:
        yield from ("# Every number that a rule prints", "")
        yield "What an alert or a reason says in numbers, who says so, where, and how much of it was read. A rule of whose"
        yield "sources none was read may print its thresholds, and what it calls ours; `metspine check` refuses the rest."
        yield from ("", "| rule | numbers | source, place, basis | what was read |", "|---|---|---|---|")
        for rule, numbers in self._counting():
            sources = [c for c in rule.sources if c.ref in self.knowledge.sources]
            seen = dict.fromkeys(self.knowledge.sources[c.ref].read.replace("_", " ") for c in sources)
            cited = _cell(_cited(sources, NUMBERS))
            yield f"| {self._link(rule.id, NUMBERS)} | {', '.join(numbers)} | {cited} | {', '.join(seen)} |"

    def _link(self, name: str, here: str) -> str:
        """Return a rule or score as a link; one that a neighbour's file holds has no page here and stays plain."""
        if name not in self.anchors:
            return name
        page, anchor = self.anchors[name]
        return _linked(name, page, here, anchor)


def _ids(steps: Iterable[Step]) -> list[str]:
    return [step.id for step in steps]


def _headed(name: str, text: str) -> Iterator[str]:
    yield from ("", f"## {name}", "", text, "")


def _linked(name: str, page: str, here: str, anchor: str | None = None) -> str:
    target = "" if here == page else f"{'../' * here.count('/')}{page}"
    return f"[{name}]({target}#{(anchor or name).lower()})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _side(entry: Grounds, here: str) -> str:
    return f"; side {entry.side.side} of {_linked(entry.side.dispute, DISPUTES, here)}" if entry.side else ""


def _decides(rule: Rule) -> bool:
    return bool(rule.arguments)


def _cited(sources: Iterable[Citation], here: str) -> str:
    bases: dict[Basis, str] = {"unconfirmed": "**unconfirmed**"}
    return "; ".join(f"{_linked(c.ref, SOURCES, here)} ({c.at}; {bases.get(c.basis, c.basis)})" for c in sources)
