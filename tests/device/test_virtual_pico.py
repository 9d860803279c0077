"""A Raspberry Pi Pico without hardware: the real image, a cable, a modelled panel on its SPI."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from calendarbot.boards import load_panel
from calendarbot.config import config_from_options, overridden
from calendarbot.emulator import pico_device
from calendarbot.emulator.pico_device import PicoDevice
from calendarbot.errors import DeviceError
from calendarbot.publish import publish_display
from calendarbot.render.preview import frame_from_png
from calendarbot.store.folder import FolderStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calendarbot.config import Config
    from calendarbot.emulator.device import Woke
    from calendarbot.store import Manifest

OFFICE = Path(__file__).resolve().parents[1] / "reference" / "office.ics"
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def config() -> Config:
    return config_from_options([OFFICE], layout="agenda", tz="Europe/Berlin", locale="en_GB")


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "out")


@pytest.fixture
def manifest(config: Config, store: FolderStore) -> Manifest:
    return publish_display(store, config, "display", NINE, 6).manifest


@pytest.fixture
def image(firmware_image: Callable[[str], Path]) -> Path:
    return firmware_image("pico")


def lives(
    config: Config, store: FolderStore, image: Path, at_s: int
) -> tuple[PicoDevice, Iterator[Woke]]:
    device = PicoDevice(config, "display", store, image, at_s * 1000)
    return device, device.live(at_s + 6 * 3600)


def preview(store: FolderStore, frame_id: bytes) -> bytes:
    """A published preview's pixels, packed as the panel takes them."""
    png = store.preview("display", frame_id)
    assert png
    return Image.open(BytesIO(png)).convert("1", dither=Image.Dither.NONE).tobytes()


def test_a_pico_fetches_over_its_cable_and_shows_each_frame_in_its_time_bit_for_bit(
    config: Config, store: FolderStore, manifest: Manifest, image: Path
) -> None:
    first, second = manifest.frames[:2]
    start_s = second.shown_from - 90
    device, wakes = lives(config, store, image, start_s)

    woke = next(wakes)
    assert woke.picture.data == preview(store, first.id)
    assert woke.refresh == "full"
    assert device.tether.requests == 1
    assert start_s + woke.awake_ms / 1000 + woke.sleep_s == pytest.approx(second.shown_from, abs=2)

    woke = next(wakes)
    assert woke.picture.data == preview(store, second.id)
    assert woke.refresh in ("fast", "partial")
    assert device.tether.requests == 1, "it asked again for what it already held"
    assert woke.at_s == pytest.approx(second.shown_from, abs=2)
    assert woke.log.count("soft reboot") == 1


def test_a_pico_shows_frames_that_do_not_fit_in_its_memory_in_bands_bit_for_bit(
    config: Config, store: FolderStore, image: Path
) -> None:
    config = overridden(config, panel="waveshare_7in3e")
    driver = load_panel("waveshare_7in3e")
    manifest = publish_display(store, config, "display", NINE, 6).manifest
    assert manifest.plan.band_rows
    start_s = manifest.frames[1].shown_from - 120
    _, wakes = lives(config, store, image, start_s)
    for frame in manifest.frames[:2]:
        woke = next(wakes)
        png = store.preview("display", frame.id)
        assert png
        shown = frame_from_png(png, driver.palette, driver.bpp, driver.planes, driver.rotation)
        assert woke.picture.data == shown.data
        assert woke.refresh == "full"


def test_a_pico_that_finds_nobody_at_the_other_end_goes_to_sleep_and_tries_again_later(
    config: Config, store: FolderStore, image: Path
) -> None:
    device, wakes = lives(config, store, image, int(NINE.timestamp()))
    device.pico.host = lambda data: device.tether.feed(data)[:0]
    woke = next(wakes)
    assert "transport: nobody answers at the other end of the cable" in woke.log
    assert not woke.refresh
    assert 60 <= woke.sleep_s <= 75


def test_a_pico_that_lost_power_shows_the_page_again_only_when_it_changed(
    config: Config, store: FolderStore, manifest: Manifest, image: Path
) -> None:
    start_s = manifest.frames[1].shown_from - 600
    device, wakes = lives(config, store, image, start_s)
    assert next(wakes).refresh == "full"
    device.pico.power_cycle((start_s + 300) * 1000)
    woke = next(device.live(start_s + 301))
    assert woke.picture.id == manifest.frames[0].id
    assert not woke.refresh
    assert device.tether.requests == 2, "its clock is gone, only the host knows the time"


def test_the_same_wake_takes_the_same_time_on_every_run(
    config: Config, store: FolderStore, image: Path
) -> None:
    times = []
    for _ in range(2):
        device, wakes = lives(config, store, image, int(NINE.timestamp()))
        device.pico.host = lambda data, tether=device.tether: tether.feed(data)[:0]
        next(wakes)
        times.append(device.pico.elapsed_ns)
    assert times[0] == times[1]


def test_a_driver_that_breaks_a_rule_of_its_panel_is_stopped(
    config: Config, store: FolderStore, manifest: Manifest, image: Path
) -> None:
    device, wakes = lives(config, store, image, manifest.frames[0].shown_from)
    controller = device.pico.panel.controller
    controller.busy_level = lambda: 1  # type: ignore[method-assign]  # a broken wire: always idle
    with pytest.raises(DeviceError, match="while busy"):
        next(wakes)


def test_a_firmware_that_never_sleeps_is_reported_with_what_it_printed(
    config: Config, store: FolderStore, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pico_device, "_LONGEST_WAKE_MS", 50)
    _, wakes = lives(config, store, image, int(NINE.timestamp()))
    with pytest.raises(DeviceError, match="did not go to sleep"):
        next(wakes)


def test_a_person_may_interrupt_a_pico_that_waits_and_look_around(
    config: Config, store: FolderStore, image: Path
) -> None:
    device, wakes = lives(config, store, image, int(NINE.timestamp()))
    heard = bytearray()

    def host(data: bytes) -> bytes:
        heard.extend(data)
        return device.tether.feed(data)[:0]

    device.pico.host = host
    next(wakes)
    device.pico.type(b"\x03")
    assert device.pico.run(lambda: heard.endswith(b">>> "), 2000)
    device.pico.type(b"import json; print('it is', json.load(open('config.json'))['display'])\r")
    assert device.pico.run(lambda: b"\nit is display" in heard, 2000)


HANGS = b"""
import time
from device import board, watchdog as dog


def hang(_):
    print("restarted by the watchdog" if dog.has_bitten() else "started")
    dog.start(1)
    while True:
        time.sleep_ms(50)


board.wake = hang
"""


def test_a_pico_that_hangs_is_restarted_by_its_watchdog_and_knows_it(
    config: Config, store: FolderStore, image: Path
) -> None:
    start_ms = int(NINE.timestamp()) * 1000
    device = PicoDevice(config, "display", store, image, start_ms, {"boot.py": HANGS})
    lines: list[str] = []
    device.on_line = lines.append
    assert device.pico.run(lambda: len(lines) == 2, 20_000)
    assert lines == ["started", "restarted by the watchdog"]
    assert device.pico.elapsed_ns < 10e9
