# Runs on QEMU, where time is counted in instructions: decodes the frames of `body` (already there), and
# prints for each part "instructions: NAME=TICKS/BYTES …". A stopwatch's own are in what it measures.
import gc
import hashlib
import io

import machine
from cryptolib import aes

from inkframe import codec, wire

took = {}


def ticks():
    return machine.mem32[TIMER] * SIGN & 0xFFFFFFFF  # noqa: F821  # the host says where


def timed(name, function, size=None):
    entry = took.setdefault(name, [0, 0])

    def stopwatch(*arguments):
        began = ticks()
        result = function(*arguments)
        entry[0] += ticks() - began & 0xFFFFFFFF
        entry[1] += result if size is None else size
        return result

    return stopwatch


class Watched:
    def __init__(self, part, method, name):
        setattr(self, method, timed(name, getattr(part, method)))


def watched(inflater, name):
    return lambda stream, bits: Watched(inflater(stream, bits), "readinto", name)


def main():
    piece = bytes(4096)
    timed("sha256", hashlib.sha256(b"").update, 4096)(piece)
    timed("aes", aes(bytes(32), 2, bytes(16)).decrypt, 4096)(piece)
    piece = None
    table = wire.Table(body, len(body))  # noqa: F821  # sent by the host
    head = table.head
    held, new = bytearray(head.frame_bytes), bytearray(head.frame_bytes)
    decoder, inflater, run = codec.Decoder(), codec.inflater, codec.run
    codec.crc32 = timed("crc", codec.crc32, head.frame_bytes)
    for index in range(head.frames):
        entry = table.entry(index)
        kind = "key" if entry.is_key else "delta"
        codec.run = timed(kind + "_blit", run, 0)
        codec.inflater = watched(inflater, kind + "_inflate")
        offset = table.offset(index)
        stream = io.BytesIO(bytes(body[offset : offset + entry.payload_bytes]))  # noqa: F821  sent before
        gc.collect()
        decode = timed(kind + "_decode", decoder.decode, head.frame_bytes)
        decode(stream, head, entry, held, new)
        took[kind + "_blit"][1] += head.frame_bytes
        held, new = new, held
    pairs = ["%s=%d/%d" % (name, count, size) for name, (count, size) in took.items()]
    print("instructions:", " ".join(pairs))


main()
