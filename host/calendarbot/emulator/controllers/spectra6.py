"""A model of the controller of Spectra 6 panels: 4 bits a pixel, one RAM, full refreshes only.

Its datasheet is not public: commands and their lengths are those of Good Display's and Waveshare's drivers.
"""

from __future__ import annotations

from calendarbot.emulator.controllers._colour import Colour


class Controller(Colour):
    """One panel's controller and glass. ControllerError when the driver breaks a rule."""

    name = "Spectra 6"
    commands = {  # noqa: RUF012  # never changed
        0x00: ("PSR", 2),
        0x01: ("PWR", 1),
        0x02: ("POF", 1),
        0x03: ("PFS", 4),
        0x04: ("PON", 0),
        0x05: ("BTST1", 4),
        0x06: ("BTST2", 4),
        0x07: ("DSLP", 1),
        0x08: ("BTST3", 4),
        0x10: ("DTM1", None),
        0x12: ("DRF", 1),
        0x30: ("PLL", 1),
        0x50: ("CDI", 1),
        0x60: ("TCON", 2),
        0x61: ("TRES", 4),
        0x84: ("TVDCS", 1),
        0xAA: ("CMDH", 6),
        0xE3: ("PWS", 1),
    }
    needed = ("CMDH", "PSR", "PWR", "PFS", "BTST1", "BTST2", "BTST3", "PLL", "CDI", "TCON", "TRES")
    colours = frozenset((0, 1, 2, 3, 5, 6))
