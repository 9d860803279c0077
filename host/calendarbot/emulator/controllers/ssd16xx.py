"""A model of Solomon's SSD1680, SSD1681, SSD1683 and SSD1677: what their commands do to the glass.

From the sources that the driver, `inkframe.panels._ssd16xx`, names. Modelled: reset and software reset,
sequences (22h, 20h) step by step, both RAMs with their windows, counters and entry mode, waveforms from OTP
by temperature and display mode or from register 32h, deep sleep. Display mode 1 drives every pixel to the
new picture; mode 2 only those that differ from the old one; a waveform in the register says itself what it
drives. After a reset the RAMs count as not written. How a glass is wired, and that its OTP lacks a
waveform, is known from the panel's module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calendarbot.emulator.controllers._model import Model, differing, driven
from calendarbot.emulator.controllers._uc81xx import FACTORY_GLASS
from calendarbot.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from inkframe.panels._ssd16xx import SSD16xx


class _Chip(NamedTuple):
    """What differs between the four; sizes in bytes of data."""

    sources: int
    gates: int
    x_in_pixels: bool
    booster: int
    update_1: int
    waveform: int


_CHIPS = {
    "SSD1680": _Chip(176, 296, False, 4, 2, 153),
    "SSD1681": _Chip(200, 200, False, 4, 1, 153),
    "SSD1683": _Chip(400, 300, False, 4, 2, 227),
    "SSD1677": _Chip(960, 680, True, 5, 2, 105),
}
_CLOCK_ON, _ANALOG_ON, _LOAD_TEMPERATURE, _LOAD_WAVEFORM = 0x80, 0x40, 0x20, 0x10
_MODE_2, _DISPLAY, _ANALOG_OFF, _CLOCK_OFF = 0x08, 0x04, 0x02, 0x01
_ROOM_TEMPERATURE = 22
_HOT = 80
"""No panel is as hot: the OTP has its fast waveform there."""
_GROUPS = 12


class Controller(Model):
    """One panel's controller and glass. ControllerError when the driver breaks a rule."""

    idle_level = 0
    busy_ms = {"reset": 10, "step": 100}  # noqa: RUF012  # never changed

    def __init__(self, panel: type[SSD16xx], clock_ms: Callable[[], int]) -> None:
        self.name = panel.controller
        self._wiring = panel
        if self.name not in _CHIPS:
            raise DeviceError(f"no model of the controller {self.name} yet")
        self._chip = chip = _CHIPS[self.name]
        self._stride = (panel.width_px + 7) // 8
        if panel.width_px > chip.sources or panel.height_px > chip.gates:
            raise self.error(f"a panel of {panel.width_px} x {panel.height_px} pixels is too large")
        self.commands = {
            0x01: ("DRIVER", 3),
            0x03: ("VGH", 1),
            0x04: ("VSH", 3),
            0x0C: ("BOOSTER", chip.booster),
            0x10: ("SLEEP", 1),
            0x11: ("ENTRY", 1),
            0x12: ("SWRESET", 0),
            0x18: ("SENSOR", 1),
            0x1A: ("TEMPERATURE", 2),
            0x20: ("ACTIVATE", 0),
            0x21: ("UPDATE1", chip.update_1),
            0x22: ("UPDATE2", 1),
            0x24: ("NEW", None),
            0x26: ("OLD", None),
            0x2C: ("VCOM", 1),
            0x32: ("WAVEFORM", chip.waveform),
            0x3C: ("BORDER", 1),
            0x3F: ("END", 1),
            0x44: ("XRANGE", 4 if chip.x_in_pixels else 2),
            0x45: ("YRANGE", 4),
            0x4E: ("XCOUNTER", 2 if chip.x_in_pixels else 1),
            0x4F: ("YCOUNTER", 2),
        }
        # Bits behind the last pixel of a row are on no glass.
        spare = self._stride * 8 - panel.width_px
        self._row_mask = b"\xff" * (self._stride - 1) + bytes([0xFF << spare & 0xFF])
        glass = bytes([FACTORY_GLASS]) * self._stride * panel.height_px
        super().__init__(panel, clock_ms, self._on_glass(glass))

    def _forget(self) -> None:
        super()._forget()
        self._rams: dict[str, bytearray] = {}
        self._written: dict[str, set[int]] = {"NEW": set(), "OLD": set()}
        self._clock_on = self._analog_on = False
        self._celsius: int | None = None
        self._loaded: str | None = None

    def busy_level(self) -> int:
        # In deep sleep BUSY stays high (10h).
        return 1 if self._asleep else super().busy_level()

    # Resets and sleep

    def _on_swreset(self, _: bytes) -> None:
        self._registers = {}
        self._celsius = self._loaded = None
        self._be_busy(self.busy_ms["reset"])

    def _on_sleep(self, data: bytes) -> None:
        if data != b"\x01":
            raise self.error(f"deep sleep mode {data.hex()} is not modelled")
        if self._analog_on or self._clock_on:
            raise self.error("deep sleep with the panel's power on")
        self._forget()
        self._asleep = True

    # RAM

    def _on_entry(self, data: bytes) -> None:
        if data not in (b"\x01", b"\x03"):
            raise self.error(f"data entry mode {data.hex()} is not modelled")
        self._registers["ENTRY"] = data

    def _on_xrange(self, data: bytes) -> None:
        left, right = self._x(data[: len(data) // 2]), self._x(data[len(data) // 2 :])
        if left > right or right >= self._stride:
            raise self.error(f"RAM window x {left} to {right}, a row has {self._stride} bytes")
        self._registers["XRANGE"] = bytes((left, right))

    def _on_yrange(self, data: bytes) -> None:
        first, last = _little(data[:2]), _little(data[2:])
        if max(first, last) >= self.panel.height_px:
            raise self.error(f"RAM window y {first} to {last}")
        self._registers["YRANGE"] = data

    def _on_xcounter(self, data: bytes) -> None:
        self._registers["XCOUNTER"] = bytes([self._x(data)])

    def _x(self, data: bytes) -> int:
        """In bytes, whatever the chip counts."""
        return _little(data) // 8 if self._chip.x_in_pixels else data[0]

    def _window(self) -> tuple[int, int, int, int]:
        """(left, right, first, last): bytes and rows of RAM, inclusive, in the order they are written."""
        for name in ("ENTRY", "XRANGE", "YRANGE", "XCOUNTER", "YCOUNTER"):
            if name not in self._registers:
                raise self.error(f"RAM written before {name} was set")
        left, right = self._registers["XRANGE"]
        first, last = (_little(self._registers["YRANGE"][at : at + 2]) for at in (0, 2))
        downwards = self._registers["ENTRY"] == b"\x01"
        if (first < last and downwards) or (first > last and not downwards):
            raise self.error(f"RAM window y {first} to {last} against the data entry mode")
        if self._registers["XCOUNTER"][0] != left or _little(self._registers["YCOUNTER"]) != first:
            raise self.error("RAM counters do not stand at the window's first byte")
        return left, right, first, last

    def _window_bytes(self) -> int:
        left, right, first, last = self._window()
        return (right + 1 - left) * (abs(last - first) + 1)

    def _on_new(self, data: bytes) -> None:
        self._write("NEW", data)

    def _on_old(self, data: bytes) -> None:
        self._write("OLD", data)

    def _write(self, name: str, data: bytes) -> None:
        left, right, first, last = self._window()
        ram = self._rams.setdefault(name, bytearray(self._stride * self.panel.height_px))
        width = right + 1 - left
        step = 1 if last >= first else -1
        for at, row in enumerate(range(first, last + step, step)):
            begin = row * self._stride
            ram[begin + left : begin + right + 1] = data[at * width : (at + 1) * width]
            self._written[name].update(range(begin + left, begin + right + 1))

    # Sequences

    def _on_activate(self, _: bytes) -> None:
        self._need_for("a sequence", "UPDATE2")
        steps = self._registers["UPDATE2"][0]
        self._clock_on |= bool(steps & _CLOCK_ON)
        self._analog_on |= bool(steps & _ANALOG_ON)
        if not self._clock_on:
            raise self.error("a sequence without the clock")
        self._be_busy(self.busy_ms["step"])
        if steps & _LOAD_TEMPERATURE:
            self._need_for("loading the temperature", "SENSOR")
            self._celsius = _ROOM_TEMPERATURE
        if steps & _LOAD_WAVEFORM:
            self._load(2 if steps & _MODE_2 else 1)
        if steps & _DISPLAY:
            self._display(2 if steps & _MODE_2 else 1)
        self._analog_on &= not steps & _ANALOG_OFF
        self._clock_on &= not steps & _CLOCK_OFF

    def _on_temperature(self, data: bytes) -> None:
        self._celsius = data[0]

    def _load(self, mode: int) -> None:
        if self._celsius is None:
            raise self.error("loading a waveform without a temperature")
        if mode == 2:
            self._loaded = "partial"
        else:
            self._loaded = "fast" if self._celsius >= _HOT else "full"
        if self._loaded == "partial" and self._wiring.waveform:
            raise self.error("the OTP has no partial waveform")

    def _on_waveform(self, data: bytes) -> None:
        self._loaded = "register"
        self._registers["WAVEFORM"] = data

    def _display(self, mode: int) -> None:
        if not self._analog_on:
            raise self.error("refresh with the panel's power off")
        self._need_for("a refresh", "DRIVER", "BORDER", "UPDATE1", "SENSOR")
        if _little(self._registers["DRIVER"][:2]) + 1 != self.panel.height_px:
            raise self.error("refresh with another number of gates than the panel has")
        if self._loaded is None:
            raise self.error("refresh without a waveform")
        if (mode == 2) != (self._loaded in ("partial", "register")):
            raise self.error(f"display mode {mode} with a {self._loaded} waveform")
        new, old = self._pictures(mode)
        if self._loaded == "register":
            self._need_for("a waveform of one's own", "VGH", "VSH", "VCOM", "END")
            self._refresh("partial", self._by_register(old, new))
            return
        mask = differing(old, new) if mode == 2 else b"\xff" * len(new)
        self._refresh(self._loaded, driven(self._glass, new, mask))

    def _pictures(self, mode: int) -> tuple[bytes, bytes]:
        """What the RAMs hold, as the glass has it: (new, old)."""
        bypassed = self._registers["UPDATE1"][0] == 0x40
        if self._registers["UPDATE1"][0] not in (0x00, 0x40):
            raise self.error("RAM options (21h) are not modelled")
        if mode == 2 and bypassed:
            raise self.error("a partial refresh that looks at no old picture")
        wanted = ("NEW",) if bypassed else ("NEW", "OLD")
        for name in wanted:
            if len(self._written[name]) < self._stride * self.panel.height_px:
                raise self.error(f"refresh before all of the {name} RAM was written")
        pictures = (self._on_glass(bytes(self._rams[name]), flip=True) for name in wanted)
        new = next(pictures)
        return new, next(pictures, bytes(len(new)))

    def _on_glass(self, data: bytes, *, flip: bool = False) -> bytes:
        """Rows as the glass is wired, without the bits behind the last pixel."""
        rows = [data[at : at + self._stride] for at in range(0, len(data), self._stride)]
        if flip and self._wiring.last_row_first:
            rows.reverse()
        return b"".join(
            bytes(a & b for a, b in zip(row, self._row_mask, strict=True)) for row in rows
        )

    def _by_register(self, old: bytes, new: bytes) -> bytes:
        glass = self._glass
        table = self._registers["WAVEFORM"]
        for index in range(4):
            colour = _end(table, index)
            if colour is None:
                continue
            mask = bytes(
                (o if index & 2 else ~o) & (n if index & 1 else ~n) & 255
                for o, n in zip(old, new, strict=True)
            )
            glass = driven(glass, bytes([255 * colour]) * len(glass), self._on_glass(mask))
        return glass

    def _need_for(self, what: str, *names: str) -> None:
        for name in names:
            if name not in self._registers:
                raise self.error(f"{what} before {name} was set")


def _end(waveform: bytes, index: int) -> int | None:
    """The colour the table for a pixel's (old, new) bits leaves it in: 1 white, 0 black, None as it was.

    For the layout of 153 bytes (SSD1680, SSD1681): five tables of voltages, then lengths and repeats.
    """
    colour = None
    for group in range(_GROUPS):
        voltages = waveform[index * _GROUPS + group]
        lengths = waveform[60 + group * 7 : 67 + group * 7]
        for phase, length in enumerate((lengths[0], lengths[1], lengths[3], lengths[4])):
            voltage = voltages >> 6 - 2 * phase & 3
            if length and voltage:
                colour = 1 if voltage == 2 else 0
    return colour


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
