"""Giving a score its meaning: a step for the points of each item, one for the total, one for the class."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from knowledge_base.canonical_json import digest
from knowledge_base.language.domains import Numbers, Values, both, without
from knowledge_base.language.rules import ClassRow, Grounds, PointsRow, ScoreRow, ScoreText, Step
from knowledge_base.language.vocabulary import Attribute
from knowledge_base.loading.symbol_table import Names
from knowledge_base.text.errors import shown
from knowledge_base.text.strict_yaml import KeyPath


def points_id(score: ScoreText, item: Attribute) -> str:
    """Return the id of the attribute that holds the points of one item of a score."""
    return f"{score.id}_{item.key}_points"


def points_attributes(score: ScoreText, vocabulary: Mapping[str, Attribute]) -> Iterator[Attribute]:
    """Yield the attributes that hold the points of a score's items, for the items that have them."""
    for item in score.items:
        points = [row.points for row in item.points]
        attribute = vocabulary.get(item.attribute)
        if attribute is None or min(points) == max(points):
            continue  # told when the steps are made
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


class Tables:
    """Resolves the texts of scores."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.vocabulary = names.vocabulary

    def steps(self, score: ScoreText) -> list[Step]:
        """Return the steps of a score; empty after reporting what is wrong with it."""
        before = len(self.names.problems)
        self.names.grounded(score)
        if not self._all_named(score):
            return []
        total = self.vocabulary[score.total]
        self._check_items(score, total)
        self._check_total(score, total)
        if len(self.names.problems) > before:
            return []
        items = [self._item_step(score, i) for i in range(len(score.items))]
        steps = [*items, self._step(score, "total", "total", tuple(step.attribute for step in items), total, [])]
        if score.class_:
            steps.append(self._class_step(score, total, self.vocabulary[score.class_]))
        return steps if len(self.names.problems) == before else []

    def _all_named(self, score: ScoreText) -> bool:
        """Tell whether every attribute that a score names is known."""
        places: dict[KeyPath, str | None] = {
            ("items", i, "attribute"): item.attribute for i, item in enumerate(score.items)
        }
        places |= {("total",): score.total, ("class",): score.class_}
        known = [self.names.attribute_named(score, name, path) for path, name in places.items() if name]
        return all(known)

    # --- steps -------------------------------------------------------------------------------------------------

    def _item_step(self, score: ScoreText, i: int) -> Step:
        item = score.items[i]
        attribute = self.vocabulary[item.attribute]
        points = self.vocabulary[points_id(score, attribute)]
        path: KeyPath = ("items", i, "points")
        rows = [self._row(score, attribute, row, points, row.points, (*path, j)) for j, row in enumerate(item.points)]
        self._check_rows(score, attribute, rows, path)
        return self._step(score, "item", attribute.key, (attribute.id,), points, rows)

    def _class_step(self, score: ScoreText, total: Attribute, target: Attribute) -> Step:
        self.names.set_by_rules(score, target, ("class",))
        path: KeyPath = ("classes",)
        rows = [self._row(score, total, row, target, row.class_, (*path, j)) for j, row in enumerate(score.classes)]
        self._check_rows(score, total, rows, path)
        return self._step(score, "class", "class", (total.id,), target, rows)

    def _row(
        self,
        score: ScoreText,
        attribute: Attribute,
        row: PointsRow | ClassRow,
        target: Attribute,
        result: object,
        path: KeyPath,
    ) -> ScoreRow | None:
        try:
            return ScoreRow(accepted=attribute.narrowing(row.is_), result=target.read(result))
        except ValueError as error:
            self.names.report(score, path, str(error))
            return None

    def _step(
        self,
        score: ScoreText,
        kind: str,
        name: str,
        reads: tuple[str, ...],
        target: Attribute,
        rows: list[ScoreRow | None],
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
                "subject": self.vocabulary[score.total].of,
                "version": digest(score)[:12],
            }
        )

    # --- checks ------------------------------------------------------------------------------------------------

    def _check_items(self, score: ScoreText, total: Attribute) -> None:
        seen: set[str] = set()
        for i, item in enumerate(score.items):
            attribute = self.vocabulary[item.attribute]
            path: KeyPath = ("items", i, "attribute")
            if attribute.id in seen:
                self.names.report(score, path, f"{attribute.id} is scored already; each item stands once")
            seen.add(attribute.id)
            if attribute.type == "several":
                self.names.report(score, path, f"{attribute.id} holds several values at once; an item has one")
            if attribute.of != total.of:
                message = f"{attribute.id} is of the {attribute.of}, but {total.id} of the {total.of}; they must agree"
                self.names.report(score, path, message)
            if len({row.points for row in item.points}) == 1:
                points = item.points[0].points
                message = f"every value of {attribute.id} scores {points}, so it changes nothing; leave the item out"
                self.names.report(score, ("items", i, "points"), message)

    def _check_total(self, score: ScoreText, total: Attribute) -> None:
        low = sum(min(row.points for row in item.points) for item in score.items)
        high = sum(max(row.points for row in item.points) for item in score.items)
        if not self.names.set_by_rules(score, total, ("total",)):
            return
        if total.domain != Numbers.between(low, high, whole=True):
            domain = f"has {total.domain_text}" if total.type == "number" else f"is a {total.type}"
            message = (
                f"the items add up to {low}..{high}, but {total.id} {domain}; make it a whole number of that range"
            )
            self.names.report(score, ("total",), message)

    def _check_rows(self, score: ScoreText, attribute: Attribute, rows: list[ScoreRow | None], path: KeyPath) -> None:
        """Report values of the attribute that have no row, or two."""
        accepted = [(j, row.accepted) for j, row in enumerate(rows) if row is not None]
        if len(accepted) < len(rows):
            return
        for (_, a), (j, b) in combinations(accepted, 2):
            if not (shared := both(a, b)).is_empty:
                message = f"two rows speak of {attribute.id} {_text(attribute, shared)}; each value has one row"
                self.names.report(score, (*path, j), message)
        left = attribute.domain
        for _, values in accepted:
            left = without(left, values)
        if not left.is_empty:
            message = f"no row speaks of {attribute.id} {_text(attribute, left)}; every value needs one"
            self.names.report(score, path, message)


def _text(attribute: Attribute, values: Values) -> str:
    """Return values as a file has them: `high`, `low, high`, `7..12`."""
    dumped = attribute.dump(values)
    parts = dumped if isinstance(dumped, list) else [dumped]
    return ", ".join(part if isinstance(part, str) else shown(part) for part in parts)
