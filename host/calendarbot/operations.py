"""A payload's operations as data, to look at: what `host inspect` prints.

Reads the same stream the device's decoder does, by `inkframe.codec`'s description of it, and nothing more:
it makes no frame.
"""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inkframe import _operations as ops
from inkframe.errors import WireError

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("KEEP", "LITERAL", "DOWN", "COPY", "AGAIN", "REPEAT", "FILL", "MOVE")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `length` in bytes of the frame (rows for MOVE), `detail` for a reader."""

    name: str
    length: int
    detail: str = ""


@dataclass(slots=True)
class Tally:
    """How often each operation stands in a payload, and how many bytes of the frame it makes."""

    count: Counter[str] = field(default_factory=Counter)
    frame_bytes: Counter[str] = field(default_factory=Counter)


def operations(payload: bytes, window_bits: int) -> Iterator[Operation]:
    """The operations of a frame or a band, in order. WireError when they do not inflate or are cut off.

    A band's stream may be empty: it has no operations.
    """
    if not payload:
        return
    try:
        stream = zlib.decompress(payload, -window_bits)
    except zlib.error as error:
        raise WireError(f"payload does not inflate: {error}") from None
    reader = _Reader(stream)
    while reader.more():
        yield reader.operation()


def tally(payload: bytes, window_bits: int) -> Tally:
    counted = Tally()
    for operation in operations(payload, window_bits):
        counted.count[operation.name] += 1
        counted.frame_bytes[operation.name] += operation.length
    return counted


class _Reader:
    def __init__(self, stream: bytes) -> None:
        self._stream = stream
        self._at = 0

    def more(self) -> bool:
        return self._at < len(self._stream)

    def operation(self) -> Operation:
        first = self._bytes(1)[0]
        code, length = first >> 5, first & 31
        if not length:
            length = self._varint() + ops.SHORT + 1
        return Operation(NAMES[code], length, self._detail(code, length))

    def _detail(self, code: int, length: int) -> str:
        if code in (ops.LITERAL, ops.DOWN):
            return self._bytes(length).hex()
        if code in (ops.COPY, ops.REPEAT):
            return f"line {self._zigzag():+d}, place {self._zigzag():+d}"
        if code == ops.FILL:
            return f"with {self._bytes(1).hex()}"
        if code == ops.MOVE:
            return self._move()
        return ""

    def _move(self) -> str:
        x, y, width = self._varint(), self._varint(), self._varint()
        dx, dy = self._zigzag(), self._zigzag()
        inverted = ", inverted" if width & 1 else ""
        return f"{width >> 1} bytes wide to ({x}, {y}) from ({dx:+d}, {dy:+d}){inverted}"

    def _bytes(self, count: int) -> bytes:
        taken = self._stream[self._at : self._at + count]
        if len(taken) < count:
            raise WireError("operations are cut off")
        self._at += count
        return taken

    def _varint(self) -> int:
        number = shift = 0
        while True:
            byte = self._bytes(1)[0]
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128 or shift == 21:
                return number

    def _zigzag(self) -> int:
        number = self._varint()
        return -(number >> 1) - 1 if number & 1 else number >> 1
