# Runs on MicroPython: decodes every frame of a body, counts what that allocates, and times the inner loop
# compiled in three ways. Prints JSON.
import gc
import io
import json
import time

from inkframe import _operations, codec, seal, wire


def payloads(body, table):
    found = []
    for index in range(table.head.frames):
        offset = table.offset(index)
        found.append(body[offset : offset + table.entry(index).payload_bytes])
    return found


def memory(decoder, table, pieces, index, held, new):
    entry, stream = table.entry(index), io.BytesIO(pieces[index])
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    decoder.decode(stream, table.head, entry, held, new)
    used = gc.mem_alloc() - before
    gc.enable()
    return used


class Nowhere:
    def write(self, data):
        pass


def receiving():
    with open("bundle", "rb") as file:
        bundle = file.read()
    source, sink = io.BytesIO(bundle), Nowhere()
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    seal.receive(source, len(bundle), bytes(32), sink, 0)
    used = gc.mem_alloc() - before
    gc.enable()
    return used


def itself(buffer):
    return buffer


def compiled(way):
    """The inner loop's `run` as bytecode, native or viper code, from the same source."""
    with open(_operations.__file__) as file:
        source = file.read()
    decorator = "@micropython.%s\n" % way if way != "bytecode" else ""
    # Only viper has pointers, and knows them without being told.
    names = {"ptr8": itself, "ptr32": itself}
    exec(source.replace("@micropython.viper\n", decorator), names)
    return names["run"]


def day(decoder, table, pieces, held, new, times):
    for index in range(table.head.frames):
        stream, entry = io.BytesIO(pieces[index]), table.entry(index)
        began = time.ticks_us()
        decoder.decode(stream, table.head, entry, held, new)
        times["key frame" if entry.is_key else "day of deltas"] += time.ticks_diff(
            time.ticks_us(), began
        )
        held, new = new, held


def main():
    with open("body", "rb") as file:
        body = file.read()
    table = wire.Table(body, len(body))
    pieces = payloads(body, table)
    held, new = bytearray(table.head.frame_bytes), bytearray(table.head.frame_bytes)
    decoder = codec.Decoder()
    used = {"key frame": memory(decoder, table, pieces, 0, held, new), "largest delta": 0}
    used["receiving a bundle"] = receiving()
    for index in range(1, table.head.frames):
        held, new = new, held
        taken = memory(decoder, table, pieces, index, held, new)
        used["largest delta"] = max(used["largest delta"], taken)
    times = {}
    for way in ("bytecode", "native", "viper"):
        codec.run = compiled(way)
        best = None
        for _ in range(5):
            counted = {"key frame": 0, "day of deltas": 0}
            day(decoder, table, pieces, held, new, counted)
            if best is None or sum(counted.values()) < sum(best.values()):
                best = counted
        times[way] = best
    print(json.dumps({"memory": used, "times_us": times}))


main()
