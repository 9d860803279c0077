"""A board whose restart is the end of the process, and whose sleep is written down."""

import sys


class Pin:
    IN = 0
    OUT = 1
    PULL_UP = 2

    def __init__(self, number, mode=IN, pull=None, value=None):
        pass

    def __call__(self, level=None):
        return 1

    def value(self, level=None):
        return 1


class SPI:
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
