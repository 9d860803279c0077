"""The host's half of the codec: finds a short payload for a frame. Host only.

It looks at a change in a few ways (by columns or by rows, with or without moved blocks, with or without
copies), finds for each the cheapest operations by dynamic programming over the bytes that the prediction
gets wrong, deflates, and keeps the smallest. Costs within a search are rough counts of bits after DEFLATE.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from math import inf, log2
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from inkframe import wire
from inkframe._matches import Finder, run_length
from inkframe._moves import Move, apply_moves, find_moves, within
from inkframe._operations import (
    AGAIN,
    COPY,
    DOWN,
    FILL,
    KEEP,
    LITERAL,
    MAX_LITERAL,
    MOVE,
    REPEAT,
    SHORT,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_LEAST_WINDOW_BITS = 9


class Payload(NamedTuple):
    """What a frame table needs to know of an encoded frame."""

    data: bytes
    window_bits: int
    walk: int


def smallest(
    held: bytes | None, new: bytes, stride: int, band_rows: int, window_bits: int, white: int = 0xFF
) -> Payload:
    """See `inkframe.codec.encode`; `white` is the byte a key frame is predicted to consist of."""
    moves = find_moves(held, new, stride) if held is not None else ()
    bands = list(_bands(held, new, stride, band_rows, white, moves))
    return min(
        (
            _payload([band.smallest(walk, window_bits) for band in bands], walk)
            for walk in (wire.COLUMNS, wire.ROWS)
        ),
        key=lambda payload: len(payload.data),
    )


def _payload(streams: Sequence[_Stream], walk: int) -> Payload:
    lengths = b"".join(struct.pack("<I", len(stream.data)) for stream in streams[:-1])
    data = lengths + b"".join(stream.data for stream in streams)
    return Payload(data, max(stream.window_bits for stream in streams), walk)


class _Stream(NamedTuple):
    """The deflated operations of one band; without a byte when there are none."""

    data: bytes
    window_bits: int


_NOTHING = _Stream(b"", _LEAST_WINDOW_BITS)


class _Band(NamedTuple):
    """A frame, or one band of it; `moved` is what the held frame comes to after `moves`."""

    held: bytes | None
    new: bytes
    predicted: bytes
    moved: bytes
    moves: tuple[Move, ...]
    stride: int
    is_one_of_several: bool

    def smallest(self, walk: int, window_bits: int) -> _Stream:
        if self.is_one_of_several and self.predicted == self.new:
            return _NOTHING
        return min(
            (_deflate(stream, window_bits) for stream in self._streams(walk)),
            key=lambda stream: len(stream.data),
        )

    def _streams(self, walk: int) -> Iterator[bytes]:
        yield from self._view(self.moved, self.moves, walk).streams()
        # In a band, a move may only bring what COPY finds for less.
        if self.is_one_of_several and self.moves:
            yield from self._view(self.predicted, (), walk).streams()

    def _view(self, predicted: bytes, moves: tuple[Move, ...], walk: int) -> _View:
        return _View(self.held, predicted, self.new, self.stride, walk, moves)


def _bands(
    held: bytes | None,
    new: bytes,
    stride: int,
    band_rows: int,
    white: int,
    moves: tuple[Move, ...],
) -> Iterator[_Band]:
    predicted = held or bytes([white]) * len(new)
    moved = apply_moves(predicted, predicted, moves, stride)
    band_bytes = band_rows * stride
    for begin in range(0, len(new), band_bytes):
        here = slice(begin, begin + band_bytes)
        first = begin // stride
        yield _Band(
            held=held and held[here],
            new=new[here],
            predicted=predicted[here],
            moved=moved[here],
            moves=tuple(within(moves, first, first + band_rows)),
            stride=stride,
            is_one_of_several=band_bytes < len(new),
        )


def _deflate(stream: bytes, window_bits: int) -> _Stream:
    # A window never needs to be larger than what it looks back on.
    bits = max(_LEAST_WINDOW_BITS, min(window_bits, (len(stream) - 1).bit_length()))
    candidates = []
    for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED):
        for memory_level in (8, 9):
            deflater = zlib.compressobj(9, zlib.DEFLATED, -bits, memory_level, strategy)
            candidates.append(deflater.compress(stream) + deflater.flush())
    return _Stream(min(candidates, key=len), bits)


class _View:
    """One way to look at a change: a walk and moved blocks, with all frames laid out along the walk.

    `predicted` is what the moves have led to.
    """

    def __init__(
        self,
        held: bytes | None,
        predicted: bytes,
        new: bytes,
        stride: int,
        walk: int,
        moves: tuple[Move, ...],
    ) -> None:
        by_rows = walk == wire.ROWS
        self.line_bytes = stride if by_rows else len(new) // stride
        self.moves = moves
        self.held = held if by_rows or not held else _by_columns(held, stride)
        self.new = new if by_rows else _by_columns(new, stride)
        self.predicted = predicted if by_rows else _by_columns(predicted, stride)
        self.down = _down(self.new, self.line_bytes)

    def streams(self) -> Iterator[bytes]:
        """The operations, with and without copies: literals alone may deflate better."""
        moves = b"".join(map(_write_move, self.moves))
        wrong = _wrong_places(self.predicted, self.new)
        if not wrong:
            yield moves or _begin(KEEP, 1)
            return
        for finder in (Finder(self.held, self.new), None):
            yield moves + _write(_Search(self, wrong, finder).operations(), self)


def _by_columns(frame: bytes, stride: int) -> bytes:
    return b"".join(frame[column::stride] for column in range(stride))


def _down(data: bytes, line_bytes: int) -> bytes:
    """Each byte XOR the one before it in its line, 0xFF before the first (operation DOWN)."""
    before = bytearray(b"\xff" + data[:-1])
    before[::line_bytes] = b"\xff" * len(before[::line_bytes])
    return _xor(data, before)


def _xor(a: bytes, b: bytes | bytearray) -> bytes:
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).to_bytes(len(a), "big")


def _wrong_places(predicted: bytes, new: bytes) -> list[int]:
    return [place for place, difference in enumerate(_xor(predicted, new)) if difference]


# Rough costs in bits after DEFLATE, fitted on calendar pages.
_OPERATION_BITS = 5.0
_AGAIN_BITS = 6.0
_COPY_BITS = 18.0
_FILL_BITS = 11.0
_LITERAL_BITS = 8.0
_ENTROPY_SHARE = 0.8
"""DEFLATE finds repetitions that the entropy of single bytes does not show."""
_NARROW_GAP = 3
"""A prediction that is right for this few bytes may be cheaper to overwrite than to keep."""


_Step: TypeAlias = "tuple[int, int, int, int]"
"""How a place was reached: from where, in which state, by which operation, with which offset."""

_COPIED, _PUT, _PUT_DOWN = range(3)
"""How the byte before a place was written. Literals that follow each other share one operation."""


class _Search:
    """The cheapest operations up to the last wrong byte, by forward dynamic programming."""

    def __init__(self, view: _View, wrong: Sequence[int], finder: Finder | None) -> None:
        self._view = view
        self._finder = finder
        self._end = wrong[-1] + 1
        self._next_wrong = _next_wrong(wrong)
        places = self._end + 1
        self._costs = [[inf] * places for _ in range(3)]
        self._steps: list[list[_Step | None]] = [[None] * places for _ in range(3)]
        self._puts = tuple(
            (put, code, data, _byte_bits(data, wrong), self._costs[put], self._steps[put])
            for put, code, data in ((_PUT, LITERAL, view.new), (_PUT_DOWN, DOWN, view.down))
        )
        self._offsets = [0] * places
        """The offset of the last COPY on the cheapest way to each place."""
        self._run_end = 0
        """Up to where the byte looked at last repeats."""

    def operations(self) -> list[tuple[int, int, int, int]]:
        """(code, begin, end, offset), in order; literals not yet cut to their longest length."""
        self._costs[_COPIED][0] = 0.0
        copied, put, put_down = self._costs
        next_wrong = self._next_wrong
        for place in range(self._end):
            cost, state = copied[place], _COPIED
            if put[place] < cost:
                cost, state = put[place], _PUT
            if put_down[place] < cost:
                cost, state = put_down[place], _PUT_DOWN
            if cost == inf:
                continue
            gap = next_wrong[place] - place
            if gap:
                self._reach(place, state, place + gap, cost + _OPERATION_BITS, KEEP, 0)
            if gap <= _NARROW_GAP:
                self._put(place, state, cost)
            if not gap:
                self._copy(place, state, cost)
        return self._trace()

    def _reach(self, place: int, state: int, to: int, cost: float, code: int, offset: int) -> None:
        to = min(to, self._end)
        if cost < self._costs[_COPIED][to]:
            self._costs[_COPIED][to] = cost
            self._steps[_COPIED][to] = (place, state, code, offset)
            self._offsets[to] = offset if code == COPY else self._offsets[place]

    def _put(self, place: int, state: int, cost: float) -> None:
        anew = cost + _LITERAL_BITS
        for put, code, data, bits, costs, steps in self._puts:
            further = costs[place]
            total = (further if further <= anew else anew) + bits[data[place]]
            if total < costs[place + 1]:
                costs[place + 1] = total
                steps[place + 1] = (place, put if further <= anew else state, code, 0)
                self._offsets[place + 1] = self._offsets[place]

    def _copy(self, place: int, state: int, cost: float) -> None:
        new, held = self._view.new, self._view.held
        if place >= self._run_end:
            self._run_end = place + 1 + run_length(new, place, new, place + 1)
        if self._run_end > place + 1:
            self._reach(place, state, self._run_end, cost + _FILL_BITS, FILL, 0)
        if not self._finder:
            return
        offset = self._offsets[place]
        if held and 0 <= place + offset < len(held) and held[place + offset] == new[place]:
            length = run_length(held, place + offset, new, place)
            self._reach(place, state, place + length, cost + _AGAIN_BITS, COPY, offset)
        for offset, length in self._finder.held(place):
            self._reach(place, state, place + length, cost + _COPY_BITS, COPY, offset)
        for offset, length in self._finder.made(place):
            self._reach(place, state, place + length, cost + _COPY_BITS, REPEAT, offset)

    def _trace(self) -> list[tuple[int, int, int, int]]:
        operations: list[tuple[int, int, int, int]] = []
        place = self._end
        _, state = min((self._costs[state][place], state) for state in range(3))
        while place:
            step = self._steps[state][place]
            assert step is not None  # noqa: S101  # every place with a finite cost has one
            origin, state, code, offset = step
            operations.append((code, origin, place, offset))
            place = origin
        operations.reverse()
        return operations


def _next_wrong(wrong: Sequence[int]) -> list[int]:
    """For every place up to behind the last wrong one, the next wrong place (or the end)."""
    end = wrong[-1] + 1
    following: list[int] = []
    for place in wrong:
        following += [place] * (place + 1 - len(following))
    return [*following, end]


def _byte_bits(data: bytes, places: Sequence[int]) -> list[float]:
    """Bits for each byte value by how often it stands at `places`."""
    counts = Counter(data[place] for place in places)
    total = len(places) + 256
    return [-log2((counts[value] + 1) / total) * _ENTROPY_SHARE for value in range(256)]


def _write(operations: Sequence[tuple[int, int, int, int]], view: _View) -> bytes:
    out = bytearray()
    vector = (0, 0)
    at = 0
    while at < len(operations):
        code, begin, end, offset = operations[at]
        at += 1
        if code in (LITERAL, DOWN):
            while at < len(operations) and operations[at][0] == code and end - begin < MAX_LITERAL:
                end = operations[at][2]
                at += 1
            data = view.new if code == LITERAL else view.down
            out += _begin(code, end - begin) + data[begin:end]
        elif code == FILL:
            out += _begin(FILL, end - begin) + view.new[begin : begin + 1]
        elif code == KEEP:
            out += _begin(KEEP, end - begin)
        else:
            there = _vector(begin, offset, view.line_bytes)
            if code == COPY and there == vector:
                out += _begin(AGAIN, end - begin)
                continue
            out += _begin(code, end - begin) + _zigzag(there[0]) + _zigzag(there[1])
            if code == COPY:
                vector = there
    return bytes(out)


def _vector(place: int, offset: int, line_bytes: int) -> tuple[int, int]:
    """(dline, dplace) from `place` to `place + offset`."""
    line, at = divmod(place, line_bytes)
    other_line, other_at = divmod(place + offset, line_bytes)
    return other_line - line, other_at - at


def _begin(code: int, length: int) -> bytes:
    if length <= SHORT:
        return bytes([code << 5 | length])
    return bytes([code << 5]) + _varint(length - SHORT - 1)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 128:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _zigzag(number: int) -> bytes:
    return _varint(2 * number if number >= 0 else -2 * number - 1)


def _write_move(move: Move) -> bytes:
    return (
        _begin(MOVE, move.height)
        + _varint(move.x)
        + _varint(move.y)
        + _varint(2 * move.width + move.inverted)
        + _zigzag(move.dx)
        + _zigzag(move.dy)
    )
