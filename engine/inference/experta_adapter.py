"""The seam: the one module that imports Experta, and the one in which `Any` is allowed to come from it.

What Experta 1.9.4 needs from us, each shown by a test in tests/engine/test_experta_seam.py:

- it depends on frozendict 1.2, which looks up `collections.Mapping`, gone since Python 3.10: the name is lent to it
  while it is imported, and taken back;
- it calls `logging.basicConfig()` on import, which would configure the logging of whoever imports us: it is silenced;
- its agenda depends on hash order among activations of equal salience: `_Agenda` orders them totally;
- its bus offers every fact to every pattern: `_ByType`, through Experta's own `__matcher__`, offers it where it can meet;
- its context forgets which fact met which pattern: every pattern is bound;
- its checks are kept in their classes for good, and with them everything that was ever compiled: they are forgotten when a
  network has been built;
- its nodes copy and check each token at each step, and are all reset before each run, so that facts can be retracted. Here
  facts are only ever added: our nodes hand tokens on as they are, only those that hold something are reset, and retraction
  is refused.
"""

import bisect
import collections
import collections.abc
import inspect
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any

from engine.inference.production import EngineFact, Match, Pattern, Production


@contextmanager
def _mended_import() -> Iterator[None]:
    """Lend frozendict the name it looks for, and keep Experta's hands off the logging configuration."""
    configure, lent = logging.basicConfig, not hasattr(collections, "Mapping")
    if lent:
        collections.Mapping = collections.abc.Mapping  # type: ignore[attr-defined]
    logging.basicConfig = lambda *args, **kwargs: None
    try:
        yield
    finally:
        logging.basicConfig = configure
        if lent:
            del collections.Mapping  # type: ignore[attr-defined]


with _mended_import():
    import experta
    from experta.abstract import Strategy
    from experta.activation import Activation
    from experta.fact import Fact as ExpertaFact
    from experta.factlist import FactList
    from experta.matchers.rete import ReteMatcher
    from experta.matchers.rete.check import FactCapture, FeatureCheck, SameContextCheck, TypeCheck, WhereCheck
    from experta.matchers.rete.nodes import ConflictSetNode, FeatureTesterNode, OrdinaryMatchNode, WhereNode
    from experta.matchers.rete.utils import generate_checks


class _Fact(ExpertaFact):  # type: ignore[misc]
    """A fact with fields that are frozen and complete as they come: nothing of them is copied or checked."""

    def __init__(self, **fields: Any) -> None:
        dict.update(self, fields)

    def validate(self) -> None:
        """Find nothing wrong."""

    def has_field_constraints(self) -> bool:
        return False

    def has_nested_accessor(self) -> bool:
        return False


class _Facts(FactList):  # type: ignore[misc]
    """What is declared, after what was declared first; equal facts are told by their fields as they come."""

    def __init__(self, first: FactList) -> None:
        super().__init__()
        self.update(first)
        self.last_index = first.last_index

    @staticmethod
    def _get_fact_id(fact: Any) -> object:
        return type(fact), frozenset(fact.items())


class _Turn(tuple[Any, ...]):
    """A place on the agenda; Experta runs the greatest activation first, so the order is turned round."""

    def __lt__(self, other: tuple[Any, ...]) -> bool:
        return tuple.__gt__(self, other)

    def __gt__(self, other: tuple[Any, ...]) -> bool:
        return tuple.__lt__(self, other)


class _Agenda(Strategy):  # type: ignore[misc]
    """A total order: stratum, turn of the production, then the joined subject. No two activations are equal in it."""

    def _update_agenda(self, agenda: Any, added: Iterable[Any], removed: Iterable[Any]) -> None:
        for activation in removed:
            agenda.activations.remove(activation)
        for activation in added:
            production: Production = activation.rule.production
            joins = (activation.context.get(name, "") for name in ("lesion", "pathway"))
            activation.key = _Turn((-activation.rule.salience, *production.turn, *joins))
            bisect.insort(agenda.activations, activation)


_Token = tuple[
    tuple[Any, ...], dict[str, Any]
]  # the facts that met patterns so far, and what they bound; never changed


class _Feature(FeatureTesterNode):  # type: ignore[misc]
    """A check of one field of a fact; what it binds goes into a token of its own."""

    def __init__(self, check: Any) -> None:
        super().__init__(check)
        self._field, self._check, self._expected = check.what, check.check, check.expected

    def activate(self, token: _Token) -> None:
        facts, context = token
        value = facts[0].get(self._field, self)
        match = value is not self and self._check(value, self._expected)
        if not match:
            return
        if match is not True:
            for key, value in match.items():
                if context.get(key, value) != value:
                    return
            token = (facts, {**context, **match})
        for child in self.children:
            child.callback(token)


