"""A `Why` in words: the shortest proof, step by step from the conclusion back to what was given."""

from collections.abc import Iterable, Iterator

from explain.answers.justification import GivenFact, Why
from explain.answers.proof_steps import LineMet, Proof, ProofStep
from explain.phrases.conditions import source_words
from explain.phrases.terms import BASIS_WORDS
from explain.report.blocks import Block, Bullets, Heading, Para, Point, Points
from explain.report.sources import bibliography


def why_report(why: Why, all_proofs: bool = False) -> Iterator[Block]:
    """Yield why something is so; with `all_proofs` every proof."""
    yield Heading(f"Why: {why.text}")
    yield from (Para(warning, "danger") for warning in why.warnings)
    if not why.holds:
        yield Para("Nothing that is known settles it, so there is nothing to prove.")
        yield Para("`metspine why-not` with the same names says what is missing.")
        return
    if why.given:
        yield Para("The case itself says so.")
    if why.proofs:
        yield from _support(why)
    shown = why.proofs if all_proofs else why.proofs[:1]
    for number, proof in enumerate(shown, start=1):
        yield Heading(_proof_title(why, proof, number), 2)
        yield Points(tuple(_steps(proof)))
    if len(why.proofs) > len(shown):
        yield Para(_others(why), "small")
    yield from bibliography(source for proof in shown for step in proof.steps for source in step.sources)


def _others(why: Why) -> str:
    count = len(why.proofs) - 1
    if count == 1 and not why.more:
        return "There is one more proof, no shorter; --all prints it."
    return f"There are {'at least ' if why.more else ''}{count} more proofs, none shorter; --all prints them."


def _proof_title(why: Why, proof: Proof, number: int) -> str:
    size = f"{len(proof.steps)} rule{'s' * (len(proof.steps) > 1)}"
    if len(why.proofs) == 1:
        return f"The only proof, of {size}"
    return f"{'The shortest proof' if number == 1 else f'Proof {number}'}, of {size}"


# --- supports ------------------------------------------------------------------------------------------------------


def _support(why: Why) -> Iterator[Block]:
    if len(why.rests_on) == 1:
        (only,) = why.rests_on
        yield Para(f"It rests on one finding ({only.text}); without it: {_bare(only.without)}.")
    else:
        yield Bullets("It rests on all of these; it falls with any one of them", tuple(map(_needed, why.rests_on)))
    other = "also " if why.rests_on else ""
    yield Bullets(
        f"It stands without any one of these, which it {other}draws on", tuple(i.text for i in why.stands_without)
    )
    if not why.rests_on and not why.stands_without:
        yield Para("No single fact of the case is needed for it.")


def _needed(said: GivenFact) -> str:
    return f"{said.text} (without it: {_bare(said.without)})"


def _bare(answer: str) -> str:
    return answer.removeprefix("is ")


# --- proofs --------------------------------------------------------------------------------------------------------


def _steps(proof: Proof) -> Iterator[Point]:
    numbers = {step.firing: number for number, step in enumerate(proof.steps, start=1)}
    told: dict[object, int] = {}
    for step in proof.steps:
        number = numbers[step.firing]
        first = told.setdefault((step.because, step.sources), number)
        said = (*_grounds(step, numbers), *(_reason(step) if first == number else _as_before(step, first)))
        yield Point("; ".join(step.concludes), said, mark=f"{number}.")


def _grounds(step: ProofStep, numbers: dict[str, int]) -> Iterator[Point]:
    said = [f"{ground.text} {_origin(ground, numbers)}".rstrip() for ground in _distinct(step.premises)]
    yield from _led("because", "and", said or ["it holds for everyone"])
    yield from _led("unless", "or", [ground.text for ground in _distinct(step.absent)])


def _as_before(step: ProofStep, told: int) -> Iterator[Point]:
    yield Point(f"{step.rule}, for the reason and from the sources of step {told}", lead="rule")


def _reason(step: ProofStep) -> Iterator[Point]:
    yield Point(step.because, lead="reason")
    yield Point(f"{step.rule}, {step.title}", lead="rule")
    yield from _led("source", "and", map(source_words, step.sources))
    if step.chain_basis != step.basis:
        yield Point(f"{BASIS_WORDS[step.chain_basis]}, in a step that it leans on", lead="weakest link")


def _led(first: str, then: str, texts: Iterable[str]) -> Iterator[Point]:
    """Yield points led by one word, those after the first by another."""
    for number, text in enumerate(texts):
        yield Point(text, lead=then if number else first)


def _distinct(grounds: Iterable[LineMet]) -> list[LineMet]:
    """Return grounds that read differently, each once."""
    return list({(ground.fact, ground.text): ground for ground in grounds}.values())


def _origin(ground: LineMet, numbers: dict[str, int]) -> str:
    """Return where a ground comes from: the case, or other steps of the proof."""
    steps = [str(numbers[by]) for by in ground.by]
    said = ["the case"] if ground.given else []
    if steps:
        said.append(f"step{'s' * (len(steps) > 1)} {', '.join(steps)}")
    return f"[{' and '.join(said)}]" if said else ""
