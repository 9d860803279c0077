"""Waveshare 4.26inch e-Paper: 800 x 480, black and white, SSD1677.

Size, how the glass is wired to the gates, the booster's strengths and the temperature that chooses the fast
waveform: Waveshare's driver for the 4.26inch e-Paper. Fast and partial refresh as measured by GxEPD2 (its
class for the GDEQ0426T82, the same glass); the full one is an estimate, as that of the 7.5inch V2.
"""

from inkframe.panels._ssd16xx import SSD16xx


class Panel(SSD16xx):
    name = 'Waveshare 4.26"'
    controller = "SSD1677"
    width_px = 800
    height_px = 480
    refresh_ms = (3500, 1600, 500)
    x_in_pixels = True
    gates = 0x02  # interlaced
    last_row_first = True
    booster = b"\xae\xc7\xc3\xc0\x80"
    fast_temperature = 0x5A
