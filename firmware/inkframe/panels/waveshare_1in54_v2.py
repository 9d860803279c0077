"""Waveshare 1.54inch e-Paper V2: 200 x 200, black and white, SSD1681.

Size: Waveshare's driver for the 1.54inch e-Paper V2. Refresh times as measured by GxEPD2 (its class
for the GDEH0154D67, the same glass), which knows no fast waveform in its OTP.
"""

from inkframe.panels._ssd16xx import SSD16xx


class Panel(SSD16xx):
    name = 'Waveshare 1.54" V2'
    controller = "SSD1681"
    width_px = 200
    height_px = 200
    refresh_ms = (2500, 0, 460)
    sources = b""
