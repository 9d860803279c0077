"""Boards and panels by name: what is wired where, and what it shows.

A board is `boards/NAME/board.toml` (its README explains every key); a panel is `inkframe.panels.NAME`, the
module that drives it on the device.
"""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import inkframe.panels
from calendarbot.errors import ConfigError, nearest

if TYPE_CHECKING:
    from inkframe.parts import Panel


class Board(BaseModel):
    """A board.toml. See boards/README.md."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    chip: str
    exercised: str
    longest_sleep_s: int = Field(ge=60, le=86_400)
    pins: dict[str, int]
    spi: dict[str, int]


def boards_dir() -> Path:
    """In a checkout, `boards/` at its top; installed, the copy inside the package."""
    package = Path(__file__).parent
    installed = package / "_boards"
    return installed if installed.is_dir() else package.parents[1] / "boards"


def board_names() -> list[str]:
    return sorted(file.parent.name for file in boards_dir().glob("*/board.toml"))


def load_board(name: str) -> Board:
    """Raises ConfigError for a board that is not there or not well described."""
    if name not in board_names():
        raise ConfigError(f"unknown board {name!r}", nearest(name, board_names()))
    file = boards_dir() / name / "board.toml"
    try:
        return Board.model_validate(tomllib.loads(file.read_text()))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"{file}: {error}") from None


def panel_names() -> list[str]:
    names = (module.name for module in iter_modules(inkframe.panels.__path__))
    return sorted(name for name in names if not name.startswith("_"))


def page_size(panel: type[Panel]) -> tuple[int, int]:
    """Width and height in pixels of the upright page on a panel, whichever way its rows run."""
    width_px, height_px = panel.width_px, panel.height_px
    return (height_px, width_px) if panel.rotation % 180 else (width_px, height_px)


def load_panel(name: str) -> type[Panel]:
    """The panel's own class: size, format and palette are its attributes. ConfigError if unknown."""
    if name not in panel_names():
        raise ConfigError(f"unknown panel {name!r}", nearest(name, panel_names()))
    panel: type[Panel] = import_module(f"inkframe.panels.{name}").Panel
    return panel
