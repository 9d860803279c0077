"""The firmware's cycle on this computer's Python, its files on an emulated flash chip.

What is real: the cycle, its memory, littlefs, the panel's driver against the model of its controller, and the
host at the other end of a cable. What is not: MicroPython, and what `firmware/device` does around a cycle. A
wake takes some 15 ms.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from calendarbot.boards import load_panel
from calendarbot.emulator.board import Board, VirtualClock
from calendarbot.emulator.flash_files import FlashFiles
from inkframe.config import Config
from inkframe.cycle import Cycle
from inkframe.memory import Memory
from inkframe.panels._bus import Bus
from inkframe.transports.usb import Transport

if TYPE_CHECKING:
    from collections.abc import Callable

    from calendarbot.emulator.nor_flash import Operation
    from calendarbot.tether import Tether

CONFIG_FILE: Final = "config.json"
_FIRST_S: Final = 1_735_689_600
"""An RTC that was never set counts from a year long before 2025."""


class FlashDevice:
    """Power on, with `flash` (the part that holds files; changed in place) and nothing else but `clock`, the
    world's, and `glass`, what the panel shows (None: as it left the factory).

    DeviceError when the file system does not mount; inkframe's ConfigError for a configuration that is none.
    """

    def __init__(
        self,
        flash: bytearray,
        tether: Tether,
        clock: VirtualClock,
        glass: bytes | None = None,
        heard: Callable[[Operation], None] = lambda _: None,
    ) -> None:
        self.files = FlashFiles(flash, heard)
        self.config = Config(self.files.read(CONFIG_FILE).decode())
        self._driver: Any = load_panel(self.config.panel)
        self.board = Board(self._driver, self.config.pins, clock)
        if glass is not None:
            self.board.controller.set_picture(glass)
        self.memory = Memory("", self.files)
        self.log: list[str] = []
        self._tether = tether

    def wake(self) -> int:
        """One cycle. Returns the seconds to sleep; the clock stays where the cycle ended."""
        cycle = Cycle(
            self.config,
            self.memory,
            _Rtc(self.board),
            Transport(_Cable(self._tether)),
            self._driver(_bus(self.board, self.config.pins)),
            lambda: f"writes={self.memory.writes};written={self.memory.written_bytes}",
            os.urandom,
            self.log.append,
        )
        return cycle.run()

    @property
    def picture(self) -> bytes:
        return self.board.controller.picture()


class _Rtc:
    def __init__(self, board: Board) -> None:
        self._board = board

    def now(self) -> int:
        seconds = self._board.rtc_ms() // 1000
        return seconds if seconds >= _FIRST_S else 0

    def set(self, seconds: int) -> None:
        self._board.set_rtc(seconds * 1000)


class _Cable:
    """A cable whose other end answers at once."""

    def __init__(self, tether: Tether) -> None:
        self._tether = tether
        self._came = bytearray()

    def on(self) -> None:
        self._came.clear()

    def off(self) -> None:
        self._came.clear()

    def write(self, data: bytes) -> None:
        self._came += self._tether.feed(bytes(data))

    def readinto(self, view: memoryview, _timeout_ms: int) -> int:
        length = min(len(view), len(self._came))
        view[:length] = self._came[:length]
        del self._came[:length]
        return length


class _Spi:
    def __init__(self, board: Board) -> None:
        self._board = board

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._board.spi(bytes(data))


def _bus(board: Board, pins: dict[str, int]) -> Bus:
    def pin(name: str) -> Callable[..., int | None]:
        number = pins[name]

        def at(level: int | None = None) -> int | None:
            if level is None:
                return board.input(number)
            board.output(number, level)
            return None

        return at

    cs, dc, reset, busy = (pin(name) for name in ("cs", "dc", "reset", "busy"))
    return Bus(_Spi(board), cs, dc, reset, busy, board.sleep, lambda: None)
