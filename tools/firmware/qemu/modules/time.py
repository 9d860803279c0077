"""The port has no clock: time stands still here, but for sleeping."""

_now_ms = 0


def ticks_ms():
    return _now_ms


def ticks_diff(later, earlier):
    return later - earlier


def sleep_ms(duration_ms):
    global _now_ms
    _now_ms += duration_ms
