"""Wi-Fi that does what does.json says: `joins`, `status`, `rssi_dbm`; `wifi` false is a firmware without."""

import machine

_does = machine._does
if not _does.get("wifi", True):
    raise ImportError("no module named 'network'")

STA_IF = 0


class WLAN:
    def __init__(self, interface):
        pass

    def active(self, on):
        pass

    def connect(self, ssid, password):
        with open("joined", "w") as file:
            file.write(ssid + " " + password)

    def isconnected(self):
        return _does.get("joins", True)

    def status(self, what=None):
        return _does.get("rssi_dbm", -60) if what == "rssi" else _does.get("status", 201)
