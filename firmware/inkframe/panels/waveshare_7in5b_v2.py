"""Waveshare 7.5inch e-Paper (B) V2: 800 x 480, black, white and red, UC8179.

Size: Waveshare's page for the 7.5inch e-Paper HAT (B), which says 16 s for a refresh; 17.1 s as measured by
GxEPD2 (its class for the GDEW075Z08, the same glass).
"""

from inkframe.panels._uc8179 import UC8179Red


class Panel(UC8179Red):
    name = 'Waveshare 7.5" B V2'
    width_px = 800
    height_px = 480
    refresh_ms = (17100, 0, 0)
