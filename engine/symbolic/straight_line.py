"""Gates as one Python function over whole numbers: bit p of every number is about patient p.

Python's own integers carry out one gate for thousands of patients at once, so nothing else is needed. Each gate is computed
as itself or as its opposite, whichever takes fewer operations; gates that no output hangs on are left out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import CodeType, FunctionType

from engine.symbolic.circuit import FALSE, TRUE, Circuit, Lit

Function = Callable[[Sequence[int], int], tuple[int, ...]]


class Gates(Circuit):
    """A circuit that keeps what its gates are instead of clauses: it is evaluated, never solved."""

    def __init__(self) -> None:
        super().__init__()
        self.clauses = []
        self.defined: dict[Lit, tuple[Lit, ...]] = {}

    def _gate(self, inputs: frozenset[Lit]) -> Lit:
        gate = self.free()
        self.defined[gate] = tuple(sorted(inputs))
        return gate

    def require(self, *literals: Lit) -> None:
        """Demand nothing: what goes in is what patients are."""


def live(gates: Gates, outputs: Iterable[Lit]) -> set[Lit]:
    """Return every variable that outputs hang on, gates and inputs."""
    found: set[Lit] = set()
    waiting = [abs(literal) for literal in outputs]
    while waiting:
        variable = waiting.pop()
        if variable not in found and variable != TRUE:
            found.add(variable)
            waiting.extend(abs(literal) for literal in gates.defined.get(variable, ()))
    return found


def compiled(gates: Gates, inputs: Sequence[Lit], outputs: Sequence[Lit]) -> CodeType:
    """Return the code of a function from the numbers of the inputs (and that of all patients) to those of the outputs."""
    lines = [f"def run(inputs, every):\n {','.join(f'v{lit}' for lit in inputs)}, = inputs"] if inputs else []
    lines = lines or ["def run(inputs, every):"]
    opposite: dict[Lit, bool] = dict.fromkeys(inputs, False)
    used = live(gates, outputs)
    for gate, parts in gates.defined.items():  # in the order in which they were made: inputs of a gate come before it
        if gate in used:
            opposite[gate], text = _operation(parts, opposite)
            lines.append(f" v{gate}={text}")
    lines.append(f" return ({''.join(f'{_output(lit, opposite)},' for lit in outputs)})")
    module = compile("\n".join(lines), "<the rules>", "exec")
    return next(part for part in module.co_consts if isinstance(part, CodeType))


def function_of(code: CodeType) -> Function:
    """Return the function of compiled code."""
    return FunctionType(code, {})


def _operation(parts: Sequence[Lit], opposite: Mapping[Lit, bool]) -> tuple[bool, str]:
    """Return a conjunction as an expression, and whether that is its opposite."""
    as_is = [f"v{abs(lit)}" for lit in parts if (lit > 0) != opposite[abs(lit)]]
    turned = [f"v{abs(lit)}" for lit in parts if (lit > 0) == opposite[abs(lit)]]
    if not as_is:
        return True, "|".join(turned)
    if not turned:
        return False, "&".join(as_is)
    return False, f"{'&'.join(as_is)}&(every^({'|'.join(turned)}))"


def _output(literal: Lit, opposite: Mapping[Lit, bool]) -> str:
    if literal in (TRUE, FALSE):
        return "every" if literal == TRUE else "0"
    return f"v{abs(literal)}" if (literal > 0) != opposite[abs(literal)] else f"every^v{abs(literal)}"
