"""Every family of panels on the emulated Pico: a key frame, deltas, and each kind of refresh the panel has.

The driver is the firmware's, frozen into the real image; its SPI ends at a model of the controller that
refuses what the controller's rules forbid. A morning of the reference day is told in three wakes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from calendarbot.boards import load_panel, panel_names
from calendarbot.config import config_from_options, overridden
from calendarbot.emulator.pico_device import PicoDevice
from calendarbot.publish import publish_display
from calendarbot.render.preview import frame_from_png
from calendarbot.store.folder import FolderStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from inkframe.parts import Panel

OFFICE = Path(__file__).resolve().parents[1] / "reference" / "office.ics"
TEN = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
HOURS = 2
KINDS = ("full", "fast", "partial")
PLANNED = ("full", "partial", "fast")
"""How the host plans the morning's first three pages."""


def families() -> list[str]:
    """A panel of every kind of controller and number of planes: the one with the most kinds of refresh.

    Where that is said of several, the smallest: every byte costs instructions of an emulated chip.
    """
    chosen: dict[tuple[str, int], str] = {}
    for name in panel_names():
        panel = load_panel(name)
        key = (panel.controller, panel.planes)
        if key not in chosen or worth(load_panel(chosen[key])) < worth(panel):
            chosen[key] = name
    return list(chosen.values())


def worth(panel: type[Panel]) -> tuple[int, int]:
    kinds = sum(1 for took_ms in panel.refresh_ms if took_ms)
    return kinds, -panel.width_px * panel.height_px


@pytest.mark.parametrize("name", families())
def test_a_morning_on_every_family_of_panels_bit_for_bit_by_every_refresh_it_has(
    name: str, tmp_path: Path, firmware_image: Callable[[str], Path]
) -> None:
    panel = load_panel(name)
    config = config_from_options([OFFICE], layout="agenda", tz="Europe/Berlin", locale="en_GB")
    config = overridden(config, panel=name)
    store = FolderStore(tmp_path)
    frames = publish_display(store, config, "display", TEN, HOURS).manifest.frames
    image = firmware_image("pico")
    start_s = frames[1].shown_from - 10
    device = PicoDevice(config, "display", store, image, start_s * 1000)
    wakes = device.live(int((TEN + timedelta(hours=HOURS)).timestamp()))
    for number, planned in enumerate(PLANNED):
        if number == 2:
            # The wait until then would take minutes; off and on again, the device asks for the time.
            device.pico.power_cycle((frames[2].shown_from + 5) * 1000)
            wakes = device.live(frames[3].shown_from)
        woke = next(wakes)
        png = (tmp_path / "display" / frames[number].preview).read_bytes()
        preview = frame_from_png(png, panel.palette, panel.bpp, panel.planes, panel.rotation)
        assert woke.picture == preview, woke.log
        assert woke.refresh == (planned if panel.refresh_ms[KINDS.index(planned)] else "full")
    # A bundle came once; after the power was off, only the time.
    assert device.tether.requests == 2
    assert device.tether.sent_bytes == len((tmp_path / "display" / "bundle.ink").read_bytes())
