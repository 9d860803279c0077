"""A day of three pages, and a device that has it: where tests of the cycle begin."""

from check import NOON, Page, body, picture
from device_in_memory import Device

from inkframe import wire

A, B, C, D = (picture(index, 256) for index in range(1, 5))
HOUR = 3600


def day(**times):
    """Three frames an hour apart, each a change of the one before; asked again after a day."""
    return body(
        [Page(NOON, A), Page(NOON + HOUR, B, A), Page(NOON + 2 * HOUR, C, B, wire.PARTIAL)], **times
    )


def device(**more):
    made = Device(**more)
    made.serve(day())
    return made


def after_first_wake(**more):
    made = device(**more)
    made.wake()
    return made
