"""Eight bytes that outlast a sleep and a restart without the flash.

They are in an ESP32's RTC memory, or in an RP2's scratch registers.
"""

import struct
import sys
from binascii import crc32

import machine

_BYTES = 8
_RP2 = sys.platform == "rp2"
# RP2040 and RP2350 datasheets, "Watchdog", list of registers. The boot ROM uses SCRATCH4 to 7.
_RP2_BASE = 0x400D8000 if "RP2350" in getattr(sys.implementation, "_machine", "") else 0x40058000
_SCRATCH0 = _RP2_BASE + 0x0C


def keep(record):
    whole = record + struct.pack("<I", crc32(record))
    if _RP2:
        for index, word in enumerate(struct.unpack("<III", whole)):
            machine.mem32[_SCRATCH0 + 4 * index] = word
    elif hasattr(machine.RTC, "memory"):
        machine.RTC().memory(whole)


def take():
    """What was kept, once; None when nothing was, or the power was gone."""
    if _RP2:
        words = [machine.mem32[_SCRATCH0 + 4 * index] for index in range(3)]
        whole = struct.pack("<III", *words)
    elif hasattr(machine.RTC, "memory"):
        whole = bytes(machine.RTC().memory())
    else:
        return None
    record = whole[:_BYTES]
    if len(whole) != _BYTES + 4 or struct.unpack("<I", whole[_BYTES:])[0] != crc32(record):
        return None
    keep(bytes(_BYTES))
    return record if record != bytes(_BYTES) else None
