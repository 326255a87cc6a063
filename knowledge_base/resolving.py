"""Giving every name in a rule or score its meaning: attributes, values, pathways, measures, sources."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import rfc8785
from pydantic import BaseModel

from knowledge_base.conditions import NEVER, Condition, Line, leaves, parse
from knowledge_base.model import Measure, Pathway, Source
from knowledge_base.problems import Problem, suggestion
from knowledge_base.reading import Document, KeyPath
from knowledge_base.rules import (
    Argue,
    ArgueEntry,
    Ask,
    ClassRow,
    Conclusion,
    Grounds,
    PointsRow,
    Row,
    Rule,
    RuleText,
    ScoreText,
    SetTo,
    Step,
    ThenEntry,
)
from knowledge_base.values import Numbers, Values, both
from knowledge_base.vocabulary import SUBJECT_KINDS, Attribute, SubjectKind, Vocabulary


def digest(entry: BaseModel | object) -> str:
    """Return the SHA-256 of an entry's canonical JSON (RFC 8785), as 64 hexadecimal digits."""
    data = entry.model_dump(mode="json", by_alias=True) if isinstance(entry, BaseModel) else entry
    return hashlib.sha256(rfc8785.dumps(data)).hexdigest()  # type: ignore[arg-type]  # plain JSON data


def points_id(score: ScoreText, item: Attribute) -> str:
    """Return the id of the attribute that holds the points of one item of a score."""
    return f"{score.id}_{item.key}_points"


def points_attributes(score: ScoreText, vocabulary: Mapping[str, Attribute]) -> Iterator[Attribute]:
    """Yield the attributes that hold the points of a score's items, for the items that name an attribute."""
    for item in score.items:
        if (attribute := vocabulary.get(item.attribute)) is None:
            continue
        points = [row.points for row in item.points]
        yield Attribute.model_validate(
            {
                "id": points_id(score, attribute),
                "label": f"points for {attribute.label}",
                "of": attribute.of,
                "letter": attribute.letter,
                "type": "number",
                "range": f"{min(points)}..{max(points)}",
                "whole": True,
                "unit": "points",
                "from": ["rules"],
                "position": score.position,
            }
        )


