"""Waveshare 7.5inch e-Paper V2: 800 x 480, black and white, UC8179.

Size and refresh times: Waveshare's product page and manual for the 7.5inch e-Paper (V2).
"""

from inkframe.panels._uc8179 import UC8179


class Panel(UC8179):
    name = 'Waveshare 7.5" V2'
    width_px = 800
    height_px = 480
