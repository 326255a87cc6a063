"""Writing a file that was asked for: folders that are missing on the way to it are made, and a table runs nothing."""

import os
from pathlib import Path

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


def put(target: Path, content: str | bytes) -> Path:
    """Write a whole file, text as UTF-8, and return where; raise OSError when that cannot be done."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content.encode() if isinstance(content, str) else content)
    return target


def put_whole(target: Path, text: str, mode: int = 0o666) -> None:
    """Write a text in one step: under the name of the file is the old one or the new one, never half of one."""
    beside = target.with_name(f".{target.name}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as stream:
        stream.write(text)
    beside.replace(target)


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
