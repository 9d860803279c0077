"""python -m tools.bench.compare: out/bench.json against the figures that are kept, and their trend.

Counted figures (bytes, instructions, an emulated board's microseconds) are the same on every run: more than
COUNTED of the kept one fails. What a clock measured is compared as a ratio to the peer of the same run: more
than TIMED fails. Where there is no peer it is shown, and fails nothing. Where the kept ratio is of another
kind of machine, the first that was measured on this one takes its place (.cache/bench). `--keep` keeps
today's figures (baseline.json) and puts them behind history.jsonl; commit both. out/bench-trend.svg draws
the history, out/bench-metrics.txt is for programs.

Exit codes: 0 nothing is worse, 1 something is, 2 there is nothing to compare.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tools.bench import ROOT
from tools.bench.machine import Firsts
from tools.bench.trend import draw

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT: Final = Path(__file__).with_name("baseline.json")
HISTORY: Final = Path(__file__).with_name("history.jsonl")
RESULTS: Final = ROOT / "out" / "bench.json"
TREND: Final = RESULTS.with_name("bench-trend.svg")
METRICS: Final = RESULTS.with_name("bench-metrics.txt")
FIRSTS: Final = ROOT / ".cache" / "bench" / "firsts.json"
COUNTED: Final = 0.02
TIMED: Final = 0.25
# What a clock, or the kernel's account of memory, measures on a computer that also does other things.
TIMED_BENCHES: Final = {"calendars", "device", "render"}
_CLOCK_UNITS: Final = {"ms", "µs"}
_COUNTED_UNITS: Final = {"B", "instructions"}
_MORE_IS_BETTER: Final = {"d", "years"}


@dataclass(frozen=True)
class Comparison:
    """One figure, then and now. `worse` is the relative change, above 0 when it is worse."""

    name: str
    unit: str
    then: float
    now: float
    limit: float | None
    """None: it is shown, and fails nothing."""

    @property
    def worse(self) -> float:
        if not self.then:
            return float(self.now > 0)
        return (self.now - self.then) / abs(self.then)

    @property
    def failed(self) -> bool:
        return self.limit is not None and self.worse > self.limit + 1e-9


def name_of(row: dict[str, Any]) -> str:
    parts = (row["bench"], row["case"], row["figure"], row["peer"])
    return " / ".join(part for part in parts if part)


def compare(
    kept: list[dict[str, Any]], rows: list[dict[str, Any]], firsts: Mapping[str, float]
) -> list[Comparison]:
    """Every figure of today that was kept. `firsts` are ratios of this kind of machine."""
    before = {name_of(row): row for row in kept}
    return [
        _compared(before[name], row, firsts.get(name))
        for row in rows
        if (name := name_of(row)) in before
    ]


def _compared(then: dict[str, Any], now: dict[str, Any], first: float | None) -> Comparison:
    name = name_of(now)
    if now["bench"] not in TIMED_BENCHES or now["unit"] in _COUNTED_UNITS:
        return Comparison(name, now["unit"], _cost(then), _cost(now), COUNTED)
    if now["ratio"] is None or then["ratio"] is None:
        return Comparison(name, now["unit"], then["ours"], now["ours"], None)
    if then["machine"] == now["machine"] or now["unit"] not in _CLOCK_UNITS:
        return Comparison(name, "ratio", then["ratio"], now["ratio"], TIMED)
    if first is None:
        return Comparison(name, "ratio", then["ratio"], now["ratio"], None)
    return Comparison(name, "ratio", first, now["ratio"], TIMED)


def ratios_by_the_clock(rows: list[dict[str, Any]]) -> dict[str, float]:
    """By the figures' names: those that another machine would measure otherwise."""
    return {
        name_of(row): row["ratio"]
        for row in rows
        if row["bench"] in TIMED_BENCHES
        and row["unit"] in _CLOCK_UNITS
        and row["ratio"] is not None
    }


def _cost(row: dict[str, Any]) -> float:
    """More is worse, except for how long something lasts."""
    return -float(row["ours"]) if row["unit"] in _MORE_IS_BETTER else float(row["ours"])


def missing(kept: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[str]:
    """Figures kept that are gone, of the benches that ran."""
    ran = {row["bench"] for row in rows}
    now = {name_of(row) for row in rows}
    return [name for row in kept if row["bench"] in ran and (name := name_of(row)) not in now]


def keep(rows: list[dict[str, Any]], today: str) -> None:
    """Put these figures in the place of the kept ones of the same benches."""
    ran = {row["bench"] for row in rows}
    others = [row for row in _read(KEPT) if row["bench"] not in ran]
    KEPT.write_text(json.dumps(others + rows, indent=1) + "\n")
    line = json.dumps({"at": today, "figures": _figures(rows)})
    with HISTORY.open("a") as file:
        file.write(line + "\n")


def _read(file: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(file.read_text()) if file.exists() else []
    return rows


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _history(rows: list[dict[str, Any]], today: str) -> list[dict[str, Any]]:
    lines = HISTORY.read_text().splitlines() if HISTORY.exists() else []
    return [*map(json.loads, lines), {"at": today, "figures": _figures(rows)}]


def _figures(rows: list[dict[str, Any]]) -> dict[str, float]:
    """What is worth following over time: a time beside a peer as a ratio, since machines change."""
    ratios = ratios_by_the_clock(rows)
    return {name_of(row): ratios.get(name_of(row), row["ours"]) for row in rows}


def _metric(row: dict[str, Any]) -> str:
    """A line of the OpenMetrics text form, which GitLab shows beside a merge request."""
    name = name_of(row).replace('"', '\\"')
    return f'bench{{name="{name}"}} {row["ours"]}\n'


def _said(compared: list[Comparison], gone: list[str]) -> bool:
    """Say what is worse or gone, and whether anything is."""
    worse = [one for one in compared if one.failed]
    for one in worse:
        print(
            f"worse by {one.worse:.1%}: {one.name}: {abs(one.then):,.2f} -> {abs(one.now):,.2f} {one.unit}"
        )
    for name in gone:
        print(f"gone: {name}")
    better = sum(one.worse < 0 for one in compared)
    print(
        f"{len(compared)} figures: {len(worse)} worse, {better} better; {TREND.relative_to(ROOT)}"
    )
    return bool(worse or gone)


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make bench-check", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="keep today's figures")
    arguments = parser.parse_args(given)
    rows, kept = _read(RESULTS), _read(KEPT)
    if not rows:
        print(f"error: there is no {RESULTS.relative_to(ROOT)} yet: make bench", file=sys.stderr)
        return 2
    today = datetime.now(UTC).date().isoformat()
    TREND.write_text(draw(_history(rows, today)))
    METRICS.write_text("".join(map(_metric, rows)))
    if arguments.keep:
        keep(rows, today)
        print(f"kept {len(rows)} figures of {today}")
        return 0
    machine, firsts = rows[0]["machine"], Firsts(FIRSTS, kept=_digest(KEPT))
    compared = compare(kept, rows, firsts.of(machine))
    if not compared:
        print(
            "error: none of these figures is kept: python -m tools.bench.compare --keep",
            file=sys.stderr,
        )
        return 2
    alone = sum(one.limit is None and one.unit == "ratio" for one in compared)
    if alone:
        print(f"not compared: {alone} ratios by the clock are the first on this kind of machine")
    firsts.add(machine, ratios_by_the_clock(rows))
    return int(_said(compared, missing(kept, rows)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
