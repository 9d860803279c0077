"""Which functions changed between two states of the checkout.

The unit is a function of a module or a method of a class, with what is nested in it. Everything else of
a module, decorators and defaults included, runs when it is imported: a change there is one of `<module>`.
"""

from __future__ import annotations

import ast
import re
import subprocess
from typing import TYPE_CHECKING

from tools.suites.catalogue import ROOT, SuitesError

if TYPE_CHECKING:
    from pathlib import Path

_COMMIT = re.compile("[0-9a-f]{40}")
MODULE = "<module>"
Changes = dict[str, set[str] | None]
"""Changed functions by file; None where a file is no Python, is new or is gone: all of it."""


def is_lost(revision: str | None, checkout: Path = ROOT) -> bool:
    """Whether this is a whole commit id that is not in this clone: a branch's former end, for example.

    A service names such ids; a name that somebody mistyped is no commit id, and an error.
    """
    if revision is None or not _COMMIT.fullmatch(revision):
        return False
    return not _git(checkout, "rev-parse", "--verify", f"{revision}^{{commit}}", may_fail=True)


def changed_since(revision: str | None, checkout: Path = ROOT) -> Changes:
    """Since `revision` (without one: since HEAD), with what is not committed and not ignored."""
    base = revision or "HEAD"
    names = _git(checkout, "diff", "--name-only", "--no-renames", base, "--").splitlines()
    names += _git(checkout, "ls-files", "--others", "--exclude-standard").splitlines()
    return {name: _changed(checkout, base, name) for name in sorted(set(names))}


def _changed(checkout: Path, base: str, name: str) -> set[str] | None:
    now = checkout / name
    old = _git(checkout, "show", f"{base}:{name}", may_fail=True)
    if not name.endswith(".py") or not old or not now.exists():
        return None
    return changed_functions(old, now.read_text(encoding="utf-8"))


def changed_functions(old: str, new: str) -> set[str]:
    """Comments, blank lines and how code is broken into lines change nothing."""
    try:
        before, after = bodies(old), bodies(new)
    except SyntaxError:
        return {MODULE}
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def bodies(source: str) -> dict[str, str]:
    """What each function does, and what the module does without them, in a form that compares."""
    tree = ast.parse(source)
    out: dict[str, str] = {}
    for name, function in functions(tree):
        out[name] = "".join(ast.dump(statement) for statement in function.body)
        function.body = [ast.Pass()]
    out[MODULE] = ast.dump(tree)
    return out


def functions(tree: ast.Module) -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Functions of the module and methods of its classes, each under its qualified name."""
    found: list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]] = []

    def look(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                found.append((prefix + child.name, child))
            elif isinstance(child, ast.ClassDef):
                look(child, f"{prefix}{child.name}.")
            else:
                look(child, prefix)

    look(tree, "")
    return found


def _git(checkout: Path, *command: str, may_fail: bool = False) -> str:
    done = subprocess.run(
        ["git", "-C", str(checkout), *command], capture_output=True, text=True, check=False
    )
    if done.returncode and not may_fail:
        raise SuitesError(f"git {command[0]}: {done.stderr.strip() or 'failed'}")
    return done.stdout if not done.returncode else ""
