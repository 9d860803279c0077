"""The power fails at any operation of the flash: the device starts, keeps what it was given, and recovers.

Everywhere: each scenario on a small panel, every operation, two torn forms of it; one scenario and a cut of
it on the emulated Pico. With CALENDARBOT_ALL_CUTS=1 (at night): four torn forms, a panel of 800 x 480, every
scenario recorded on the Pico, and one of so many cuts started there, too. What was cut is in
out/power-cuts.json.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from pico_power_cuts import check_on_pico, recorded_on_pico
from power_cuts import SCENARIOS, Judge, World, cuts, recorded

from calendarbot.config import config_from_options, overridden

if TYPE_CHECKING:
    from collections.abc import Callable

    from power_cuts import Recording

ROOT = Path(__file__).resolve().parents[2]
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))


class Extent(NamedTuple):
    panel: str
    torn: int
    """Torn forms of each operation."""
    on_pico: tuple[str, ...]
    """Scenarios that the Pico lives through, too. For an update there is test_pico_updates.py."""
    every: int
    """One of so many cuts is started on the Pico; 0: one near the end, where files get their names."""
    at_least: int
    """Cuts of all scenarios."""


EVERYWHERE = Extent("waveshare_2in9_v2", 2, ("frame",), 0, 700)
AT_NIGHT = Extent(
    "waveshare_7in5_v2", 4, tuple(s.name for s in SCENARIOS if s.name != "update"), 200, 4000
)
EXTENT = AT_NIGHT if os.environ.get("CALENDARBOT_ALL_CUTS") else EVERYWHERE


def world_in(folder: Path) -> World:
    office = ROOT / "tests" / "reference" / "office.ics"
    config = config_from_options([office], layout="agenda", tz="Europe/Berlin", locale="en_GB")
    return World(overridden(config, panel=EXTENT.panel), folder, NINE)


def kinds(recording: Recording) -> list[tuple[bool, int]]:
    return [(operation.erases, operation.length) for operation, _ in recording.operations]


def test_after_a_cut_at_any_flash_operation_a_device_keeps_what_it_was_given_and_recovers(
    tmp_path: Path,
) -> None:
    counted = {}
    for number, scenario in enumerate(SCENARIOS):
        world = world_in(tmp_path / str(number))
        recording = recorded(scenario, world)
        judge = Judge(scenario, recording, world)
        counted[scenario.name] = {
            "operations": len(recording.operations),
            "erasures": sum(operation.erases for operation, _ in recording.operations),
            "cuts": sum(judge.judge(cut) for cut in cuts(scenario.name, recording, EXTENT.torn)),
            "a second wake": judge.second_wakes,
        }
    _note("on this computer", counted)
    for name, counts in counted.items():
        whole, torn = counts["operations"] + 1, counts["operations"] * EXTENT.torn
        assert counts["cuts"] == whole + torn, name
    assert sum(counts["cuts"] for counts in counted.values()) >= EXTENT.at_least


@pytest.mark.parametrize("name", EXTENT.on_pico)
def test_the_same_on_an_emulated_pico(
    name: str, tmp_path: Path, firmware_image: Callable[[str], Path]
) -> None:
    image = firmware_image("pico")
    scenario = next(scenario for scenario in SCENARIOS if scenario.name == name)
    world = world_in(tmp_path / "pico")
    recording = recorded_on_pico(scenario, world, image)
    assert kinds(recording) == kinds(recorded(scenario, world_in(tmp_path / "here")))
    all_cuts = list(cuts(scenario.name, recording, EXTENT.torn))
    chosen = all_cuts[:: EXTENT.every] if EXTENT.every else [all_cuts[-3]]
    judge = Judge(scenario, recording, world)
    for cut in chosen:
        judge.judge(cut)
        judge.at_the_cut()
        check_on_pico(world, image, cut)
    _note(f"on the Pico: {name}", {"cuts": len(all_cuts), "started": len(chosen)})
    assert chosen


def _note(what: str, counts: dict[str, object]) -> None:
    file = ROOT / "out" / "power-cuts.json"
    file.parent.mkdir(exist_ok=True)
    try:
        known = json.loads(file.read_text())
    except (OSError, ValueError):
        known = {}
    file.write_text(json.dumps(known | {what: counts}, indent=1) + "\n")
    print(f"\npower cuts {what}: {json.dumps(counts)}")  # noqa: T201  # how many is part of the result
