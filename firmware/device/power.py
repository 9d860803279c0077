"""Sleep: the only way a wake ends. And why the next one began.

A sleep that is longer than the chip allows is a chain of naps. An RP2 takes one after the other. An ESP32
starts afresh after each, finds in its RTC memory that there is more to come, and sleeps on before anything
was built.

An RP2 has to be restarted after its light sleep, and loses its clock with that; it keeps the time where a
restart leaves it, in scratch registers, and sets its clock by it.
"""

import struct
import sys
import time

import machine

from device import retained, watchdog
from device.buttons import Buttons
from device.clock import RtcClock
from inkframe.compat import sleep_ms, ticks_diff, ticks_ms

SAFE_SLEEP_S = 3600
"""After an error that nothing else dealt with: long enough to save the battery, short enough to recover."""
_LISTEN_S = 30
_POLL_MS = 250
"""How often an RP2 looks at its buttons: a press lasts longer."""
_RP2 = sys.platform == "rp2"
_RECORD = "<IHBB"
"""An ESP32: seconds still to sleep. An RP2: the time. Then naps taken, and what ended the last one."""
_REASONS = ("timer", "refresh", "next_page")
BY_HAND = ("power_on", "reset")
"""Starts that no sleep led to: somebody may be at the other end of a cable."""

stop_watchdog = watchdog.stop


class _Plan:
    """How this board sleeps."""

    longest_s = 4200
    buttons = None


def plan(longest_s, buttons):
    """`longest_s` is a nap's limit; `buttons` as in config.json."""
    _Plan.longest_s = longest_s
    _Plan.buttons = Buttons(buttons) if buttons else None


def begin():
    """(why the board is awake, how many naps its sleep took). A sleep that is not over goes on instead.

    "timer", a button's name, "power_on", or "reset" for any other start.
    """
    record = retained.take()
    seconds, naps, ended_by, _ = struct.unpack(_RECORD, record) if record else (0, 0, 0, 0)
    if _RP2:
        if not record:
            return _started(), 0
        if seconds and not RtcClock().now():
            RtcClock().set(seconds)
        return _REASONS[ended_by], naps
    if not hasattr(machine, "reset_cause"):
        return "timer", naps
    if machine.reset_cause() != machine.DEEPSLEEP_RESET:
        return _REASONS[ended_by] if record else _started(), naps
    button = _Plan.buttons.woke() if _Plan.buttons else ""
    if seconds and not button:
        _deepsleep(seconds, naps)
    return button or "timer", naps


def _started():
    return "power_on" if machine.reset_cause() == machine.PWRON_RESET else "reset"


def reset_if_asked(reason):
    """After a start by hand: forget whose display this is, if a button says so, and start afresh."""
    if reason not in BY_HAND or not _Plan.buttons or not _Plan.buttons.any_held():
        return
    from inkframe import reset
    from inkframe.memory import Memory

    if reset.is_asked_for(_Plan.buttons.any_held, watchdog.feed):
        reset.forget(Memory())
        print("factory reset: the configuration is gone")
        machine.reset()


def listen():
    """Stay reachable for a moment: a board without a configuration is about to be given one."""
    watchdog.stop()
    print("no configuration yet: listening for %d s" % _LISTEN_S)
    time.sleep(_LISTEN_S)


def sleep(seconds, on_cable=False):
    """Deep sleep; on a cable, which brings power and the host, only wait. Both end in a fresh start."""
    watchdog.stop()
    if on_cable:
        _keep(0, 0, _wait(seconds))
        machine.soft_reset()
    if _RP2:
        _sleep_lightly(seconds)
    _deepsleep(seconds, 0)


def _deepsleep(seconds, naps):
    nap_s = min(seconds, _Plan.longest_s)
    _keep(seconds - nap_s, naps + 1, "timer")
    if _Plan.buttons:
        _Plan.buttons.arm()
    machine.deepsleep(nap_s * 1000)


def _sleep_lightly(seconds):
    began_s, slept_ms, naps, button = RtcClock().now(), 0, 0, ""
    longest_ms = _POLL_MS if _Plan.buttons else _Plan.longest_s * 1000
    while slept_ms < seconds * 1000 and not button:
        before_ms = ticks_ms()
        machine.lightsleep(min(longest_ms, seconds * 1000 - slept_ms))
        sleep_ms(1)  # where the sleep is refused, this must not spin
        slept_ms += ticks_diff(ticks_ms(), before_ms)
        naps += 1
        button = _Plan.buttons.pressed() if _Plan.buttons else ""
    _keep(began_s + slept_ms // 1000 if began_s else 0, naps, button or "timer")
    machine.reset()


def _wait(seconds):
    """On a cable: what ended the wait."""
    if not _Plan.buttons:
        time.sleep(seconds)
        return "timer"
    for _ in range(seconds * 1000 // _POLL_MS):
        sleep_ms(_POLL_MS)
        button = _Plan.buttons.pressed()
        if button:
            return button
    return "timer"


def _keep(seconds, naps, ended_by):
    record = struct.pack(_RECORD, seconds, min(naps, 65535), _REASONS.index(ended_by), 1)
    retained.keep(record)
