"""Random small knowledge, written as the YAML that a knowledge engineer would write, and random patients for it.

Attributes are in a line, and a rule reads only what stands before that of which it speaks, so there are no rings. Every
feature of the language can come up: choices, yes/no, numbers (whole or not), sets, scores, `any`, `not`, `unless`,
`open`, `known`, questions over lesions and options, `same_as`, `count`, inputs of every class,
inputs that rules narrow as well.
"""

import json
import random
import tempfile
from decimal import Decimal
from functools import cache
from itertools import combinations, product
from pathlib import Path

import optionrules

import knowledge_base
from cases.model import Case, Lesion
from engine import Reasoner
from engine.symbolic.partition import Cells, value_in
from knowledge_base import KnowledgeBase
from knowledge_base.language.domains import Choices, Numbers, Subsets, Values
from knowledge_base.language.vocabulary import Attribute

GROUNDS = {
    "title": "A rule",
    "because": "It is so.",
    "sources": [{"ref": "book", "at": "p. 1", "basis": "primary"}],
    "review": {"status": "draft"},
}
FRAMEWORK = {"id": "toy", "title": "Toy", "version": "1.0.0", "about": "A toy.", "notice": "It decides nothing."}
MEASURES = [{"id": "scan", "label": "scan", "summary": "Look."}, {"id": "board", "label": "board", "summary": "Meet."}]
KINDS = ("patient", "lesion", "option")


@cache
def toy(seed: int) -> tuple[KnowledgeBase, Reasoner]:
    """Return the knowledge of a seed, loaded, and compiled to Experta."""
    knowledge = load(Writer(random.Random(seed)).files())
    return knowledge, Reasoner(knowledge)


def load(files: dict[str, object]) -> KnowledgeBase:
    with tempfile.TemporaryDirectory() as name:
        for place, content in files.items():
            path = Path(name) / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content, indent=1))
        return knowledge_base.load(Path(name))


def calling(measure: str) -> dict:
    return {"measure": {"measure": measure, "urgency": "planned"}}


