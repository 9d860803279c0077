"""Boards and panels are found by name, and what a device is given is what it accepts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from calendarbot.boards import board_names, load_board, load_panel, panel_names
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


@pytest.mark.parametrize("name", panel_names())
def test_every_panel_has_a_frame_the_format_can_carry(name: str) -> None:
    panel = load_panel(name)
    size = wire.frame_bytes(panel.width_px, panel.height_px, panel.bpp, panel.planes)
    assert 0 < size <= wire.MAX_FRAME_BYTES
    assert len(panel.palette) <= 2 ** (panel.bpp * panel.planes)


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
