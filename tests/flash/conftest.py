"""A firmware image for a board, and a configuration to give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from esp_image import micropython_image

from calendarbot.boards import load_board

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def firmware(tmp_path: Path) -> Callable[[str], str]:
    """The path of a MicroPython image for a board."""

    def make(board_name: str) -> str:
        path = tmp_path / f"{board_name}.bin"
        path.write_bytes(micropython_image(load_board(board_name)))
        return str(path)

    return make


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration of one display, "kitchen", and its key."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.ics").write_text("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nEND:VCALENDAR\n")
    (tmp_path / "kitchen.key").write_text(bytes(range(32)).hex())
    (tmp_path / "calendarbot.toml").write_text(
        '[calendars.my]\npath = "my.ics"\n'
        '[displays.kitchen]\npanel = "waveshare_7in5_v2"\nkey = "file:kitchen.key"\n'
    )
    return tmp_path
