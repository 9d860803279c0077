"""Overlapping events side by side, as calendar programs show them.

Events that overlap, directly or through others, form a group and share the width in equal columns.
Each stands in the first column that is free, and grows over the columns beside it that stay free.
Where a group needs more columns than there may be, its last column counts what found no place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Placed:
    """The item with this index stands from `top` to `bottom`, `span` of `columns` columns wide."""

    index: int
    top: int
    bottom: int
    column: int
    span: int
    columns: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """The items with these indices found no column; their number stands in the last one."""

    indices: tuple[int, ...]
    top: int
    bottom: int
    column: int
    columns: int


def pack(spans: Sequence[tuple[int, int]], most: int) -> tuple[list[Placed], list[Crowd]]:
    """Columns for these (top, bottom), bottom exclusive; at most `most` (2 or more) in a group."""
    placed: list[Placed] = []
    crowds: list[Crowd] = []
    for group in _groups(spans):
        columns = _columns(spans, group)
        if len(columns) > most:
            kept = columns[: most - 1]
            left = sorted(index for column in columns[most - 1 :] for index in column)
            found = list(_crowds(spans, left, most))
            # A count of one would take as much room as the event itself.
            kept.append([crowd.indices[0] for crowd in found if len(crowd.indices) == 1])
            crowds += [crowd for crowd in found if len(crowd.indices) > 1]
            placed += _grown(spans, kept, most, most - 1)
        else:
            placed += _grown(spans, columns, len(columns), len(columns))
    return placed, crowds


def _groups(spans: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Indices of items that overlap, early before late and long before short."""
    group: list[int] = []
    reach = 0
    for index in sorted(range(len(spans)), key=lambda i: (spans[i][0], -spans[i][1], i)):
        if group and spans[index][0] >= reach:
            yield group
            group = []
        reach = max(reach, spans[index][1]) if group else spans[index][1]
        group.append(index)
    if group:
        yield group


def _columns(spans: Sequence[tuple[int, int]], group: list[int]) -> list[list[int]]:
    columns: list[list[int]] = []
    for index in group:
        for column in columns:
            if spans[column[-1]][1] <= spans[index][0]:
                column.append(index)
                break
        else:
            columns.append([index])
    return columns


def _grown(
    spans: Sequence[tuple[int, int]], kept: list[list[int]], columns: int, usable: int
) -> Iterator[Placed]:
    for number, column in enumerate(kept):
        for index in column:
            top, bottom = spans[index]
            span = 1
            while number + span < usable and not any(
                spans[other][0] < bottom and top < spans[other][1] for other in kept[number + span]
            ):
                span += 1
            yield Placed(index, top, bottom, number, span, columns)


def _crowds(spans: Sequence[tuple[int, int]], left: list[int], most: int) -> Iterator[Crowd]:
    """One count for every stretch of time in which items found no column."""
    for group in _groups([spans[index] for index in left]):
        indices = tuple(left[i] for i in group)
        top = min(spans[index][0] for index in indices)
        bottom = max(spans[index][1] for index in indices)
        yield Crowd(indices, top, bottom, most - 1, most)
