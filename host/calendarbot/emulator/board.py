"""A modelled board: a clock that only we move, pins, SPI, a real-time clock, and a panel on its wires."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntFlag
from typing import TYPE_CHECKING

from calendarbot.emulator.controllers import controller_for
from calendarbot.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inkframe.parts import Panel

_FACTORY_S = 946_684_800
"""An RTC that was never set counts from 2000-01-01."""


class Air(IntFlag):
    """What a device finds when it wants to reach its host."""

    IN_REACH = 1
    """The access point is there."""
    NAMES = 2
    """Names are known to somebody."""
    PATIENCE = 4
    """What does not come now may come yet. Without it, waiting for a reply is over at once, and costs the
    device its whole timeout, by the modelled clock.
    """


ALL_WELL = Air.IN_REACH | Air.NAMES | Air.PATIENCE


@dataclass
class Counts:
    """What a device did, to be turned into energy and wear."""

    awake_ms: int = 0
    naps: int = 0
    napped_ms: int = 0
    """Of those awake: in light sleep, while the panel was busy."""
    radio_ms: int = 0
    spi_bytes: int = 0


@dataclass
class VirtualClock:
    """Milliseconds since 1970, moved by sleeping alone."""

    now_ms: int

    def __call__(self) -> int:
        return self.now_ms


@dataclass
class Board:
    """Pins by number, as the firmware knows them; `pins` says which is which."""

    panel: type[Panel]
    pins: Mapping[str, int]
    clock: VirtualClock
    counts: Counts = field(default_factory=Counts)
    battery_mv: int = 4000
    """What the one ADC sees, at a board that has one."""
    woken_by: int = 0
    """As MicroPython's machine.wake_reason() on an ESP32: 0 power, 2 and 3 buttons, 4 timer."""
    rtc_memory: bytes = b""

    air: Callable[[], Air] = lambda: ALL_WELL

    def __post_init__(self) -> None:
        self.controller = controller_for(self.panel, self.clock)
        self._levels = {self.pins["cs"]: 1, self.pins["dc"]: 0, self.pins["reset"]: 1}
        self._rtc_offset_ms = _FACTORY_S * 1000 - self.clock.now_ms
        self._radio_since_ms: int | None = None
        self._held: set[int] = set()

    def output(self, pin: int, level: int) -> None:
        if pin in self._held:
            return
        if pin == self.pins["reset"] and self._levels[pin] and not level:
            self.controller.reset()
        self._levels[pin] = level

    def input(self, pin: int) -> int:
        # Nobody holds a button down for longer than it takes to wake the board.
        return self.controller.busy_level() if pin == self.pins["busy"] else 1

    def spi(self, data: bytes) -> None:
        self.counts.spi_bytes += len(data)
        if self._levels[self.pins["cs"]]:
            return
        if self._levels[self.pins["dc"]]:
            self.controller.data(data)
        else:
            for code in data:
                self.controller.command(code)

    def sleep(self, duration_ms: int) -> None:
        self.clock.now_ms += duration_ms
        self.counts.awake_ms += duration_ms

    def hold(self, pin: int, *, on: bool) -> None:
        """An output that is held keeps its level, whatever it is told, and in light sleep too."""
        (self._held.add if on else self._held.discard)(pin)

    def sleep_lightly(self, duration_ms: int) -> None:
        """DeviceError where an ESP32 would lose its network, or its panel the picture."""
        if self._radio_since_ms is not None:
            raise DeviceError("light sleep with the radio on")
        if not {self.pins["cs"], self.pins["reset"]} <= self._held:
            raise DeviceError("light sleep with a panel's pins that float")
        self.sleep(duration_ms)
        self.counts.naps += 1
        self.counts.napped_ms += duration_ms

    def rtc_ms(self) -> int:
        return self.clock.now_ms + self._rtc_offset_ms

    def set_rtc(self, now_ms: int) -> None:
        self._rtc_offset_ms = now_ms - self.clock.now_ms

    def radio(self, *, on: bool) -> None:
        if on and self._radio_since_ms is None:
            self._radio_since_ms = self.clock.now_ms
        elif not on and self._radio_since_ms is not None:
            self.counts.radio_ms += self.clock.now_ms - self._radio_since_ms
            self._radio_since_ms = None
