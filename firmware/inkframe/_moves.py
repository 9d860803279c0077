"""Which blocks of a held frame show up elsewhere, or inverted, in the next one. Host only.

A list that scrolls, an event whose bar turns black: both are one MOVE operation. Small pieces of rows vote
for how far, and whether inverted, they were moved; each of the best proposals gets the block where it
helps most.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_PIECE_BYTES = 4
_MOST_PLACES = 6
"""A piece that stands in more rows than this says nothing about where it came from."""
_PROPOSALS = 6
_WORTH_BYTES = 12
"""A move costs about as much as it takes to correct this many bytes."""


class Move(NamedTuple):
    """A block of the frame: x, width in bytes, y, height in rows; copied from (x + dx, y + dy)."""

    x: int
    y: int
    width: int
    height: int
    dx: int
    dy: int
    inverted: bool


def find_moves(held: bytes, new: bytes, stride: int) -> tuple[Move, ...]:
    """Moves that together bring `held` nearer to `new`; none when nothing was moved."""
    moves: list[Move] = []
    predicted = held
    for dy, inverted in _proposals(held, new, stride):
        shifted = _shift(_invert(held) if inverted else held, dy, stride)
        move = _best_block(predicted, shifted, new, stride, dy, inverted=inverted)
        if move:
            moves.append(move)
            predicted = apply_moves(predicted, held, [move], stride)
    return tuple(moves)


def apply_moves(predicted: bytes, held: bytes, moves: Iterable[Move], stride: int) -> bytes:
    """`predicted` with each block copied over from `held`."""
    frame = bytearray(predicted)
    for x, y, width, height, dx, dy, inverted in moves:
        for row in range(y, y + height):
            begin = (row + dy) * stride + x + dx
            piece = held[begin : begin + width]
            to = row * stride + x
            frame[to : to + width] = _invert(piece) if inverted else piece
    return bytes(frame)


def within(moves: Iterable[Move], first: int, end: int) -> Iterator[Move]:
    """What the moves do to the rows from `first` to before `end`, which are then counted from 0."""
    for move in moves:
        top, bottom = max(move.y, first), min(move.y + move.height, end)
        if top < bottom:
            yield move._replace(y=top - first, height=bottom - top)


def _proposals(held: bytes, new: bytes, stride: int) -> list[tuple[int, bool]]:
    """(dy, inverted), the most voted for first."""
    places: defaultdict[tuple[int, bytes], list[int]] = defaultdict(list)
    for begin in range(0, len(held), _PIECE_BYTES):
        piece = held[begin : begin + _PIECE_BYTES]
        if len(set(piece)) > 1:
            places[begin % stride, piece].append(begin // stride)
    votes: Counter[tuple[int, bool]] = Counter()
    for begin in range(0, len(new), _PIECE_BYTES):
        piece = new[begin : begin + _PIECE_BYTES]
        if piece == held[begin : begin + _PIECE_BYTES] or len(set(piece)) == 1:
            continue
        for inverted in (False, True):
            found = places.get((begin % stride, _invert(piece) if inverted else piece), ())
            if len(found) <= _MOST_PLACES:
                votes.update((row - begin // stride, inverted) for row in found)
    return [proposal for proposal, _ in votes.most_common(_PROPOSALS)]


def _best_block(
    predicted: bytes, shifted: bytes, new: bytes, stride: int, dy: int, *, inverted: bool
) -> Move | None:
    """The block where taking `shifted` instead of `predicted` sets most bytes right."""
    rows = len(new) // stride
    now_wrong = _differs(predicted, new)
    then_wrong = _differs(shifted, new)
    possible = range(max(0, -dy), min(rows, rows - dy))
    left, right = 0, stride
    top = bottom = gain = 0
    # The best rows for all columns, then the best columns of these rows, then the rows again.
    for _ in range(2):
        gains = [
            now_wrong.count(1, row * stride + left, row * stride + right)
            - then_wrong.count(1, row * stride + left, row * stride + right)
            for row in possible
        ]
        begin, end, gain = _best_run(gains)
        top, bottom = possible.start + begin, possible.start + end
        if gain <= 0:
            return None
        gains = [
            now_wrong[top * stride + column : bottom * stride : stride].count(1)
            - then_wrong[top * stride + column : bottom * stride : stride].count(1)
            for column in range(stride)
        ]
        left, right, gain = _best_run(gains)
    if gain < _WORTH_BYTES:
        return None
    return Move(left, top, right - left, bottom - top, 0, dy, inverted)


def _best_run(gains: Sequence[int]) -> tuple[int, int, int]:
    """(begin, end, sum) of the run with the largest sum (Kadane)."""
    best = (0, 0, 0)
    begin = total = 0
    for place, gain in enumerate(gains):
        if total <= 0:
            begin, total = place, 0
        total += gain
        if total > best[2]:
            best = (begin, place + 1, total)
    return best


_FLAGS = bytes([0]) + bytes([1]) * 255


def _differs(a: bytes, b: bytes) -> bytes:
    """1 for every byte that differs, else 0."""
    difference = int.from_bytes(a, "big") ^ int.from_bytes(b, "big")
    return difference.to_bytes(len(b), "big").translate(_FLAGS)


def _shift(frame: bytes, dy: int, stride: int) -> bytes:
    """Row y holds what was row y + dy; rows from outside are of no use and anything."""
    if dy >= 0:
        return frame[dy * stride :] + frame[: dy * stride]
    return frame[dy * stride :] + frame[: dy * stride]


_INVERT = bytes(range(255, -1, -1))


def _invert(frame: bytes) -> bytes:
    return frame.translate(_INVERT)
