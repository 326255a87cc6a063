"""Giving every name in a rule its meaning: attributes, values, pathways, measures, sources."""

from collections.abc import Iterator

from knowledge_base.canonical_json import digest
from knowledge_base.language.conditions import NEVER, Condition, Line, alternatives, leaves, parse
from knowledge_base.language.rules import (
    STANCES,
    Argue,
    ArgueEntry,
    Ask,
    Conclusion,
    Grounds,
    Rule,
    RuleText,
    SetTo,
    ThenEntry,
)
from knowledge_base.language.vocabulary import SUBJECT_KINDS, Attribute, SubjectKind
from knowledge_base.loading.symbol_table import Anything, Names
from knowledge_base.text.errors import listed, suggestion
from knowledge_base.text.strict_yaml import KeyPath

ARGUED = tuple(f"argued_{stance}" for stance in STANCES)


class Resolver:
    """Resolves the texts of rules."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.vocabulary = names.vocabulary

    def rule(self, text: RuleText) -> Rule | None:
        """Return what a rule means, or None after reporting what is wrong with it."""
        before = len(self.names.problems)
        when = self._condition(text, text.when, "when")
        unless = self._condition(text, text.unless, "unless") if "unless" in text.model_fields_set else NEVER
        if len(self.names.problems) == before:
            self._check_can_fire(text, unless)
        self.names.grounded(text)
        conclusions = [c for i, entry in enumerate(text.then) for c in self._conclusions(text, entry, ("then", i))]
        subject = self._subject(when, unless, conclusions)
        if len(self.names.problems) > before:
            return None
        return Rule(
            **{name: getattr(text, name) for name in Grounds.model_fields},
            id=text.id,
            when=when,
            unless=unless,
            conclusions=tuple(dict.fromkeys(conclusions)),
            subject=subject,
            text=text,
            version=digest(text)[:12],
        )

    # --- conditions --------------------------------------------------------------------------------------------

    def _condition(self, text: RuleText, raw: object, key: str) -> Condition:
        condition, errors = parse(raw, self.vocabulary, (key,), self.names.written["attribute"])
        for error in errors:
            self.names.report(text, error.path, str(error))
        return NEVER if errors else condition

    def _check_can_fire(self, text: RuleText, unless: Condition) -> None:
        """Report a rule that says in so many words that it never fires."""
        if text.when == {"not": "always"}:
            message = "`not: always` is never true, so the rule never fires; say when it does"
            self.names.report(text, ("when",), message)
        if () in alternatives(unless):
            message = "`unless` is always true here, so the rule never fires; say what should stop it"
            self.names.report(text, ("unless",), message)

    def _subject(self, when: Condition, unless: Condition, conclusions: list[Conclusion]) -> SubjectKind:
        """Return whom a rule is about: the finest kind of subject that it reads, sets, asks about or argues for."""
        kinds: set[SubjectKind] = {"patient"}
        kinds |= {kind for condition in (when, unless) for kind in self._kinds_read(condition)}
        for conclusion in conclusions:
            if isinstance(conclusion, Argue):
                kinds.add("lesion")
            elif isinstance(conclusion, Ask):
                kinds.add(self.vocabulary[conclusion.attribute].of)
            elif isinstance(conclusion, SetTo):
                kinds |= {self.vocabulary[name].of for name in (conclusion.attribute, conclusion.reads) if name}
        return max(kinds, key=SUBJECT_KINDS.index)

    def _kinds_read(self, condition: Condition) -> Iterator[SubjectKind]:
        for leaf in leaves(condition):
            if isinstance(leaf, Line):
                yield self.vocabulary[leaf.attribute].of
            elif leaf.over == "option":
                yield "lesion"

    # --- conclusions -------------------------------------------------------------------------------------------

    def _conclusions(self, text: RuleText, entry: ThenEntry, path: KeyPath) -> Iterator[Conclusion]:
        if entry.set is not None:
            for name, raw in entry.set.items():
                if (conclusion := self._set_to(text, name, raw, (*path, "set", name))) is not None:
                    yield conclusion
        elif entry.argue is not None:
            yield from self._arguments(text, entry.argue, (*path, "argue", "pathway"))
        elif entry.measure is not None:
            place = (*path, "measure", "measure")
            self.names.named(text, entry.measure.measure, self.names.measures, "measure", place)
            yield entry.measure
        elif entry.alert is not None:
            yield entry.alert
        else:
            for i, name in enumerate(entry.ask or ()):
                yield from self._ask(text, name, (*path, "ask", i))

    def _set_to(self, text: RuleText, name: str, raw: object, path: KeyPath) -> SetTo | None:
        if not self.names.attribute_named(text, name, path):
            return None
        attribute = self.vocabulary[name]
        if name == "pathway" or name in ARGUED:
            self.names.report(text, path, f"{name} cannot be set; it follows from what rules `argue`")
            return None
        if not self.names.set_by_rules(text, attribute, path):
            return None
        if isinstance(raw, dict):
            return self._taken(text, attribute, raw, path)
        try:
            return SetTo(attribute=name, values=attribute.narrowing(raw))
        except ValueError as error:
            self.names.report(text, (*path, *getattr(error, "path", ())), str(error))
            return None

    def _taken(self, text: RuleText, attribute: Attribute, raw: dict[str, object], path: KeyPath) -> SetTo | None:
        """Return the conclusion that takes its values from another attribute."""
        how, name = next(iter(raw.items()), ("", ""))
        if len(raw) != 1 or how not in ("count", "same_as") or not isinstance(name, str):
            self.names.report(text, path, "a mapping here can only be {count: attribute} or {same_as: attribute}")
            return None
        if not self.names.attribute_named(text, name, (*path, how)):
            return None
        wrong = _not_countable(attribute, self.vocabulary[name]) if how == "count" else ""
        wrong = _not_alike(attribute, self.vocabulary[name]) if how == "same_as" else wrong
        if wrong:
            self.names.report(text, path, wrong)
            return None
        return SetTo.model_validate({"attribute": attribute.id, "count_of" if how == "count" else how: name})

    def _arguments(self, text: RuleText, entry: ArgueEntry, path: KeyPath) -> Iterator[Argue]:
        for name in self._involving(text, entry, path) if entry.pathway.involving else entry.pathway.ids:
            if self.names.named(text, name, self.names.pathways, "pathway", path):
                yield Argue(pathway=name, stance=entry.stance)

    def _involving(self, text: RuleText, entry: ArgueEntry, path: KeyPath) -> list[str]:
        """Return the ids of the pathways that involve something; report it when none does."""
        tag = str(entry.pathway.involving)
        pathways = self.names.pathways.values()
        chosen = [pathway.id for pathway in pathways if tag in pathway.involves]
        broken = isinstance(written := self.names.written["pathway"], Anything) or written != set(self.names.pathways)
        if not chosen and not broken:
            tags = sorted({tag for pathway in pathways for tag in pathway.involves})
            message = f"no pathway involves {tag!r} ({listed(tags)}){suggestion(tag, tags)}"
            self.names.report(text, (*path, "involving"), message)
        return chosen

    def _ask(self, text: RuleText, name: str, path: KeyPath) -> Iterator[Ask]:
        if not self.names.attribute_named(text, name, path):
            return
        if not self.vocabulary[name].given:
            message = f"{name} cannot be asked for, because a case does not give it; ask for what it rests on"
            self.names.report(text, path, message)
        yield Ask(attribute=name)


def _not_countable(attribute: Attribute, other: Attribute) -> str:
    """Return why an attribute cannot be set to the size of another; empty when it can."""
    if other.type == "several" and attribute.type == "number":
        return ""
    return (
        f"`count` sets a number to the size of a `several`, but {attribute.id} is a {attribute.type} and "
        f"{other.id} is a {other.type}; count an attribute that holds several values"
    )


def _not_alike(attribute: Attribute, other: Attribute) -> str:
    """Return why an attribute cannot be set to what another may be; empty when it can."""
    if other.domain == attribute.domain:
        return ""
    return (
        f"`same_as` needs equal values, but {attribute.id} has {attribute.domain_text} and {other.id} has "
        f"{other.domain_text}; write a rule for each value instead"
    )
