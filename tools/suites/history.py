"""Runs of the past, a line of JSON each: what failed, what flaked, how long it took."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tools.suites.catalogue import KEPT

if TYPE_CHECKING:
    from pathlib import Path

_FILE = "history.jsonl"
_RUNS_KEPT = 200


@dataclass(frozen=True)
class Run:
    at: str
    suites: list[str]
    took_min: float
    tests: int
    failed: list[str]
    flaky: list[str]

    @classmethod
    def now(
        cls, suites: list[str], took_min: float, tests: int, failed: list[str], flaky: list[str]
    ) -> Run:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(at, suites, round(took_min, 2), tests, failed, flaky)

    def keep(self, kept: Path = KEPT) -> None:
        kept.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(asdict(run)) for run in (*runs(kept)[1 - _RUNS_KEPT :], self)]
        (kept / _FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


def runs(kept: Path = KEPT) -> list[Run]:
    file = kept / _FILE
    if not file.exists():
        return []
    return [Run(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def flakes(kept: Path = KEPT) -> dict[str, int]:
    """How often each test failed and then passed, most often first."""
    counted: dict[str, int] = {}
    for run in runs(kept):
        for test in run.flaky:
            counted[test] = counted.get(test, 0) + 1
    return dict(sorted(counted.items(), key=lambda pair: -pair[1]))
