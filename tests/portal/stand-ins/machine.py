"""A board whose restart is the end of the process, and whose sleep is written down.

Its pins are high, but the one that the file `held` names: that is low for so many looks as it says.
"""

import sys

_held = [-1, 0]
try:
    with open("held") as _file:
        _held = [int(part) for part in _file.read().split()]
except OSError:
    pass


class Pin:
    IN = 0
    OUT = 1
    PULL_UP = 2

    def __init__(self, number, mode=IN, pull=None, value=None):
        self._number = number

    def __call__(self, level=None):
        if self._number != _held[0] or not _held[1]:
            return 1
        _held[1] -= 1
        return 0


class SPI:
    def __init__(self, number, **settings):
        pass

    def write(self, data):
        pass


class ADC:
    pass


class RTC:
    pass


PWRON_RESET = 1
DEEPSLEEP_RESET = 4


def reset_cause():
    return PWRON_RESET


def unique_id():
    return b"\x10\x20\x4f\x2a"


def reset():
    print("restarted")
    sys.exit()


def deepsleep(duration_ms):
    print("asleep for %d s" % (duration_ms // 1000))
    sys.exit()
