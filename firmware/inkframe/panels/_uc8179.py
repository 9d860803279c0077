"""UltraChip UC8179 (also sold as GD7965): up to 800 x 600, waveforms in its OTP.

Register names and numbers are those of the UC8179 datasheet's command table; R50H is its section "VCOM and
data interval setting". The two forced temperatures are Good Display's and Waveshare's way to choose the
fast and the partial waveform from OTP.
"""

from inkframe import wire
from inkframe.compat import const
from inkframe.panels._uc81xx import BTST, CDI, DTM1, DTM2, PSR, PTIN, PTL, PWR, TCON, TRES, UC81xx

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.parts import Pixels

_DUSPI = const(0x15)
_CCSET = const(0xE0)
_TSSET = const(0xE5)

# R50H: BDV 10 (border from K to W), N2OCP (new data becomes old data), DDX 01 (a set bit is white).
# The partial one leaves the border alone (BDZ).
_BORDER_WHITE = b"\x29\x07"
_BORDER_ALONE = b"\xa9\x07"
_FAST_WAVEFORM = b"\x5a"
_PARTIAL_WAVEFORM = b"\x6e"


class UC8179(UC81xx):
    """Black and white (the datasheet's KW mode)."""

    controller = "UC8179"
    refresh_ms = (3500, 1500, 400)
    most_quick_refreshes = 5
    booster = b"\x17\x17\x28\x17"
    power = b"\x07\x07\x3f\x3f"
    mode = b"\x1f"
    """PSR: KW mode, waveforms from OTP, scan up, shift right."""

    def _paint(
        self,
        new: "Pixels",
        held: "Pixels | None",
        refresh: int,
        window: tuple[int, int, int, int],
    ) -> None:
        self._wake(refresh)
        if refresh == wire.PARTIAL and held is not None:
            self._send_rows(new, held, window[1], window[3])
        else:
            self._send_whole(new, held, refresh)
        self._refresh_and_power_off(refresh)

    def _wake(self, refresh: int) -> None:
        bus = self._bus
        self._reset()
        bus.command(PWR, self.power)
        bus.command(BTST, self.booster)
        bus.command(PSR, self.mode)
        bus.command(
            TRES,
            bytes(
                (self.width_px >> 8, self.width_px & 255, self.height_px >> 8, self.height_px & 255)
            ),
        )
        bus.command(_DUSPI, b"\x00")
        bus.command(TCON, b"\x22")
        bus.command(CDI, self._interval(refresh))
        self._power_on()
        if refresh != wire.FULL:
            bus.command(_CCSET, b"\x02")
            waveform = _PARTIAL_WAVEFORM if refresh == wire.PARTIAL else _FAST_WAVEFORM
            bus.command(_TSSET, waveform)

    def _interval(self, refresh: int) -> bytes:
        return _BORDER_ALONE if refresh == wire.PARTIAL else _BORDER_WHITE

    def _send_whole(self, new: "Pixels", held: "Pixels | None", refresh: int) -> None:
        if held is not None and refresh == wire.FAST:
            self._bus.pixels(DTM1, held)
        else:
            # Told that every pixel was the other colour, a full refresh drives every pixel.
            self._bus.pixels_inverted(DTM1, new)
        self._bus.pixels(DTM2, new)

    def _send_rows(self, new: "Pixels", held: "Pixels", y: int, height: int) -> None:
        """The window, widened to whole rows, which go over the wire in one piece."""
        last_x, last_y = self.width_px - 1, y + height - 1
        stride = (self.width_px + 7) // 8
        begin, end = y * stride, (y + height) * stride
        bus = self._bus
        bus.command(PTIN)
        bus.command(
            PTL,
            bytes((0, 0, last_x >> 8, last_x & 255, y >> 8, y & 255, last_y >> 8, last_y & 255, 1)),
        )
        bus.pixels(DTM1, held, begin, end)
        bus.pixels(DTM2, new, begin, end)


class UC8179Red(UC8179):
    """Black, white and red (the datasheet's KWR mode): full refreshes only."""

    planes = 2
    palette = ((0, 0, 0), (255, 255, 255), (255, 0, 0))
    most_quick_refreshes = 0
    mode = b"\x0f"

    def _interval(self, refresh: int) -> bytes:
        # BDV 01 (white border), DDX 11: a set bit is white in the first plane, a clear one red in the second.
        return b"\x13\x07"

    def _send_whole(self, new: "Pixels", held: "Pixels | None", refresh: int) -> None:
        half = new.length // 2
        self._bus.pixels(DTM1, new, 0, half)
        self._bus.pixels(DTM2, new, half)
