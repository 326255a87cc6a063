"""How long it takes to know whose advice changes after a change of one line, beside one consultation: `make bench`.

CPU seconds of this process, on one core: loading both knowledge bases, both in one circuit, every side of every dispute,
boxes and witnesses run through Experta. A ratio within a run counts.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

import knowledge_base
from engine import Reasoner, advise
from engine.verification.against import compared
from knowledge_base.loading.frameworks import DEFAULT
from metspine.library import read_library

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
    for name, edit in EDITS.items():
        seconds, count = changed(*edit)
        print(f"{name}: {count} changes in {seconds:.1f} s, {seconds / once:.0f} consultations")


def changed(place: str, before: str, after: str) -> tuple[float, int]:
    """Return the seconds of CPU that a change of one line takes, and how many changes of advice it makes."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(DEFAULT, Path(folder) / "noms")
        file = Path(folder) / "noms" / place
        file.write_text(file.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
        start = time.process_time()
        found = compared(knowledge_base.load(), knowledge_base.load(Path(folder) / "noms"))
        return time.process_time() - start, len(found)


if __name__ == "__main__":
    sys.exit(main())
