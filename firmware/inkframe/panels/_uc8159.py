"""UltraChip UC8159 (SPD1656 is much the same): 600 x 448, seven colours, full refreshes only.

Register names and numbers: the UC8179 datasheet, whose family this is, and Waveshare's driver. A pixel is 4
bits, and its value the number of a colour; 7 is what the controller cleans the glass with, not a colour to
show.
"""

from inkframe.panels._uc81xx import BTST, CDI, DTM1, PFS, PLL, PSR, PWR, PWS, TCON, TRES, UC81xx

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.parts import Pixels

_PANEL = b"\xef\x08"  # waveforms from OTP, scan up, shift right, booster on
_SEQUENCE = b"\x00"
_BORDER_WHITE = b"\x37"
_NON_OVERLAP = b"\x22"
_SAVING = b"\xaa"


class UC8159(UC81xx):
    controller = "UC8159"
    bpp = 4
    palette = (
        (0, 0, 0),
        (255, 255, 255),
        (0, 255, 0),
        (0, 0, 255),
        (255, 0, 0),
        (255, 255, 0),
        (255, 128, 0),
    )
    power = b"\x37\x00\x23\x23"
    booster = b"\xc7\xc7\x1d"
    frame_rate = b"\x3c"

    def _paint(
        self,
        new: "Pixels",
        held: "Pixels | None",
        refresh: int,
        window: tuple[int, int, int, int],
    ) -> None:
        bus = self._bus
        width, height = self.width_px, self.height_px
        self._reset()
        bus.command(PSR, _PANEL)
        bus.command(PWR, self.power)
        bus.command(PFS, _SEQUENCE)
        bus.command(BTST, self.booster)
        bus.command(PLL, self.frame_rate)
        bus.command(CDI, _BORDER_WHITE)
        bus.command(TCON, _NON_OVERLAP)
        bus.command(TRES, bytes((width >> 8, width & 255, height >> 8, height & 255)))
        bus.command(PWS, _SAVING)
        bus.pixels(DTM1, new)
        self._power_on()
        self._refresh_and_power_off(refresh)
