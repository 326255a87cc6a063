"""A decision is the same whichever Python gives it, from the wheel and from the source: every supported one found here.

Records and pages say by which Python they were made. All else of them, and advice and text, are equal to the byte, and each
Python repeats the records of the others, whatever was asked.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from metspine.journal import offline
from metspine.journal.export import export
from metspine.library import LIBRARY

ROOT = Path(__file__).parents[3]
CASES = [file.stem for file in sorted(LIBRARY.glob("*.yaml"))[7::160]]
NAMED = re.compile(r"python3\.(1[1-9])$")
HERE = [*(Path.home() / ".pyenv" / "versions").glob("3.*/bin/python3")]
HERE += [Path(found) for found in (shutil.which(f"python3.{minor}") for minor in range(11, 20)) if found]
FOUND = {path.resolve() for path in HERE if "shims" not in path.parts and NAMED.search(path.resolve().name)}
NONE = pytest.param(None, marks=pytest.mark.skip(reason="no Python of its own was found to install the wheel in"))
pytestmark = pytest.mark.slow


def recorded(python, written, other, *cases):
    """Let a Python advise and repeat, with nothing of this folder on its path; return what it told."""
    script = shutil.copy(Path(__file__).parent / "recorded.py", written.parent)
    made = subprocess.run(
        [python, script, str(written), str(other), *cases], capture_output=True, text=True, cwd=written.parent, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The records that this Python writes from the source, and what it shows."""
    (folder := tmp_path_factory.mktemp("source") / "records").mkdir()
    return folder, recorded(sys.executable, folder, folder.parent / "none", *CASES)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT], check=True, capture_output=True
    )
    (found,) = folder.glob("*.whl")
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    versions = re.findall(r"^[^\s#]+==\S+(?: ;[^\\]*)?", lock, re.MULTILINE)
    (folder / "versions").write_text("\n".join(versions), encoding="utf-8")
    return found


@pytest.mark.parametrize("python", sorted(FOUND) or [NONE], ids=lambda path: path and path.name)
def test_the_wheel_in_each_python_gives_the_same_bytes_and_repeats_the_records(
    python, source, wheel, journal, tmp_path
):
    subprocess.run([python, "-m", "venv", tmp_path / "own"], check=True)
    own = tmp_path / "own" / "bin" / "python"
    install = [own, "-m", "pip", "install", "--quiet", "-c", wheel.parent / "versions", f"{wheel}[draw]"]
    subprocess.run(install, check=True, capture_output=True)
    (written := tmp_path / "records").mkdir()
    folder, here = source
    there = recorded(own, written, folder, *CASES)
    assert Path(there["from"]).is_relative_to(tmp_path / "own")
    assert there["shown"] == here["shown"]
    assert set(there["verdicts"].values()) == {"same"}
    assert there["verdicts"].keys() == here["shown"].keys()
    (nothing := tmp_path / "nothing").mkdir()
    assert set(recorded(sys.executable, nothing, written)["verdicts"].values()) == {"same"}

    export(journal, tmp_path / "j.zip")
    verified = [own, "-I", "-S", offline.__file__, tmp_path / "j.zip", journal.verifier]
    told = subprocess.run(verified, capture_output=True, text=True, check=True).stdout
    assert told.endswith(", 0 findings\n")
