"""Waveshare 2.13inch e-Paper V4: 122 x 250, black and white, SSD1680; read in landscape.

Size, full and partial refresh: Waveshare's page for the 2.13inch e-Paper HAT; fast refresh as measured by
GxEPD2 (its class for the GDEY0213B74, the same glass). The temperature that chooses the fast waveform, and
the sources in use: Waveshare's driver for the V4. A row is 16 bytes: the last six bits are wired to nothing.
"""

from inkframe.panels._ssd16xx import SSD16xx


class Panel(SSD16xx):
    name = 'Waveshare 2.13" V4'
    controller = "SSD1680"
    width_px = 122
    height_px = 250
    rotation = 90
    refresh_ms = (2000, 1600, 300)
    fast_temperature = 0x64
    sources = b"\x80"  # S8 to S167
