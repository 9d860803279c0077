"""What the portable tests share: `raises`, small pictures, and bundles made without the host's encoder.

Runs unchanged on CPython and on MicroPython, like the tests that import it.
"""

import gc
import struct
from io import IOBase

from inkframe import seal, update, wire
from inkframe.compat import MICROPYTHON, crc32
from inkframe.seal import hashlib

KEY = bytes(range(32))
WRONG_KEY = bytes(range(1, 33))
NOON = 1795521600
"""2026-11-24T12:00Z, a time at which most tests begin."""


def raises(error, function, *args):
    """The error that `function(*args)` raises; it must be just that class, or one below it."""
    try:
        function(*args)
    except error as raised:
        return raised
    raise AssertionError(f"{error.__name__} was not raised")


class Dice:
    """The same numbers on every runtime: a linear congruential generator (Numerical Recipes)."""

    def __init__(self, seed):
        self._state = seed

    def below(self, limit):
        self._state = (self._state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (self._state >> 8) * limit >> 24

    def data(self, length):
        return bytes(self.below(256) for _ in range(length))


def picture(number, size):
    """A frame of `size` bytes unlike that of any other small number."""
    return bytes((at * 7 + at // 8 * number + number * 31) & 255 for at in range(size))


def frame_id(frame):
    return hashlib.sha256(frame).digest()[: wire.ID_BYTES]


class Bytes(IOBase):
    """A source over bytes that gives at most `most` of them at a time."""

    def __init__(self, data, most=1 << 20):
        super().__init__()
        self._data = data
        self._at = 0
        self._most = most

    def readinto(self, view):
        piece = self._data[self._at : self._at + min(len(view), self._most)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


class Collect:
    """A sink that keeps what it is given."""

    def __init__(self):
        self.data = bytearray()

    def write(self, piece):
        self.data.extend(bytes(piece))


# Payloads


def stored(data):
    """`data` as raw DEFLATE with stored blocks (RFC 1951 §3.2.4): any runtime can write that."""
    out = b""
    while True:
        piece, data = data[:65535], data[65535:]
        out += struct.pack("<BHH", not data, len(piece), len(piece) ^ 65535) + piece
        if not data:
            return out


def number(value):
    """A varint."""
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value):
    """A zigzag varint."""
    return number(2 * value if value >= 0 else -2 * value - 1)


def operation(code, length, rest=b""):
    head = bytes([code << 5 | length]) if length < 32 else bytes([code << 5]) + number(length - 32)
    return head + rest


def literals(held, new):
    """Operations that walk by rows: bytes as predicted are kept, all others put."""
    out = b""
    at = 0
    while at < len(new):
        end = at
        if new[at] == held[at]:
            while end < len(new) and new[end] == held[end]:
                end += 1
            out += operation(0, end - at)
        else:
            while end < len(new) and end - at < 64 and new[end] != held[end]:
                end += 1
            out += operation(1, end - at, new[at:end])
        at = end
    return out


def in_bands(base, frame, band_bytes):
    """The payload that makes `frame` of `base` by `literals`, band by band."""
    predicted = base or b"\xff" * len(frame)
    streams = []
    for at in range(0, len(frame), band_bytes):
        operations = literals(predicted[at : at + band_bytes], frame[at : at + band_bytes])
        streams.append(stored(operations))
    return b"".join(struct.pack("<I", len(s)) for s in streams[:-1]) + b"".join(streams)


# Bundles


def tidy():
    """Clear away the pieces that something was made of: what is kept between them breaks up a small heap."""
    if MICROPYTHON:
        gc.collect()


class Page:
    """One row of a frame table: `frame` from `shown_from` on, as a change of `base` (None: a key frame)."""

    def __init__(
        self,
        shown_from,
        frame,
        base=None,
        refresh=wire.FULL,
        payload=None,
        walk=0,
        window_bits=9,
        band_bytes=0,
    ):
        self.shown_from = shown_from
        self.frame = frame
        self.base = base
        self.refresh = refresh
        self.walk = walk
        self.window_bits = window_bits
        self.payload = payload or in_bands(base, frame, band_bytes or len(frame))
        tidy()

    def entry(self, width_px, height_px):
        base = frame_id(self.base) if self.base else wire.NO_FRAME
        return wire.pack_entry(
            self.shown_from,
            base,
            frame_id(self.frame),
            crc32(self.frame),
            len(self.payload),
            self.refresh,
            self.window_bits,
            self.walk,
            (0, 0, width_px, height_px),
        )


def body(pages, width_px=64, height_px=32, bpp=1, planes=1, band_rows=0, **times):
    """A body; `times`: built_at, ask_at, valid_until, retry_s."""
    built_at = times.get("built_at", NOON)
    raw = wire.pack_head(
        width_px,
        height_px,
        bpp,
        planes,
        len(pages),
        built_at,
        times.get("ask_at", built_at + 86400),
        times.get("valid_until", built_at + 2 * 86400),
        times.get("retry_s", 60),
        band_rows,
    )
    raw += b"".join([page.entry(width_px, height_px) for page in pages])
    return raw + b"".join([page.payload for page in pages])


def bundle(raw, sequence=1, key=KEY):
    """A bundle around a body, sealed unless `key` is None; also where the host's seal cannot run."""
    if key is None or not MICROPYTHON:
        return seal.seal(raw, sequence, key)
    from cryptolib import aes

    iv = seal.mac(seal.derive(key, "vector"), struct.pack("<I", sequence) + raw)
    sealed = aes(seal.derive(key, "encrypt"), 2, iv).encrypt(raw + bytes(-len(raw) % 16))
    message = wire.pack_envelope(sequence, len(raw), iv) + sealed
    return message + seal.mac(seal.derive(key, "authenticate"), message)


# Updates


def an_update(files, version, key=KEY, **changes):
    """An update's bytes; `files` is a list of (path, bytes)."""
    rows = [update.Row(path, len(raw), hashlib.sha256(raw).digest()) for path, raw in files]
    head = update.pack_head(
        changes.get("kind", update.APPLICATION),
        version,
        changes.get("chip", "rp2040"),
        changes.get("mpy", 0x1306),
        changes.get("battery_mv", 3600),
        rows,
        key,
    )
    return head + b"".join([raw for _, raw in files])
