"""Battery, button and long sleeps, from the configured board to the panel: the firmware on MicroPython."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from calendarbot.boards import Battery, load_board, load_panel
from calendarbot.build import Built, build_display, draw_page
from calendarbot.bundle import read_body, read_frames
from calendarbot.cli import cli
from calendarbot.config import Config, config_from_options, overridden
from calendarbot.emulator.board import VirtualClock
from calendarbot.emulator.device import SimulatedDevice, Woke
from calendarbot.emulator.unix_port import firmware_dir, micropython
from calendarbot.provision import device_config
from calendarbot.publish import publish_display
from calendarbot.server.app import create_app
from calendarbot.server.run import background
from calendarbot.serving import served_display
from calendarbot.status_pages import low_battery_page
from calendarbot.store.folder import FolderStore
from inkframe import wire
from inkframe.config import Config as DeviceConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

OFFICE = Path(__file__).parents[1] / "reference" / "office.ics"
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
BOARD = "trmnl_og"
PANEL = "waveshare_2in9_v2"  # small, and drawn in no time


@pytest.fixture(scope="module")
def config() -> Config:
    given = config_from_options([OFFICE], PANEL, tz="Europe/Berlin", locale="en_GB")
    display = given.displays["display"].model_copy(update={"board": BOARD, "unsealed": True})
    return given.model_copy(update={"displays": {"display": display}})


@pytest.fixture(scope="module")
def built(config: Config) -> Built:
    return build_display(config, "display", NINE, 1)


def test_a_board_that_measures_its_battery_gets_a_page_for_when_it_is_empty(
    config: Config, built: Built
) -> None:
    (kept,) = built.kept
    assert kept.is_key
    assert kept.id == low_battery_page(config.display("display"), "display").id
    _, table, body = read_body(built.sealed(1, None), None)
    frames = read_frames(table, body)
    assert frames[-1].shown_from == wire.LOW_BATTERY
    assert len(kept.payload) < 2_000


def test_a_board_that_does_not_pays_nothing_for_it(config: Config) -> None:
    without = overridden(config, board="waveshare_esp32_driver")
    assert build_display(without, "display", NINE, 1).kept == ()


def test_host_inspect_says_what_the_page_is_for(built: Built, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.ink"
    bundle.write_bytes(built.sealed(1, None))
    result = CliRunner().invoke(cli, ["inspect", str(bundle)])
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1].startswith("low_battery")


def test_a_divider_is_told_to_the_device_in_integers() -> None:
    assert Battery(adc=3, divider=2.013).divider_permille == 2013
    with pytest.raises(ValueError, match="critical_mv must be less than low_mv"):
        Battery(adc=3, divider=2, low_mv=3200)


@pytest.fixture(scope="module")
def store(config: Config, tmp_path_factory: pytest.TempPathFactory) -> FolderStore:
    store = FolderStore(tmp_path_factory.mktemp("out"))
    publish_display(store, config, "display", NINE, 6)
    return store


@pytest.fixture
def device(config: Config, store: FolderStore, tmp_path: Path) -> Iterator[SimulatedDevice]:
    clock = VirtualClock(int(NINE.timestamp()) * 1000)
    app = create_app(
        {"display": served_display(config, "display", store)}, lambda: clock.now_ms / 1000
    )
    flash = tmp_path / "flash"
    flash.mkdir()
    with background(app) as url:
        text = device_config(config, "display", url, None, board=BOARD)
        assert DeviceConfig(text).battery is not None
        (flash / "config.json").write_text(text)
        panel = load_panel(config.display("display").panel)
        yield SimulatedDevice(panel, load_board(BOARD).pins, flash, clock)


def test_a_device_whose_battery_runs_down_says_so_rests_and_comes_back(
    config: Config, device: SimulatedDevice
) -> None:
    wakes = device.live(int(NINE.timestamp()) + 12 * 3600)
    device.board.battery_mv = 3900 // 2  # what the pin sees
    page = next(wakes).picture

    device.board.battery_mv = 3250 // 2
    empty: list[Woke] = [next(wakes) for _ in range(3)]
    shows = low_battery_page(config.display("display"), "display")
    assert [woke.picture.id for woke in empty] == [shows.id] * 3
    assert [woke.refresh for woke in empty] == ["full", "", ""]
    assert [woke.sleep_s for woke in empty] == [3600] * 3
    assert not any(woke.radio_ms for woke in empty)
    assert [woke.flash_writes for woke in empty[1:]] == [0, 0]

    device.board.battery_mv = 3900 // 2
    woke = next(wakes)
    assert woke.radio_ms, "what it had was hours old"
    assert woke.picture.id not in (shows.id, page.id)
    assert woke.refresh == "full"


def test_the_chip_naps_while_the_panel_is_busy_once_a_sleep_has_led_to_the_wake(
    device: SimulatedDevice,
) -> None:
    """The modelled board refuses a nap with the radio on, or with a pin to the panel that floats."""
    wakes = device.live(int(NINE.timestamp()) + 12 * 3600)
    assert next(wakes).naps == 0, "whoever gave it power may be at its USB port"
    device.press_after_s = 20
    woke = next(wakes)
    busy_ms = load_panel(PANEL).refresh_ms[wire.FULL]
    assert woke.napped_ms == pytest.approx(busy_ms, rel=0.15)
    assert woke.naps == woke.napped_ms // 50


def test_a_button_brings_the_page_at_once_and_fully_refreshed(device: SimulatedDevice) -> None:
    wakes = device.live(int(NINE.timestamp()) + 12 * 3600)
    page = next(wakes).picture
    device.press_after_s = 20
    woke = next(wakes)
    assert woke.at_s < int(NINE.timestamp()) + 60
    assert woke.radio_ms
    assert (woke.refresh, woke.picture.id) == ("full", page.id)


def test_a_sleep_longer_than_the_board_can_goes_on_before_anything_is_built(
    device: SimulatedDevice, tmp_path: Path
) -> None:
    file = tmp_path / "flash" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"longest_sleep_s": 120}))
    wakes = device.live(int(NINE.timestamp()) + 12 * 3600)
    first, second = next(wakes), next(wakes)
    assert (first.sleep_s, second.sleep_s) == (120, 120)
    assert second.log == "", "it ran a cycle between two naps"
    assert not second.flash_writes
    assert not second.radio_ms


def test_more_pages_travel_with_the_bundle_and_are_drawn_by_their_own_layouts(
    config: Config,
) -> None:
    display = config.display("display").model_copy(update={"pages": ("month", "blank")})
    with_pages = config.model_copy(update={"displays": {"display": display}})
    kept = build_display(with_pages, "display", NINE, 1).kept
    assert [frame.shown_from for frame in kept] == [
        wire.LOW_BATTERY,
        wire.FIRST_PAGE,
        wire.FIRST_PAGE + 1,
    ]
    month = draw_page(overridden(config, layout="month"), "display", NINE).frames[0].frame
    assert kept[1].id == month.id


def test_a_page_behind_the_first_that_changed_is_published(config: Config, tmp_path: Path) -> None:
    display = config.display("display").model_copy(update={"pages": ("blank",)})
    with_pages = config.model_copy(update={"displays": {"display": display}})
    fresh = FolderStore(tmp_path / "pages")
    assert publish_display(fresh, with_pages, "display", NINE, 2).changed
    assert not publish_display(fresh, with_pages, "display", NINE, 2).changed
    renamed = display.model_copy(update={"pages": ("month",)})
    other = config.model_copy(update={"displays": {"display": renamed}})
    assert publish_display(fresh, other, "display", NINE, 2).changed


def test_marks_have_the_letters_of_the_ports_own_font() -> None:
    printed = subprocess.run(
        [micropython(), "-c", "from device.font import letters; print(list(letters('L!')))"],
        env={"MICROPYPATH": f"{firmware_dir()}:.frozen"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    letter = [f"{row:08b}" for row in json.loads(printed)[::2]]
    assert len(letter) == 8
    inked = [row.index("1") for row in letter if "1" in row]
    assert max(inked) - min(inked) <= 1, "an L stands upright on its left"
    assert max(row.count("1") for row in letter[4:]) > max(row.count("1") for row in letter[:4])
