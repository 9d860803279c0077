"""Boards and panels are found by name, and what a device is given is what it accepts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from calendarbot.boards import Board, band_rows, board_names, load_board, load_panel, panel_names
from calendarbot.config import Config, config_from_options
from calendarbot.errors import ConfigError
from calendarbot.provision import device_config, redacted
from inkframe import wire
from inkframe.config import Config as DeviceConfig

ROOT = Path(__file__).parents[2]
KEY = bytes(range(32))


def config() -> Config:
    return config_from_options([ROOT / "tests" / "reference" / "room.ics"])


@pytest.mark.parametrize("name", board_names())
def test_every_board_is_well_described(name: str) -> None:
    board = load_board(name)
    assert {"cs", "dc", "reset", "busy"} <= set(board.pins)
    assert len(set(board.pins.values())) == len(board.pins)
    assert board.exercised in ("hardware", "emulator", "not yet")


WIRED = {
    # sck, mosi, cs, dc, reset, busy: said twice, so that no slip of a key rewires a board; see board.toml
    "pico_usb": (10, 11, 9, 8, 12, 13),
    "pico_w_epaper": (10, 11, 9, 8, 12, 13),
    "waveshare_esp32_driver": (13, 14, 15, 27, 26, 25),
    "trmnl_og": (7, 8, 6, 5, 10, 4),
    "seeed_xiao_epaper": (8, 10, 3, 5, 2, 4),
    "reterminal_e1001": (7, 9, 10, 11, 12, 13),
}


@pytest.mark.parametrize("name", WIRED)
def test_pins_are_the_ones_that_are_soldered(name: str) -> None:
    board = load_board(name)
    wired = {**board.spi, **board.pins}
    assert tuple(wired[pin] for pin in ("sck", "mosi", "cs", "dc", "reset", "busy")) == WIRED[name]


@pytest.mark.parametrize("name", panel_names())
def test_every_panel_has_a_frame_the_format_can_carry(name: str) -> None:
    panel = load_panel(name)
    size = wire.frame_bytes(panel.width_px, panel.height_px, panel.bpp, panel.planes)
    assert 0 < size <= wire.MAX_FRAME_BYTES
    assert len(panel.palette) <= 2 ** (panel.bpp * panel.planes)


def test_every_panel_goes_with_every_board() -> None:
    for board in map(load_board, board_names()):
        for panel in map(load_panel, panel_names()):
            rows = band_rows(panel, board.frame_ram_bytes)
            size = wire.frame_bytes(panel.width_px, panel.height_px, panel.bpp, panel.planes)
            head = wire.Head(
                wire.pack_head(
                    panel.width_px, panel.height_px, panel.bpp, panel.planes, 1, 0, 0, 0, 60, rows
                )
            )
            assert 2 * head.band_bytes <= board.frame_ram_bytes
            assert (rows == 0) == (2 * size <= board.frame_ram_bytes)


def test_bands_are_as_few_as_fit_and_alike() -> None:
    spectra, red = load_panel("waveshare_7in3e"), load_panel("waveshare_7in5b_v2")
    assert band_rows(spectra, 96_000) == 120
    assert band_rows(spectra, 95_999) == 96
    assert band_rows(spectra, 2 * 192_000) == 0
    assert band_rows(red, 96_000) == 480, "one plane after the other"
    assert band_rows(load_panel("waveshare_7in5_v2"), 96_000) == 0


def test_a_board_without_room_for_a_few_rows_is_told_how_much_it_needs() -> None:
    with pytest.raises(ConfigError, match="frame_ram_bytes = 100") as caught:
        band_rows(load_panel("waveshare_7in3e"), 100)
    assert caught.value.hint == "have 6400 bytes at least"
    assert band_rows(load_panel("waveshare_7in3e"), 6_400) == 8


@pytest.mark.parametrize(
    ("name", "nap_ms"), [("trmnl_og", 50), ("pico_usb", 0), ("pico_w_epaper", 0)]
)
def test_a_device_is_told_to_nap_where_its_board_can(name: str, nap_ms: int) -> None:
    text = device_config(config(), "display", "http://host:8080", KEY, board=name)
    assert DeviceConfig(text).nap_ms == nap_ms


@pytest.mark.parametrize(
    "changed", [{"transport": "usb"}, {"chip": "rp2040"}, {"nap_ms": 501}, {"nap_ms": -1}]
)
def test_a_board_that_cannot_nap_is_not_described_so(changed: dict[str, object]) -> None:
    described = load_board("trmnl_og").model_dump()
    Board.model_validate(described)
    with pytest.raises(ValueError, match="nap_ms"):
        Board.model_validate(described | changed)


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(ConfigError) as caught:
        load_board("simulate")
    assert "'simulated'" in caught.value.hint
    with pytest.raises(ConfigError) as caught:
        load_panel("waveshare_7in5_v3")
    assert "'waveshare_7in5_v2'" in caught.value.hint


def test_a_board_file_with_a_wrong_key_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "board.toml").write_text('name = "x"\nchips = "esp32"\n')
    monkeypatch.setattr("calendarbot.boards.boards_dir", lambda: tmp_path)
    with pytest.raises(ConfigError, match=r"mine/board\.toml"):
        load_board("mine")


def test_a_device_accepts_the_configuration_made_for_it() -> None:
    given = DeviceConfig(device_config(config(), "display", "http://host:8080", KEY))
    assert given.key == KEY
    assert given.panel == "waveshare_7in5_v2"
    assert given.pins == load_board("simulated").pins


def test_what_is_shown_to_people_holds_no_secret() -> None:
    text = device_config(config(), "display", "http://host", KEY, ("home", "hunter2"))
    shown = redacted(text)
    assert "hunter2" in text
    assert KEY.hex() in text
    assert "hunter2" not in shown
    assert KEY.hex() not in shown


def test_the_firmwares_file_lists_hold_every_module_a_device_needs() -> None:
    firmware = ROOT / "firmware"
    host_only = {"_cpython", "_encoder", "_matches", "_moves", "parts"}
    needed = {
        str(file.relative_to(firmware))
        for folder in ("inkframe", "device")
        for file in (firmware / folder).rglob("*.py")
        if file.stem not in host_only
    } | {"main.py"}
    listed = {target for target, _ in json.loads((firmware / "package.json").read_text())["urls"]}
    assert listed == needed
    frozen = set(re.findall(r'"([\w/]+\.py)"', (firmware / "manifest.py").read_text()))
    inkframe = {name.removeprefix("inkframe/") for name in needed if name.startswith("inkframe/")}
    assert frozen - {"main.py"} == inkframe
