"""The unix port's `time`, with the modelled board's clock in place of the machine's."""

import _link
from utime import *  # noqa: F403  # the rest of the port's own module


def sleep_ms(duration_ms):
    _link.tell(b"Z", "<I", duration_ms)


def sleep(duration_s):
    sleep_ms(int(duration_s * 1000))


def ticks_ms():
    return _link.ask(b"T", "<Q") & 0x3FFFFFFF


def time():
    return _link.ask(b"R", "<Q") // 1000
