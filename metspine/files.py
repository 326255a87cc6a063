"""Writing a file that was asked for: folders that are missing on the way to it are made, and a table runs nothing."""

from pathlib import Path

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


def put(target: Path, content: str | bytes) -> Path:
    """Write a whole file, text as UTF-8, and return where; raise OSError when that cannot be done."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content.encode() if isinstance(content, str) else content)
    return target


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
