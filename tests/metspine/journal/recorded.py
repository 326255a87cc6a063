"""Advise on cases under all options, and repeat the records of another Python: run by each of `test_pythons`, alone.

`recorded.py TO FROM CASE…` writes records into the folder TO, repeats those in FROM, and prints as JSON what was shown of
each (SHA-256 of its JSON, text and page) and what became of each of the others.
"""

import hashlib
import itertools
import json
import platform
import sys
from pathlib import Path

import metspine
from engine.decision import Options
from metspine.api import Answer, explain
from metspine.library import LIBRARY


def main(written: Path, other: Path, *names: str) -> None:
    shown = {}
    for name in names:
        run = explain(LIBRARY / f"{name}.yaml").run
        for settle, vary, plan in itertools.product((False, True), repeat=3):
            options = Options(settle=settle, vary=vary, plan=plan)
            answer = Answer(run, run.advised(settle, vary, plan), options)
            key = f"{name}-{settle:d}{vary:d}{plan:d}"
            (written / f"{key}.json").write_text(answer.record(), encoding="utf-8")
            page = answer.html().replace(f"Python {platform.python_version()}", "") if plan else ""
            texts = (answer.json(), answer.text(full=True), page)
            shown[key] = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    verdicts = {file.stem: metspine.replay(file).record.verdict for file in sorted(other.glob("*.json"))}
    print(json.dumps({"shown": shown, "verdicts": verdicts, "python": sys.version, "from": metspine.__file__}))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
