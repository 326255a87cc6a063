"""Giving every name in a hazard its meaning, with the words that only hazards may use."""

from collections.abc import Iterable, Mapping
from typing import Any

from knowledge_base.language.conditions import ALWAYS, Condition, Line, lines_in, parse
from knowledge_base.language.hazards import Hazard, HazardGrounds, HazardText
from knowledge_base.language.outcomes import ALERTS, NAMES, members_said, with_outcomes
from knowledge_base.language.predicates import AnyOf
from knowledge_base.language.rules import Rule, gone
from knowledge_base.loading.symbol_table import Names
from knowledge_base.text.strict_yaml import KeyPath


class HazardResolver:
    """Resolves the texts of hazards; made when every rule of every side is known."""

    def __init__(self, names: Names, rules: Mapping[str, Rule]) -> None:
        self.rules = rules
        self.names = names
        self.vocabulary = with_outcomes(names.vocabulary, names.pathways, names.measures, rules)

    def hazards(self, texts: Iterable[HazardText]) -> dict[str, Hazard]:
        """Return what hazards mean, those without a mistake; report what is wrong with the others."""
        texts = [text for text in texts if text.review.status != "retired"]
        if texts:
            self._names_are_free(texts[0])
        found = (self.hazard(text) for text in texts)
        return {hazard.id: hazard for hazard in found if hazard is not None}

    def _names_are_free(self, first: HazardText) -> None:
        for name in sorted(set(NAMES) & set(self.names.vocabulary)):
            self.names.report(
                first, (), f"{name} has a meaning of its own in hazards, but it is an attribute; rename it"
            )

    def hazard(self, text: HazardText) -> Hazard | None:
        """Return what a hazard means, or None after reporting what is wrong with it."""
        before = len(self.names.problems)
        said = {key: self._condition(text, key) for key in ("when", "never", "always") if key in text.model_fields_set}
        self.names.cited(text, text.sources, ())
        for i, rule in enumerate(text.control):
            self.names.named(text, rule, self.rules, "rule", ("control", i))
        if len(self.names.problems) > before:
            return None
        fields: dict[str, object] = {name: getattr(text, name) for name in HazardGrounds.model_fields}
        fields.update({"when": ALWAYS, "text": text}, **said)
        return Hazard.model_validate(fields)

    def _condition(self, text: HazardText, key: str) -> Condition:
        condition, errors = parse(getattr(text, key), self.vocabulary, (key,), self.names.written["attribute"])
        for error in errors:
            is_gone = gone(_at(text, error.path), self.names.retired)
            self.names.report(text, error.path, f"{is_gone}; name what does" if is_gone else str(error))
        for line in () if errors else lines_in(condition):
            self._can_be_said(text, line)
        return condition

    def _can_be_said(self, text: HazardText, line: Line) -> None:
        """Report what no rule ever says: such a line would make an invariant empty without a word."""
        if line.attribute not in NAMES or not isinstance(line.test, AnyOf):
            return
        path: KeyPath = tuple(int(part) if part.isdigit() else part for part in line.path.split("."))
        for name in sorted(line.test.members & set(self.rules)) if line.attribute in ALERTS else ():
            if name not in members_said(self.rules[name], line.attribute):
                level = line.attribute.replace("_", " of level ", 1)
                self.names.report(text, path, f"{name} raises nothing among the {level}; name a rule that does")


def _at(text: HazardText, path: KeyPath) -> str:
    """Return the word at a path of a hazard; empty where something else stands there."""
    found: Any = text.model_dump(include={"when", "never", "always"})
    for part in path:
        if isinstance(found, list) and isinstance(part, int):
            found = found[part]
        else:
            found = found.get(part) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""
