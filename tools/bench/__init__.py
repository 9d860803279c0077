"""Figures against peers, measured in the same run.

A module here named `bench_*` has `rows()`, which yields `Row`s. `python -m tools.bench` runs all of them (or
those named), prints a table and writes out/bench.json. A ratio is ours / theirs: below 1 is better than the
peer, for every figure here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from calendarbot.build import build_display
from calendarbot.config import config_from_options
from tools.bench import machine

if TYPE_CHECKING:
    from calendarbot.build import Built

ROOT = Path(__file__).resolve().parents[2]
CALENDARS = ("office", "family", "room", "world")
DAY = datetime(2026, 11, 24, 6, 0, tzinfo=ZoneInfo("Europe/Berlin"))
HOURS = 18


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `peer` is what `theirs` was measured on; all three are empty for a figure of our own."""

    bench: str
    case: str
    figure: str
    unit: str
    ours: float
    peer: str = ""
    theirs: float | None = None

    @property
    def ratio(self) -> float | None:
        return round(self.ours / self.theirs, 3) if self.theirs else None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio, "machine": machine.kind()}


@cache
def reference_day(
    calendar: str, *, layout: str = "agenda", panel: str = "waveshare_7in5_v2"
) -> Built:
    """A reference calendar's page on one day from 06:00 to midnight; 800 x 480 at 1 bpp by default.

    Frames are in bands as for a board without PSRAM.
    """
    file = ROOT / "tests" / "reference" / f"{calendar}.ics"
    config = config_from_options(
        [file], panel=panel, layout=layout, tz="Europe/Berlin", locale="en_GB"
    )
    return build_display(config, "display", DAY, HOURS)
