"""Waits take no time."""

from utime import *  # noqa: F403  # the rest of the port's own module


def sleep_ms(_ms):
    pass
