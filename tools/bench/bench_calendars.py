"""How long a large calendar takes: parsed and indexed for the first time, and asked again.

Every figure is the processor time of a process of its own, the best of several, with libraries
imported before the clock starts; peers are measured the same way in the same run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.bench import ROOT, Row
from tools.bench.large_calendar import calendar

if TYPE_CHECKING:
    from collections.abc import Iterator

BENCH: Final = "calendars"
_REPEATS: Final = {"warm": 9}
"""What is over in no time is disturbed the most; of the others 3."""
_MANY: Final = 50


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "large.ics"
        file.write_bytes(calendar())
        yield from _large(folder, file)
        yield from _many(folder)


def _large(folder: Path, file: Path) -> Iterator[Row]:
    case = "10,000 events, 500 recurring, 31 days"
    peer = _best("peer", folder, [file])
    parse = _best("peer-parse", folder, [file])
    cold = _best("cold", folder, [file])
    warm = _best("warm", folder, [file])
    if cold["occurrences"] != warm["occurrences"]:
        raise RuntimeError("the index does not hold what was parsed")
    yield Row(BENCH, case, "parse, index, window", "ms", cold["ms"], "icalendar parse", parse["ms"])
    yield Row(
        BENCH, case, "parse, index, window", "ms", cold["ms"], "first window", peer["first_ms"]
    )
    yield Row(
        BENCH, case, "unchanged, new process", "ms", warm["ms"], "repeated window", peer["ms"]
    )
    yield Row(
        BENCH, case, "unchanged, new process", "ms", warm["ms"], "first window", peer["first_ms"]
    )
    yield Row(BENCH, case, "memory, cold", "MB", cold["peak_mb"], "with peers", peer["peak_mb"])
    yield Row(
        BENCH, case, "memory, unchanged", "MB", warm["peak_mb"], "with peers", peer["peak_mb"]
    )
    yield Row(BENCH, case, "occurrences", "", cold["occurrences"], "peers'", peer["occurrences"])


def _many(folder: Path) -> Iterator[Row]:
    case = f"{_MANY} calendars of 200 events, 31 days"
    files = []
    for number in range(_MANY):
        files.append(folder / f"calendar-{number}.ics")
        files[-1].write_bytes(calendar(200, 10, seed=number))
    peer = _best("peer", folder, files)
    cold = _best("cold", folder, files)
    warm = _best("warm", folder, files)
    yield Row(
        BENCH, case, "parse, index, window", "ms", cold["ms"], "first window", peer["first_ms"]
    )
    yield Row(
        BENCH, case, "unchanged, new process", "ms", warm["ms"], "repeated window", peer["ms"]
    )


def _best(what: str, folder: Path, files: list[Path]) -> dict[str, float]:
    """The fastest of some runs, each in a new process."""
    environ = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    runs: list[dict[str, float]] = []
    for _ in range(_REPEATS.get(what, 3)):
        done = subprocess.run(
            [sys.executable, "-m", "tools.bench.calendar_run", what, *map(str, files)],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            check=True,
        )
        runs.append(json.loads(done.stdout))
    return min(runs, key=lambda run: run["ms"])
