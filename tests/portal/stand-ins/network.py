"""Wi-Fi over loopback: the board's own network is 127.0.0.1, the others are in air.json (name → password)."""

import json

AP_IF = 1
STA_IF = 0
_WRONG_PASSWORD = 202
_NO_SECURITY = 0
_WPA2 = 3


def _air():
    with open("air.json") as file:
        return json.load(file)


class WLAN:
    def __init__(self, interface):
        self._joined = False

    def config(self, **options):
        pass

    def active(self, on):
        pass

    def ifconfig(self):
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")

    def scan(self):
        return [
            (
                name.encode(),
                b"\x02%05d" % at,
                6,
                -50 - 9 * at,
                _WPA2 if password else _NO_SECURITY,
                False,
            )
            for at, (name, password) in enumerate(_air())
        ]

    def connect(self, ssid, password, bssid=None):
        self._joined = [ssid, password] in _air()

    def disconnect(self):
        pass

    def isconnected(self):
        return self._joined

    def status(self):
        return _WRONG_PASSWORD
