"""Waveshare 7.3inch e-Paper (E): 800 x 480, six colours (E Ink Spectra 6).

Size, colours and settings: Waveshare's driver for the 7.3inch e-Paper (E). Refresh time as measured by GxEPD2
(its class for the GDEP073E01, the same glass).
"""

from inkframe.panels._spectra6 import Spectra6


class Panel(Spectra6):
    name = 'Waveshare 7.3" E'
    width_px = 800
    height_px = 480
    refresh_ms = (12500, 0, 0)
    settings = (
        (0xAA, b"\x49\x55\x20\x08\x09\x18"),
        (0x01, b"\x3f"),
        (0x00, b"\x5f\x69"),
        (0x03, b"\x00\x54\x00\x44"),
        (0x05, b"\x40\x1f\x1f\x2c"),
        (0x06, b"\x6f\x1f\x17\x49"),
        (0x08, b"\x6f\x1f\x1f\x22"),
        (0x30, b"\x03"),
        (0x50, b"\x3f"),
        (0x60, b"\x02\x00"),
        (0x84, b"\x01"),
        (0xE3, b"\x2f"),
    )
