"""Which files of tests run which functions: measured by coverage, a process for each file.

A file that runs alone imports everything anew and finds every cache empty, so nothing is hidden by what
ran before; and coverage follows into the processes it starts.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coverage import CoverageData
from coverage.exceptions import DataError

from tools.suites.catalogue import KEPT, ROOT
from tools.suites.changes import MODULE, functions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FILE = KEPT / "map.json"
_PASSED, _NOTHING_COLLECTED = 0, 5


@dataclass(frozen=True)
class Map:
    files: dict[str, dict[str, list[str]]]
    """By file and function, the files of tests that run it. `<module>`: that import it."""
    tests: frozenset[str] = frozenset()
    """The files of tests that were measured."""

    @classmethod
    def read(cls, file: Path = FILE) -> Map:
        if not file.exists():
            return cls({})
        data = json.loads(file.read_text(encoding="utf-8"))
        return cls(data["files"], frozenset(data["tests"]))

    def write(self, file: Path = FILE) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        data = {"files": self.files, "tests": sorted(self.tests)}
        new_name = file.with_suffix(".new")
        new_name.write_text(json.dumps(data, indent=0, sort_keys=True) + "\n", encoding="utf-8")
        new_name.replace(file)

    def running(self, file: str, names: Iterable[str] | None) -> set[str]:
        """Who runs one of these functions, or anything of the file. Who imports it, for one not seen."""
        by_function = self.files.get(file, {})
        wanted = by_function if names is None else names
        return {test for name in wanted for test in self._of(by_function, name)}

    def _of(self, by_function: dict[str, list[str]], name: str) -> list[str]:
        return by_function.get(name, by_function.get(MODULE, []))

    def with_(self, test: str, ran: dict[str, set[str]]) -> Map:
        """What `test` ran, by file, in the place of what was known of it."""
        out: dict[str, dict[str, list[str]]] = {}
        for file, by_function in self.files.items():
            for name, tests in by_function.items():
                others = [one for one in tests if one != test]
                if others:
                    out.setdefault(file, {})[name] = others
        for file, names in ran.items():
            for name in names:
                out.setdefault(file, {}).setdefault(name, []).append(test)
        return Map(out, self.tests | {test})


def learn(tests: Sequence[str]) -> int:
    """0, or 1 where a file of tests failed. What is known is written after each: it may be ended any time."""
    failed = False
    # A process that ends late may still write.
    folders = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with folders as name, ThreadPoolExecutor(os.cpu_count()) as pool:
        folder = Path(name)
        jobs = {pool.submit(_measure, test, folder): test for test in tests}
        for job in as_completed(jobs):
            test = jobs[job]
            failed |= job.result() not in (_PASSED, _NOTHING_COLLECTED)
            lines = lines_run(folder, test)
            ran = {file: functions_at(file, lines[file]) for file in lines}
            Map.read().with_(test, ran).write()
    return int(failed)


def _measure(test: str, folder: Path) -> int:
    data = folder / test.replace("/", "-")
    environment = {**os.environ, "COVERAGE_FILE": str(data)}
    command = [sys.executable, "-m", "coverage", "run", "-m", "pytest", "-q", "-p", "no:randomly"]
    command += ["-p", "no:cacheprovider", "-n", "0", "--no-cov", test]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    print(f"{test}: {(done.stdout.strip().splitlines() or ['?'])[-1]}", flush=True)
    return done.returncode


def lines_run(folder: Path, test: str) -> dict[str, set[int]]:
    """The lines run, by file, over all processes of a file of tests."""
    out: dict[str, set[int]] = {}
    for part in folder.glob(test.replace("/", "-") + "*"):
        data = CoverageData(str(part))
        try:
            data.read()
        except DataError:
            continue  # its process was killed before it had written anything
        for measured in data.measured_files():
            path = Path(measured)
            if path.is_relative_to(ROOT):
                lines = out.setdefault(path.relative_to(ROOT).as_posix(), set())
                lines.update(line for line in data.lines(measured) or () if line > 0)
    return out


def functions_at(file: str, lines: set[int]) -> set[str]:
    """The functions whose bodies these lines are in; and the module, which was imported."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {MODULE} | {
        name
        for name, function in functions(tree)
        if any(line in lines for line in range(_begin(function), (function.end_lineno or 0) + 1))
    }


def _begin(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Where its body begins: the lines before run when it is defined."""
    return function.body[0].lineno
