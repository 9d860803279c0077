"""Which files of tests a change touches: by what was measured (learning.py), and by suites.toml's table."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from tools.suites.catalogue import ROOT, matches, touches
from tools.suites.changes import MODULE
from tools.suites.durations import Durations
from tools.suites.learning import Map

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tools.suites.changes import Changes

RUNS = "runs"
UNMEASURED = "was never measured"
_MEASURED = ("host/calendarbot/*.py", "firmware/inkframe/*.py")
_SUITE_OF_HARDWARE = "tests/hardware/*"


@dataclass
class Choice:
    files: dict[str, str] = field(default_factory=dict)
    """Files of tests, and why each."""

    def add(self, files: Iterable[str], why: str) -> None:
        for file in files:
            self.files.setdefault(file, why)

    @property
    def share(self) -> float:
        """Of the time that all take."""
        took = seconds_by_file()
        everything = sum(took.values())
        return sum(took.get(file, 0) for file in self.files) / everything if everything else 1.0


@cache
def all_files(checkout: Path = ROOT) -> tuple[str, ...]:
    files = (
        path.relative_to(checkout).as_posix() for path in (checkout / "tests").rglob("test_*.py")
    )
    return tuple(sorted(file for file in files if not matches(file, [_SUITE_OF_HARDWARE])))


def choose(changes: Changes, known: Map | None = None) -> Choice:
    """Whatever is neither measured nor in the table selects everything: too much, never too little."""
    known = known or Map.read()
    choice = Choice()
    for name, functions in changes.items():
        if name in all_files():
            choice.add([name], "changed itself")
            continue
        by_table = _by_table(choice, name, known)
        if matches(name, _MEASURED) and known.files:
            if any(row.alone for row in touches() if row.concerns(name)):
                functions = functions and functions - {MODULE}
            _by_map(choice, name, functions, known)
        elif not by_table and not _beside_tests(choice, name):
            choice.add(all_files(), f"{name} changed, of which nothing is known")
    return choice


def _by_table(choice: Choice, name: str, known: Map) -> bool:
    rows = [row for row in touches() if row.concerns(name)]
    for row in rows:
        patterns = row.tests
        choice.add(
            (file for file in all_files() if matches(file, patterns)), f"{name} in the table"
        )
        for like in row.like:
            module, _, function = like.partition("::")
            if not known.files:
                choice.add(all_files(), f"{name} changed, and nothing was measured yet")
            # Who only imports what reads it, sees nothing of it.
            functions = {function} if function else set(known.files.get(module, ())) - {MODULE}
            choice.add(known.running(module, functions or None), f"reads {name}")
    return bool(rows)


def _by_map(choice: Choice, name: str, functions: set[str] | None, known: Map) -> None:
    choice.add((file for file in all_files() if file not in known.tests), UNMEASURED)
    if name in known.files:
        choice.add(known.running(name, functions), f"{RUNS} {name}")
        return
    # New: whoever imports it changed, too; but a folder's modules may be looked up by name.
    folder = name.rpartition("/")[0]
    for other in known.files:
        if other.rpartition("/")[0] == folder:
            choice.add(known.running(other, {MODULE}), f"imports a neighbour of {name}")


def _beside_tests(choice: Choice, name: str) -> bool:
    """What tests share lies in their folder."""
    folder = name.rpartition("/")[0]
    if not folder.startswith("tests/"):
        return False
    below = [file for file in all_files() if file.startswith(folder + "/")]
    while not below and folder != "tests":
        folder = folder.rpartition("/")[0]
        below = [file for file in all_files() if file.startswith(folder + "/")]
    choice.add(below, f"{name} is beside it")
    return bool(below)


@cache
def seconds_by_file() -> dict[str, float]:
    """As far as known, of all tests."""
    out: dict[str, float] = {}
    for test, took in Durations.known().seconds.items():
        file = test.partition("::")[0]
        if "::" in test:
            out[file] = out.get(file, 0) + took
    return out
