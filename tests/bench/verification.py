"""How long it takes to verify, to check and to compare after a change of one line, beside one `advise`: `make bench`.

CPU seconds: of commands, with all processes that they start; of comparisons, of this process, which loads both knowledge
bases, puts both into one circuit and runs boxes and witnesses of every side through Experta. A ratio within a run counts.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import knowledge_base
from engine import Reasoner, advise
from engine.verification.against import compared
from knowledge_base.loading.frameworks import DEFAULT
from metspine.library import LIBRARY, read_library

EDITS = {
    "one row recommends less": ("rules/noms_table.yaml", "stance: recommend", "stance: consider"),
    "one urgency": ("rules/emergency.yaml", "urgency: immediate", "urgency: within_24_h"),
    "one exception": ("rules/noms_table.yaml", "      - {outside_the_table: true}\n", ""),
}


def main() -> None:
    base = knowledge_base.load()
    case = read_library(base)[0]
    start = time.process_time()
    advise(case, Reasoner(base), plan=True)
    once = time.process_time() - start
    print(f"one consultation, from knowledge to plan: {once:.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        command_line(Path(folder) / "noms")
    for name, edit in EDITS.items():
        seconds, count = changed(*edit)
        print(f"{name}: {count} changes in {seconds:.1f} s, {seconds / once:.0f} consultations")


def command_line(folder: Path) -> None:
    """Print what `verify`, and `check` before and after a change of one line, cost in `advise`, of a copy in a folder."""
    shutil.copytree(DEFAULT, folder)
    where = ("--knowledge", str(folder))
    once = cpu("advise", str(next(LIBRARY.glob("noms-n9.yaml"))), *where)
    print(f"metspine advise: {once:.2f} s")
    costs = {"verify": cpu("verify", *where), "check, of all": cpu("check", *where)}
    for name, edit in EDITS.items():
        edited(folder, *edit)
        costs[f"check after {name}"] = cpu("check", *where)
    for name, seconds in costs.items():
        print(f"metspine {name}: {seconds:.1f} s, {seconds / once:.0f} advise")


def cpu(*arguments: str) -> float:
    """Return the seconds of CPU that a command takes, whatever it finds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "metspine", *arguments], check=False, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def edited(folder: Path, place: str, before: str, after: str) -> None:
    """Change one line of a knowledge base."""
    file = folder / place
    file.write_text(file.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")


def changed(place: str, before: str, after: str) -> tuple[float, int]:
    """Return the seconds of CPU that a change of one line takes, and how many changes of advice it makes."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(DEFAULT, Path(folder) / "noms")
        edited(Path(folder) / "noms", place, before, after)
        start = time.process_time()
        found = compared(knowledge_base.load(), knowledge_base.load(Path(folder) / "noms"))
        return time.process_time() - start, len(found)


if __name__ == "__main__":
    sys.exit(main())
