"""Sleep: the only way a wake ends."""

import time

import machine

from device import watchdog

SAFE_SLEEP_S = 3600
"""After an error that nothing else dealt with: long enough to save the battery, short enough to recover."""


_LISTEN_S = 30

start_watchdog = watchdog.start
stop_watchdog = watchdog.stop


def listen():
    """Stay reachable for a moment: a board without a configuration is about to be given one."""
    watchdog.stop()
    print("no configuration yet: listening for %d s" % _LISTEN_S)
    time.sleep(_LISTEN_S)


def sleep(seconds, on_cable=False):
    """Deep sleep; on a cable, which brings power and the host, only wait. Both end in a fresh start."""
    watchdog.stop()
    if on_cable:
        time.sleep(seconds)
        machine.soft_reset()
    machine.deepsleep(seconds * 1000)
