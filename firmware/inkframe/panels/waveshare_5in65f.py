"""Waveshare 5.65inch e-Paper (F): 600 x 448, seven colours (ACeP), UC8159.

Size, colours and refresh time: Waveshare's page for the Pico-ePaper-5.65, the same glass. Voltages, booster
and frame rate: Waveshare's driver for the 5.65inch e-Paper (F).
"""

from inkframe.panels._uc8159 import UC8159


class Panel(UC8159):
    name = 'Waveshare 5.65" F'
    width_px = 600
    height_px = 448
    refresh_ms = (33000, 0, 0)
