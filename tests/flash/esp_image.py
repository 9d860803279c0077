"""Images such as micropython.org hands out for an ESP32, made up: right in form, with nothing to run."""

from __future__ import annotations

import hashlib
import random
import struct
from functools import reduce
from operator import xor

from calendarbot.boards import Board, Partition
from calendarbot.flash.image import CHIP_IDS
from calendarbot.flash.partitions import partition_table

_CHIP_ID = {chip: number for number, chip in CHIP_IDS.items()}
THEIR_TABLE = (
    Partition(name="nvs", type="data", subtype="nvs", offset=0x9000, size=0x6000),
    Partition(name="phy_init", type="data", subtype="phy", offset=0xF000, size=0x1000),
    Partition(name="factory", type="app", subtype="factory", offset=0x10000, size=0x1F0000),
)


def app_image(chip: str, *segments: bytes, hashed: bool = True) -> bytes:
    """ESP-IDF, "App Image Format": header, segments, checksum, SHA-256."""
    header = struct.pack("<BBBBI", 0xE9, len(segments), 2, 0x20, 0x4008_0000)
    extended = struct.pack("<B3sHBHH4xB", 0xEE, bytes(3), _CHIP_ID[chip], 0, 0, 0xFFFF, hashed)
    body = b"".join(struct.pack("<II", 0x3FFB_0000, len(part)) + part for part in segments)
    checksum = reduce(xor, b"".join(segments), 0xEF)
    image = header + extended + body
    image += bytes(15 - len(image) % 16) + bytes((checksum,))
    return image + (hashlib.sha256(image).digest() if hashed else b"")


def micropython_image(
    board: Board, text: bytes = b"MicroPython v1.29", size: int = 150_000
) -> bytes:
    """A whole image for the board, its application about `size` bytes that do not compress."""
    assert board.flash
    noise = random.Random(board.chip).randbytes(size // 4 * 4)
    bootloader = app_image(board.chip, b"second bootloader   " * 800)
    application = app_image(board.chip, text.ljust(64, b"\0"), noise)
    parts = {
        board.flash.bootloader_offset: bootloader,
        0x8000: partition_table(THEIR_TABLE),
        0x10000: application,
    }
    whole = bytearray(b"\xff" * (0x10000 + len(application)))
    for offset, data in parts.items():
        whole[offset : offset + len(data)] = data
    return bytes(whole[board.flash.bootloader_offset :])