@dataclass
class Resolver:
    """Resolves the texts of one knowledge base; everything wrong goes to `problems`."""

    vocabulary: Vocabulary
    sources: Mapping[str, Source]
    pathways: Mapping[str, Pathway]
    measures: Mapping[str, Measure]
    documents: Mapping[str, Document]
    problems: list[Problem]

    # --- rules -------------------------------------------------------------------------------------------------

    def rule(self, text: RuleText) -> Rule | None:
        """Return what a rule means, or None after reporting what is wrong with it."""
        before = len(self.problems)
        when = self._condition(text, text.when, "when")
        unless = NEVER if text.unless is None else self._condition(text, text.unless, "unless")
        self._cited(text)
        conclusions = [c for i, entry in enumerate(text.then) for c in self._conclusions(text, entry, ("then", i))]
        subject = self._subject(when, unless, conclusions)
        if len(self.problems) > before:
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

    def _condition(self, text: RuleText, raw: object, key: str) -> Condition:
        condition, errors = parse(raw, self.vocabulary, (key,))
        for error in errors:
            self._report(text, error.path, str(error))
        return condition

    def _conclusions(self, text: RuleText, entry: ThenEntry, path: KeyPath) -> Iterator[Conclusion]:
        if entry.set is not None:
            for name, raw in entry.set.items():
                if (conclusion := self._set_to(text, name, raw, (*path, "set", name))) is not None:
                    yield conclusion
        elif entry.argue is not None:
            yield from self._arguments(text, entry.argue, (*path, "argue", "pathway"))
        elif entry.measure is not None:
            self._named(text, entry.measure.measure, self.measures, "measure", (*path, "measure", "measure"))
            yield entry.measure
        elif entry.alert is not None:
            yield entry.alert
        else:
            for name in entry.ask or ():
                if self._named(text, name, self.vocabulary, "attribute", (*path, "ask")):
                    if not self.vocabulary[name].given:
                        self._report(text, (*path, "ask"), f"{name} cannot be asked for: a case does not give it")
                    yield Ask(attribute=name)

    def _set_to(self, text: RuleText, name: str, raw: object, path: KeyPath) -> SetTo | None:
        if not self._named(text, name, self.vocabulary, "attribute", path):
            return None
        attribute = self.vocabulary[name]
        if "rules" not in attribute.from_:
            self._report(
                text, path, f"{name} is given by the case alone; add `rules` to its `from` to let rules set it"
            )
            return None
        if isinstance(raw, dict):
            return self._taken(text, attribute, raw, path)
        try:
            return SetTo(attribute=name, values=narrowing(attribute, raw))
        except ValueError as error:
            self._report(text, path, str(error))
            return None

    def _taken(self, text: RuleText, attribute: Attribute, raw: dict[str, object], path: KeyPath) -> SetTo | None:
        """Return the conclusion that takes its values from another attribute."""
        how, name = next(iter(raw.items()), ("", ""))
        if len(raw) != 1 or how not in ("count", "same_as") or not isinstance(name, str):
            self._report(text, path, "a mapping here can only be {count: attribute} or {same_as: attribute}")
            return None
        if not self._named(text, name, self.vocabulary, "attribute", path):
            return None
        other = self.vocabulary[name]
        if how == "count":
            if other.type == "several" and attribute.type == "number":
                return SetTo(attribute=attribute.id, count_of=name)
            self._report(text, path, "`count` sets a number to the size of an attribute of type `several`")
        else:
            if other.domain == attribute.domain:
                return SetTo(attribute=attribute.id, same_as=name)
            self._report(
                text,
                path,
                f"`same_as` needs equal values: {attribute.id} has {attribute.domain_text}, {name} has {other.domain_text}",
            )
        return None

    def _arguments(self, text: RuleText, entry: ArgueEntry, path: KeyPath) -> Iterator[Argue]:
        chosen = list(entry.pathway.ids)
        if tag := entry.pathway.involving:
            chosen = [pathway.id for pathway in self.pathways.values() if tag in pathway.involves]
            if not chosen:
                tags = {tag for pathway in self.pathways.values() for tag in pathway.involves}
                self._report(text, path, f"no pathway involves {tag!r}.{suggestion(tag, tags)}")
        for name in chosen:
            if self._named(text, name, self.pathways, "pathway", path):
                yield Argue(pathway=name, stance=entry.stance)

    def _subject(self, when: Condition, unless: Condition, conclusions: list[Conclusion]) -> SubjectKind:
        kinds: set[SubjectKind] = {"patient"}
        kinds |= {kind for condition in (when, unless) for kind in self._kinds_read(condition)}
        for conclusion in conclusions:
            if isinstance(conclusion, Argue):
                kinds.add("lesion")
            elif isinstance(conclusion, SetTo):
                kinds |= {self.vocabulary[name].of for name in (conclusion.attribute, conclusion.reads) if name}
        return max(kinds, key=SUBJECT_KINDS.index)

    def _kinds_read(self, condition: Condition) -> Iterator[SubjectKind]:
        for leaf in leaves(condition):
            if isinstance(leaf, Line):
                yield self.vocabulary[leaf.attribute].of
            elif leaf.over == "option":
                yield "lesion"

    # --- scores ------------------------------------------------------------------------------------------------

    def steps(self, score: ScoreText) -> list[Step]:
        """Return the steps of a score; empty after reporting what is wrong with it."""
        before = len(self.problems)
        self._cited(score)
        named = [(i, item) for i, item in enumerate(score.items) if self._item_named(score, item.attribute, i)]
        known_total = self._named(score, score.total, self.vocabulary, "attribute", ("total",))
        known_class = not score.class_ or self._named(score, score.class_, self.vocabulary, "attribute", ("class",))
        if len(self.problems) > before or not (known_total and known_class):
            return []
        total = self.vocabulary[score.total]
        kinds = {self.vocabulary[item.attribute].of for _, item in named}
        subject: SubjectKind = max(kinds, key=SUBJECT_KINDS.index)
        steps = []
        for i, item in named:
            attribute = self.vocabulary[item.attribute]
            points = self.vocabulary[points_id(score, attribute)]
            rows = [self._row(score, attribute, row, points, row.points, ("items", i)) for row in item.points]
            self._table(score, attribute, rows, ("items", i))
            steps.append(self._step(score, "item", attribute.key, (attribute.id,), points, subject, rows))
        self._check_total(score, total)
        parts = tuple(points_id(score, self.vocabulary[item.attribute]) for item in score.items)
        steps.append(self._step(score, "total", "total", parts, total, subject, []))
        if score.class_:
            target = self.vocabulary[score.class_]
            classes = [self._row(score, total, row, target, row.class_, ("classes",)) for row in score.classes]
            self._table(score, total, classes, ("classes",))
            steps.append(self._step(score, "class", "class", (total.id,), target, subject, classes))
        return steps if len(self.problems) == before else []

    def _item_named(self, score: ScoreText, name: str, i: int) -> bool:
        return self._named(score, name, self.vocabulary, "attribute", ("items", i, "attribute"))

    def _row(
        self,
        score: ScoreText,
        attribute: Attribute,
        row: PointsRow | ClassRow,
        target: Attribute,
        result: object,
        path: KeyPath,
    ) -> Row | None:
        try:
            return Row(accepted=narrowing(attribute, row.is_), result=target.read(result))
        except ValueError as error:
            self._report(score, path, str(error))
            return None

    def _table(self, score: ScoreText, attribute: Attribute, rows: list[Row | None], path: KeyPath) -> None:
        """Report values of the attribute that have no row, or two."""
        accepted = [row.accepted for row in rows if row is not None]
        if len(accepted) < len(rows):
            return
        if any(not both(a, b).is_empty for a, b in combinations(accepted, 2)):
            self._report(score, path, f"two rows speak of the same value of {attribute.id}; each value has one row")
        left = attribute.domain
        for values in accepted:
            left = left.without(values)  # type: ignore[union-attr,arg-type]  # narrowing() never gives Subsets here
        if not left.is_empty:
            self._report(score, path, f"no row for {attribute.id} {attribute.dump(left)}; every value needs one")

    def _check_total(self, score: ScoreText, total: Attribute) -> None:
        low = sum(min(row.points for row in item.points) for item in score.items)
        high = sum(max(row.points for row in item.points) for item in score.items)
        domain = total.domain
        if "rules" not in total.from_:
            self._report(score, ("total",), f"{total.id} is given by the case alone; add `rules` to its `from`")
        if not isinstance(domain, Numbers) or (domain.low, domain.high) != (low, high):
            self._report(score, ("total",), f"the items add up to {low}..{high}; give {total.id} exactly that range")

    def _step(
        self,
        score: ScoreText,
        kind: str,
        name: str,
        reads: tuple[str, ...],
        target: Attribute,
        subject: SubjectKind,
        rows: list[Row | None],
    ) -> Step:
        return Step.model_validate(
            {
                **{field: getattr(score, field) for field in Grounds.model_fields},
                "id": f"{score.id.upper()}/{name}",
                "score": score.id,
                "kind": kind,
                "reads": reads,
                "attribute": target.id,
                "rows": tuple(row for row in rows if row is not None),
                "subject": subject,
                "version": digest(score)[:12],
            }
        )

    # --- what rules and scores share ---------------------------------------------------------------------------

    def _cited(self, entry: Grounds) -> None:
        for i, citation in enumerate(entry.sources):
            path: KeyPath = ("sources", i)
            if not self._named(entry, citation.ref, self.sources, "source", (*path, "ref")):
                continue
            if self.sources[citation.ref].seed != (citation.basis == "abstract"):
                message = "basis `abstract` is for the seed review alone, and is the only basis that it has"
                self._report(entry, (*path, "basis"), message)

    def _named(self, entry: Grounds, name: str, known: Mapping[str, object], what: str, path: KeyPath) -> bool:
        if name in known:
            return True
        self._report(entry, path, f"{name!r} is not a known {what}.{suggestion(name, known)}")
        return False

    def _report(self, entry: Grounds, path: KeyPath, message: str) -> None:
        document = self.documents[entry.position.file]
        start = next(i for i in range(len(document.data)) if document.lines[(i,)] == entry.position.line)
        place = document.position((start, *path))
        self.problems.append(Problem(place, str(getattr(entry, "id", "")), message))


def narrowing(attribute: Attribute, raw: object) -> Values:
    """Return the values that a `set` or a table row leaves; raise ValueError when they do not narrow the attribute.

    For an attribute of type `several` this is the exact set.
    """
    if attribute.type == "several":
        return attribute.read(raw)
    test = attribute.test(raw)
    accepted = getattr(test, "accepted", None)
    if accepted is None:
        raise ValueError(f"{raw!r} is not a value of {attribute.id} ({attribute.domain_text})")
    return accepted  # type: ignore[no-any-return]
