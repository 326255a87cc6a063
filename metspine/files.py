"""Writing a file that was asked for: folders that are missing on the way to it are made."""

from pathlib import Path


def put(target: Path, content: str | bytes) -> Path:
    """Write a whole file, text as UTF-8, and return where; raise OSError when that cannot be done."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content.encode() if isinstance(content, str) else content)
    return target
