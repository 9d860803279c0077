"""UltraChip UC8179 (also sold as GD7965): up to 800 x 600, black and white, waveforms in its OTP.

Register names and numbers are those of the UC8179 datasheet's command table; R50H is its section "VCOM and
data interval setting". The two forced temperatures are Good Display's and Waveshare's way to choose the
fast and the partial waveform from OTP.
"""

from inkframe import wire
from inkframe.compat import const
from inkframe.errors import PanelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.panels._bus import Bus

_PSR = const(0x00)
_PWR = const(0x01)
_POF = const(0x02)
_PON = const(0x04)
_BTST = const(0x06)
_DSLP = const(0x07)
_DTM1 = const(0x10)
_DRF = const(0x12)
_DTM2 = const(0x13)
_DUSPI = const(0x15)
_CDI = const(0x50)
_TCON = const(0x60)
_TRES = const(0x61)
_PTL = const(0x90)
_PTIN = const(0x91)
_PTOUT = const(0x92)
_CCSET = const(0xE0)
_TSSET = const(0xE5)

_BUSY = const(0)
_POWER_MS = const(2000)
_REFRESH_MS = const(20000)

# R50H: BDV 10 (border from K to W), N2OCP (new data becomes old data), DDX 01 (a set bit is white).
# The partial one leaves the border alone (BDZ).
_BORDER_WHITE = b"\x29\x07"
_BORDER_ALONE = b"\xa9\x07"
_FAST_WAVEFORM = b"\x5a"
_PARTIAL_WAVEFORM = b"\x6e"


class UC8179:
    """One frame on the panel per call of `show`; the panel's power is off again on every way out."""

    bpp = 1
    planes = 1
    palette: tuple[tuple[int, int, int], ...] = ((0, 0, 0), (255, 255, 255))
    width_px = 0
    height_px = 0
    most_quick_refreshes = 5
    """Fast and partial refreshes in a row before a full one clears their ghosts."""
    booster = b"\x17\x17\x28\x17"
    power = b"\x07\x07\x3f\x3f"

    def __init__(self, bus: "Bus") -> None:
        self._bus = bus

    def show(
        self,
        new: bytearray,
        held: bytearray | None,
        refresh: int,
        window: tuple[int, int, int, int],
    ) -> None:
        """Show `new`. `held` is what the panel shows now; None, when unknown, makes the refresh full.

        `window` = (x, y, width, height) in pixels bounds a partial refresh; it is widened to whole rows,
        which go over the wire in one piece. PanelError when the panel does not answer.
        """
        if held is None:
            refresh = wire.FULL
        try:
            self._wake(refresh)
            if refresh == wire.PARTIAL:
                self._send_rows(new, held, window[1], window[3])
            else:
                self._send_whole(new, held, refresh)
            self._bus.command(_DRF)
            self._bus.wait_idle(_BUSY, _REFRESH_MS, "refresh")
            if refresh == wire.PARTIAL:
                self._bus.command(_PTOUT)
        finally:
            self._sleep()

    def _wake(self, refresh: int) -> None:
        bus = self._bus
        bus.reset(2, 20)
        bus.wait_idle(_BUSY, _POWER_MS, "reset")
        bus.command(_PWR, self.power)
        bus.command(_BTST, self.booster)
        bus.command(_PSR, b"\x1f")  # KW mode, waveforms from OTP, scan up, shift right
        bus.command(
            _TRES,
            bytes(
                (self.width_px >> 8, self.width_px & 255, self.height_px >> 8, self.height_px & 255)
            ),
        )
        bus.command(_DUSPI, b"\x00")
        bus.command(_TCON, b"\x22")
        bus.command(_CDI, _BORDER_ALONE if refresh == wire.PARTIAL else _BORDER_WHITE)
        bus.command(_PON)
        bus.wait_idle(_BUSY, _POWER_MS, "power on")
        if refresh != wire.FULL:
            bus.command(_CCSET, b"\x02")
            waveform = _PARTIAL_WAVEFORM if refresh == wire.PARTIAL else _FAST_WAVEFORM
            bus.command(_TSSET, waveform)

    def _send_whole(self, new: bytearray, held: bytearray | None, refresh: int) -> None:
        if held is not None and refresh == wire.FAST:
            self._bus.command(_DTM1, held)
        else:
            # Told that every pixel was the other colour, a full refresh drives every pixel.
            self._bus.command_inverted(_DTM1, new)
        self._bus.command(_DTM2, new)

    def _send_rows(self, new: bytearray, held: bytearray | None, y: int, height: int) -> None:
        last_x, last_y = self.width_px - 1, y + height - 1
        stride = (self.width_px + 7) // 8
        begin, end = y * stride, (y + height) * stride
        bus = self._bus
        bus.command(_PTIN)
        bus.command(
            _PTL,
            bytes((0, 0, last_x >> 8, last_x & 255, y >> 8, y & 255, last_y >> 8, last_y & 255, 1)),
        )
        if held is not None:
            bus.command(_DTM1, memoryview(held)[begin:end])
        bus.command(_DTM2, memoryview(new)[begin:end])

    def _sleep(self) -> None:
        try:
            self._bus.command(_POF)
            self._bus.wait_idle(_BUSY, _POWER_MS, "power off")
        except PanelError:
            pass  # the first failure is the one to report; deep sleep is still worth a try
        self._bus.command(_DSLP, b"\xa5")
