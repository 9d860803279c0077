"""How full the battery is, in three levels, and what a device does without when it is not.

A voltage wanders by some 50 mV with temperature and load, so a level is left upwards only HYSTERESIS_MV above
where it was entered.
"""

from inkframe.compat import const

GOOD = const(0)
LOW = const(1)
CRITICAL = const(2)

LOW_MV = const(3500)
CRITICAL_MV = const(3300)
"""Of a lithium cell. Below it a regulator for 3.3 V may not last through a refresh."""
NO_CELL_MV = const(2000)
"""Less than any cell has: it is not there, and the power comes from a cable."""
HYSTERESIS_MV = const(150)

_LOW_ASK_S = const(21600)


class Battery:
    """One measurement. `mv` 0: not measured."""

    check_s = 3600
    """How often a device that rests looks whether it is being charged."""

    def __init__(self, mv: int, low_mv: int = LOW_MV, critical_mv: int = CRITICAL_MV) -> None:
        self.mv = mv
        self._low_mv = low_mv
        self._critical_mv = critical_mv

    def level(self, before: int) -> int:
        """GOOD, LOW or CRITICAL; `before` is the level that was."""
        if self.mv < NO_CELL_MV:
            return GOOD
        if self.mv < self._critical_mv + (HYSTERESIS_MV if before == CRITICAL else 0):
            return CRITICAL
        if self.mv < self._low_mv + (HYSTERESIS_MV if before != GOOD else 0):
            return LOW
        return GOOD

    def rests(self, level: int) -> bool:
        """Whether a device does nothing until it is charged."""
        return level == CRITICAL

    def spares(self, level: int, ask_at: int, now: int, valid_until: int) -> int:
        """When to ask the host: with a low battery later than planned, but before the pages run out."""
        if level != LOW:
            return ask_at
        return max(ask_at, min(now + _LOW_ASK_S, valid_until))
