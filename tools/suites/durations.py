"""How long each test takes: as last seen here, else as in durations.json (seconds of a processor)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tools.suites.catalogue import KEPT

if TYPE_CHECKING:
    from collections.abc import Mapping

SEED = Path(__file__).with_name("durations.json")
_LAST = "durations.json"
_UNKNOWN_S = 0.1
_SEED_FROM_S = 0.5


class Durations:
    def __init__(self, seconds: Mapping[str, float]) -> None:
        self.seconds = dict(seconds)
        """By test; by file what each of its other tests takes."""

    @classmethod
    def known(cls, kept: Path = KEPT) -> Durations:
        return cls({**_read(SEED), **_read(kept / _LAST)})

    def of(self, test_id: str) -> float:
        file = test_id.partition("::")[0]
        return self.seconds.get(test_id, self.seconds.get(file, _UNKNOWN_S))


def seen(kept: Path = KEPT) -> dict[str, float]:
    """What was seen here, in seconds by test."""
    return _read(kept / _LAST)


def keep(took_s: Mapping[str, float], kept: Path = KEPT) -> None:
    """Remember a run's, beside what was known of other tests."""
    kept.mkdir(parents=True, exist_ok=True)
    now = {**seen(kept), **{name: round(took, 3) for name, took in took_s.items()}}
    (kept / _LAST).write_text(json.dumps(now, indent=0, sort_keys=True) + "\n", encoding="utf-8")


def seed(took_s: Mapping[str, float]) -> dict[str, float]:
    """The few numbers that say nearly as much: slow tests, and each file's mean of the others."""
    by_file: dict[str, list[float]] = {}
    out = {name: round(took, 1) for name, took in took_s.items() if took >= _SEED_FROM_S}
    for name, took in took_s.items():
        if name not in out:
            by_file.setdefault(name.partition("::")[0], []).append(took)
    return out | {file: round(sum(took) / len(took), 3) for file, took in by_file.items()}


def _read(file: Path) -> dict[str, float]:
    try:
        data: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
    except (
        OSError,
        ValueError,
    ):  # not there, or cut off while it was written: only a guess is lost
        return {}
    return data
