"""Hardware that does what does.json says: `shorted`, `busy` (null: nobody drives it), `adc_mv`, `utc`."""

import json
import sys

with open("does.json") as _file:
    _does = json.load(_file)


class Pin:
    IN = 0
    OUT = 1
    PULL_UP = 2
    PULL_DOWN = 3

    def __init__(self, number, mode=IN, pull=None, value=None):
        self.number = number
        self._pull = pull
        self._level = 0 if value is None else value

    def value(self, level=None):
        if level is not None:
            self._level = level
        if self.number in _does.get("shorted", ()):
            return 0
        if self._pull is None:
            return self._level
        driven = _does.get("busy", 1)
        return driven if driven is not None else 1 if self._pull == Pin.PULL_UP else 0


class ADC:
    def __init__(self, pin):
        pass

    def read_u16(self):
        return (_does.get("adc_mv", 2000) * 65535 + 3299) // 3300


class RTC:
    def datetime(self):
        return tuple(_does.get("utc", (2026, 11, 24, 1, 9, 0, 0, 0)))


def reset():
    with open("restarted", "w"):
        pass
    sys.exit()
