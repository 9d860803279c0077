"""Where the bytes that come next along a walk have stood before. Host only."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SEED_BYTES = 4
"""The shortest match looked for: a copy costs about as much as three literals."""
_CHAIN = 12
"""How many places are compared for each seed."""
_STEP_BYTES = 16
_number = int.from_bytes


class Match(NamedTuple):
    """`length` bytes that also stand `offset` places further (or, below zero, back) along the walk."""

    offset: int
    length: int


def run_length(a: bytes, at_a: int, b: bytes, at_b: int) -> int:
    """How many bytes are the same from the two places on."""
    limit = min(len(a) - at_a, len(b) - at_b)
    same, step = 0, _STEP_BYTES
    while same < limit:
        step = min(step, limit - same)
        here, there = at_a + same, at_b + same
        # The highest bit that differs, of many bytes at once, is in the first byte that does.
        different = _number(a[here : here + step], "big") ^ _number(b[there : there + step], "big")
        if different:
            return same + step - (different.bit_length() + 7) // 8
        same += step
        step *= 4
    return same


class Finder:
    """Matches for one walk, in the held frame (None: a key frame) and in the frame being made."""

    def __init__(self, held: bytes | None, new: bytes) -> None:
        self._held = held or b""
        self._new = new
        self._in_held = _seeds(self._held)
        self._seeded = len(new) - _SEED_BYTES + 1
        self._in_new: defaultdict[bytes, list[int]] = defaultdict(list)
        self._known = 0

    def held(self, place: int) -> Iterator[Match]:
        """In the held frame, the nearest places first looked at, each longer than the one before."""
        found = self._in_held.get(self._new[place : place + _SEED_BYTES])
        if not found:
            return iter(())
        middle = bisect(found, place)
        near = found[max(0, middle - _CHAIN // 2) : middle + _CHAIN // 2]
        return self._longer(self._held, near, place)

    def made(self, place: int) -> Iterator[Match]:
        """In what is made before `place`. Places are asked for in ascending order."""
        new, known = self._new, self._in_new
        for at in range(self._known, min(place, self._seeded)):
            seed = new[at : at + _SEED_BYTES]
            if seed not in _PLAIN:
                known[seed].append(at)
        self._known = place
        found = known.get(new[place : place + _SEED_BYTES])
        return self._longer(new, found[: -_CHAIN - 1 : -1], place) if found else iter(())

    def _longer(self, source: bytes, places: Sequence[int], place: int) -> Iterator[Match]:
        new, best = self._new, 0
        for begin in places:
            # Most candidates fall out on the byte that would make them the longest so far.
            if source[begin + best : begin + best + 1] != new[place + best : place + best + 1]:
                continue
            length = run_length(source, begin, new, place)
            if length > best:
                best = length
                yield Match(begin - place, length)


def _seeds(data: bytes) -> defaultdict[bytes, list[int]]:
    """The places of each seed; seeds of one repeated byte stand everywhere."""
    places: defaultdict[bytes, list[int]] = defaultdict(list)
    for place in range(len(data) - _SEED_BYTES + 1):
        seed = data[place : place + _SEED_BYTES]
        if seed not in _PLAIN:
            places[seed].append(place)
    return places


_PLAIN = {bytes([value]) * _SEED_BYTES for value in (0x00, 0x11, 0xFF)}
