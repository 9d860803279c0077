"""Bars over the days of a week, in lanes; each day counts what found no lane.

A bar keeps one lane over all its days. Where a day needs more lanes than there are, its last lane
holds a count, and a bar that would stand there or below is left out on all its days and counted
on each of them: half a bar would be wrong about when it ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Lanes:
    lane_of: dict[int, int]
    """Of the items shown, by their index."""
    hidden: tuple[int, ...]
    """How many items each day counts."""

    @property
    def used(self) -> int:
        """Lanes that hold something, counts included."""
        shown = max(self.lane_of.values(), default=-1) + 1
        return shown + 1 if any(self.hidden) and shown == 0 else shown


def assign(
    spans: Sequence[tuple[int, int]], days: int, most: int, *, counted: bool = True
) -> Lanes:
    """Lanes for items that run over these (first, last) days, both inclusive, in this order.

    `counted`: a day's count takes a lane.
    """
    taken: list[set[int]] = [set() for _ in range(days)]
    lane_of: dict[int, int] = {}
    for index, (first, last) in enumerate(spans):
        lane = 0
        while any(lane in taken[day] for day in range(first, last + 1)):
            lane += 1
        lane_of[index] = lane
        for day in range(first, last + 1):
            taken[day].add(lane)
    full = {day for day in range(days) if taken[day] and max(taken[day]) >= most}
    hidden = [0] * days
    for index, (first, last) in enumerate(spans):
        over = range(first, last + 1)
        if lane_of[index] >= most - counted and full.intersection(over):
            del lane_of[index]
            for day in over:
                hidden[day] += 1
    return Lanes(lane_of, tuple(hidden))
