"""Waveshare 2.9inch flexible e-Paper (D): 128 x 296, black and white, UC8151; read in landscape.

Size, voltages, frame rate and length of the partial waveform: Waveshare's driver for the 2.9inch e-Paper (D).
Refresh times as measured by GxEPD2 (its class for the GDEW029I6FD, the
same glass).
"""

from inkframe.panels._uc8151 import UC8151


class Panel(UC8151):
    name = 'Waveshare 2.9" flexible'
    width_px = 128
    height_px = 296
    rotation = 90
    refresh_ms = (3500, 0, 380)
