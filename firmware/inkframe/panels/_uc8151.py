"""UltraChip UC8151 (also sold as IL0373): up to 160 x 296, black and white.

Register names and numbers: the UC8179 datasheet, whose family this is, Waveshare's driver and GxEPD2. Full
refreshes take their waveform from OTP; partial ones need one in registers R20H to R24H, in the layout of
the section "LUT": for each of seven groups the voltages of four phases, the phases' lengths in frames, and
the repeats.
"""

from inkframe import wire
from inkframe.compat import const
from inkframe.panels._uc81xx import (
    BTST,
    CDI,
    DTM1,
    DTM2,
    PLL,
    PSR,
    PTIN,
    PTL,
    PWR,
    TRES,
    VDCS,
    UC81xx,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.parts import Pixels

_LUT_VCOM = const(0x20)
_LUT_WW = const(0x21)
_LUT_KW = const(0x22)
_LUT_WK = const(0x23)
_LUT_KK = const(0x24)
_LUT_BYTES = const(42)
_LUT_VCOM_BYTES = const(44)

# R50H: VBD (border) from K to W, or floating; DDX 01 (a set bit is white).
_BORDER_WHITE = b"\x97"
_BORDER_ALONE = b"\x17"
_WAVEFORM_FROM_OTP = b"\x1f"
_WAVEFORM_FROM_REGISTERS = b"\xbf"


class UC8151(UC81xx):
    controller = "UC8151"
    most_quick_refreshes = 5
    power = b"\x03\x00\x2b\x2b\x03"
    booster = b"\x17\x17\x17"
    frame_rate = b"\x3a"
    vcom = b"\x12"
    partial_frames = 25
    """How long a pixel that changes is driven by a partial refresh."""

    def _paint(
        self,
        new: "Pixels",
        held: "Pixels | None",
        refresh: int,
        window: tuple[int, int, int, int],
    ) -> None:
        bus = self._bus
        partial = refresh == wire.PARTIAL
        self._reset()
        bus.command(PSR, _WAVEFORM_FROM_REGISTERS if partial else _WAVEFORM_FROM_OTP)
        bus.command(TRES, bytes((self.width_px, self.height_px >> 8, self.height_px & 255)))
        bus.command(CDI, _BORDER_ALONE if partial else _BORDER_WHITE)
        if partial:
            self._load_waveform()
        self._power_on()
        if partial and held is not None:
            self._send_rows(new, held, window[1], window[3])
        else:
            # Told that every pixel was the other colour, a full refresh drives every pixel.
            bus.pixels_inverted(DTM1, new)
            bus.pixels(DTM2, new)
        self._refresh_and_power_off(refresh)

    def _load_waveform(self) -> None:
        bus = self._bus
        bus.command(PWR, self.power)
        bus.command(BTST, self.booster)
        bus.command(PLL, self.frame_rate)
        bus.command(VDCS, self.vcom)
        bus.command(_LUT_VCOM, self._table(0x00, _LUT_VCOM_BYTES))
        bus.command(_LUT_WW, self._table(0x00, _LUT_BYTES))
        bus.command(_LUT_KW, self._table(0x80, _LUT_BYTES))  # VDL makes white
        bus.command(_LUT_WK, self._table(0x40, _LUT_BYTES))  # VDH makes black
        bus.command(_LUT_KK, self._table(0x00, _LUT_BYTES))

    def _table(self, voltages: int, size: int) -> bytearray:
        table = bytearray(size)
        table[0] = voltages
        table[1] = self.partial_frames
        table[2] = 1
        table[5] = 1
        return table

    def _send_rows(self, new: "Pixels", held: "Pixels", y: int, height: int) -> None:
        """The window, widened to whole rows, which go over the wire in one piece."""
        last_y = y + height - 1
        stride = self.width_px // 8
        begin, end = y * stride, (y + height) * stride
        bus = self._bus
        bus.command(PTIN)
        bus.command(
            PTL, bytes((0, self.width_px - 1, y >> 8, y & 255, last_y >> 8, last_y & 255, 1))
        )
        bus.pixels(DTM1, held, begin, end)
        bus.pixels(DTM2, new, begin, end)