class Writer:
    """Writes one knowledge base; every choice is a throw of the dice."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.attributes: list[dict] = []
        self.rules: list[dict] = []
        self.scores: list[dict] = []

    def files(self) -> dict[str, object]:
        self.inputs()
        for i in range(self.dice.randint(1, 3)):
            self.derived(f"d{i}")
        if self.chance(0.5):
            self.score()
        self.arguments()
        rules = self.rules + self.statuses()
        return {
            "framework.yaml": FRAMEWORK,
            "sources.yaml": [{"id": "book", "citation": "A book.", "read": "full_text"}],
            "pathways.yaml": [
                {"id": "cut", "label": "cutting", "summary": "Cut.", "involves": ["knife"]},
                {"id": "beam", "label": "irradiating", "summary": "Irradiate."},
                {"id": "wait", "label": "waiting", "summary": "Wait."},
            ],
            "measures.yaml": MEASURES,
            "vocabulary/all.yaml": self.attributes,
            "rules/all.yaml": rules,
            **({"scores/all.yaml": self.scores} if self.scores else {}),
        }  # fmt: skip

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    # --- vocabulary --------------------------------------------------------------------------------------------

    def inputs(self) -> None:
        self.add("fit", "patient", "yes_no", **self.maybe_unsaid())
        if self.chance(0.6):
            self.add("kind", "patient", "choice", values=["a", "b", "c"], fixed=self.chance(0.5))
        if self.chance(0.5):
            self.add("speed", "patient", "number", range=(0, 3), whole=self.chance(0.6), **self.maybe_unsaid())
        self.add("grade", "lesion", "choice", values=["g0", "g1", "g2"], ordered=True)
        if self.chance(0.5):
            self.add("found", "lesion", "choice", values=["x", "y"], fixed=self.chance(0.5))
        if self.chance(0.5):
            self.add("mass", "lesion", "number", range=(0, 4), whole=True)
        if self.chance(0.4):
            self.add("places", "lesion", "several", values=["p", "q", "r"][: self.dice.choice([2, 3])])

    def maybe_unsaid(self) -> dict:
        return {"class": self.dice.choice(["judgement", "wish", "setting"])} if self.chance(0.2) else {}

    def class_of(self, kind: str, more: dict) -> dict:
        """Return the class of an input: a finding, or now and then an exception or a setting with what is usual."""
        if "class" in more:
            return {}
        if kind == "several" or not self.chance(0.4):
            return {"class": "finding"}
        return {"class": self.dice.choice(["exception", "exception", "setting"]), "usual": self.usual(kind, more)}

    def usual(self, kind: str, more: dict) -> object:
        if kind == "yes_no":
            return self.chance(0.5)
        if kind == "choice":
            return self.dice.choice(list(more["values"]))
        low, high = (int(end) for end in more["range"])
        return f"{low}..{self.dice.randrange(low, high)}"

    def add(self, name: str, of: str, kind: str, given: bool = True, **more: object) -> dict:
        found = {"id": name, "label": f"the {name}", "of": of, "letter": "N", "type": kind}
        if given:
            found |= {"question": f"Which {name}?", "cost": self.dice.choice(["history", "ct", "biopsy"])}
        found["from"] = ["case"] if given else ["rules"]
        if not given and of != "option":
            found["assessment"] = True
        if given:
            found |= self.class_of(kind, more)
        for key, value in more.items():
            if key == "values":
                found[key] = {name: name.upper() for name in value}
            elif key == "range":
                found[key] = f"{value[0]}..{value[1]}"
            elif value is not False:
                found[key] = value
        self.attributes.append(found)
        return found

    def derived(self, name: str) -> None:
        """Add an attribute that rules set from earlier ones; now and then a case may give it as well."""
        form = self.dice.choice(["choice", "choice", "yes_no", "number", "copy", "count", "sum_of_two", "several"])
        of = self.dice.choice(["patient", "lesion", "lesion"])
        sources = [a for a in self.attributes if a["type"] == "number" and a["of"] != "option"]
        sets = [a for a in self.attributes if a["type"] == "several"]
        given = self.chance(0.4)
        if form in ("copy", "sum_of_two") and sources:
            self.copy(name, self.dice.choice(sources), given)
        elif form == "count" and sets:
            self.add(
                name, "lesion", "number", given, range=(self.dice.choice([0, 1]), 3), whole=True, **self.spoken(given)
            )
            self.rule(
                name,
                self.when("lesion", 0.5, before=name),
                [{"set": {name: {"count": self.dice.choice(sets)["id"]}}}],
                before=name,
            )
        else:
            kind = form if form in ("choice", "yes_no", "number", "several") else "choice"
            more = {
                "choice": {"values": ["u", "v", "w"], "ordered": self.chance(0.5)},
                "several": {"values": ["s", "t"]},
                "yes_no": {},
                "number": {"range": (0, 3), "whole": self.chance(0.7)},
            }[kind]
            self.add(name, of, kind, given, **more, **self.spoken(given))
        self.narrow(name)

    def copy(self, name: str, source: dict, given: bool) -> None:
        low, high = source["range"].split("..")
        of = self.dice.choice([source["of"], "lesion"])
        self.add(
            name, of, "number", given, range=(low, high), whole=source.get("whole", False), **self.spoken(given),
        )  # fmt: skip
        self.rule(name, self.when(of, 0.3, before=name), [{"set": {name: {"same_as": source["id"]}}}], before=name)

    def spoken(self, given: bool) -> dict:
        return ({"from": ["case", "rules"]} if given else {}) | ({"reconciles": True} if self.chance(0.3) else {})

    def narrow(self, name: str) -> None:
        """Write a rule or two that narrow an attribute."""
        attribute = self.attribute(name)
        for _ in range(self.dice.randint(1, 2)):
            reader = "lesion" if attribute["of"] == "patient" and self.chance(0.2) else attribute["of"]
            self.rule(
                name, self.when(reader, 0.05, before=name), [{"set": {name: self.some_of(attribute)}}], before=name
            )

    def score(self) -> None:
        kinds = ("choice", "yes_no", "number")
        of = self.dice.choice(["patient", "lesion", "lesion"])
        fitting = [a for a in self.attributes if a["type"] in kinds and a["of"] == of]
        if len(fitting) < 2:
            return
        rows, least, most = [], 0, 0
        for item in self.dice.sample(fitting, 2):
            points = self.dice.sample([0, 1, 2, 3], 2)
            least, most = least + min(points), most + max(points)
            rows.append({"attribute": item["id"], "points": self.table(item, "points", points)})
        given = self.chance(0.4)
        self.add(
            "total",
            of,
            "number",
            given,
            range=(least, most),
            whole=True,
            **({"from": ["case", "rules"]} if given else {}),
        )
        self.add("band", of, "choice", False, values=["low", "high"])
        cut = self.dice.randint(least + 1, most)
        classes = [{"is": f"< {cut}", "class": "low"}, {"is": f">= {cut}", "class": "high"}]
        self.scores.append(
            {"id": "toy", "items": rows, "total": "total", "class": "band", "classes": classes, **GROUNDS}
        )

    def table(self, item: dict, key: str, results: list) -> list[dict]:
        """Return two rows that cover all values of an item."""
        if item["type"] == "number":
            low, high = (int(end) for end in item["range"].split(".."))
            cut = self.dice.randint(low + 1, high)
            return [{"is": f"< {cut}", key: results[0]}, {"is": f">= {cut}", key: results[1]}]
        names = [True, False] if item["type"] == "yes_no" else list(item["values"])
        return [{"is": names[:1], key: results[0]}, {"is": names[1:], key: results[1]}]

    # --- rules -------------------------------------------------------------------------------------------------

    def attribute(self, name: str) -> dict:
        return next(a for a in self.attributes if a["id"] == name)

    def readable(self, reader: str, before: str | None) -> list[dict]:
        names = [a["id"] for a in self.attributes]
        found = self.attributes[: names.index(before)] if before else self.attributes
        return [a for a in found if KINDS.index(a["of"]) <= KINDS.index(reader)]

    def rule(
        self, about: str, when: object, then: list[dict], before: str | None = None, reader: str = "lesion"
    ) -> None:
        found = {"id": f"TOY-{len(self.rules) + 10}", "when": when, "then": then, **GROUNDS}
        if self.chance(0.2):
            of = self.attribute(about)["of"] if before else reader
            if self.readable(of, before):
                found["unless"] = self.condition(of, before, 1)
        self.rules.append(found)

    def when(self, reader: str, always: float, before: str | None = None) -> object:
        if self.chance(always) or not self.readable(reader, before):
            return "always"
        return self.condition(reader, before, 2)

    def condition(self, reader: str, before: str | None, depth: int) -> dict:
        found: dict = {}
        for _ in range(self.dice.choice([1, 1, 2])):
            found |= self.line(reader, before, depth)
        return found

    def line(self, reader: str, before: str | None, depth: int) -> dict:
        form = self.dice.choice(["test"] * 6 + ["any", "not", "open", "known", "all", "some_lesion", "every_lesion"])
        lesions = [a for a in self.readable("lesion", before) if a["of"] == "lesion"]
        if form in ("some_lesion", "every_lesion") and lesions and depth == 2:
            return {
                form: self.test(self.dice.choice(lesions))
                if self.chance(0.7)
                else {"not": self.test(self.dice.choice(lesions))}
            }
        attribute = self.dice.choice(self.readable(reader, before))
        if form in ("any", "all") and depth:
            return {form: [self.condition(reader, before, depth - 1) for _ in range(2)]}
        if form == "not" and depth:
            return {"not": self.condition(reader, before, depth - 1)}
        if form == "open":
            return {"open": [attribute["id"]]}
        return {attribute["id"]: "known"} if form == "known" else self.test(attribute)

    def test(self, attribute: dict) -> dict:
        return {attribute["id"]: self.some_of(attribute, test=True)}

    def some_of(self, attribute: dict, test: bool = False) -> object:
        """Return some values, but not all, in one of the ways in which they may be written."""
        if attribute["type"] == "number":
            low, high = (int(end) for end in attribute["range"].split(".."))
            cut = self.dice.randint(low + 1, high)
            return self.dice.choice(
                [
                    f"< {cut}",
                    f">= {cut}",
                    f"<= {cut - 1}",
                    f"> {cut - 1}",
                    cut,
                    f"{cut - 1}..{cut}" if high - low > 1 else cut,
                ]
            )
        names = [True, False] if attribute["type"] == "yes_no" else list(attribute["values"])
        if attribute.get("ordered") and self.chance(0.4):
            return f">= {names[1]}"
        if attribute["type"] == "several" and not test:
            return self.dice.sample(names, self.dice.randint(1, len(names)))
        chosen = self.dice.sample(names, self.dice.randint(1, len(names) - 1))
        return chosen[0] if len(chosen) == 1 else chosen

    def arguments(self) -> None:
        stances = ["recommend"] * 4 + ["consider", "advise_against", "exclude"]
        for i in range(self.dice.randint(3, 7)):
            pathway = self.dice.choice(["cut", "beam", "wait", ["cut", "beam"], {"involving": "knife"}])
            stance = stances[0] if i < 2 else self.dice.choice(stances)
            then: list[dict] = [{"argue": {"pathway": pathway, "stance": stance}}]
            if self.chance(0.2):
                then.append({"measure": {"measure": "scan", "urgency": "planned"}})
            self.rule("grade", self.when("lesion", 0.05), then)
        if self.chance(0.5):
            self.rule("grade", self.when("lesion", 0.1), [{"measure": {"measure": "scan", "urgency": "immediate"}}])
        if self.chance(0.4):
            self.rules.append({"id": "TOY-98", "when": self.when("patient", 0.1), "then": [calling("scan")], **GROUNDS})

    def statuses(self) -> list[dict]:
        """Return the rules that make statuses of arguments: those of NOMS, or fewer; and what looks at statuses."""
        rules = optionrules.rules()
        if self.chance(0.3):
            rules = [rule for rule in rules if self.chance(0.8) or rule["id"] == "OPT-02"]
        if self.chance(0.5):
            asked = {
                self.dice.choice(["some_option", "every_option"]): {
                    "status": self.dice.choice(["recommended", ["open", "excluded"]])
                }
            }
            rules.append({"id": "TOY-99", "when": asked, "then": [calling("board")], **GROUNDS})
        return rules


# --- patients ---------------------------------------------------------------------------------------------------


def values_of(attribute: Attribute) -> list[Values]:
    """Return every single value that a case may give; of numbers that are not whole, those at and between all cuts."""
    domain = attribute.domain
    if isinstance(domain, Choices):
        return [Choices(frozenset({member})) for member in attribute.members_in_order(domain)]
    if isinstance(domain, Subsets):
        sizes = range(1, len(attribute.names) + 1)
        return [Subsets(frozenset(s), frozenset(s)) for size in sizes for s in combinations(attribute.names, size)]
    assert isinstance(domain, Numbers)
    halves = range(2 * int(domain.low), 2 * int(domain.high) + 1, 2 if domain.whole else 1)
    return [
        Numbers.between(
            n // 2 if n % 2 == 0 else Decimal(n) / 2, n // 2 if n % 2 == 0 else Decimal(n) / 2, domain.whole
        )
        for n in halves
    ]


def values_in_cells(attribute: Attribute, cells: Cells) -> list[Values]:
    """Return every single value, and of numbers one at least in each cell that what is given of a copy cuts."""
    every = values_of(attribute)
    cut = cells.of(attribute.id) if attribute.type == "number" else ()
    missed = (cell for cell in cut if not any(overlap(cell, value) for value in every))
    return every + [value for cell in missed if (value := value_in(cell, attribute.step)) is not None]


def patient_of(knowledge: KnowledgeBase, seed: int, unknown: int | None = None) -> Case:
    """Return a random patient; with `unknown`, one with at most so many completions (before contradictions)."""
    dice = random.Random(seed)
    names = ["L1", "L2"] if dice.random() < 0.3 else ["L1"]
    facts = [("", a) for a in knowledge.vocabulary.given_of("patient")]
    facts += [(name, a) for name in names for a in knowledge.vocabulary.given_of("lesion")]
    share = dice.choice([0.1, 0.3, 0.6, 0.9])
    given = {(who, a.id): some_values(a, dice) for who, a in facts if dice.random() < share}
    if unknown is not None:
        dice.shuffle(facts)
        for who, a in facts:
            if count_of_completions(knowledge, facts, given) <= unknown:
                break
            given[who, a.id] = dice.choice(values_of(a))
    return case_from(names, given)


def knowing_at_most(case: Case, most: int, seed: int) -> Case:
    """Return the case with some of what is given forgotten, so that at most so much is left."""
    given = [("", name, v) for name, v in case.patient.items()]
    given += [(x.id, name, v) for x in case.lesions for name, v in x.given.items()]
    kept = random.Random(seed).sample(given, min(most, len(given)))
    return case_from([x.id for x in case.lesions], {(who, name): v for who, name, v in kept})


def count_of_completions(knowledge: KnowledgeBase, facts: list, given: dict) -> int:
    count = 1
    for who, a in facts:
        count *= len(completions_of(a, given.get((who, a.id))))
    return count


def completions_of(attribute: Attribute, given: Values | None, cells: Cells | None = None) -> list[Values | None]:
    """Return the values that an input may turn out to have; None when it may stay unsaid."""
    if given is not None and given.is_single:
        return [given]
    every = values_in_cells(attribute, cells) if cells else values_of(attribute)
    found: list[Values | None] = [v for v in every if given is None or overlap(v, given)]
    return [*found, None] if attribute.may_stay_unsaid and given is None else found


def overlap(value: Values, given: Values) -> bool:
    return value == given if isinstance(value, Subsets) else not (value & given).is_empty  # type: ignore[operator]


def some_values(attribute: Attribute, dice: random.Random) -> Values:
    every = values_of(attribute)
    if isinstance(attribute.domain, Subsets) or dice.random() < 0.7:
        return dice.choice(every)
    if isinstance(attribute.domain, Numbers):
        low, high = sorted(dice.sample(range(int(attribute.domain.low), int(attribute.domain.high) + 1), 2))
        return Numbers.between(low, high, attribute.domain.whole)
    names = dice.sample(list(attribute.names), 2) if len(attribute.names) > 2 else [attribute.names[0]]
    return attribute.read([n == "true" for n in names] if attribute.type == "yes_no" else names)


def case_from(lesions: list[str], given: dict[tuple[str, str], Values | None]) -> Case:
    of = lambda who: {name: v for (w, name), v in sorted(given.items()) if w == who and v is not None}  # noqa: E731
    return Case("toy", of(""), tuple(Lesion(name, of(name)) for name in lesions))


def every_completion(knowledge: KnowledgeBase, case: Case) -> list[Case]:
    """Return every way in which a patient could turn out, contradictory or not."""
    facts = [("", a, case.patient.get(a.id)) for a in knowledge.vocabulary.given_of("patient")]
    facts += [(x.id, a, x.given.get(a.id)) for x in case.lesions for a in knowledge.vocabulary.given_of("lesion")]
    cells = Cells(knowledge, case)
    ways = product(*(completions_of(a, given, cells) for _, a, given in facts))
    lesions = [lesion.id for lesion in case.lesions]
    return [case_from(lesions, {(who, a.id): v for (who, a, _), v in zip(facts, way, strict=True)}) for way in ways]
