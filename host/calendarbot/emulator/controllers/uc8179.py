"""A model of the UC8179: what its commands do to the picture on the glass.

From the datasheet's command table. Modelled: reset, power, deep sleep, busy times, resolution, both data
RAMs, data polarity (R50H), partial windows (R90H to R92H), and which pixels a waveform drives: all of them in
a full refresh, only those whose old and new data differ in a fast or partial one. So a driver that tells the
controller a wrong old picture leaves ghosts here as it does on a wall. Busy times are modelled, not measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calendarbot.emulator.controllers import ControllerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from inkframe.parts import Panel

_NAMES = {
    0x00: "PSR",
    0x01: "PWR",
    0x02: "POF",
    0x04: "PON",
    0x06: "BTST",
    0x07: "DSLP",
    0x10: "DTM1",
    0x12: "DRF",
    0x13: "DTM2",
    0x15: "DUSPI",
    0x50: "CDI",
    0x60: "TCON",
    0x61: "TRES",
    0x90: "PTL",
    0x91: "PTIN",
    0x92: "PTOUT",
    0xE0: "CCSET",
    0xE5: "TSSET",
}
_LENGTHS = {
    "PSR": 1,
    "PWR": 4,
    "POF": 0,
    "PON": 0,
    "BTST": 4,
    "DSLP": 1,
    "DRF": 0,
    "DUSPI": 1,
    "CDI": 2,
    "TCON": 1,
    "TRES": 4,
    "PTL": 9,
    "PTIN": 0,
    "PTOUT": 0,
    "CCSET": 1,
    "TSSET": 1,
}
_BUSY_MS = {"reset": 5, "PON": 80, "POF": 40, "full": 3500, "fast": 1500, "partial": 400}
_WAVEFORMS = {0x5A: "fast", 0x6E: "partial"}
_FACTORY_GLASS = 0xA5
"""What the glass shows before its first refresh: anything but a page."""


class Controller:
    """One panel's controller and glass. ControllerError when the driver breaks a rule."""

    def __init__(self, panel: type[Panel], clock_ms: Callable[[], int]) -> None:
        self._stride = (panel.width_px + 7) // 8
        self._size = (panel.width_px, panel.height_px)
        self._clock_ms = clock_ms
        self._glass = bytearray([_FACTORY_GLASS]) * (self._stride * panel.height_px)
        self._next_glass: bytearray | None = None
        self._busy_until_ms = 0
        self._asleep = False
        self.refreshes = {"full": 0, "fast": 0, "partial": 0}
        self._forget()

    def _forget(self) -> None:
        self._registers: dict[str, bytes] = {}
        self._old: bytearray | None = None
        self._new: bytearray | None = None
        self._powered = False
        self._partial = False
        self._name = ""
        self._data = bytearray()

    def reset(self) -> None:
        if self._next_glass is not None and self._busy():
            # Cut off in the middle of a refresh: some rows are there, some are not.
            half = len(self._glass) // 2
            self._glass[:half] = self._next_glass[:half]
            self._next_glass = None
        self._settle()
        self._forget()
        self._asleep = False
        self._be_busy("reset")

    def busy_level(self) -> int:
        return 0 if self._busy() else 1

    def picture(self) -> bytes:
        self._settle()
        return bytes(self._glass)

    def command(self, code: int) -> None:
        self._finish()
        name = _NAMES.get(code)
        if name is None:
            raise ControllerError(f"UC8179: unknown command {code:#04x}")
        if self._asleep:
            raise ControllerError(f"UC8179: {name} in deep sleep; only a reset wakes it")
        if self._busy():
            raise ControllerError(f"UC8179: {name} while busy")
        self._settle()
        self._name = name
        self._data = bytearray()
        if _LENGTHS.get(name) == 0:
            self._finish()

    def data(self, data: bytes) -> None:
        if not self._name:
            raise ControllerError("UC8179: data without a command")
        self._data += data
        limit = self._length(self._name)
        if len(self._data) > limit:
            raise ControllerError(f"UC8179: {self._name} takes {limit} bytes, got more")
        if len(self._data) == limit:
            self._finish()

    def _finish(self) -> None:
        """Carry out the command whose data is now complete."""
        name, data = self._name, bytes(self._data)
        self._name = ""
        if not name:
            return
        if len(data) != self._length(name):
            raise ControllerError(f"UC8179: {name} got only {len(data)} bytes")
        action = getattr(self, f"_on_{name.lower()}", None)
        if action:
            action(data)
        else:
            self._registers[name] = data

    def _on_psr(self, data: bytes) -> None:
        if data != b"\x1f":
            raise ControllerError(f"UC8179: panel setting {data.hex()} is not modelled")

    def _on_tres(self, data: bytes) -> None:
        size = (int.from_bytes(data[:2], "big"), int.from_bytes(data[2:], "big"))
        if size != self._size:
            raise ControllerError(f"UC8179: resolution {size}, the panel has {self._size}")
        self._registers["TRES"] = data

    def _on_pon(self, _: bytes) -> None:
        self._powered = True
        self._be_busy("PON")

    def _on_pof(self, _: bytes) -> None:
        self._powered = False
        self._be_busy("POF")

    def _on_dslp(self, data: bytes) -> None:
        if data != b"\xa5":
            raise ControllerError("UC8179: deep sleep without its check code")
        if self._powered:
            raise ControllerError("UC8179: deep sleep with the panel's power on")
        self._forget()
        self._asleep = True

    def _on_ptin(self, _: bytes) -> None:
        self._partial = True

    def _on_ptout(self, _: bytes) -> None:
        self._partial = False

    def _on_ptl(self, data: bytes) -> None:
        left, right, top, bottom = (int.from_bytes(data[i : i + 2], "big") for i in range(0, 8, 2))
        width, height = self._size
        if left % 8 or right % 8 != 7 or left > right or right >= width or top > bottom:
            raise ControllerError(f"UC8179: partial window x {left} to {right}")
        if bottom >= height:
            raise ControllerError(f"UC8179: partial window y {top} to {bottom}")
        self._registers["PTL"] = data

    def _on_dtm1(self, data: bytes) -> None:
        self._old = self._write(self._old, data)

    def _on_dtm2(self, data: bytes) -> None:
        self._new = self._write(self._new, data)

    def _on_drf(self, _: bytes) -> None:
        for needed in ("TRES", "CDI", "PWR", "BTST"):
            if needed not in self._registers:
                raise ControllerError(f"UC8179: refresh before {needed} was set")
        if not self._powered:
            raise ControllerError("UC8179: refresh with the panel's power off")
        if self._new is None or self._old is None:
            raise ControllerError("UC8179: refresh before both data RAMs were written")
        kind = self._waveform()
        self._next_glass = self._refreshed(kind, self._old, self._new)
        if self._registers["CDI"][0] & 0x08:  # N2OCP
            self._old = bytearray(self._new)
        self.refreshes[kind] += 1
        self._be_busy(kind)

    def _waveform(self) -> str:
        if self._registers.get("CCSET") != b"\x02":
            return "full"
        forced = self._registers.get("TSSET", b"\x00")[0]
        if forced not in _WAVEFORMS:
            raise ControllerError(f"UC8179: forced temperature {forced:#04x} is not modelled")
        return _WAVEFORMS[forced]

    def _refreshed(self, kind: str, old: bytearray, new: bytearray) -> bytearray:
        glass = bytearray(self._glass)
        set_is_white = self._registers["CDI"][0] & 3 == 1
        flip = 0 if set_is_white else 0xFF
        for place in self._window_places():
            driven = 0xFF if kind == "full" else old[place] ^ new[place]
            glass[place] = glass[place] & ~driven & 0xFF | (new[place] ^ flip) & driven
        return glass

    def _window(self) -> tuple[int, int, int, int]:
        """(left, right, top, bottom) in bytes and rows, the ends exclusive."""
        if not self._partial:
            return 0, self._stride, 0, self._size[1]
        data = self._registers.get("PTL")
        if data is None:
            raise ControllerError("UC8179: partial mode without a window")
        left, right, top, bottom = (int.from_bytes(data[i : i + 2], "big") for i in range(0, 8, 2))
        return left // 8, right // 8 + 1, top, bottom + 1

    def _length(self, name: str) -> int:
        """How many bytes of data a command takes."""
        return _LENGTHS[name] if name in _LENGTHS else self._window_bytes()

    def _window_bytes(self) -> int:
        left, right, top, bottom = self._window()
        return (right - left) * (bottom - top)

    def _window_places(self) -> list[int]:
        left, right, top, bottom = self._window()
        return [
            row * self._stride + column
            for row in range(top, bottom)
            for column in range(left, right)
        ]

    def _write(self, ram: bytearray | None, data: bytes) -> bytearray:
        # What was never written is undefined; a pattern makes a driver that relies on it visible.
        written = bytearray(ram) if ram else bytearray([0x5A]) * len(self._glass)
        left, right, top, bottom = self._window()
        width = right - left
        for row in range(top, bottom):
            piece = data[(row - top) * width : (row - top + 1) * width]
            written[row * self._stride + left : row * self._stride + right] = piece
        return written

    def _busy(self) -> bool:
        return self._clock_ms() < self._busy_until_ms

    def _be_busy(self, doing: str) -> None:
        self._busy_until_ms = self._clock_ms() + _BUSY_MS[doing]

    def _settle(self) -> None:
        if self._next_glass is not None and not self._busy():
            self._glass = self._next_glass
            self._next_glass = None
