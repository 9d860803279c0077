"""The partition table of an ESP32, as bytes.

ESP-IDF, "Partition Tables": rows of 32 bytes, then one that holds the MD5 of the rows before it, in 0xC00
bytes at 0x8000; unused bytes are 0xFF.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendarbot.boards import Partition

TABLE_BYTES: Final = 0xC00
_ROW: Final = struct.Struct("<2sBBII16sI")
_TYPES: Final = {"app": 0, "data": 1}
_SUBTYPES: Final = {
    ("app", "factory"): 0x00,
    ("data", "phy"): 0x01,
    ("data", "nvs"): 0x02,
    ("data", "fat"): 0x81,
}


def partition_table(partitions: Iterable[Partition]) -> bytes:
    rows = b"".join(
        _ROW.pack(
            b"\xaa\x50",
            _TYPES[row.type],
            _SUBTYPES[row.type, row.subtype],
            row.offset,
            row.size,
            row.name.encode(),
            0,
        )
        for row in partitions
    )
    checksum = b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(rows, usedforsecurity=False).digest()
    return (rows + checksum).ljust(TABLE_BYTES, b"\xff")
