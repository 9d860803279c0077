"""Builds the parts of a cycle from config.json and the hardware, and runs one wake."""

import gc
import os

from machine import SPI, Pin

from device.clock import RtcClock
from inkframe.compat import sleep_ms
from inkframe.config import Config
from inkframe.cycle import Cycle
from inkframe.errors import InkError
from inkframe.memory import Memory
from inkframe.panels._bus import Bus


def load_config():
    memory = Memory()
    if memory.is_there("config.next"):
        from inkframe import change  # imported where one is made: it takes its room

        return change.load(memory)
    with open("config.json") as file:
        return Config(file.read())


def wake(config):
    """One cycle. Returns the seconds to sleep."""
    memory = Memory()
    bus = make_bus(config)
    panel = load_panel(config.panel)(bus)

    def status():
        said = "writes=%d;written=%d" % (memory.writes, memory.written_bytes)
        return said + ";change=%d" % config.change if config.change else said

    transport = make_transport(config)
    if config.on_trial:
        from inkframe.change import Trial

        transport = Trial(transport, memory, config)
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
    )
    sleep_s = cycle.run()
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
    return Transport(config.server, Wifi(config.wifi), tls=tls)


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
        _no_watchdog,
    )


def make_busy(pins):
    if "sr_latch" not in pins:
        return Pin(pins["busy"], Pin.IN)
    from device.shift_register import ShiftRegisterInput

    return ShiftRegisterInput(pins["sr_clock"], pins["sr_latch"], pins["sr_out"], pins["busy"])


def _no_watchdog():
    pass
