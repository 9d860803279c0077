"""What every model has: commands with data of a known length, a busy line, deep sleep, a picture.

A subclass lists its commands and has a method `_on_NAME` (lower case) for each that does more than to set a
register. A command is carried out when its last byte of data is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from calendarbot.emulator.controllers import ControllerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inkframe.parts import Panel

KINDS = ("full", "fast", "partial")
"""In the order of the format's numbers: inkframe.wire.FULL, FAST, PARTIAL."""


class Model:
    """One panel's controller and glass. ControllerError when the driver breaks a rule."""

    name: str
    commands: Mapping[int, tuple[str, int | None]]
    """Code: name, and bytes of data; None where that is as long as a window."""
    idle_level: ClassVar[int]
    busy_ms: Mapping[str, int]
    """Of everything but refreshes. Modelled, not measured."""

    def __init__(self, panel: type[Panel], clock_ms: Callable[[], int], glass: bytes) -> None:
        self.panel = panel
        self.refreshes = dict.fromkeys(KINDS, 0)
        self._clock_ms = clock_ms
        self._glass = bytes(glass)
        self._next_glass: bytes | None = None
        self._busy_until_ms = 0
        self._asleep = False
        self._forget()

    def _forget(self) -> None:
        """As after power-on."""
        self._registers: dict[str, bytes] = {}
        self._command = ""
        self._data = bytearray()

    def reset(self) -> None:
        if self._next_glass is not None and self._busy():
            # Cut off in the middle of a refresh: some rows are there, some are not.
            half = len(self._glass) // 2
            self._glass = self._next_glass[:half] + self._glass[half:]
            self._next_glass = None
        self._settle()
        self._forget()
        self._asleep = False
        self._be_busy(self.busy_ms["reset"])

    def busy_level(self) -> int:
        return 1 - self.idle_level if self._busy() else self.idle_level

    @property
    def asleep(self) -> bool:
        return self._asleep

    def picture(self) -> bytes:
        self._settle()
        return self._glass

    def set_picture(self, picture: bytes) -> None:
        self._glass = picture

    def command(self, code: int) -> None:
        self._finish()
        name, length = self.commands.get(code, ("", 0))
        if not name:
            raise self.error(f"unknown command {code:#04x}")
        if self._asleep:
            raise self.error(f"{name} in deep sleep; only a reset wakes it")
        if self._busy():
            raise self.error(f"{name} while busy")
        self._settle()
        self._command = name
        self._wanted = self._window_bytes() if length is None else length
        self._data = bytearray()
        if not self._wanted:
            self._finish()

    def data(self, data: bytes) -> None:
        if not self._command:
            raise self.error("data without a command, or more than it takes")
        self._data += data
        if len(self._data) > self._wanted:
            raise self.error(f"{self._command} takes {self._wanted} bytes, got more")
        if len(self._data) == self._wanted:
            self._finish()

    def _finish(self) -> None:
        """Carry out the command whose data is now complete."""
        name, data = self._command, bytes(self._data)
        self._command = ""
        if not name:
            return
        if len(data) != self._wanted:
            raise self.error(f"{name} got only {len(data)} bytes of {self._wanted}")
        action = getattr(self, f"_on_{name.lower()}", None)
        if action:
            action(data)
        else:
            self._registers[name] = data

    def _window_bytes(self) -> int:
        """How many bytes of pixels a command for a RAM takes now."""
        raise NotImplementedError

    def error(self, what: str) -> ControllerError:
        return ControllerError(f"{self.name}: {what}")

    def _need(self, *names: str) -> None:
        for name in names:
            if name not in self._registers:
                raise self.error(f"refresh before {name} was set")

    def _refresh(self, kind: str, glass: bytes) -> None:
        """Busy until the glass shows `glass`."""
        duration_ms = self.panel.refresh_ms[KINDS.index(kind)]
        if not duration_ms:
            raise self.error(f"this panel has no {kind} refresh")
        self._next_glass = glass
        self.refreshes[kind] += 1
        self._be_busy(duration_ms)

    def _busy(self) -> bool:
        return self._clock_ms() < self._busy_until_ms

    def _be_busy(self, duration_ms: int) -> None:
        self._busy_until_ms = self._clock_ms() + duration_ms

    def _settle(self) -> None:
        if self._next_glass is not None and not self._busy():
            self._glass = self._next_glass
            self._next_glass = None


def driven(glass: bytes, wanted: bytes, mask: bytes) -> bytes:
    """The glass after the pixels whose bits are set in `mask` were driven to `wanted`."""
    here, there, bits = (int.from_bytes(data, "big") for data in (glass, wanted, mask))
    return (here & ~bits | there & bits).to_bytes(len(glass), "big")


def differing(old: bytes, new: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(old, new, strict=True))
