"""What UltraChip's panel controllers have in common: command codes, power, refresh, deep sleep.

From the UC8179 datasheet; public drivers use them alike on the UC8151 and the UC8159. BUSY_N is low while
busy.
"""

from inkframe import wire
from inkframe.compat import const
from inkframe.panels._family import COMMAND_MS, Family

PSR = const(0x00)
PWR = const(0x01)
_POF = const(0x02)
PFS = const(0x03)
_PON = const(0x04)
BTST = const(0x06)
_DSLP = const(0x07)
DTM1 = const(0x10)
_DRF = const(0x12)
DTM2 = const(0x13)
PLL = const(0x30)
CDI = const(0x50)
TCON = const(0x60)
TRES = const(0x61)
VDCS = const(0x82)
PTL = const(0x90)
PTIN = const(0x91)
_PTOUT = const(0x92)
PWS = const(0xE3)


class UC81xx(Family):
    def _power_on(self) -> None:
        self._bus.command(_PON)
        self._wait(COMMAND_MS, "power on")

    def _refresh_and_power_off(self, refresh: int) -> None:
        bus = self._bus
        bus.command(_DRF)
        self._wait_refreshed(refresh)
        if refresh == wire.PARTIAL:
            bus.command(_PTOUT)
        self._power_off()

    def _power_off(self) -> None:
        self._bus.command(_POF)
        self._wait(COMMAND_MS, "power off")

    def _deep_sleep(self) -> None:
        self._bus.command(_DSLP, b"\xa5")
