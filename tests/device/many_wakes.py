"""A device's life in one run of MicroPython: the same day again and again, and how whole its heap stays.

    micropython many_wakes.py        beside life.json and day.ink

life.json has `panel`, `key`, `frame_ram_bytes`, `begins` (epoch seconds), `lasts_s` (of the day), `cycles`,
`every` (how many cycles lie between two accounts of the heap), and `crumbled`: whether something small is put
into the heap so often that no free block above 16 KiB is left, and a longer allocation fails. day.ink is the
day's bundle as a server hands it out. Everything else is the device's own: the cycle, the decoder, the files,
the panel's driver; on a board the panel, too, and elsewhere pins that lead nowhere.

Prints MicroPython's own account of the heap after cycles, and at the end what was done.
"""

import gc
import json
import os
import sys
from binascii import hexlify, unhexlify

import micropython

from inkframe import seal
from inkframe.cycle import Cycle
from inkframe.memory import Memory
from inkframe.panels._bus import Bus

ON_PICO = sys.platform == "rp2"
if ON_PICO:
    from device import board

SLEEP_S = 3600
LARGEST_BYTES = 16 * 1024
PIECE_BYTES = 256
ASK_EVERY_S = 4 * 3600


class Clock:
    def __init__(self, seconds):
        self.seconds = seconds

    def now(self):
        return self.seconds

    def set(self, seconds):
        self.seconds = seconds


class Reply:
    """As from a network: the bundle, from a file, or that it is unchanged; and an authentic clock."""

    date = 0
    update = ""

    def __init__(self, etag, clock, unchanged):
        self.etag = etag
        self.clock = clock
        self.unchanged = unchanged
        self._file = open("day.ink", "rb")
        self.size = self._file.seek(0, 2)
        self._file.seek(0)

    def readinto(self, buffer):
        return self._file.readinto(buffer)

    def close(self):
        self._file.close()


class Transport:
    """A host that hands the bundle out once a day, and is asked again some times."""

    def __init__(self, key, clock):
        self._key = key
        self._clock = clock
        self.day = 0
        self.requests = self.bundles = 0

    def fetch(self, request):
        self.requests += 1
        etag = b'"day %d"' % self.day
        unchanged = request.etag == etag
        self.bundles += not unchanged
        now = self._clock.seconds
        ask_at = now + ASK_EVERY_S
        tag = hexlify(seal.clock_tag(self._key, request.nonce, now, ask_at)).decode()
        return Reply(etag, "%d.%d.%s" % (now, ask_at, tag), unchanged)


class Config:
    display = "display"
    longest_sleep_s = 86400
    trust_date = False

    def __init__(self, life):
        self.key = unhexlify(life["key"])
        self.frame_ram_bytes = life["frame_ram_bytes"]


class Life(Cycle):
    @property
    def failures(self):
        return self._state.failures

    def ask_again(self):
        self._state.ask_at = 0


class Nowhere:
    """SPI and pins of a panel that is always idle."""

    def __init__(self, idle_level):
        self._level = idle_level

    def write(self, data):
        pass

    def __call__(self, level=None):
        return self._level


def make_bus(panel):
    if ON_PICO:
        return board.make_bus(board.load_config())
    wire = Nowhere(1 - panel.busy_level)
    return Bus(wire, wire, wire, wire, wire, lambda _: None, lambda: None)


def crumble():
    """What is to be kept so that no free block is longer than LARGEST_BYTES: one of many pieces in a row."""
    step = LARGEST_BYTES * 7 // 8 // PIECE_BYTES
    pieces = [None] * (gc.mem_free() // PIECE_BYTES)
    filled = 0
    try:
        while filled < len(pieces):
            pieces[filled] = bytearray(PIECE_BYTES)
            filled += 1
    except MemoryError:
        pass
    # The list stays, since there is no room for another, and one that is forgotten may still be found.
    for at in range(filled):
        if at % step:
            pieces[at] = None
    gc.collect()
    try:
        bytearray(LARGEST_BYTES)
    except MemoryError:
        return pieces
    raise AssertionError("a long block is still to be had")


def live(life, cycle, clock, transport):
    """The cycles, and the heap's account after every so many. Returns how many painted, and failed."""
    painted = failed = 0
    ends_at = life["begins"] + life["lasts_s"]
    for number in range(1, life["cycles"] + 1):
        cycle.painted = False
        clock.seconds += cycle.run()
        painted += cycle.painted
        failed += cycle.failures > 0
        if number % life["every"] == 0:
            gc.collect()
            print("after", number)
            micropython.mem_info()
        if clock.seconds >= ends_at:
            clock.seconds = life["begins"]
            transport.day += 1
            cycle.ask_again()
    return painted, failed


def main():
    with open("life.json") as file:
        life = json.load(file)
    panel = __import__("inkframe.panels." + life["panel"], None, None, ("Panel",)).Panel
    config, clock, memory = Config(life), Clock(life["begins"]), Memory()
    transport = Transport(config.key, clock)
    bus = make_bus(panel)
    cycle = Life(config, memory, clock, transport, panel(bus), lambda: "", os.urandom, print)
    gc.collect()
    crumbs = crumble() if life["crumbled"] else ()
    painted, failed = live(life, cycle, clock, transport)
    print(
        "lived: cycles=%d painted=%d failed=%d requests=%d bundles=%d crumbs=%d"
        % (life["cycles"], painted, failed, transport.requests, transport.bundles, len(crumbs))
    )
    return SLEEP_S


if ON_PICO:
    # As boot.py: what is printed is heard once the port has started its USB, so this waits for main.py.
    board.wake = lambda _: main()
else:
    main()
