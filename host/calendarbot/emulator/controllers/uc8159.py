"""A model of the UC8159: 4 bits a pixel, one RAM, full refreshes only. Sources as its driver's."""

from __future__ import annotations

from calendarbot.emulator.controllers._colour import Colour


class Controller(Colour):
    """One panel's controller and glass. ControllerError when the driver breaks a rule."""

    name = "UC8159"
    commands = {  # noqa: RUF012  # never changed
        0x00: ("PSR", 2),
        0x01: ("PWR", 4),
        0x02: ("POF", 0),
        0x03: ("PFS", 1),
        0x04: ("PON", 0),
        0x06: ("BTST", 3),
        0x07: ("DSLP", 1),
        0x10: ("DTM1", None),
        0x12: ("DRF", 0),
        0x30: ("PLL", 1),
        0x50: ("CDI", 1),
        0x60: ("TCON", 1),
        0x61: ("TRES", 4),
        0xE3: ("PWS", 1),
    }
    needed = ("PSR", "PWR", "BTST", "PLL", "CDI", "TCON", "TRES")
    colours = frozenset(range(7))
