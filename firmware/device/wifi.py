"""The radio: on for one request, then off."""

import network

from inkframe.compat import sleep_ms, ticks_diff, ticks_ms
from inkframe.errors import TransportError

_CONNECT_MS = 15000
_POLL_MS = 100


class Wifi:
    def __init__(self, wifi):
        self._ssid = wifi.get("ssid", "")
        self._password = wifi.get("password", "")
        self._wlan = None

    def on(self):
        """Connect. TransportError, with the status code and never the password, when it takes too long."""
        self._wlan = wlan = network.WLAN(network.STA_IF)
        wlan.active(True)
        if not wlan.isconnected():
            wlan.connect(self._ssid, self._password)
            began = ticks_ms()
            while not wlan.isconnected():
                if ticks_diff(ticks_ms(), began) > _CONNECT_MS:
                    reason = wlan.status()
                    self.off()
                    raise TransportError("no Wi-Fi, status %d" % reason)
                sleep_ms(_POLL_MS)

    def off(self):
        if self._wlan is not None:
            self._wlan.active(False)
            self._wlan = None
