"""Buttons that end a sleep. Each connects its pin to ground while it is pressed.

An ESP32 and its S series wake by one pin each of two kinds, EXT0 and EXT1, and tell them apart; a C3 or C6 by
any of its lowest pins, if MicroPython is new enough to know (`esp32.wake_on_gpio`). An RP2 looks from time to
time.
"""

import sys

import machine
from machine import Pin

_GPIO_WAKE = 7
"""ESP-IDF, esp_sleep_source_t: ESP_SLEEP_WAKEUP_GPIO."""


class Buttons:
    """`pins` is `buttons` of config.json: the numbers of "refresh" and "next_page", where they are there."""

    def __init__(self, pins):
        names = [name for name in ("refresh", "next_page") if name in pins]
        self._pins = [(name, Pin(pins[name], Pin.IN, Pin.PULL_UP)) for name in names]
        self._released = False

    def __len__(self):
        return len(self._pins)

    def pressed(self):
        """The name of a button that is pressed, and was not all the time since the first look; or ""."""
        held = [name for name, pin in self._pins if not pin()]
        if not held:
            self._released = True
        return held[0] if held and self._released else ""

    def any_held(self):
        return any(not pin() for _, pin in self._pins)

    def arm(self):
        """Let them end the deep sleep of an ESP32. Not one that is stuck: the board would never sleep."""
        import esp32

        free = [pin for _, pin in self._pins if pin()]
        if "32C" in getattr(sys.implementation, "_machine", ""):
            if free and hasattr(esp32, "wake_on_gpio"):
                esp32.wake_on_gpio(free, esp32.WAKEUP_ALL_LOW)
            return
        for (_, pin), wake_on in zip(self._pins, (_ext0, _ext1)):
            if pin in free:
                wake_on(esp32, pin)

    def woke(self):
        """The name of the button that ended the deep sleep of an ESP32, or ""."""
        reason = machine.wake_reason()
        kinds = (machine.EXT0_WAKE, machine.EXT1_WAKE)
        for (name, _), kind in zip(self._pins, kinds):
            if reason == kind:
                return name
        if reason != _GPIO_WAKE or not self._pins:
            return ""
        self._released = True
        return self.pressed() or self._pins[0][0]


def _ext0(esp32, pin):
    esp32.wake_on_ext0(pin=pin, level=esp32.WAKEUP_ALL_LOW)


def _ext1(esp32, pin):
    esp32.wake_on_ext1(pins=(pin,), level=esp32.WAKEUP_ALL_LOW)
