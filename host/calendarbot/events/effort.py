"""A bound on work: what a rule asks for is not known before it is followed."""

from __future__ import annotations

from typing import Final

from calendarbot.events.errors import NotUnderstoodError

OF_A_RULE: Final = 200_000
"""Periods and times looked at for one rule: hourly for 22 years."""

OF_A_CALENDAR: Final = 5_000_000
"""For all rules of a calendar together."""


class Effort:
    """What is left to spend on one calendar."""

    def __init__(self, total: int = OF_A_CALENDAR) -> None:
        self._total = total
        self._left = 0

    def begin(self) -> None:
        """A new rule."""
        self._left = min(OF_A_RULE, self._total)

    def spend(self, count: int) -> None:
        """So many periods or times are looked at. Raises NotUnderstoodError when it is too much."""
        self._left -= count
        self._total -= count
        if self._left < 0:
            raise NotUnderstoodError("its rule takes too long to follow")
