"""A `Why` as plain text: the shortest proof, step by step from the conclusion back to what was given."""

from collections.abc import Iterable, Iterator

from explain.answers.justification import Input, Why
from explain.answers.proof_steps import Ground, Proof, Step
from explain.phrases.conditions import bibliography, heading, labelled, source_words
from explain.phrases.prose import paragraph, titled
from explain.phrases.terms import BASIS_WORDS


def why_text(why: Why, all_proofs: bool = False) -> str:
    """Return why something is so, as plain text of at most 100 columns; with `all_proofs` every proof."""
    return "\n".join(_lines(why, all_proofs)).rstrip() + "\n"


def _lines(why: Why, all_proofs: bool) -> Iterator[str]:
    yield from titled(f"Why: {why.text}")
    for warning in why.warnings:
        yield from paragraph(warning, "! ")
    if not why.holds:
        yield from paragraph("Nothing that is known settles it, so there is nothing to prove.")
        yield "`metspine why-not` with the same names says what is missing."
        return
    if why.given:
        yield from paragraph("The case itself says so.")
    if why.proofs:
        yield from _support(why)
    shown = why.proofs if all_proofs else why.proofs[:1]
    for number, proof in enumerate(shown, start=1):
        yield from heading(_proof_title(why, proof, number))
        yield from _proof(proof)
    if len(why.proofs) > len(shown):
        yield ""
        yield from paragraph(_others(why))
    cited = [source for proof in shown for step in proof.steps for source in step.sources]
    if cited:
        yield from heading("Sources")
        yield from bibliography(cited)


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


def _support(why: Why) -> Iterator[str]:
    if len(why.rests_on) == 1:
        (only,) = why.rests_on
        yield from paragraph(f"It rests on one finding ({only.text}); without it: {_bare(only.without)}.")
    elif why.rests_on:
        yield from _inputs("It rests on all of these; it falls with any one of them:", why.rests_on)
    if why.stands_without:
        other = "also " if why.rests_on else ""
        yield from _inputs(f"It stands without any one of these, which it {other}draws on:", why.stands_without, False)
    if not why.rests_on and not why.stands_without:
        yield from paragraph("No single fact of the case is needed for it.")


def _inputs(title: str, inputs: Iterable[Input], falls: bool = True) -> Iterator[str]:
    yield from paragraph(title)
    for said in inputs:
        yield from paragraph(f"{said.text} (without it: {_bare(said.without)})" if falls else said.text, "  • ")


def _bare(answer: str) -> str:
    return answer.removeprefix("is ")


# --- proofs --------------------------------------------------------------------------------------------------------


def _proof(proof: Proof) -> Iterator[str]:
    numbers = {step.firing: number for number, step in enumerate(proof.steps, start=1)}
    told: dict[object, int] = {}
    for step in proof.steps:
        first = told.setdefault((step.because, step.sources), numbers[step.firing])
        yield from _step(step, numbers, first)


def _step(step: Step, numbers: dict[str, int], told: int) -> Iterator[str]:
    yield from paragraph("; ".join(step.concludes), f"{numbers[step.firing]:>3}. ")
    indent = " " * 5
    for word, ground in zip(_words("because", "and"), _distinct(step.premises), strict=False):
        yield from labelled(word, f"{ground.text} {_origin(ground, numbers)}".rstrip(), indent)
    if not step.premises:
        yield from labelled("because", "it holds for everyone", indent)
    for word, ground in zip(_words("unless", "or"), _distinct(step.absent), strict=False):
        yield from labelled(word, ground.text, indent)
    if told != numbers[step.firing]:
        yield from labelled("rule", f"{step.rule}, for the reason and from the sources of step {told}", indent)
        return
    yield from labelled("reason", step.because, indent)
    yield from labelled("rule", f"{step.rule}, {step.title}", indent)
    for word, source in zip(_words("source", ""), step.sources, strict=False):
        yield from labelled(word, source_words(source), indent)
    if step.chain_basis != step.basis:
        yield from labelled("weakest link", f"{BASIS_WORDS[step.chain_basis]}, in a step that it leans on", indent)


def _words(first: str, then: str) -> Iterator[str]:
    yield first
    while True:
        yield then


def _distinct(grounds: Iterable[Ground]) -> list[Ground]:
    """Return grounds that read differently, each once."""
    return list({(ground.fact, ground.text): ground for ground in grounds}.values())


def _origin(ground: Ground, numbers: dict[str, int]) -> str:
    """Return where a ground comes from: the case, or other steps of the proof."""
    steps = [str(numbers[by]) for by in ground.by]
    said = ["the case"] if ground.given else []
    if steps:
        said.append(f"step{'s' * (len(steps) > 1)} {', '.join(steps)}")
    return f"[{' and '.join(said)}]" if said else ""
