"""Builds the parts of a cycle from config.json and the hardware, and runs one wake."""

import gc
import os

from machine import SPI, Pin

from device import power, watchdog
from device.clock import RtcClock
from device.font import letters
from inkframe.compat import sleep_ms
from inkframe.config import Config
from inkframe.crash import CrashLog
from inkframe.cycle import Cycle
from inkframe.errors import InkError, StateError
from inkframe.memory import Memory
from inkframe.panels._bus import Bus
from inkframe.slots import Slots


def load_config():
    memory = Memory()
    if memory.is_there("config.next"):
        from inkframe import change  # imported where one is made: it takes its room

        config = change.load(memory)
    else:
        with open("config.json") as file:
            config = Config(file.read())
    power.plan(config.longest_sleep_s, config.buttons)
    return config


def wake(config):
    """One cycle. Returns the seconds to sleep."""
    slots = Slots()
    # On trial the starts are counted. And there this RP2 was restarted, by what it takes for a bite.
    if not slots.on_trial and watchdog.has_bitten():
        return crashed("watchdog")  # the next try comes after a sleep, like that after any crash
    reason, naps = power.begin()
    power.reset_if_asked(reason)
    watchdog.start()
    measured = measure_battery(config)
    memory = Memory()
    bus = make_bus(config)
    if config.nap_ms and not config.on_cable:
        from device.nap import Nap  # late: few boards take one

        nap = Nap(config.nap_ms, config.pins)
        if reason not in power.BY_HAND:
            bus.nap = nap
    panel = load_panel(config.panel)(bus)

    transport = make_transport(config)
    if config.on_trial:
        from inkframe.change import Trial

        transport = Trial(transport, memory, config)

    def status():
        said = "wake=%s;naps=%d;writes=%d;written=%d;%s" % (
            reason,
            naps,
            memory.writes,
            memory.written_bytes,
            slots.report(),
        )
        if config.change:
            said += ";change=%d" % config.change
        return said + ";battery_mv=%d" % measured.mv if measured else said

    gc.collect()  # what the imports left behind would break up the room for the frames
    if hasattr(gc, "threshold"):
        gc.threshold(-1)
    cycle = Cycle(
        config,
        memory,
        RtcClock(),
        transport,
        panel,
        status,
        os.urandom,
        print,
        reason,
        battery=measured,
        font=letters,
    )
    sleep_s = cycle.run()
    if cycle.offer[0] or slots.on_trial:
        from device import updates  # late: most wakes have nothing to do with one

        battery_mv = measured.mv if measured else 0
        updates.after(cycle, config, memory, transport, status(), battery_mv)
    if cycle.heard and (config.on_trial or transport.change > abs(config.change)):
        follow_up_change(config, memory, transport)
    print(
        "wake: painted=%d sent=%d writes=%d written=%d sleep=%d"
        % (cycle.painted, bus.sent_bytes, memory.writes, memory.written_bytes, sleep_s)
    )
    return sleep_s


def follow_up_change(config, memory, transport):
    from inkframe import change  # likewise

    gc.collect()
    try:
        change.follow_up(config, memory, transport)
    except InkError as error:
        print("change: %s: %s" % (error.code, error))  # it is spoken of again


def crashed(what):
    """Keep what ended a wake for the host. Returns the seconds to sleep."""
    try:
        return CrashLog(Memory()).note(what)
    except StateError as error:
        print("%s: %s" % (error.code, error))
        return power.SAFE_SLEEP_S


def measure_battery(config):
    if not config.battery:
        return None
    from device.battery import measure

    return measure(config.battery)


def make_transport(config):
    # Imported late: a board on a cable has no radio, and no sockets either.
    if config.on_cable:
        from device.cable import Cable
        from inkframe.transports.usb import Transport

        return Transport(Cable())
    from device.wifi import Wifi
    from inkframe.transports.http import Transport

    tls = None
    if config.server.startswith("https:"):
        from inkframe.transports._tls import Tls

        tls = Tls(config.ca(), config.tls_required, RtcClock(), config.time_floor)
    return Transport(config.server, Wifi(config.wifi), config.timeout_s, tls)


def load_panel(name):
    return __import__("inkframe.panels." + name, None, None, ("Panel",)).Panel


def make_bus(config):
    pins, spi = config.pins, config.spi
    if "hold" in pins:
        Pin(pins["hold"], Pin.OUT, value=1)
    wires = {}
    for name in ("sck", "mosi", "miso"):
        if name in spi:
            wires[name] = Pin(spi[name])
    return Bus(
        SPI(spi["id"], baudrate=spi["baud_hz"], polarity=0, phase=0, **wires),
        Pin(pins["cs"], Pin.OUT, value=1),
        Pin(pins["dc"], Pin.OUT, value=0),
        Pin(pins["reset"], Pin.OUT, value=1),
        make_busy(pins),
        sleep_ms,
        watchdog.feed,
    )


def make_busy(pins):
    if "sr_latch" not in pins:
        return Pin(pins["busy"], Pin.IN)
    from device.shift_register import ShiftRegisterInput

    return ShiftRegisterInput(pins["sr_clock"], pins["sr_latch"], pins["sr_out"], pins["busy"])
