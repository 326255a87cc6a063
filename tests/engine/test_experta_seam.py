"""What Experta does by itself, and that nothing of it comes through the seam."""

import gc
import subprocess
import sys
import weakref

import pytest
from randomcases import random_case

from engine import Reasoner
from engine.inference.experta_adapter import Engine
from engine.inference.production import EngineFact, Match, Memory, Pattern, Production


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.version_info < (3, 10), reason="collections.Mapping went away in 3.10")
def test_experta_alone_cannot_be_imported():
    assert "module 'collections' has no attribute 'Mapping'" in python("import experta").stderr


def test_through_the_seam_it_can_and_nothing_is_left_behind():
    code = "import engine.inference.experta_adapter, collections; print(hasattr(collections, 'Mapping'))"
    assert python(code).stdout == "False\n"


def test_experta_alone_configures_logging():
    code = (
        "import collections, collections.abc, logging\n"
        "collections.Mapping = collections.abc.Mapping\n"
        "import experta\n"
        "print(len(logging.getLogger().handlers))"
    )
    assert python(code).stdout == "1\n"


def test_through_the_seam_logging_is_left_alone():
    code = (
        "import logging\n"
        "before = logging.basicConfig\n"
        "import engine.inference.experta_adapter\n"
        "print(len(logging.getLogger().handlers), logging.basicConfig is before)"
    )
    assert python(code).stdout == "0 True\n"


def production(name: str, stratum: int, fire, *patterns: Pattern, test=None, tested=()) -> Production:
    return Production(name, stratum, (name, 0), patterns, fire, test, tested)


def run(productions: list[Production], *facts: EngineFact) -> None:
    Engine(productions).run(facts)


def test_fires_by_stratum_then_turn_then_subject_whatever_the_order_of_facts():
    seen: list[str] = []

    def fire(name: str):
        return lambda memory, match: seen.append(f"{name}@{match.joins['lesion']}")

    lesion = Pattern("lesion_known", "p0", ("lesion",))
    productions = [
        production("B", 1, fire("B"), lesion),
        production("C", 0, fire("C"), lesion),
        production("A", 1, fire("A"), lesion),
    ]
    run(productions, *(EngineFact("lesion_known", {"lesion": name}) for name in ("L2", "L10", "L1")))
    assert seen == ["C@L1", "C@L10", "C@L2", "A@L1", "A@L10", "A@L2", "B@L1", "B@L10", "B@L2"]


def test_a_match_says_which_fact_met_which_pattern():
    seen: list[Match] = []
    patterns = (Pattern("grade", "p0", ("lesion",)), Pattern("grade_before", "p1", ("lesion",)))
    run(
        [production("A", 0, lambda memory, match: seen.append(match), *patterns)],
        EngineFact("grade", {"lesion": "L1", "values": 3}),
        EngineFact("grade_before", {"lesion": "L1", "values": 3}),
        EngineFact("grade_before", {"lesion": "L2", "values": 2}),
    )
    assert [(m.facts["p0"].kind, m.facts["p1"].kind, m.joins["lesion"]) for m in seen] == [
        ("grade", "grade_before", "L1")
    ]


def test_a_predicate_and_a_test_decide():
    seen: list[str] = []
    above = Pattern("grade", "p0", ("lesion",), field="values", accepts=lambda values: values > 1)  # type: ignore[operator]
    record = lambda memory, match: seen.append(match.joins["lesion"])  # noqa: E731  # shorter than a def here
    tested = production("A", 0, record, above, test=lambda facts: facts["p0"].fields["values"] != 3, tested=("p0",))
    run([tested], *(EngineFact("grade", {"lesion": f"L{n}", "values": n}) for n in (1, 2, 3)))
    assert seen == ["L2"]


def test_a_firing_may_declare_what_later_strata_read():
    seen: list[str] = []

    def declare(memory: Memory, match: Match) -> None:
        memory.declare(EngineFact("found", {"lesion": "L1"}))

    run(
        [
            production("A", 0, declare, Pattern("start", "p0")),
            production("B", 1, lambda memory, match: seen.append("B"), Pattern("found", "p0", ("lesion",))),
        ],
        EngineFact("start", {}),
    )
    assert seen == ["B"]


def test_an_engine_forgets_between_runs():
    seen: list[str] = []
    record = lambda memory, match: seen.append(match.joins["lesion"])  # noqa: E731  # shorter than a def here
    engine = Engine([production("A", 0, record, Pattern("x", "p0", ("lesion",)))])
    engine.run([EngineFact("x", {"lesion": "L1"})])
    engine.run([EngineFact("x", {"lesion": "L2"})])
    assert seen == ["L1", "L2"]


def test_an_engine_forgets_a_run_that_ended_in_the_middle():
    seen: list[str] = []

    def fire(memory: Memory, match: Match) -> None:
        seen.append(match.joins["lesion"])
        if match.joins["lesion"] == "L1":
            memory.declare(EngineFact("y", {"lesion": "L1"}))
            raise KeyboardInterrupt

    engine = Engine(
        [
            production("A", 0, fire, Pattern("x", "p0", ("lesion",)), Pattern("z", "p1", ("lesion",))),
            production("B", 1, fire, Pattern("y", "p0", ("lesion",)), Pattern("z", "p1", ("lesion",))),
        ]
    )
    with pytest.raises(KeyboardInterrupt):
        engine.run([EngineFact("x", {"lesion": "L1"}), EngineFact("z", {"lesion": "L1"})])
    engine.run(
        [EngineFact("z", {"lesion": "L1"}), EngineFact("x", {"lesion": "L2"}), EngineFact("z", {"lesion": "L2"})]
    )
    assert seen == ["L1", "L2"]


def test_an_engine_and_all_that_was_compiled_for_it_goes_when_nobody_holds_it():
    def test(facts):
        return "p0" in facts and "p1" in facts

    def accepts(value):
        return value == 1

    fire = lambda memory, match: None  # noqa: E731  # shorter than a def here
    patterns = (Pattern("x", "p0", ("lesion",), field="value", accepts=accepts), Pattern("y", "p1", ("lesion",)))
    engine = Engine([Production("A", 0, ("A", 0), patterns, fire, test, ("p0", "p1"))])
    engine.run([EngineFact("x", {"lesion": "L1", "value": 1}), EngineFact("y", {"lesion": "L1"})])
    held = [weakref.ref(thing) for thing in (engine, test, accepts, fire)]
    del engine, test, accepts, fire, patterns
    run([production("A", 0, print, Pattern("x", "p0", ("lesion",)))])  # Experta holds the last one
    gc.collect()
    assert [ref() for ref in held] == [None] * 4


def test_a_fact_is_never_retracted():
    engine = Engine([production("A", 0, lambda memory, match: None, Pattern("x", "p0", ("lesion",)))])
    engine.run([EngineFact("x", {"lesion": "L1"})])
    with pytest.raises(RuntimeError, match="facts are only ever added"):
        engine._engine.retract(1)


class ExpertasOwnNetwork(Engine):
    """The same productions, with our agenda, in the network that Experta builds of them by itself."""

    parts = {"__strategy__": Engine.parts["__strategy__"]}  # noqa: RUF012  # what the seam would replace


def test_our_nodes_fire_what_expertas_own_fire_in_the_same_order(noms, reasoner):
    """Traces are equal, each premise and each claim in its place."""
    own = Reasoner(noms)
    own._engine = ExpertasOwnNetwork(own._compiler.productions())
    for seed in (0, 2, 7):
        case = random_case(noms, seed, known=0.7)
        assert repr(reasoner.consult(case).trace) == repr(own.consult(case).trace), seed
