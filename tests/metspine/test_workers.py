"""Several cases worked out at the same time: as many as there are workers, each as it would be alone."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import knowledge_base
from engine import Reasoner, Run
from metspine.serve.form import FormState, read
from metspine.serve.server import make_app
from metspine.serve.workers import Workers
from tests.metspine.test_serve import HOST, Visitor

BASE = Path(__file__).parents[1] / "bad_knowledge" / "base"
COUNT = 2
PATIENCE = 60  # seconds


@pytest.fixture(scope="module")
def base():
    return knowledge_base.load(BASE)


@pytest.fixture(scope="module")
def app(base):
    made = make_app(base, workers=COUNT)
    yield made
    made.state.work.close()


def run_of(base, grade: str) -> Run:
    state = FormState(typed={("0", "levels"): "T8", ("0", "grade"): grade})
    return Run(read(state, base).case, Reasoner(base))


def test_as_many_work_at_the_same_time_as_there_are(app):
    with get_context("spawn").Manager() as manager:
        together = manager.Barrier(COUNT)
        waiting = [app.state.work.pool.submit(together.wait, PATIENCE) for _ in range(COUNT)]
        assert sorted(one.result() for one in waiting) == list(range(COUNT)), "each waited for the others"


def test_many_at_once_get_what_each_would_get_alone(app, base):
    runs = [run_of(base, grade) for grade in ("0", "1a", "1b", "2", "3") * 4]
    with ThreadPoolExecutor(len(runs)) as threads:
        found = list(threads.map(lambda run: app.state.work.advised(run, settle=True, plan=True), runs))
    assert found == [run.advised(settle=True, plan=True) for run in runs]


def test_pages_forms_and_the_api_are_as_with_one(app, base):
    visitor, alone = Visitor(app), Visitor(make_app(base))
    texts = []
    for one in (visitor, alone):
        one.open()
        one.send(l0_levels="T8", l0_grade="3", p_fitness="fit")
        texts.append(one.client.get(f"{one.path}/text").text)
        assert one.client.post("/case", data={"token": "made up"}).status_code == 403
    assert texts[0] == texts[1]
    asked = {"case": {"patient": {"kps": 50}, "lesions": [{"id": "T8", "levels": ["T8"], "grade": "3"}]}}
    answers = [TestClient(make_app(base), base_url=HOST).post("/api/advise", json=asked).json(),
               visitor.client.post("/api/advise", json=asked).json()]  # fmt: skip
    assert answers[0] == answers[1]


@pytest.mark.slow
def test_others_take_the_place_of_a_worker_that_was_ended(base):
    work = Workers(Reasoner(base), COUNT)
    try:
        os.kill(work.pool.submit(os.getpid).result(), signal.SIGKILL)
        for grade in ("2", "3"):
            assert work.advised(run_of(base, grade), plan=True) == run_of(base, grade).advised(plan=True)
    finally:
        work.close()


STARTED = """
import os, sys
import knowledge_base
from engine import Reasoner
from metspine.serve.workers import Workers

if __name__ == "__main__":
    work = Workers(Reasoner(knowledge_base.load(sys.argv[1])), 2)
    print(work.pool.submit(os.getpid).result(), flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="looks for processes in /proc")
def test_none_is_left_when_the_one_that_answers_is_ended(tmp_path):
    script = tmp_path / "started.py"
    script.write_text(STARTED)
    command = [sys.executable, str(script), str(BASE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as one:
        assert one.stdout is not None
        worker = Path("/proc") / str(int(one.stdout.readline()))
        assert worker.is_dir()
        one.kill()
        assert one.stdout.read() == b"", "its last writer is gone"
    assert not worker.is_dir() or (worker / "stat").read_text().split()[2] == "Z"
