"""Which portable tests there are, and what a device printed about each of them."""

from __future__ import annotations

import ast
from pathlib import Path

PORTABLE = Path(__file__).resolve().parents[1] / "portable"


def _names(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [name for name in functions if name.startswith("test_")]


TESTS_BY_FILE = {path.stem: _names(path) for path in sorted(PORTABLE.glob("test_*.py"))}
ALL_TESTS = [(module, name) for module, names in TESTS_BY_FILE.items() for name in names]


def said_of(printed: str, name: str) -> str:
    """The line about one test, and the traceback below it."""
    lines = printed.splitlines()
    begins = [
        index
        for index, line in enumerate(lines)
        if line == f"ok {name}" or line.startswith(f"FAIL {name}: ")
    ]
    if not begins:
        return f"{name} did not run; printed:\n{printed}"
    rest = lines[begins[0] + 1 :]
    ends = [n for n, line in enumerate(rest) if line.startswith(("ok ", "FAIL ", "ran "))]
    return "\n".join([lines[begins[0]], *rest[: ends[0] if ends else None]])
