# Runs on MicroPython: makes every frame of a body as a device does, from file to file, and counts what that
# allocates. Arguments: the panel, and the room for frames in bytes. Prints JSON.
import gc
import json
import sys

from inkframe import wire
from inkframe.compat import crc32
from inkframe.frames import Frames
from inkframe.memory import Memory


def main(panel_name, ram_bytes):
    panel = __import__("inkframe.panels." + panel_name, None, None, ("Panel",)).Panel
    memory = Memory()
    with open("body", "rb") as file:
        body = file.read()
    table = wire.Table(body, len(body))
    writer = memory.begin_bundle()
    writer.write(body)
    writer.finish(crc32(body[: wire.HEAD_BYTES + table.head.frames * wire.ENTRY_BYTES]), sequence=1)
    memory.commit_bundle()
    frames = Frames(memory, panel, ram_bytes)
    state = memory.load()
    counted = {"buffers": 2 * frames.room_bytes, "key": 0, "delta": 0}
    for index in range(table.head.frames):
        bundle = memory.open_bundle()
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        made = frames.make(bundle, index, state)
        taken = gc.mem_alloc() - before
        gc.enable()
        bundle.close()
        frames.keep(made)
        entry = table.entry(index)
        state.held, state.held_crc32 = entry.id, entry.crc32
        kind = "key" if entry.is_key else "delta"
        counted[kind] = max(counted[kind], taken)
    print(json.dumps(counted))


main(sys.argv[1], int(sys.argv[2]))
