"""A MicroPython image for an ESP32, as micropython.org hands it out: one file for the whole flash.

It begins with the second bootloader, at the chip's own offset; a partition table at 0x8000 says where in it
the application is. Source of every number: ESP-IDF's "App Image Format" (`esp_image_header_t`,
`esp_image_segment_header_t`) and "Partition Tables".
"""

from __future__ import annotations

import functools
import hashlib
import operator
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from calendarbot.errors import DeviceError

if TYPE_CHECKING:
    from pathlib import Path

    from calendarbot.boards import Board, Flash

CHIP_IDS: Final = {0: "esp32", 2: "esp32s2", 5: "esp32c3", 9: "esp32s3", 13: "esp32c6"}
"""`esp_chip_id_t`: the two bytes at 12 of an image's header."""
TABLE_OFFSET: Final = 0x8000
"""ESP-IDF, "Partition Tables": the default, and MicroPython's."""

_IMAGE_MAGIC: Final = 0xE9
_ENTRY: Final = struct.Struct("<2sBBII16sI")
_ENTRY_MAGIC: Final = b"\xaa\x50"
_APP: Final = 0
_HEADER_BYTES: Final = 24
_SEGMENT: Final = struct.Struct("<II")
_MOST_SEGMENTS: Final = 16
_SHA256_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Esp32Image:
    """The two parts of an image that are kept; the partition table and the file system are ours."""

    bootloader: bytes
    application: bytes


def read_image(path: Path, board: Board, flash: Flash) -> Esp32Image:
    """Check that the file is MicroPython for the board's chip, whole, and take it apart.

    Raises DeviceError with what is wrong; nothing was touched then.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DeviceError(f"{path}: {error.strerror}", download_hint(board)) from None
    _check_kind(path, data, board)
    table_at = TABLE_OFFSET - flash.bootloader_offset
    application_at = _application_offset(data, table_at)
    if application_at is None:
        raise _unusable(
            path, "has no partition table: it is a part of an image, not a whole one", board
        )
    begin = application_at - flash.bootloader_offset
    bootloader = _whole_image(path, data, 0, table_at, board)
    application = _whole_image(path, data, begin, len(data), board)
    if b"MicroPython" not in application:
        raise _unusable(path, "is firmware for this chip, but not MicroPython", board)
    room = flash.partition("factory").size
    if len(application) > room:
        raise _unusable(
            path, f"is too large: {len(application):,} bytes for a partition of {room:,}", board
        )
    return Esp32Image(bootloader, application)


def download_hint(board: Board) -> str:
    return (
        f"download the newest .{'uf2' if board.chip == 'rp2040' else 'bin'} from "
        f"https://micropython.org/download/{board.micropython}/ and say --firmware FILE"
    )


def _check_kind(path: Path, data: bytes, board: Board) -> None:
    if data[:4] == b"UF2\n":
        raise _unusable(path, "is a UF2 file; this board takes a .bin", board)
    if len(data) < _HEADER_BYTES or data[0] != _IMAGE_MAGIC:
        raise _unusable(path, "is no image for an ESP32", board)
    chip_id = int.from_bytes(data[12:14], "little")
    chip = CHIP_IDS.get(chip_id, f"chip id {chip_id}")
    if chip != board.chip:
        raise _unusable(path, f"is for {chip}, and {board.name} has {board.chip}", board)


def _application_offset(data: bytes, table_at: int) -> int | None:
    at = table_at
    while at + _ENTRY.size <= len(data):
        magic, kind, _, offset, _, _, _ = _ENTRY.unpack_from(data, at)
        if magic != _ENTRY_MAGIC:
            return None
        if kind == _APP:
            return int(offset)
        at += _ENTRY.size
    return None


def _whole_image(path: Path, data: bytes, begin: int, end: int, board: Board) -> bytes:
    """The image that begins there, with its checksum right; its length is the sum of its segments."""
    view = data[begin:end]
    broken = _unusable(path, "is damaged or incomplete", board)
    if len(view) < _HEADER_BYTES or view[0] != _IMAGE_MAGIC or view[1] > _MOST_SEGMENTS:
        raise broken
    at = _HEADER_BYTES
    checksum = 0xEF
    for _ in range(view[1]):
        if at + _SEGMENT.size > len(view):
            raise broken
        _, length = _SEGMENT.unpack_from(view, at)
        at += _SEGMENT.size
        checksum ^= _xor(view[at : at + length])
        at += length
    at = (at | 15) + 1  # the checksum is the last byte of a block of 16
    if at > len(view) or view[at - 1] != checksum:
        raise broken
    if view[23]:
        if hashlib.sha256(view[:at]).digest() != view[at : at + _SHA256_BYTES]:
            raise broken
        at += _SHA256_BYTES
    return view[:at]


def _xor(data: bytes) -> int:
    """All bytes XORed; eight at a time, since an image has millions."""
    eights = memoryview(data)[: len(data) // 8 * 8].cast("Q")
    folded = functools.reduce(operator.xor, eights, 0).to_bytes(8, "little")
    return functools.reduce(operator.xor, folded + data[len(eights) * 8 :], 0)


def _unusable(path: Path, what: str, board: Board) -> DeviceError:
    return DeviceError(f"{path} {what}; nothing was changed", download_hint(board))
