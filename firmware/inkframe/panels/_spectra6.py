"""The controller of E Ink's Spectra 6 panels: six colours at 4 bits a pixel, full refreshes only.

Its datasheet is not public. Command numbers and settings are those that Good Display's sample for the
GDEP073E01 and Waveshare's driver for the 7.3inch e-Paper (E) send, the names UltraChip's for the same
numbers where they have the same effect. A pixel's value is the number of a colour; 4 is none.
"""

from inkframe.compat import const
from inkframe.panels._family import COMMAND_MS, Family

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.parts import Pixels

_POF = const(0x02)
_PON = const(0x04)
_DSLP = const(0x07)
_DTM = const(0x10)
_DRF = const(0x12)
_TRES = const(0x61)


class Spectra6(Family):
    controller = "Spectra 6"
    bpp = 4
    # The fifth is no colour of the glass: it repeats black, so that nothing is ever nearest to it.
    palette = (
        (0, 0, 0),
        (255, 255, 255),
        (255, 255, 0),
        (255, 0, 0),
        (0, 0, 0),
        (0, 0, 255),
        (0, 255, 0),
    )
    settings: tuple[tuple[int, bytes], ...] = ()
    """Commands that set voltages, boosters and timing of a panel."""

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
        for code, data in self.settings:
            bus.command(code, data)
        bus.command(_TRES, bytes((width >> 8, width & 255, height >> 8, height & 255)))
        bus.pixels(_DTM, new)
        bus.command(_PON)
        self._wait(COMMAND_MS, "power on")
        bus.command(_DRF, b"\x00")
        self._wait_refreshed(refresh)
        self._power_off()

    def _power_off(self) -> None:
        self._bus.command(_POF, b"\x00")
        self._wait(COMMAND_MS, "power off")

    def _deep_sleep(self) -> None:
        self._bus.command(_DSLP, b"\xa5")
