"""A simulated device over its life: wakes, does what its firmware does, sleeps; the clock moves by that."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from calendarbot.emulator.board import Board, Counts, VirtualClock
from calendarbot.emulator.link import Link
from calendarbot.emulator.unix_port import wake
from calendarbot.model import Frame

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from inkframe.parts import Panel

_FIRST_BUTTON, _TIMER = 2, 4
"""MicroPython's machine.EXT0_WAKE and TIMER_WAKE."""

_REPORT = re.compile(r"^wake: (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Woke:
    """One wake: when (epoch seconds), what the panel shows after it, and what was done."""

    at_s: int
    picture: Frame
    refresh: str
    """full, fast or partial; empty when nothing was painted."""
    flash_writes: int
    flash_bytes: int
    spi_bytes: int
    awake_ms: int
    naps: int
    napped_ms: int
    """Of those awake: in light sleep, while the panel was busy."""
    radio_ms: int
    sleep_s: int
    log: str
    """What the firmware printed, for when something went wrong."""


class SimulatedDevice:
    """`flash` is a folder that holds config.json, and whatever the firmware writes beside it."""

    def __init__(
        self, panel: type[Panel], pins: Mapping[str, int], flash: Path, clock: VirtualClock
    ) -> None:
        self._panel = panel
        self._flash = flash
        self._clock = clock
        self.board = Board(panel, pins, clock)
        self.press_after_s: int | None = None
        """When in the sleep that comes the board's first button is pressed."""

    def live(self, until_s: int) -> Generator[Woke, None, None]:
        """Wake after wake, the first at once, until the next would be at `until_s` or later.

        It listens on loopback: whoever keeps it without living to the end closes it. DeviceError when the
        firmware breaks a rule of its panel, hangs, or does not go to sleep.
        """
        with Link() as link:
            while self._clock.now_ms < until_s * 1000:
                woke = self._wake(link)
                yield woke
                self._clock.now_ms += self._asleep_s(woke.sleep_s) * 1000

    def _asleep_s(self, sleep_s: int) -> int:
        self.board.woken_by = _TIMER
        if self.press_after_s is None or self.press_after_s >= sleep_s:
            return sleep_s
        pressed_s, self.press_after_s = self.press_after_s, None
        self.board.woken_by = _FIRST_BUTTON
        return pressed_s

    def _wake(self, link: Link) -> Woke:
        board = self.board
        at_s = self._clock.now_ms // 1000
        before = replace(board.counts)
        refreshes = dict(board.controller.refreshes)
        done = wake(board, link, self._flash)
        said = report(done.log)
        counts: Counts = board.counts
        return Woke(
            at_s=at_s,
            picture=self._picture(),
            refresh=next(
                (kind for kind, n in board.controller.refreshes.items() if n > refreshes[kind]), ""
            ),
            flash_writes=said.get("writes", 0),
            flash_bytes=said.get("written", 0),
            spi_bytes=counts.spi_bytes - before.spi_bytes,
            awake_ms=counts.awake_ms - before.awake_ms,
            naps=counts.naps - before.naps,
            napped_ms=counts.napped_ms - before.napped_ms,
            radio_ms=counts.radio_ms - before.radio_ms,
            sleep_s=done.sleep_s,
            log=done.log,
        )

    def _picture(self) -> Frame:
        panel = self._panel
        data = self.board.controller.picture()
        return Frame(panel.width_px, panel.height_px, panel.bpp, panel.planes, data)


def report(log: str) -> dict[str, int]:
    """What the firmware says of a wake at its end; empty when it did not."""
    found = _REPORT.search(log)
    if not found:
        return {}
    pairs = (item.split("=") for item in found[1].split())
    return {key: int(value) for key, value in pairs}
