"""Solomon Systech SSD1680, SSD1681, SSD1683 and SSD1677: one command set, black and white.

Command names and numbers: the SSD1680, SSD1681 and SSD1683 datasheets, as far as their excerpts reach, and
what Waveshare's drivers and GxEPD2 agree on. What differs between the four is data: how RAM addresses count
along x (bytes, or pixels on the SSD1677), and what a panel module says.

A sequence (22h, started by 20h) is a byte of steps, "Display Update Control 2": clock on, analog on, load
the temperature, load a waveform, display mode 2, display, analog off, clock off. Display mode 1 drives every
pixel; mode 2 is for partial refreshes and looks at the old picture in the second RAM (26h). The fast
waveform is the one the OTP holds for a heat that no panel has, so it is chosen by writing that temperature.

A partial refresh drives all rows, too: the window that changed cannot be all that is sent, since what the
RAMs hold outside of it is not known after deep sleep. So both pictures go over the wire whole.
"""

from inkframe import wire
from inkframe.compat import const
from inkframe.panels._family import COMMAND_MS, Family

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.parts import Pixels

_DRIVER_OUTPUT = const(0x01)
_BOOSTER = const(0x0C)
_DEEP_SLEEP = const(0x10)
_DATA_ENTRY = const(0x11)
_SW_RESET = const(0x12)
_SENSOR = const(0x18)
_TEMPERATURE = const(0x1A)
_ACTIVATE = const(0x20)
_UPDATE_1 = const(0x21)
_UPDATE_2 = const(0x22)
_NEW_RAM = const(0x24)
_OLD_RAM = const(0x26)
_BORDER = const(0x3C)
_RAM_X = const(0x44)
_RAM_Y = const(0x45)
_COUNTER_X = const(0x4E)
_COUNTER_Y = const(0x4F)

_LOAD_WAVEFORM = b"\x91"
_FULL = b"\xf7"
_LOADED = b"\xc7"
_PARTIAL = b"\xff"
_PARTIAL_LOADED = b"\xcf"
_OFF = b"\x83"
# 3Ch: follow the waveform from black to white; or hold VCOM, which leaves the border as it is.
_BORDER_WHITE = b"\x05"
_BORDER_ALONE = b"\x80"


class SSD16xx(Family):
    busy_level = 1
    most_quick_refreshes = 5
    x_in_pixels = False
    """Whether RAM addresses along x count pixels in two bytes, and not bytes in one (44h, 4Eh)."""
    gates = 0
    """The last byte of 01h: the order in which the glass is wired to the gates."""
    last_row_first = False
    """The glass is wired upside down: its first row is the RAM's last (11h, y decrement)."""
    sources = b"\x00"
    """The last byte of 21h: where the glass is wired to the sources; empty where 21h has but one byte."""
    booster = b""
    fast_temperature = 0
    """Degrees Celsius that choose the fast waveform."""
    waveform: tuple[tuple[int, bytes], ...] = ()
    """Commands that load a waveform for partial refreshes, where the OTP has none."""

    def _paint(
        self,
        new: "Pixels",
        held: "Pixels | None",
        refresh: int,
        window: tuple[int, int, int, int],
    ) -> None:
        bus = self._bus
        self._reset()
        bus.command(_SW_RESET)
        self._wait(COMMAND_MS, "software reset")
        self._set_up(refresh)
        sequence = self._choose_waveform(refresh)
        if refresh == wire.PARTIAL and held is not None:
            self._to_first_row()
            bus.pixels(_OLD_RAM, held)
        self._to_first_row()
        bus.pixels(_NEW_RAM, new)
        bus.command(_UPDATE_2, sequence)
        bus.command(_ACTIVATE)
        self._wait_refreshed(refresh)

    def _set_up(self, refresh: int) -> None:
        bus = self._bus
        partial = refresh == wire.PARTIAL
        rows = self.height_px - 1
        if self.booster:
            bus.command(_BOOSTER, self.booster)
        bus.command(_DRIVER_OUTPUT, bytes((rows & 255, rows >> 8, self.gates)))
        bus.command(_SENSOR, b"\x80")  # the controller's own
        bus.command(_BORDER, _BORDER_ALONE if partial else _BORDER_WHITE)
        # Without a use for the old picture its RAM counts as zeros, whatever is in it.
        bus.command(_UPDATE_1, (b"\x00" if partial else b"\x40") + self.sources)
        bus.command(_DATA_ENTRY, b"\x01" if self.last_row_first else b"\x03")
        if self.x_in_pixels:
            last = self.width_px - 1
            bus.command(_RAM_X, bytes((0, 0, last & 255, last >> 8)))
        else:
            bus.command(_RAM_X, bytes((0, (self.width_px + 7) // 8 - 1)))
        first, last = (rows, 0) if self.last_row_first else (0, rows)
        bus.command(_RAM_Y, bytes((first & 255, first >> 8, last & 255, last >> 8)))

    def _choose_waveform(self, refresh: int) -> bytes:
        """The sequence that shows what the RAMs hold."""
        bus = self._bus
        if refresh == wire.FAST:
            bus.command(_TEMPERATURE, bytes((self.fast_temperature, 0)))
            bus.command(_UPDATE_2, _LOAD_WAVEFORM)
            bus.command(_ACTIVATE)
            self._wait(COMMAND_MS, "loading the fast waveform")
            return _LOADED
        if refresh == wire.FULL:
            return _FULL
        if not self.waveform:
            return _PARTIAL
        for code, data in self.waveform:
            bus.command(code, data)
        return _PARTIAL_LOADED

    def _to_first_row(self) -> None:
        row = self.height_px - 1 if self.last_row_first else 0
        self._bus.command(_COUNTER_X, b"\x00\x00" if self.x_in_pixels else b"\x00")
        self._bus.command(_COUNTER_Y, bytes((row & 255, row >> 8)))

    def _power_off(self) -> None:
        # Only for when something went wrong: every other sequence ends with analog and clock off.
        self._bus.command(_UPDATE_2, _OFF)
        self._bus.command(_ACTIVATE)
        self._wait(COMMAND_MS, "power off")

    def _deep_sleep(self) -> None:
        self._bus.command(_DEEP_SLEEP, b"\x01")


def partial_waveform(frames: int, repeats: int) -> bytes:
    """153 bytes for 32h: pixels that change are driven in one phase of `frames` x `repeats`, others not.

    The layout is in the datasheets' section "Waveform Setting": five tables (by old and new bit: 00, 01, 10,
    11; VCOM) of 12 groups with four 2-bit voltages each; per group the four phases' lengths, their two
    repeats and the group's; six bytes of frame rates; three of gate and source switches.
    """
    data = bytearray(153)
    data[12] = 0x80  # black to white: VSL in phase A of group 0
    data[24] = 0x40  # white to black: VSH1
    data[60] = frames
    data[66] = repeats - 1
    for group in range(144, 150):
        data[group] = 0x22  # about 50 frames a second
    return bytes(data)
