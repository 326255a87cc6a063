"""The same case gives the same bytes, whatever the hash seed and the order of files, entries, facts and lesions."""

import hashlib
import os
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from randomcases import random_case

import knowledge_base
from cases import Case
from engine import Reasoner, advise
from explain.drawing.dot import draw
from explain.drawing.graph import graph_of
from explain.drawing.views import view
from knowledge_base.loading.frameworks import DEFAULT

CASE = """
import sys, hashlib
import knowledge_base
sys.path.insert(0, {here!r})
from randomcases import random_case
from engine import Reasoner, advise
from explain.drawing.dot import draw
from explain.drawing.graph import graph_of
from explain.drawing.views import view
base = knowledge_base.load()
advice = advise(random_case(base, 7, known=0.8), Reasoner(base))
dot = draw(view(graph_of(advice, base), "everything"), advice).source
print(hashlib.sha256((advice.model_dump_json() + dot).encode()).hexdigest())
"""


@pytest.mark.slow
def test_twenty_hash_seeds_give_the_same_bytes():
    code = CASE.format(here=str(Path(__file__).parent))
    digests = set()
    for seed in range(20):
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
        digests.add(run.stdout)
    assert len(digests) == 1


def everything(case: Case, base: knowledge_base.KnowledgeBase) -> str:
    advice = advise(case, Reasoner(base))
    return advice.model_dump_json() + draw(view(graph_of(advice, base), "everything"), advice).source


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_rule_files_give_the_same_bytes(tmp_path, noms, seed):
    """Move the rules into other files in another order: neither the digest of the knowledge nor the advice changes."""
    folder = tmp_path / "noms"
    shutil.copytree(DEFAULT, folder)
    dice = random.Random(seed)
    texts = [text for path in sorted((folder / "rules").glob("*.yaml")) for text in entries(path)]
    dice.shuffle(texts)
    shutil.rmtree(folder / "rules")
    (folder / "rules").mkdir()
    for i in range(4):
        (folder / "rules" / f"{i}.yaml").write_text("".join(texts[i::4]))
    shuffled = knowledge_base.load(folder)
    assert shuffled.digest == noms.digest
    case = random_case(noms, seed, known=0.8)
    assert everything(case, shuffled) == everything(case, noms)


def entries(path: Path) -> list[str]:
    """Return the text of each entry of a file that is a list."""
    parts = ("\n" + path.read_text()).split("\n- ")[1:]
    return [f"- {part.rstrip()}\n\n" for part in parts]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000), order=st.integers(0, 10_000))
def test_order_of_facts_and_lesions_does_not_matter(noms, reasoner, seed, order):
    case = random_case(noms, seed)
    assert digest(advise(shuffled_case(case, random.Random(order)), reasoner)) == digest(advise(case, reasoner))


def shuffled_case(case: Case, dice: random.Random) -> Case:
    """Return the same case with its facts in another order; the reader sorts lesions, so they come sorted."""

    def shuffled(given):
        pairs = list(given.items())
        dice.shuffle(pairs)
        return dict(pairs)

    lesions = tuple(replace(lesion, given=shuffled(lesion.given)) for lesion in case.lesions)
    return replace(case, patient=shuffled(case.patient), lesions=lesions)


def digest(advice) -> str:
    return hashlib.sha256(advice.model_dump_json().encode()).hexdigest()


@pytest.fixture(scope="module")
def monotone(noms):
    """Return the NOMS knowledge without the rules that use `unless` or `open`."""

    def steady(rule) -> bool:
        text = str(rule.text.when)
        return rule.text.unless is None and "open" not in rule.text.when and "'open'" not in text

    kept = {name: rule for name, rule in noms.rules.items() if steady(rule)}
    assert len(noms.rules) > len(kept) > len(noms.rules) / 2
    return Reasoner(replace(noms, rules=kept, every_rule=kept))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 100_000), forgotten=st.integers(0, 100_000))
def test_telling_more_never_unfires_a_rule_except_by_a_contradiction_that_is_reported(noms, monotone, seed, forgotten):
    full = random_case(noms, seed, known=0.7)
    less = forget(full, random.Random(forgotten))
    more_trace, less_trace = monotone.consult(full).trace, monotone.consult(less).trace
    lost = {f.id for f in less_trace.firings} - {f.id for f in more_trace.firings}
    assert not lost or more_trace.contradictions


def forget(case: Case, dice: random.Random) -> Case:
    """Return the case with each fact forgotten with probability one half."""

    def some(given):
        return {name: values for name, values in given.items() if dice.random() < 0.5}

    lesions = tuple(replace(lesion, given=some(lesion.given)) for lesion in case.lesions)
    return replace(case, patient=some(case.patient), lesions=lesions)
