"""Waits take no time."""


def sleep_ms(_ms):
    pass
