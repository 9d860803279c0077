"""Sleep: the only way a wake ends."""

import machine

SAFE_SLEEP_S = 3600
"""After an error that nothing else dealt with: long enough to save the battery, short enough to recover."""


def sleep(seconds):
    machine.deepsleep(seconds * 1000)
