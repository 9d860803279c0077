"""A UF2 file for an RP2 chip, checked before it is copied.

Format: Microsoft's specification "USB Flashing Format (UF2)"; the family ids are its `uf2families.json`.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from calendarbot.errors import DeviceError
from calendarbot.flash.image import download_hint

if TYPE_CHECKING:
    from pathlib import Path

    from calendarbot.boards import Board

FAMILIES: Final = {"rp2040": {0xE48BFF56}, "rp2350": {0xE48BFF59, 0xE48BFF57}}
BLOCK_BYTES: Final = 512
_HEADER: Final = struct.Struct("<8I")
_FIRST: Final = 0x0A324655
_SECOND: Final = 0x9E5D5157
_LAST: Final = b"\x30\x6f\xb1\x0a"
_HAS_FAMILY: Final = 0x2000


def read_uf2(path: Path, board: Board) -> bytes:
    """The file, when it is MicroPython for the board's chip, whole. DeviceError says what is wrong."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DeviceError(f"{path}: {error.strerror}", download_hint(board)) from None
    what = _problem(data, board.chip)
    if what:
        raise DeviceError(f"{path} {what}; nothing was changed", download_hint(board))
    return data


def _problem(data: bytes, chip: str) -> str:
    if len(data) < BLOCK_BYTES or _HEADER.unpack_from(data)[:2] != (_FIRST, _SECOND):
        return "is no UF2 file"
    payload = bytearray()
    blocks, left = divmod(len(data), BLOCK_BYTES)
    if left:
        return "is damaged or incomplete"
    for at in range(0, len(data), BLOCK_BYTES):
        first, second, flags, _, size, _, count, family = _HEADER.unpack_from(data, at)
        ends = data[at + BLOCK_BYTES - len(_LAST) : at + BLOCK_BYTES]
        if (first, second, ends) != (_FIRST, _SECOND, _LAST) or count != blocks:
            return "is damaged or incomplete"
        if not flags & _HAS_FAMILY or family not in FAMILIES[chip]:
            return f"is not for the {chip}"
        payload += data[at + _HEADER.size : at + _HEADER.size + size]
    return "" if b"MicroPython" in payload else "is not MicroPython"
