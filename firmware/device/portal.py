"""A board without a configuration opens a network of its own, where a page asks for one.

Only after a start by hand (power, reset, a button): a board that nobody configures sleeps, a day at a time.
"""

import json

import machine

from device import power, watchdog
from inkframe.compat import const
from inkframe.errors import InkError
from inkframe.memory import Memory
from inkframe.reset import REMEMBERED

HTTP_PORT = 80
DNS_PORT = 53
_IDLE_MS = const(300000)
_LONGEST_MS = const(1800000)
_DAY_S = const(86400)
_BOARD_FILE = "board.json"
_CONFIG_FILE = "config.json"


class AccessPoint:
    def __init__(self, network, name):
        self._network = network
        self._own = own = network.WLAN(network.AP_IF)
        own.config(ssid=name, security=0)
        own.active(True)
        self.address = own.ifconfig()[0]

    def networks(self):
        from inkframe.portal.setup import ranked

        wlan = self._network.WLAN(self._network.STA_IF)
        wlan.active(True)
        return ranked(wlan.scan())

    def join(self, name, password):
        from device.wifi import Wifi

        wifi = Wifi({"ssid": name, "password": password})
        wifi.on()
        wifi.off()

    def close(self):
        for interface in (self._network.STA_IF, self._network.AP_IF):
            self._network.WLAN(interface).active(False)


def wait_for_config():
    """Be given a configuration, on the page or over a cable, and restart. Else returns seconds to sleep."""
    memory = Memory()
    board = memory.read_text(_BOARD_FILE)
    if board is None:  # there is nothing to add a configuration to
        power.listen()
        return power.SAFE_SLEEP_S
    wiring = json.loads(board)
    power.plan(wiring["longest_sleep_s"], wiring.get("buttons"))
    reason, _ = power.begin()
    if memory.is_there(_CONFIG_FILE):  # one that cannot be read is no invitation
        power.reset_if_asked(reason)
        power.listen()
        return power.SAFE_SLEEP_S
    if reason == "timer":
        return _DAY_S
    try:
        import network
    except ImportError:  # no radio
        power.listen()
        return power.SAFE_SLEEP_S
    name = "calendar-%02x%02x" % tuple(machine.unique_id()[-2:])
    _show(name, wiring)
    text = _portal(network, name, board)
    if not text:
        return _DAY_S
    for name in REMEMBERED:
        memory.forget(name)  # of whose display it was before; none of it is to meet the new one
    memory.replace(_CONFIG_FILE, text.encode())
    print("portal: configured")
    machine.reset()
    return power.SAFE_SLEEP_S


class _Wiring:
    def __init__(self, wiring):
        self.pins = wiring["pins"]
        self.spi = wiring["spi"]


def _show(name, wiring):
    """Say on the panel which network to join. Where it is another panel than is known, the page has to do."""
    from device.board import load_panel, make_bus
    from device.font import letters
    from inkframe.portal.notice import show_notice

    watchdog.stop()
    try:
        panel = load_panel(wiring["panel"])(make_bus(_Wiring(wiring)))
        show_notice(panel, letters, "Wi-Fi: " + name)
    except (InkError, ImportError, KeyError) as error:
        print("portal: nothing on the panel:", repr(error))


def _portal(network, name, board):
    from inkframe.portal.server import Portal

    watchdog.stop()
    access_point = AccessPoint(network, name)
    try:
        portal = Portal(access_point, board, access_point.address, HTTP_PORT, DNS_PORT, print)
        print("portal: join the network", name, "and open http://%s/" % access_point.address)
        return portal.run(_IDLE_MS, _LONGEST_MS)
    finally:
        access_point.close()
