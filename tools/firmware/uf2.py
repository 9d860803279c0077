"""UF2, what a board's boot loader takes as a file copied onto it (github.com/microsoft/uf2)."""

from __future__ import annotations

import struct

RP2040 = 0xE48BFF56
"""The family that the RP2040's boot ROM takes (its datasheet, 2.8.4.2)."""
RP2040_FLASH = 0x10000000
_PAYLOAD_BYTES = 256
_BLOCK_BYTES = 512
_HAS_FAMILY = 0x2000


def pack(binary: bytes, address: int, family: int) -> bytes:
    """Blocks of 512 bytes around 256 bytes each, to be written from `address` on."""
    count = (len(binary) + _PAYLOAD_BYTES - 1) // _PAYLOAD_BYTES
    blocks = []
    for number in range(count):
        payload = binary[number * _PAYLOAD_BYTES : (number + 1) * _PAYLOAD_BYTES]
        head = struct.pack(
            "<8I",
            0x0A324655,
            0x9E5D5157,
            _HAS_FAMILY,
            address + number * _PAYLOAD_BYTES,
            _PAYLOAD_BYTES,
            number,
            count,
            family,
        )
        block = (head + payload.ljust(_PAYLOAD_BYTES, b"\0")).ljust(_BLOCK_BYTES - 4, b"\0")
        blocks.append(block + struct.pack("<I", 0x0AB16F30))
    return b"".join(blocks)
