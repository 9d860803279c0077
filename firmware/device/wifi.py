"""The radio: on for one request, then off.

One short try with the access point that was there last time; then a look at what is there, and one try with
the strongest of the network's name. The look tells within two seconds that there is none, so that a day
without the network costs little. The access point's address is in a file, written when it is another one.
"""

import network

from inkframe.compat import sleep_ms, ticks_diff, ticks_ms
from inkframe.errors import TransportError

_KNOWN_MS = 4000
_FOUND_MS = 10000
_POLL_MS = 50
# No waiting changes these. network.WLAN.status(): the 200s are the esp32 port's, the negative ones rp2's.
_FINAL = (201, 202, -2, -3)
# The same numbers; those that say which mistake it was.
_WRONG_PASSWORD = (202, 204, -3)
_GONE = (201, -2)
_FILE = "radio"
_BSSID_BYTES = 6


class Wifi:
    def __init__(self, wifi, path=_FILE):
        self._ssid = wifi.get("ssid", "")
        self._password = wifi.get("password", "")
        self._path = path
        self._wlan = None

    def on(self):
        """Connect. TransportError, with the reason and never the password, when that cannot be done."""
        self._wlan = wlan = network.WLAN(network.STA_IF)
        wlan.active(True)
        if wlan.isconnected():
            return
        try:
            wlan.config(reconnects=0)  # the esp32 port would try for ever, behind our back
        except (ValueError, TypeError, OSError):
            pass  # the rp2 port does not know it
        known = self._known()
        if known and self._joined(known, _KNOWN_MS):
            return
        found, hidden = self._look()
        if found is None and not hidden:
            self._fail("no network of that name is in reach")
        if not self._joined(found, _FOUND_MS):
            self._fail(_reason(wlan.status()))
        if found and found != known:
            self._remember(found)

    def off(self):
        if self._wlan is not None:
            self._wlan.active(False)
            self._wlan = None

    def _fail(self, why):
        self.off()
        raise TransportError(why)

    def _look(self):
        """(the strongest access point of the network's name or None, whether any hides its name)."""
        best, best_dbm, hidden = None, -1000, False
        name = self._ssid.encode()
        for ssid, bssid, _, dbm, _, _ in self._wlan.scan():
            hidden = hidden or not ssid.strip(b"\0")
            if ssid == name and dbm > best_dbm:
                best, best_dbm = bytes(bssid), dbm
        return best, hidden

    def _joined(self, bssid, timeout_ms):
        wlan = self._wlan
        if bssid is None:
            wlan.connect(self._ssid, self._password)
        else:
            wlan.connect(self._ssid, self._password, bssid=bssid)
        began = ticks_ms()
        while not wlan.isconnected():
            if wlan.status() in _FINAL or ticks_diff(ticks_ms(), began) > timeout_ms:
                wlan.disconnect()
                return False
            sleep_ms(_POLL_MS)
        return True

    def _known(self):
        try:
            with open(self._path, "rb") as file:
                bssid = file.read(_BSSID_BYTES + 1)
        except OSError:
            return None
        return bssid if len(bssid) == _BSSID_BYTES else None

    def _remember(self, bssid):
        try:
            with open(self._path, "wb") as file:
                file.write(bssid)
        except OSError:
            pass  # a full flash: the next connection takes a little longer


def _reason(status):
    if status in _WRONG_PASSWORD:
        return "the Wi-Fi password is not right"
    if status in _GONE:
        return "the access point has gone"
    return "the access point does not answer (status %d)" % status
