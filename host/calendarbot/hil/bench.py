"""bench.toml: which boards a bench has, how to find them, and how to switch them off and on.

[bench]
state = "state"                       # leases and what is known of boards; relative to this file
address = "192.168.1.10"              # this computer, as boards with a radio see it
ssid = "bench"                        # the network they join
wifi_password_env = "BENCH_WIFI"      # the environment variable that holds its password
firmware = { trmnl_og = "c3.bin" }    # MicroPython to flash before each job, by kind of board

[boards.left]
board = "pico_usb"                    # a folder in boards/
panel = "waveshare_7in5_v2"
usb_serial = "E66038B713537D2C"       # what `host hil list --usb` shows
power_off = ["uhubctl", "-l", "1-1", "-p", "2", "-a", "off"]
power_on = ["uhubctl", "-l", "1-1", "-p", "2", "-a", "on"]
camera = ["fswebcam", "--no-banner", "{file}"]

[boards.virtual_1]
board = "pico_usb"
panel = "waveshare_1in54_v2"
virtual = true                        # emulated, on this computer
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from calendarbot.boards import load_board, load_panel
from calendarbot.config.problems import located_in_file, problem_lines
from calendarbot.config.toml_lines import key_lines
from calendarbot.emulator import virtual_board
from calendarbot.errors import CalendarBotError, ConfigError, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE_NAME: Final = "bench.toml"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BenchBoard(_Table):
    """One board of the bench."""

    board: str = Field(description="What kind of board it is: a folder in boards/.")
    panel: str = Field(description="The panel on its wires: a module in inkframe/panels/.")
    virtual: bool = Field(default=False, description="Emulated on this computer.")
    usb_serial: str = Field(default="", description="The serial number its USB port shows.")
    image: Path | None = Field(
        default=None, description="What an emulated board runs; what `make firmware` built without."
    )
    power_off: tuple[str, ...] = Field(
        default=(), description="The command that takes its power away, as a list of words."
    )
    power_on: tuple[str, ...] = Field(
        default=(), description="The command that gives its power back, as a list of words."
    )
    camera: tuple[str, ...] = Field(
        default=(), description="The command that takes a picture of its panel into {file}."
    )

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        try:
            load_board(self.board)
            load_panel(self.panel)
        except CalendarBotError as error:
            raise ValueError(f"{error.message}; {error.hint}") from None
        if self.virtual and self.board != virtual_board.BOARD:
            raise ValueError(f"only {virtual_board.BOARD!r} can be emulated as a board of a bench")
        if not self.virtual and not self.usb_serial:
            raise ValueError("a board is found by its usb_serial, or is virtual")
        if bool(self.power_off) != bool(self.power_on):
            raise ValueError("power_off and power_on go together")
        return self


class _BenchTable(_Table):
    state: Path = Field(default=Path("bench-state"), description="Where leases are kept.")
    lease_s: int = Field(
        default=120, ge=4, description="A job that was not heard of for so long is dead."
    )
    address: str = Field(default="127.0.0.1", description="This computer, as boards see it.")
    ssid: str = Field(default="", description="The network that boards with a radio join.")
    wifi_password_env: str = Field(
        default="", description="The environment variable that holds the network's password."
    )
    firmware: dict[str, Path] = Field(
        default={}, description="MicroPython by kind of board; what is not named is not flashed."
    )


class Bench(_Table):
    """A bench.toml."""

    bench: _BenchTable = _BenchTable()
    boards: dict[str, BenchBoard] = Field(min_length=1)
    _base_dir: Path = PrivateAttr(default=Path())

    @property
    def state_dir(self) -> Path:
        return self._base_dir / self.bench.state.expanduser()

    def image(self, name: str) -> Path | None:
        """What an emulated board runs, if not what was built here."""
        file = self.boards[name].image
        return None if file is None else self._base_dir / file.expanduser()

    def firmware(self, board: str) -> Path | None:
        file = self.bench.firmware.get(board)
        return None if file is None else self._base_dir / file.expanduser()

    def board(self, name: str) -> BenchBoard:
        """Raises ConfigError with the nearest name."""
        if name not in self.boards:
            raise ConfigError(f"the bench has no board {name!r}", nearest(name, self.boards))
        return self.boards[name]

    def chosen(self, names: Sequence[str], kinds: Sequence[str]) -> list[str]:
        """The boards named, or all of these kinds, or all. Raises ConfigError."""
        for name in names:
            self.board(name)
        of_kind = [n for n, b in self.boards.items() if not kinds or b.board in kinds]
        chosen = [name for name in of_kind if not names or name in names]
        if not chosen:
            raise ConfigError("no board of the bench is meant", nearest("", self.boards))
        return chosen


def load_bench(path: Path) -> Bench:
    """Raises ConfigError: one line for each problem, each naming file and line."""
    try:
        text = path.read_text(encoding="utf-8")
        data: dict[str, Any] = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", "see docs/bench.md") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    try:
        bench = Bench.model_validate(data)
    except ValidationError as error:
        place = located_in_file(str(path), key_lines(text))
        raise ConfigError("\n".join(problem_lines(error.errors(), Bench, place))) from None
    bad = [name for name in bench.boards if not _is_name(name)]
    if bad:
        raise ConfigError(f"{path}: {bad[0]!r} is no name", "use letters, digits, _ and -")
    bench._base_dir = path.parent  # noqa: SLF001  made here
    return bench


def _is_name(name: str) -> bool:
    return 0 < len(name) <= 64 and all(c.isascii() and (c.isalnum() or c in "_-") for c in name)