class _Capture(FeatureTesterNode):  # type: ignore[misc]
    """Binds the fact itself, under the name of its pattern."""

    def activate(self, token: _Token) -> None:
        facts, context = token
        token = (facts, {**context, self.matcher.bind: facts[0]})
        for child in self.children:
            child.callback(token)


_NODES: Mapping[Any, Any] = {  # the bus tells types apart, so nodes that would are never asked
    TypeCheck: FeatureTesterNode,
    FeatureCheck: _Feature,
    FactCapture: _Capture,
}


class _Join(OrdinaryMatchNode):  # type: ignore[misc]
    """Tokens from the left with those from the right that bind the same; puts a memory that is filled on a list."""

    def __init__(self, filled: list[list[_Token]]) -> None:
        super().__init__(SameContextCheck())
        self._filled = filled

    def activate_left(self, token: _Token) -> None:
        if not self.left_memory:
            self._filled.append(self.left_memory)
        self.left_memory.append(token)
        for other in self.right_memory:
            self._join(token, other)

    def activate_right(self, token: _Token) -> None:
        if not self.right_memory:
            self._filled.append(self.right_memory)
        self.right_memory.append(token)
        for other in self.left_memory:
            self._join(token, other)

    def _join(self, token: _Token, other: _Token) -> None:
        bound = token[1]
        for key, value in other[1].items():
            if key in bound and bound[key] != value:
                return
        joined = ((*token[0], *other[0]), {**bound, **other[1]})
        for child in self.children:
            child.callback(joined)


class _Where(WhereNode):  # type: ignore[misc]
    """A test of all that was bound."""

    def activate(self, token: _Token) -> None:
        if self.matcher(token[1]):
            for child in self.children:
                child.callback(token)


class _Activation(Activation):  # type: ignore[misc]
    """An activation with its facts as they come; Experta looks for none among others."""

    def __init__(self, rule: Any, facts: tuple[Any, ...], context: dict[str, Any]) -> None:
        self.rule, self.facts, self.context, self.key = rule, facts, context, None


class _Conflicts(ConflictSetNode):  # type: ignore[misc]
    """The end of one rule in the network; puts itself on a list when it has something to report."""

    def __init__(self, rule: Any, reporting: list[Any]) -> None:
        super().__init__(rule)
        self._reporting = reporting
        self._added: list[Any] = []

    def activate(self, token: _Token) -> None:
        if not self._added:
            self._reporting.append(self)
        self._added.append(_Activation(self.rule, *token))

    def get_activations(self) -> tuple[list[Any], list[Any]]:
        added, self._added = self._added, []
        return added, []


class _ByType(ReteMatcher):  # type: ignore[misc]
    """Experta's Rete for productions without OR and NOT, with a bus that knows types.

    Such rules are in Experta's normal form as they stand, so they are wired as they stand: bringing hundreds of them
    into it takes longer than everything else. The bus hands a fact to the patterns of its own type instead of to all,
    and after each firing only the rules that it touched are asked for activations.
    """

    def __init__(self, engine: Any) -> None:
        self._reporting: list[Any] = []
        self._filled: list[list[_Token]] = []
        super().__init__(engine)
        self._of_type: dict[Any, list[Any]] = {}
        for child in self.root_node.children:
            assert isinstance(child.node.matcher, TypeCheck), "Experta tests the type of a fact first"
            self._of_type[child.node.matcher.fact_type] = child.node.children

    @staticmethod
    def prepare_ruleset(engine: Any) -> Any:
        return list(engine.get_rules())

    @staticmethod
    def build_alpha_part(ruleset: Any, root_node: Any) -> Any:
        """Wire the checks of every pattern under its type, sharing equal ones; return the last node of each pattern."""
        found: dict[tuple[int, int], Any] = {}

        def below(node: Any, check: Any) -> Any:
            key = (id(node), id(check))  # Experta keeps one object of equal checks
            if key not in found:
                found[key] = _NODES[type(check)](check)
                node.add_child(found[key], found[key].activate)
            return found[key]

        ends: dict[Any, Any] = {}
        for pattern in dict.fromkeys(condition for rule in ruleset for condition in rule):
            if not isinstance(pattern, experta.TEST):
                node = root_node
                for check in generate_checks(pattern):  # its type first
                    node = below(node, check)
                ends[pattern] = node
        return ends

    def build_beta_part(self, ruleset: Any, alpha_terminals: Any) -> None:
        for rule in ruleset:
            node = alpha_terminals[rule[0]]
            for condition in rule[1:]:
                if isinstance(condition, experta.TEST):
                    joined = _Where(WhereCheck(condition[0]))
                    node.add_child(joined, joined.activate)
                else:
                    joined = _Join(self._filled)
                    node.add_child(joined, joined.activate_left)
                    alpha_terminals[condition].add_child(joined, joined.activate_right)
                node = joined
            end = _Conflicts(rule, self._reporting)
            node.add_child(end, end.activate)

    def changes(self, adding: Any = None, deleting: Any = None) -> Any:
        if deleting:
            raise RuntimeError("facts are only ever added: what a rule has read stays as it was")
        for fact in adding or ():
            token: _Token = ((fact,), {})
            for child in self._of_type.get(type(fact), ()):
                child.callback(token)
        added = [activation for node in self._reporting for activation in node.get_activations()[0]]
        self._reporting.clear()
        return added, []

    def reset(self) -> None:
        """Forget all facts: only memories that are filled have anything to forget."""
        for memory in self._filled:
            memory.clear()
        self._filled.clear()
        for node in self._reporting:
            node.get_activations()
        self._reporting.clear()


