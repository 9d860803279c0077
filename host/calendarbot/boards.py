"""Boards and panels by name: what is wired where, and what it shows.

A board is `boards/NAME/board.toml` (its README explains every key); a panel is `inkframe.panels.NAME`, the
module that drives it on the device.
"""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

import inkframe.panels
from calendarbot.errors import ConfigError, nearest
from inkframe import wire
from inkframe.battery import CRITICAL_MV, LOW_MV
from inkframe.config import FRAME_RAM_BYTES

if TYPE_CHECKING:
    from inkframe.parts import Panel

SECTOR_BYTES: Final = 4096
"""What a NOR flash erases at once (W25Q datasheets, section "Sector Erase"): partitions are whole ones."""

LONGEST_NAP_MS: Final = 500
"""What a refresh may take longer than needed, and how long a watchdog may go unfed."""


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UsbId(_Described):
    """How the board's serial port shows on USB. Many boards share the bridge chip they have."""

    vendor: int = Field(ge=0, le=0xFFFF)
    product: int = Field(ge=0, le=0xFFFF)


class Partition(_Described):
    """A row of an ESP32's partition table; `offset` and `size` in bytes."""

    name: str = Field(max_length=15)
    type: str
    subtype: str
    offset: int = Field(ge=0, multiple_of=SECTOR_BYTES)
    size: int = Field(gt=0, multiple_of=SECTOR_BYTES)


class Flash(_Described):
    """The flash chip; the layout is the ESP32 family's alone (RP2 images bring their own)."""

    size_bytes: int = Field(gt=0)
    baud_hz: int = Field(default=115_200, ge=115_200)
    bootloader_offset: int = 0
    partitions: tuple[Partition, ...] = ()

    def partition(self, name: str) -> Partition:
        return next(row for row in self.partitions if row.name == name)


class Battery(_Described):
    """Where the battery's voltage is read: `divider` times what the ADC pin sees."""

    adc: int
    divider: float = Field(ge=1)
    enable: int | None = None
    low_mv: int = Field(default=LOW_MV, gt=0)
    critical_mv: int = Field(default=CRITICAL_MV, gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.critical_mv >= self.low_mv:
            raise ValueError("critical_mv must be less than low_mv")
        return self

    @property
    def divider_permille(self) -> int:
        """The same for a device, which counts in integers."""
        return round(self.divider * 1000)


class Buttons(_Described):
    """GPIO numbers of buttons to ground that wake the device."""

    refresh: int | None = None
    next_page: int | None = None

    @property
    def pins(self) -> dict[str, int]:
        return self.model_dump(exclude_none=True)


class Board(_Described):
    """A board.toml. See boards/README.md."""

    name: str
    chip: str
    micropython: str | None = None
    exercised: Literal["hardware", "emulator", "not yet"]
    transport: Literal["wifi", "usb"] = "wifi"
    panel: str | None = None
    longest_sleep_s: int = Field(ge=60, le=86_400)
    nap_ms: int = Field(default=0, ge=0, le=LONGEST_NAP_MS)
    frame_ram_bytes: int = Field(default=FRAME_RAM_BYTES, gt=0)
    pins: dict[str, int]
    spi: dict[str, int]
    usb: tuple[UsbId, ...] = ()
    flash: Flash | None = None
    battery: Battery | None = None
    buttons: Buttons = Buttons()

    @model_validator(mode="after")
    def _may_nap(self) -> Self:
        # An RP2 has to be restarted after a light sleep, and a USB port does not outlive one.
        if self.nap_ms and (self.transport == "usb" or not self.chip.startswith(("esp32", "unix"))):
            raise ValueError("nap_ms is for an ESP32 that no cable connects with its host")
        return self


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


def band_rows(panel: type[Panel], frame_ram_bytes: int) -> int:
    """How many rows of a panel's frame a device works on at a time; 0 for all of them.

    A device needs room for two bands, the held one and the next; bands are as many as it takes, and alike.
    ConfigError when there would be too many.
    """
    stride = (panel.width_px * panel.bpp + 7) // 8
    rows = panel.height_px * panel.planes
    most_rows = frame_ram_bytes // 2 // stride
    if most_rows >= rows:
        return 0
    bands = -(-rows // most_rows) if most_rows else rows
    if bands > wire.MAX_BANDS:
        raise ConfigError(
            f"frame_ram_bytes = {frame_ram_bytes}: frames of {panel.width_px} x {panel.height_px} px "
            f"would be cut into {bands} bands; a bundle holds {wire.MAX_BANDS}",
            f"have {2 * stride * -(-rows // wire.MAX_BANDS)} bytes at least",
        )
    return -(-rows // bands)
