"""Light sleep while a panel is busy, for seconds: an ESP32 takes a fiftieth then of what it takes awake.

Its pins float meanwhile (ESP-IDF's ESP_SLEEP_GPIO_RESET_WORKAROUND). A panel whose reset line does loses its
picture, so what selects it and what resets it is held. Wi-Fi has to be off. A USB port of the chip's own is
gone for the host at its other end, so this is not for a wake that somebody began by hand.
"""

import machine
from machine import Pin

from inkframe.compat import sleep_ms, ticks_diff, ticks_ms


class Nap:
    """`duration_ms` and `pins` as in config.json. Called, it sleeps, and returns how long that took."""

    def __init__(self, duration_ms, pins):
        self._duration_ms = duration_ms
        self._pins = (Pin(pins["cs"]), Pin(pins["reset"]))
        self._hold(False)  # a hold outlasts a restart, and there may have been one within a nap

    def __call__(self):
        began_ms = ticks_ms()
        self._hold(True)
        machine.lightsleep(self._duration_ms)
        self._hold(False)
        sleep_ms(1)  # where the sleep is refused, this must not spin
        return ticks_diff(ticks_ms(), began_ms)

    def _hold(self, on):
        for pin in self._pins:
            pin.init(hold=on)