_building = Lock()


@contextmanager
def _own_checks() -> Iterator[None]:
    """Let equal checks of one network be one object, and be forgotten with it."""
    with _building:
        try:
            yield
        finally:
            for check in (TypeCheck, FactCapture, FeatureCheck, WhereCheck):
                check._instances.clear()


def _deffacts(engine: Any) -> list[Any]:
    """Return what is declared at each reset; Experta looks through all members of an engine for it, each time anew."""
    if "_deffacts" not in engine.__dict__:
        engine._deffacts = experta.KnowledgeEngine.get_deffacts(engine)
    found: list[Any] = engine._deffacts
    return found


class Engine:
    """Productions compiled into one Experta network, to be run any number of times."""

    parts: Mapping[str, Any] = {"__strategy__": _Agenda, "__matcher__": _ByType, "get_deffacts": _deffacts}
    fact: type[Any] = _Fact
    facts: Callable[[Any], Any] = _Facts

    def __init__(self, productions: Iterable[Production]) -> None:
        self._kinds: dict[str, Any] = {}
        self._fields: dict[tuple[str, Callable[[object], bool]], Any] = {}
        body = {f"rule_{i}": self._rule(production) for i, production in enumerate(productions)}
        engine_class = type("MetspineEngine", (experta.KnowledgeEngine,), {**body, **self.parts})
        with _own_checks():
            self._engine: Any = engine_class()

    def run(self, facts: Iterable[EngineFact]) -> None:
        """Forget the last run, declare the facts, and fire until the agenda is empty."""
        self._engine.reset()
        self._engine.facts = self.facts(self._engine.facts)  # after what Experta itself declares
        self.declare(*facts)
        self._engine.run()

    def declare(self, *facts: EngineFact) -> None:
        """Assert facts from within a firing."""
        self._engine.declare(*map(self._experta_fact, facts))

    def _kind(self, kind: str) -> Any:
        if kind not in self._kinds:
            self._kinds[kind] = type(kind, (self.fact,), {})
        return self._kinds[kind]

    def _experta_fact(self, fact: EngineFact) -> Any:
        made = self._kind(fact.kind)(**fact.fields)
        made.origin = fact  # to be handed back when a rule has matched it
        return made

    def _rule(self, production: Production) -> Any:
        conditions = [self._condition(pattern) for pattern in production.patterns]
        if production.test is not None:
            conditions.append(experta.TEST(_named_test(production)))
        rule = experta.Rule(*conditions, salience=-production.stratum)

        def fire(*_: Any, **context: Any) -> None:  # Experta hands over its engine, once or twice
            facts = {name: value.origin for name, value in context.items() if isinstance(value, ExpertaFact)}
            joins = {name: value for name, value in context.items() if isinstance(value, str)}
            production.fire(self, Match(facts, joins))

        # Experta copies what hangs on the function to the rule.
        fire.production = production  # type: ignore[attr-defined]
        return rule(fire)

    def _condition(self, pattern: Pattern) -> Any:
        fields: dict[str, Any] = {name: getattr(experta.MATCH, name) for name in pattern.joins}
        fields.update(pattern.literals)
        if pattern.field is not None and pattern.accepts is not None:
            # Experta shares network nodes between predicates that are the same object, so keep one of each.
            key = (pattern.field, pattern.accepts)
            if key not in self._fields:
                self._fields[key] = experta.P(pattern.accepts)
            fields[pattern.field] = self._fields[key]
        return getattr(experta.AS, pattern.name) << self._kind(pattern.kind)(**fields)


def _named_test(production: Production) -> Callable[..., bool]:
    """Return the test of a production with the parameter names by which Experta hands it the bound facts."""
    test = production.test
    assert test is not None

    def named(**facts: Any) -> bool:
        return test({name: fact.origin for name, fact in facts.items()})

    parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in production.tested]
    named.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return named


__all__ = ["Engine"]
