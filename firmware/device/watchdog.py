"""The watchdog: a wake that hangs ends in a restart, and one that must not be cut short is not.

A timer feeds it, so that waits inside the port's own code (a name looked up, a scan for networks) need not;
but only for as long as a wake may take. What hangs longer, or takes the timer's callbacks with it, is ended.
"""

import sys
from time import ticks_add, ticks_diff, ticks_ms

import machine

LONGEST_WAKE_S = 300
"""The slowest panel in the cold and one request at its deadline take two minutes together."""

_FEED_MS = 1000
_RP2 = sys.platform == "rp2"
# The RP2040 counts to 8,388 ms. On an ESP32 a name that is looked up blocks without callbacks, for seconds.
_BITES_AFTER_MS = 8000 if _RP2 else 30000
_NEVER_MS = 86400000

# RP2040 and RP2350 datasheets, "Watchdog", list of registers; a write at 0x3000 above clears bits. A watchdog
# that was started leaves the SDK's mark in SCRATCH4 (hardware_watchdog/watchdog.c), which tells its bite from
# machine.reset(), a bite to the chip as well.
_RP2_BASE = 0x400D8000 if "RP2350" in getattr(sys.implementation, "_machine", "") else 0x40058000
_CTRL_CLEAR = _RP2_BASE + 0x3000
_ENABLE = 1 << 30
_SCRATCH4 = _RP2_BASE + 0x1C
_STARTED = 0x6AB73121

_running = None
_timer = None
_ends_ms = 0


def start(longest_s=LONGEST_WAKE_S):
    """Restart the board when `stop` is not called within `longest_s`. Again: so long from now on."""
    global _running, _timer, _ends_ms
    _ends_ms = ticks_add(ticks_ms(), longest_s * 1000)
    if _running or not hasattr(machine, "WDT"):
        return
    _running = machine.WDT(timeout=_BITES_AFTER_MS)
    _timer = machine.Timer(-1 if _RP2 else 0)
    _timer.init(period=_FEED_MS, callback=feed)


def feed(_=None):
    """For busy waits; without effect after the time is up."""
    if _running and ticks_diff(_ends_ms, ticks_ms()) > 0:
        _running.feed()


def stop():
    """Before a long sleep, and before a person takes over at the prompt."""
    global _running, _timer
    if not _running:
        return
    _timer.deinit()
    if _RP2:
        machine.mem32[_CTRL_CLEAR] = _ENABLE
        machine.mem32[_SCRATCH4] = 0
    else:
        # The ESP32's cannot be stopped, but be given another time (ports/esp32/machine_wdt.c).
        machine.WDT(timeout=_NEVER_MS)
    _running = _timer = None


def has_bitten():
    """Whether it was the watchdog that restarted the board. It says so once."""
    if not hasattr(machine, "WDT") or machine.reset_cause() != machine.WDT_RESET:
        return False
    if not _RP2:
        return True
    bitten = machine.mem32[_SCRATCH4] == _STARTED
    machine.mem32[_SCRATCH4] = 0
    return bitten
