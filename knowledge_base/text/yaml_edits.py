"""Changing single values in a YAML text: all else stays as it was, comments, order and layout, byte for byte.

Writing a whole file anew, as YAML libraries do, breaks lines elsewhere, and a reviewer could not see what was changed.
"""

import re
import textwrap
from typing import Any

from knowledge_base.text.strict_yaml import KeyPath, read_text, scalar

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./()-]+)*")
WIDTH = 120


class Edits:
    """A YAML text whose parts are changed one after another, by the paths at which the strict reader knows them."""

    def __init__(self, text: str) -> None:
        self.text = text

    def replace(self, path: KeyPath, written: str) -> None:
        """Put other YAML in place of the value at a path; it begins with a line end when it stands on lines of its own."""
        node = self._node(path)
        start = node.start_mark.index
        if isinstance(path[-1], str):
            holder = self._node(path[:-1])
            key = _parts(holder)[_place(holder, path[-1])][0]
            if key.start_mark.line != node.start_mark.line or written.startswith("\n"):
                start = self.text.index(":", key.end_mark.index) + 1
                written = written if written.startswith("\n") else f" {written}"
        self._put(start, self._end(node), written)

    def remove(self, path: KeyPath) -> None:
        """Take a key with its value, or an entry of a list, out of what holds others beside it."""
        holder = self._node(path[:-1])
        parts = _parts(holder)
        i = _place(holder, path[-1])
        start, end = parts[i][0].start_mark.index, self._end(parts[i][-1])
        if not holder.flow_style:  # the whole lines, with the remark at their end
            start = self.text.rfind("\n", 0, start) + 1
            end = self.text.find("\n", end) + 1 or len(self.text)
        elif i + 1 < len(parts):
            end = parts[i + 1][0].start_mark.index
        elif i:
            start = self._end(parts[i - 1][-1])
        self._put(start, end, "")

    def add(self, path: KeyPath, written: str) -> None:
        """Write one more part behind the others of the mapping or list at a path: `key: value`, or an entry."""
        holder = self._node(path)
        last = _parts(holder)[-1]
        end = self._end(last[-1])
        if holder.flow_style:
            self._put(end, end, f", {written}")
            return
        line_end = self.text.find("\n", end)
        end = len(self.text) if line_end < 0 else line_end
        if holder.id == "sequence":
            written = f"- {written}"
        self._put(end, end, f"\n{' ' * holder.start_mark.column}{written}")

    def data(self, path: KeyPath) -> Any:
        """Return what stands at a path now; None where nothing does."""
        found = read_text(self.text, "text").data
        for step in path:
            found = found.get(step) if isinstance(found, dict) else found[step]
        return found

    def column(self, path: KeyPath) -> int:
        """Return the column at which the key of a value stands."""
        holder = self._node(path[:-1])
        return int(_parts(holder)[_place(holder, path[-1])][0].start_mark.column)

    def _put(self, start: int, end: int, written: str) -> None:
        self.text = self.text[:start] + written + self.text[end:]

    def _node(self, path: KeyPath) -> Any:
        from ruamel.yaml import YAML

        node: Any = YAML(typ="safe", pure=True).compose(self.text)
        for step in path:
            node = _parts(node)[_place(node, step)][-1]
        return node

    def _end(self, node: Any) -> int:
        """Return where what is written of a node ends, without the remarks and empty lines behind it."""
        if node.id == "scalar" and node.style in ("|", ">"):
            return self._end_of_block(node)
        if node.id == "scalar" or node.flow_style or not node.value:
            return int(node.end_mark.index)
        return self._end(_parts(node)[-1][-1])

    def _end_of_block(self, node: Any) -> int:
        """Return where the last line of a folded or literal text ends, before lines that are indented less."""
        written = self.text[node.start_mark.index : node.end_mark.index].splitlines(keepends=True)
        indent = min((len(line) - len(line.lstrip()) for line in written[1:2]), default=0)
        lines = [written[0]]
        for line in written[1:]:
            if line.strip() and len(line) - len(line.lstrip()) < indent:
                break
            lines.append(line)
        return int(node.start_mark.index) + len("".join(lines).rstrip())


def _parts(node: Any) -> list[tuple[Any, ...]]:
    """Return the parts of a mapping as (key, value), those of a list as (value,)."""
    return list(node.value) if node.id == "mapping" else [(part,) for part in node.value]


def _place(node: Any, step: str | int) -> int:
    return step if isinstance(step, int) else [key.value for key, _ in node.value].index(step)


def flow(raw: Any) -> str:
    """Return data as YAML on one line."""
    if isinstance(raw, dict):
        return f"{{{', '.join(f'{key}: {flow(value)}' for key, value in raw.items())}}}"
    if isinstance(raw, list):
        return f"[{', '.join(map(flow, raw))}]"
    if isinstance(raw, bool) or raw is None:
        return {True: "true", False: "false", None: "null"}[raw]
    text = str(raw)
    is_text = isinstance(raw, str) and not isinstance(scalar(raw), str)
    return text if _PLAIN.fullmatch(text) and not is_text else _quoted(text)


def prose(text: str, column: int) -> str:
    """Return a sentence as YAML that stands behind a key at a column: on one line, or folded to lines of 120."""
    is_plain = re.fullmatch(r"[A-Za-z0-9(][^\n]*[^:\s]", text) and not re.search(r": |:$| #", text)
    line = text if is_plain and isinstance(scalar(text), str) else _quoted(text)
    if column + len(line) < WIDTH - 15:
        return line
    indent = " " * (column + 2)
    folded = textwrap.fill(text, WIDTH - len(indent), break_long_words=False, break_on_hyphens=False)
    return f">-\n{textwrap.indent(folded, indent)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
