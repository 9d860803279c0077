"""Faults planted one by one in a copy of the checkout: does what is selected catch them?

Each fault of faults.toml is one line that becomes another. What the change touches is selected as for
anybody's change, and runs, the quickest files first, until a test fails. Where none does, `full` runs
all other files, too: only then is it known whether all tests together would have caught the fault.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.suites.catalogue import ROOT, SuitesError
from tools.suites.changes import changed_functions
from tools.suites.processes import MEASURING
from tools.suites.selection import RUNS, UNMEASURED, all_files, choose, seconds_by_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_FILE = Path(__file__).with_name("faults.toml")
_LEFT_OUT = (
    ".git",
    ".venv",
    ".cache",
    "out",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    "__pycache__",
)
_FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/[^:\s]+)", re.MULTILINE)
_UNKNOWN_S = 60.0
_ABOUT_CHOOSING = tuple(file for file in all_files() if file.startswith("tests/suites/"))
"""They are about the choice of tests, not about what is tested."""
_PASSED, _NOTHING_COLLECTED = 0, 5


@dataclass(frozen=True)
class Fault:
    file: str
    line: str
    """A part of the file that is there once."""
    becomes: str

    def text(self, checkout: Path = ROOT) -> str:
        """The file with the fault. SuitesError where the line is not there, or more than once."""
        whole = (checkout / self.file).read_text(encoding="utf-8")
        if whole.count(self.line) != 1:
            raise SuitesError(
                f"faults.toml: {self.file} has {self.line!r} {whole.count(self.line)} times"
            )
        return whole.replace(self.line, self.becomes)


@dataclass(frozen=True)
class Outcome:
    file: str
    becomes: str
    selected: int
    """Files of tests."""
    share: float
    """Of the time that all take."""
    caught_by: str
    """The first file that failed; empty where none did."""
    missed_by_selection: bool
    """All others were run, and one of them failed."""
    took_s: float


def faults() -> list[Fault]:
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["fault"]
    return [Fault(**row) for row in rows]


def plantable() -> list[Fault]:
    """Those whose line is still there: code moves on."""
    found = []
    for fault in faults():
        with suppress(SuitesError):
            fault.text()
            found.append(fault)
    return found


def sampled(number: int | None) -> list[Fault]:
    """So many of them, from the first to the last."""
    every = plantable()
    if number is None or number >= len(every):
        return every
    return [every[n * len(every) // number] for n in range(number)]


def chosen_for(fault: Fault) -> tuple[list[str], float]:
    """The files of tests selected, known ones and quick ones first, and their share of the time."""
    old = (ROOT / fault.file).read_text(encoding="utf-8")
    functions = changed_functions(old, fault.text()) if fault.file.endswith(".py") else None
    choice = choose({fault.file: functions})
    quick = by_duration(file for file in choice.files if file not in _ABOUT_CHOOSING)
    return sorted(quick, key=lambda file: _distance(choice.files[file])), choice.share


def _distance(why: str) -> int:
    return 0 if why.startswith(RUNS) else 2 if why == UNMEASURED else 1


def by_duration(files: Iterable[str]) -> list[str]:
    took = seconds_by_file()
    return sorted(files, key=lambda file: (took.get(file, _UNKNOWN_S), file))


def try_faults(number: int | None, full: bool) -> list[dict[str, Any]]:
    """What became of each, said as it happens."""
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        checkout = copied(Path(folder) / "checkout")
        for fault in sampled(number):
            outcome = _try(fault, checkout, full)
            outcomes.append(outcome)
            verdict = outcome.caught_by or "not caught"
            print(
                f"{fault.file}: {fault.becomes.strip()!r}: {verdict}, {outcome.selected} files, "
                f"{outcome.share:.0%} of the time{', MISSED' if outcome.missed_by_selection else ''}",
                file=sys.stderr,
                flush=True,
            )
    _sum_up(outcomes)
    return [asdict(outcome) for outcome in outcomes]


def _sum_up(outcomes: list[Outcome]) -> None:
    caught = sum(bool(one.caught_by) for one in outcomes)
    missed = sum(one.missed_by_selection for one in outcomes)
    share = sum(one.share for one in outcomes) / max(1, len(outcomes))
    print(
        f"{caught} of {len(outcomes)} caught, {missed} missed by the selection, "
        f"which takes {share:.0%} of the time of all on average",
        file=sys.stderr,
    )


def copied(to: Path, *, images: bool = True) -> Path:
    """A checkout like this one, without what can be built anew."""
    shutil.copytree(ROOT, to, ignore=shutil.ignore_patterns(*_LEFT_OUT), symlinks=True)
    (to / ".cache").mkdir()
    if images and (ROOT / ".cache" / "firmware").exists():
        # What CMake has built knows where: moved elsewhere, it builds nothing more.
        built = shutil.ignore_patterns("build")
        images_there = to / ".cache" / "firmware"
        shutil.copytree(ROOT / ".cache" / "firmware", images_there, ignore=built, symlinks=True)
    return to


@contextmanager
def planted(fault: Fault, checkout: Path) -> Iterator[None]:
    """The fault is in `checkout`, for as long as this takes."""
    place = checkout / fault.file
    good = place.read_text(encoding="utf-8")
    place.write_text(fault.text(), encoding="utf-8")
    try:
        yield
    finally:
        place.write_text(good, encoding="utf-8")


def _try(fault: Fault, checkout: Path, full: bool) -> Outcome:
    begun_s = time.monotonic()
    files, share = chosen_for(fault)
    caught_by = _first_telling(files, fault, checkout)
    missed = ""
    if not caught_by and full:
        others = by_duration(set(all_files()) - {*files, *_ABOUT_CHOOSING})
        missed = _first_telling(others, fault, checkout)
    took_s = round(time.monotonic() - begun_s, 1)
    return Outcome(
        fault.file,
        fault.becomes.strip(),
        len(files),
        share,
        caught_by or missed,
        bool(missed),
        took_s,
    )


def _first_telling(files: list[str], fault: Fault, checkout: Path) -> str:
    """The first file of tests that fails with the fault, and passes without it."""
    while files:
        with planted(fault, checkout):
            failing = first_failing(files, checkout)
        if failing not in files or not first_failing([failing], checkout):
            return failing
        files = files[files.index(failing) + 1 :]
    return ""


def _unmeasured() -> dict[str, str]:
    """The environment, less what makes a process count in the coverage: the copy is not this checkout."""
    return {name: value for name, value in os.environ.items() if name not in MEASURING}


def first_failing(files: Sequence[str], checkout: Path) -> str:
    """The first file of tests that fails in `checkout`; empty where none does."""
    if not files:
        return ""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:randomly", *files]
    # The copy's own packages, before the ones that are installed.
    paths = [str(checkout / "host"), str(checkout / "firmware")]
    # Bytecode is told from its source by second and size: a fault may be in and out within both.
    with tempfile.TemporaryDirectory() as bytecode:
        own = {"PYTHONPATH": os.pathsep.join(paths), "PYTHONPYCACHEPREFIX": bytecode}
        done = subprocess.run(
            command,
            cwd=checkout,
            env={**_unmeasured(), **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode in (_PASSED, _NOTHING_COLLECTED):
        return ""
    failed = _FAILED.search(done.stdout)
    return failed[1] if failed else f"exit status {done.returncode}"
