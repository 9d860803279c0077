"""What the unix port's `machine` lacks, wired to the modelled board."""

import sys

import _link
from umachine import *  # noqa: F403  # the rest of the port's own module

# As on an ESP32.
PWRON_RESET, WDT_RESET, DEEPSLEEP_RESET = 1, 3, 4
EXT0_WAKE, EXT1_WAKE, TIMER_WAKE = 2, 3, 4


def wake_reason():
    return _link.ask(b"K", "<B")


def reset_cause():
    return DEEPSLEEP_RESET if wake_reason() else PWRON_RESET


class Pin:
    IN = 0
    OUT = 1
    PULL_UP = 2

    def __init__(self, number, mode=IN, pull=None, value=None):
        self._number = number
        if value is not None:
            self(value)

    def init(self, hold):
        _link.tell(b"H", "<BB", self._number, hold)

    def __call__(self, level=None):
        if level is None:
            return _link.ask(b"I", "<B", "<B", self._number)
        _link.tell(b"O", "<BB", self._number, level)
        return None


class ADC:
    def __init__(self, pin):
        pass

    def read_uv(self):
        return _link.ask(b"A", "<I")


class SPI:
    def __init__(self, number, **settings):
        pass

    def write(self, data):
        _link.send(data)


class RTC:
    def memory(self, data=None):
        if data is None:
            return _link.receive(b"m")
        _link.send(data, b"M")
        return None

    def datetime(self, value=None):
        from inkframe.epoch import from_utc, to_utc

        if value is None:
            milliseconds = _link.ask(b"R", "<Q")
            year, month, day, hours, minutes, seconds = to_utc(milliseconds // 1000)
            return (year, month, day, 0, hours, minutes, seconds, milliseconds % 1000)
        year, month, day, _, hours, minutes, seconds, _ = value
        _link.tell(b"C", "<Q", from_utc(year, month, day, hours, minutes, seconds) * 1000)
        return None


def reset():
    deepsleep(0)


def lightsleep(duration_ms):
    _link.tell(b"L", "<I", duration_ms)


def deepsleep(duration_ms):
    _link.tell(b"D", "<I", duration_ms)
    sys.exit(0)
