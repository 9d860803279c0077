"""A panel's driver wired to the model of its controller, and pictures for it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from PIL import Image

from calendarbot.boards import page_size
from calendarbot.emulator.board import Board, VirtualClock
from calendarbot.render.pixels import pack
from inkframe.frames import InRam
from inkframe.panels._bus import Bus

if TYPE_CHECKING:
    from inkframe.panels._family import Family

PINS = {"cs": 1, "dc": 2, "reset": 3, "busy": 4}


class ModelledPanel:
    """`fail_at` is the number of the SPI write that raises OSError; `busy_after` that of the one after which
    the busy line hangs. None: never."""

    def __init__(self, panel: type[Family]) -> None:
        self.board = Board(panel, PINS, VirtualClock(1_700_000_000_000))
        self.controller = self.board.controller
        self.writes = 0
        self.fail_at: int | None = None
        self.busy_after: int | None = None
        self.longest_unfed_ms = 0
        self._fed_at_ms = self.board.clock.now_ms
        pins = {name: self._pin(number) for name, number in PINS.items()}
        self.driver = panel(
            Bus(
                self,
                pins["cs"],
                pins["dc"],
                pins["reset"],
                pins["busy"],
                self._sleep,
                self._feed,
            )
        )

    def show(self, new: bytes, held: bytes | None, refresh: int, window=None) -> int:
        """Returns how long it took, in milliseconds."""
        panel = self.driver
        whole = (0, 0, panel.width_px, panel.height_px)
        began_ms = self._fed_at_ms = self.board.clock.now_ms
        panel.show(InRam(new), InRam(held) if held else None, refresh, window or whole)
        return self.board.clock.now_ms - began_ms

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes += 1
        if self.writes == self.fail_at:
            raise OSError(5, "SPI")
        self.board.spi(bytes(data))

    def _pin(self, number: int):
        def pin(level: int | None = None) -> int | None:
            if level is not None:
                self.board.output(number, level)
                return None
            if self.busy_after is not None and self.writes >= self.busy_after:
                return self.driver.busy_level
            return self.board.input(number)

        return pin

    def _sleep(self, duration_ms: int) -> None:
        self.board.sleep(duration_ms)
        unfed_ms = self.board.clock.now_ms - self._fed_at_ms
        self.longest_unfed_ms = max(self.longest_unfed_ms, unfed_ms)

    def _feed(self) -> None:
        self._fed_at_ms = self.board.clock.now_ms


def noise(panel: type[Family], seed: int) -> bytes:
    """A frame of the panel's colours at random."""
    size = page_size(panel)
    colours = sorted({panel.palette.index(colour) for colour in panel.palette})
    dice = random.Random(seed)
    pixels = bytes(dice.choices(colours, k=size[0] * size[1]))
    return packed(panel, Image.frombytes("L", size, pixels))


def packed(panel: type[Family], page: Image.Image) -> bytes:
    return pack(page, panel.palette, panel.bpp, panel.planes, panel.rotation).data


def with_rows(panel: type[Family], frame: bytes, other: bytes, top: int, bottom: int) -> bytes:
    """`frame` (one plane) with the rows from `top` to before `bottom` as in `other`."""
    stride = (panel.width_px * panel.bpp + 7) // 8
    return frame[: top * stride] + other[top * stride : bottom * stride] + frame[bottom * stride :]
