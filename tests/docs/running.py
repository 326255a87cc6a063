"""Runs what a page of documentation shows, and says where it would print something else now.

Fenced blocks are told apart by their first line: `yaml NAME` (or `text NAME`) is a file to save, `sh` holds commands after
`$ ` with what they print, `pycon` Python after `>>> ` with what it prints. Blocks of any other kind are only read. In what
is printed, `…` stands for any text, and alone on a line for any number of lines.
"""

import doctest
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from metspine.cli import app as cli

FENCE = re.compile(r"^```(?P<head>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
FILES = ("yaml", "text")
SAID = re.compile(r"\$\(cat (\S+)\)")
REST = "…"


@dataclass
class Page:
    """One page, run in a folder of its own from top to bottom."""

    path: Path
    folder: Path
    globals: dict[str, object] = field(default_factory=dict)

    def mistakes(self) -> Iterator[str]:
        """Yield what the page shows and is not so."""
        text = self.path.read_text(encoding="utf-8")
        for block in FENCE.finditer(text):
            line = text.count("\n", 0, block.start()) + 2
            kind, _, name = block["head"].strip().partition(" ")
            if kind in FILES and name:
                target = self.folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(block["body"], encoding="utf-8")
            elif kind == "sh":
                yield from self._shell(block["body"], line)
            elif kind == "pycon":
                yield from self._python(block["body"], line)

    def _shell(self, body: str, line: int) -> Iterator[str]:
        for part in re.split(r"^(?=\$ )", body, flags=re.MULTILINE):
            command, _, expected = part.removeprefix("$ ").partition("\n")
            if part.startswith("$ ") and not matches(expected, printed := self._printed(command)):
                yield f"{self.path.name}:{line}: `{command}` prints\n{printed}"
            line += part.count("\n")

    def _printed(self, command: str) -> str:
        words = shlex.split(
            SAID.sub(lambda found: (self.folder / found[1]).read_text(encoding="utf-8").strip(), command)
        )
        if words[0] != "metspine" or {"|", "&&", ";"} & set(words):
            done = subprocess.run(["bash", "-c", command], cwd=self.folder, capture_output=True, text=True, check=False)
            return done.stdout + done.stderr
        target = self.folder / words[-1] if ">" in words else None
        said, complained = metspine(words[1 : words.index(">")] if target else words[1:])
        if target:
            target.write_text(said, encoding="utf-8")
            return complained
        return said + complained

    def _python(self, body: str, line: int) -> Iterator[str]:
        found = doctest.DocTestParser().get_doctest(body, self.globals, self.path.name, str(self.path), line)
        runner = doctest.DocTestRunner(checker=_Checker(), verbose=False)
        said: list[str] = []
        runner.run(found, out=said.append, clear_globs=False)
        self.globals.update(found.globs)
        yield from said


def metspine(arguments: list[str]) -> tuple[str, str]:
    """Run the command line in this process; return what it prints as results and as complaints."""
    said, complained = io.StringIO(), io.StringIO()
    called = patch.object(sys, "argv", ["metspine", *arguments])
    with called, redirect_stdout(said), redirect_stderr(complained), suppress(SystemExit):
        cli.main()
    return said.getvalue(), complained.getvalue()


def matches(expected: str, printed: str) -> bool:
    """Tell whether a text is what was printed, where `…` stands for anything."""
    lines = [".*" if line.strip() == REST else _line(line) + "\n" for line in expected.rstrip().splitlines()]
    pattern = "".join(lines) + r"\s*"
    return re.fullmatch(pattern, f"{printed.rstrip()}\n", re.DOTALL) is not None


def _line(line: str) -> str:
    return "[^\n]*".join(re.escape(part) for part in line.rstrip().split(REST))


class _Checker(doctest.OutputChecker):
    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return matches(want, got)

    def output_difference(self, example: doctest.Example, got: str, optionflags: int) -> str:
        return f"`{example.source.rstrip()}` prints\n{got}"
