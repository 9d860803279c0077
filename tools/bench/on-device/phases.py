# Runs on the emulated Pico as boot.py, before the firmware's own main.py: puts a stopwatch around functions
# of the firmware, and prints what each took of a wake: "phases: NAME=TIMES/MICROSECONDS …". A stopwatch's
# own time is in what it measures, some 40 us each time. The wakes follow each other without sleep between.
import gc
import time

_ticks, _diff = time.ticks_us, time.ticks_diff
began = _ticks()
import machine  # noqa: E402, F401  # what the port brings is none of ours

from device import board, power  # noqa: E402  likewise
from device.clock import RtcClock  # noqa: E402  likewise
from inkframe import codec, cycle, frames, memory, seal  # noqa: E402  likewise
from inkframe.panels import _bus  # noqa: E402  likewise
from inkframe.transports import usb  # noqa: E402, F401  likewise

took = {"import": [1, _diff(_ticks(), began)]}


def timed(name, function):
    entry = took.setdefault(name, [0, 0])

    def stopwatch(*arguments):
        began = _ticks()
        try:
            return function(*arguments)
        finally:
            entry[0] += 1
            entry[1] += _diff(_ticks(), began)

    return stopwatch


def watch(owner, method, name):
    setattr(owner, method, timed(name, getattr(owner, method)))


class Watched:
    """A part whose method of one name is timed."""

    def __init__(self, part, method, name):
        setattr(self, method, timed(name, getattr(part, method)))


watch(board, "wake", "wake")
watch(cycle.Cycle, "_ask", "ask")
watch(cycle.Cycle, "_paint", "paint")
watch(cycle, "take_in", "take in")
watch(frames, "covers", "covers")
watch(memory.Memory, "load", "load state")
watch(memory.Memory, "save", "save state")
watch(memory.Memory, "open_bundle", "open bundle")
watch(memory.Memory, "read_frame", "read frame")
watch(memory.Memory, "write_frame", "write frame")
watch(memory.BundleWriter, "write", "write bundle")
watch(seal.Hmac, "update", "hmac")
watch(seal, "_fill", "receive")
watch(codec.Decoder, "decode", "decode")
watch(codec, "run", "blit")
watch(codec, "fill", "fill")
watch(codec, "crc32", "crc")
watch(_bus.Bus, "command", "command")
watch(_bus.Bus, "_stream", "pixels")
watch(_bus.Bus, "wait_idle", "wait idle")
watch(_bus.Bus, "reset", "reset")
watch(_bus, "invert", "invert")

_inflater = codec.inflater
codec.inflater = lambda stream, bits: Watched(_inflater(stream, bits), "readinto", "inflate")
_aes = seal.aes_cbc_decryptor
seal.aes_cbc_decryptor = lambda key, iv: timed("aes", _aes(key, iv))
_load_panel = board.load_panel
_panels = set()


def load_panel(name):
    panel = _load_panel(name)
    if name not in _panels:  # the class, which stays from wake to wake
        watch(panel, "show", "show")
        _panels.add(name)
    return panel


board.load_panel = load_panel
_rtc = RtcClock()


def sleep(seconds, on_cable=False):  # noqa: ARG001  # as the one it stands for
    """Instead of sleeping, move the clock on and wake again; what was imported once stays imported."""
    while True:
        pairs = ["%s=%d/%d" % (name.replace(" ", "_"), n, us) for name, (n, us) in took.items()]
        print("phases:", " ".join(pairs))
        print("skips:", seconds)
        _rtc.set(_rtc.now() + seconds)
        for entry in took.values():
            entry[0] = entry[1] = 0
        gc.collect()  # the frames of the wake before are gone before those of the next are wanted
        seconds = board.wake(board.load_config())


power.sleep = sleep
