"""The device's clock: the RTC, in epoch seconds."""

from machine import RTC

from inkframe.epoch import from_utc, to_utc

# An RTC that was never set counts from a year long before this.
_FIRST_YEAR = 2025


class RtcClock:
    def __init__(self):
        self._rtc = RTC()

    def now(self):
        year, month, day, _, hours, minutes, seconds, _ = self._rtc.datetime()
        if year < _FIRST_YEAR:
            return 0
        return from_utc(year, month, day, hours, minutes, seconds)

    def set(self, seconds):
        year, month, day, hours, minutes, second = to_utc(seconds)
        self._rtc.datetime((year, month, day, 0, hours, minutes, second, 0))
