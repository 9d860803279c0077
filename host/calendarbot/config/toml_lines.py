"""On which line of a TOML text each key stands, for messages that name file and line.

`tomllib` tells positions only of syntax errors. This reads a text that `tomllib` took, so it
need not judge, only find where keys begin: TOML 1.0, "Keys", "Table", "Array of Tables".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

KeyPath: TypeAlias = tuple[str, ...]

_QUOTED: Final = r'"(?:[^"\\]|\\.)*"|' + r"'[^']*'"
_PART: Final = re.compile(rf"\s*({_QUOTED}|[A-Za-z0-9_-]+)\s*")
# What has to be stepped over whole, longest first: inside it, brackets and # mean nothing.
_TOKEN: Final = re.compile(
    rf'"""(?:[^\\]|\\.)*?"{{3,5}}|\'\'\'.*?\'{{3,5}}|{_QUOTED}|#[^\n]*|[\[\]{{}}\n]', re.DOTALL
)


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line, from 1, on which each table and key is first named.

    Keys inside inline tables and arrays are not listed: ask `line_of` for the nearest parent.
    """
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, statement in _statements(text):
        header = re.match(r"\s*\[\[?", statement)
        if header:
            table = _path(statement[header.end() :])
            _note(lines, (), table, number)
        else:
            _note(lines, table, _path(statement), number)
    return lines


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """The line of the key, or of the nearest table around it; 1 for the whole text."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _note(lines: dict[KeyPath, int], table: KeyPath, path: KeyPath, number: int) -> None:
    for length in range(1, len(path) + 1):
        lines.setdefault(table + path[:length], number)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each `key = value` or `[header]` with the line it begins on; values may span lines."""
    begin = 0
    depth = 0
    for token in _TOKEN.finditer(text + "\n"):
        mark = token.group()
        if mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
        elif mark == "\n" and depth == 0:
            statement = text[begin : token.start()]
            if statement.strip() and not statement.lstrip().startswith("#"):
                yield text.count("\n", 0, begin) + 1, statement
            begin = token.end()


def _path(statement: str) -> KeyPath:
    """The dotted key a statement begins with."""
    parts: list[str] = []
    position = 0
    while part := _PART.match(statement, position):
        parts.append(_unquoted(part.group(1)))
        position = part.end()
        if statement[position : position + 1] != ".":
            break
        position += 1
    return tuple(parts)


def _unquoted(part: str) -> str:
    if part[0] == "'":
        return part[1:-1]
    if part[0] == '"':
        # An escape in a key is rare; the line found is then that of the table around it.
        return part[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return part
