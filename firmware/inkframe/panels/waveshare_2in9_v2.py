"""Waveshare 2.9inch e-Paper V2: 128 x 296, black and white, SSD1680; read in landscape.

Size, the glass's voltages (03h, 04h, 2Ch, 3Fh) and the length of a partial waveform that works: Waveshare's
driver for the 2.9inch e-Paper V2. That the OTP has none, and the refresh times as measured: GxEPD2 (its class
for this variant of the GDEM029T94).
"""

from inkframe.panels._ssd16xx import SSD16xx, partial_waveform


class Panel(SSD16xx):
    name = 'Waveshare 2.9" V2'
    controller = "SSD1680"
    width_px = 128
    height_px = 296
    rotation = 90
    refresh_ms = (4000, 0, 740)
    sources = b"\x80"  # S8 to S167
    waveform = (
        (0x32, partial_waveform(10, 3)),
        (0x3F, b"\x22"),  # after the waveform: as the datasheet's default
        (0x03, b"\x17"),  # gates at 20 V
        (0x04, b"\x41\xb0\x32"),  # sources at 15 V, 5.8 V and -15 V
        (0x2C, b"\x36"),  # VCOM at -1.35 V
    )
