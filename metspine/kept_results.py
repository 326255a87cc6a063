"""What became of the library cases before, kept so that a change of a rule runs those alone in which it can matter.

A result holds for a case as long as the knowledge and the program are what they were. When rules alone have changed, it
still holds where none of them fired before and none fires on the facts of before: rules fire when all that they read is
settled, so by strata everything is as it was. Of a rule that argues it has to be sure that it does not fire, for what may
yet be argued leaves a status open. What was kept lies beside Python's own compiled code, under its rules.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from cases.model import Case
from engine.inference.subjects import Subject, Subjects
from knowledge_base.canonical_json import digest, digest_of_files
from knowledge_base.language.conditions import Condition
from knowledge_base.language.domains import Values
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.predicates import Truth
from knowledge_base.language.rules import Rule
from knowledge_base.loading.cache import keep, kept, place_beside
from knowledge_base.loading.frameworks import HOME
from metspine.coverage import CaseCoverage, proof_of
from metspine.library import LibraryRun

TRUE, FALSE = Truth.TRUE, Truth.FALSE
Rules = Mapping[str, str]  # of each rule, the digest of what bears on advice


@dataclass(frozen=True)
class Result:
    """What became of one case: what differs from its `expect`, what it proves, and each fact of which something is known."""

    case: str
    differences: tuple[str, ...]
    proof: CaseCoverage
    subjects: tuple[str, ...]
    facts: Mapping[str, Any]
    may: frozenset[str] = frozenset()  # the rules that argue and may yet fire

    @classmethod
    def of(cls, outcome: LibraryRun, knowledge: KnowledgeBase) -> "Result":
        """Return the part of an outcome that is kept."""
        advice = outcome.advice
        options = tuple(f"{lesion.id}/{option.pathway}" for lesion in advice.lesions for option in lesion.options)
        known = {str(fact.id): fact.values for fact in advice.facts if fact.values is not None}
        subjects = ("patient", *(lesion.id for lesion in advice.lesions), *options)
        values = json.loads(_json(known), parse_float=Decimal)
        result = cls(advice.case, outcome.differences, proof_of(knowledge, advice), subjects, values)
        facts = Facts(result, knowledge)
        return replace(result, may=frozenset(rule.id for rule in knowledge.rules.values() if facts.may_argue(rule)))


def _json(data: object) -> str:
    return json.dumps(data, default=_plain, sort_keys=True)


def _plain(part: Any) -> object:
    """Return a set in order, and a decimal, which has few digits and is read as one again, as a float."""
    return sorted(part) if isinstance(part, frozenset) else float(part)


class Facts:
    """The facts of a case as they were, of which rules can be asked again."""

    def __init__(self, result: Result, knowledge: KnowledgeBase) -> None:
        self.result = result
        self.knowledge = knowledge
        self.subjects = Subjects(map(Subject.of, result.subjects))

    def fires(self, rule: Rule) -> bool:
        """Tell whether a rule fires for somebody."""
        return any(self.subjects.fires(rule, subject, self._value) for subject in self.subjects.of(rule.subject))

    def may_argue(self, rule: Rule) -> bool:
        """Tell whether a rule argues and it is not sure of somebody that it does not fire."""
        about = self.subjects.of(rule.subject) if rule.arguments else ()
        return any(self._truth(rule.when, s) is not FALSE and self._truth(rule.unless, s) is not TRUE for s in about)

    def _truth(self, condition: Condition, subject: Subject) -> Truth:
        return self.subjects.truth(condition, subject, self._value)

    def _value(self, subject: Subject, name: str) -> Values:
        attribute = self.knowledge.vocabulary[name]
        raw = self.result.facts.get(str(subject.at(attribute.of).fact(name)))
        return attribute.domain if raw is None else attribute.read(raw)


class KeptResults:
    """Results by case, and the knowledge that they were had with."""

    def __init__(self, knowledge: KnowledgeBase, place: Path | None = None) -> None:
        self.knowledge = knowledge
        self.place = place or place_beside(HOME / knowledge.framework.id, ".results")
        self.rules = {name: _bearing(rule) for name, rule in knowledge.every_rule.items()}
        self.rest = _rest(knowledge)
        self.found: dict[str, Result] = {}
        self._before: dict[str, tuple[Rules, Result]] = {}

    def read(self) -> None:
        """Read what was kept, if it is there and of this program."""
        if (body := kept(self.place, self._mark())) is None:
            return
        data = json.loads(body, parse_float=Decimal)
        results = TypeAdapter(dict[str, Result]).validate_python(data["results"])
        self._before = {mark: (data["rules"], result) for mark, result in results.items()}

    def _mark(self) -> bytes:
        return hashlib.sha256(f"{program()} {self.rest}".encode()).digest()

    def result(self, case: Case, mark: str) -> Result | None:
        """Return what becomes of a case if it is known without running it."""
        if mark not in self._before:
            return None
        rules, result = self._before[mark]
        changed = {name for name in {*rules, *self.rules} if rules.get(name) != self.rules.get(name)}
        if changed and any(expected.missing for expected in case.expect.values()):
            return None  # what is missing hangs on rules that did not fire as well
        facts = Facts(result, self.knowledge)
        for name in sorted(changed):
            rule = self.knowledge.every_rule.get(name)
            if name in result.proof.fires | result.may:
                return None
            if rule is not None and (rule.side is not None or facts.fires(rule) or facts.may_argue(rule)):
                return None
        return result

    def keep(self, results: Mapping[str, Result]) -> None:
        """Write down all results, where Python would write what it compiles."""
        if sys.dont_write_bytecode:
            return
        found = {mark: asdict(result) for mark, result in results.items()}
        keep(self.place, self._mark(), _json({"rules": self.rules, "results": found}).encode())


def mark_of(path: Path) -> str:
    """Return the digest of a case file."""
    return hashlib.sha256(path.name.encode() + b"\n" + path.read_bytes()).hexdigest()


@cache
def program() -> str:
    """Return what tells apart all that makes advice of knowledge: Python, and every module of the packages."""
    home, packages = HOME.parent, ("knowledge_base", "cases", "engine", "metspine")
    modules = (path for package in packages for path in (home / package).rglob("*.py"))
    return f"{sys.version} {digest_of_files(modules, home)}"


def _bearing(rule: Rule) -> str:
    """Return the digest of what of a rule bears on advice: not its words, sources and review."""
    text = rule.text.model_dump(mode="json", include={"id", "when", "unless", "then", "side"})
    return digest({**text, "basis": rule.basis})


def _rest(knowledge: KnowledgeBase) -> str:
    """Return the digest of all knowledge that is no rule, and of the order in which things are settled."""
    tables: Iterable[Mapping[str, Any]] = (
        knowledge.vocabulary, knowledge.pathways, knowledge.measures, knowledge.disputes, knowledge.synonyms
    )  # fmt: skip
    entries: Iterator[Any] = (entry for table in tables for entry in table.values())
    hazards = [hazard.text.model_dump(mode="json") for hazard in knowledge.hazards.values()]
    steps = [step.version for step in knowledge.every_step.values()]
    dumped = [entry.model_dump(mode="json", by_alias=True) for entry in entries]
    return digest([knowledge.framework.model_dump(mode="json"), dict(knowledge.sides), dumped, hazards, steps])
