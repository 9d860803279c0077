"""Waveshare 4.2inch e-Paper V2: 400 x 300, black and white, SSD1683.

Size, the temperature that chooses the fast waveform and its 1.5 s, and what is left to the OTP: Waveshare's
driver for the 4.2inch e-Paper V2. Partial refresh as measured by GxEPD2 (its class for the GDEY042T81, the
same glass); the full one is an estimate from the 4 s of Waveshare's older 4.2inch panels.
"""

from inkframe.panels._ssd16xx import SSD16xx


class Panel(SSD16xx):
    name = 'Waveshare 4.2" V2'
    controller = "SSD1683"
    width_px = 400
    height_px = 300
    refresh_ms = (4000, 1500, 360)
    fast_temperature = 0x6E
