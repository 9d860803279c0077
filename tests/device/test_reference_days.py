"""Every frame of every reference calendar, on the real firmware: what the panel shows is the preview.

The bundle is fetched over HTTP from the real server; MicroPython's unix port verifies and decodes it and
drives the modelled controller over SPI.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from calendarbot.boards import load_panel, panel_names
from calendarbot.bundle import read_body, read_frames
from calendarbot.config import Config, config_from_options, overridden
from calendarbot.emulator.simulation import simulate
from calendarbot.errors import DeviceError
from calendarbot.keys import display_key
from calendarbot.publish import publish_display
from calendarbot.render.preview import frame_from_png
from calendarbot.store.folder import FolderStore
from inkframe import wire

REFERENCE = Path(__file__).parents[1] / "reference"
MORNING = datetime(2026, 11, 24, 6, 0, tzinfo=ZoneInfo("Europe/Berlin"))
HOURS = 18
AFTER_THE_END_S = 60


def config_for(calendar: str) -> Config:
    return config_from_options([REFERENCE / f"{calendar}.ics"], tz="Europe/Berlin", locale="en_GB")


@pytest.mark.parametrize("calendar", ["office", "family", "room", "world"])
def test_the_panel_shows_every_frame_of_the_day_as_its_preview(
    calendar: str, tmp_path: Path
) -> None:
    config = config_for(calendar)
    store = FolderStore(tmp_path / "out")
    manifest = publish_display(store, config, "display", MORNING, HOURS).manifest
    (tmp_path / "flash").mkdir()
    until_s = int((MORNING + timedelta(hours=HOURS)).timestamp()) + AFTER_THE_END_S
    at_s = int(MORNING.timestamp())
    shown = set()
    for step in simulate(config, "display", store, at_s, until_s, tmp_path / "flash"):
        due = manifest.due(step.woke.at_s)
        preview = frame_from_png((tmp_path / "out" / "display" / due.preview).read_bytes())
        assert step.woke.picture.data == preview.data
        shown.add(due.id)
    assert shown == {frame.id for frame in manifest.frames}


HOURS_OF = {"office": 5, "room": 5, "family": 12, "world": 5}
"""Enough for some changes of each page."""
ON_PANELS = [
    pytest.param(panel, list(HOURS_OF)[number % len(HOURS_OF)], id=panel)
    for number, panel in enumerate(panel_names())
]
KINDS = ("full", "fast", "partial")


@pytest.mark.parametrize(("panel", "calendar"), ON_PANELS)
def test_every_panel_shows_some_hours_of_a_day_by_the_refreshes_it_has(
    panel: str, calendar: str, tmp_path: Path
) -> None:
    hours = HOURS_OF[calendar]
    config = overridden(config_for(calendar), panel=panel)
    driver = load_panel(panel)
    store = FolderStore(tmp_path / "out")
    manifest = publish_display(store, config, "display", MORNING, hours).manifest
    (tmp_path / "flash").mkdir()
    until_s = int((MORNING + timedelta(hours=hours)).timestamp()) + AFTER_THE_END_S
    at_s = int(MORNING.timestamp())
    shown, refreshes = set(), set()
    for step in simulate(config, "display", store, at_s, until_s, tmp_path / "flash"):
        due = manifest.due(step.woke.at_s)
        png = (tmp_path / "out" / "display" / due.preview).read_bytes()
        preview = frame_from_png(png, driver.palette, driver.bpp, driver.planes, driver.rotation)
        assert step.woke.picture == preview
        shown.add(due.id)
        refreshes.add(step.woke.refresh)
    assert shown == {frame.id for frame in manifest.frames}
    assert len(shown) > 2
    has = {kind for kind, took_ms in zip(KINDS, driver.refresh_ms, strict=True) if took_ms}
    assert "full" in refreshes
    assert refreshes - {""} <= has


def test_a_frame_the_device_holds_already_is_shown_without_a_request(tmp_path: Path) -> None:
    config = config_for("office")
    store = FolderStore(tmp_path / "out")
    publish_display(store, config, "display", MORNING, HOURS)
    (tmp_path / "flash").mkdir()
    at_s = int(MORNING.timestamp())
    steps = list(simulate(config, "display", store, at_s, at_s + 6 * 3600, tmp_path / "flash"))
    painted = [step for step in steps if step.woke.refresh]
    silent = [step for step in painted if not step.requests]
    assert silent
    assert all(step.woke.radio_ms == 0 for step in silent)
    # The first request brings the day; the others hear that nothing changed.
    assert [bool(step.received_bytes) for step in steps].count(True) == 1


def test_a_panel_that_shows_the_wrong_frame_fails_the_simulation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_for("room")
    store = FolderStore(tmp_path / "out")
    publish_display(store, config, "display", MORNING, HOURS)
    (tmp_path / "flash").mkdir()
    monkeypatch.setattr(
        "calendarbot.emulator.board.Board.input", lambda _self, _pin: 1
    )  # a busy line that is not connected
    at_s = int(MORNING.timestamp())
    with pytest.raises(DeviceError, match="while busy"):
        list(simulate(config, "display", store, at_s, at_s + 60, tmp_path / "flash"))


def test_the_bundle_published_is_sealed_with_the_displays_key(tmp_path: Path) -> None:
    config = config_for("room")
    store = FolderStore(tmp_path)
    publish_display(store, config, "display", MORNING, 2)
    raw = (tmp_path / "display" / "bundle.ink").read_bytes()
    envelope, table, body = read_body(raw, display_key(config, "display"))
    assert envelope.sealed
    assert read_frames(table, body)[0].base == wire.NO_FRAME
