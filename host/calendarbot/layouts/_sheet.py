"""Measures of the agenda page for every size of canvas.

Three arrangements: `side` (date and month beside the list, wide panels), `top` (date above the
list) and `slip` (a strip with the date at its side, small panels). Each is drawn up for one size
and scaled; lengths snap to the grid of `GRID_PX`, type to whole pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from calendarbot.render import Type

GRID_PX = 8


@dataclass(frozen=True, slots=True)
class Density:
    """One way to set the rows of a list."""

    pitch_px: int
    """From row to row; a multiple of the grid."""
    title: Type
    detail: Type
    two_lines: bool = False
    """Details under the title, else at the end of its line."""


@dataclass(frozen=True, slots=True)
class DateMeasures:
    """The date: type, and the first baseline of each part."""

    weekday: Type
    number: Type
    month: Type
    week: Type
    cell_px: tuple[int, int]
    """Width and height of a day in the month grid; (0, 0): no grid."""


@dataclass(frozen=True, slots=True)
class Sheet:
    arrangement: Literal["side", "top", "slip"]
    margin_px: int
    side_px: int
    """Width of the date's column, or height of its strip for `top`."""
    list_left: int
    list_top: int
    list_right: int
    list_bottom: int
    date: DateMeasures
    title: Type
    densities: tuple[Density, ...]
    """For today, the most generous first."""
    coming: Density
    heading: Type
    heading_px: int
    notice: Type
    notice_px: int

    @property
    def list_width(self) -> int:
        return self.list_right - self.list_left


def sheet_for(width_px: int, height_px: int) -> Sheet:
    """The measures for a canvas of this size."""
    if width_px >= 560 and width_px * 3 >= height_px * 4:
        return _side(width_px, height_px)
    if height_px < 240 or width_px > height_px * 2:
        return _slip(width_px, height_px)
    return _top(width_px, height_px)


class Scale:
    def __init__(self, factor: float) -> None:
        self._factor = factor

    def grid(self, px: float) -> int:
        return max(GRID_PX, round(px * self._factor / GRID_PX) * GRID_PX)

    def type(self, px: float, *, bold: bool = False, least: int = 12) -> Type:
        return Type(max(least, round(px * self._factor)), bold)

    def pitch(self, px: float, style: Type) -> int:
        """A row of about `px` pixels that holds a line of this type, descenders and all."""
        return max(self.grid(px), -(-(style.size_px * 5 // 4) // GRID_PX) * GRID_PX)

    def density(self, pitch: int, title: int, detail: int, *, two_lines: bool = False) -> Density:
        big, small = self.type(title), self.type(detail)
        least = self.pitch(pitch, big)
        if two_lines:
            lines = (big.size_px + small.size_px) * 6 // 5
            least = max(least, -(-lines // GRID_PX) * GRID_PX)
        return Density(least, big, small, two_lines)


def _side(width_px: int, height_px: int) -> Sheet:
    scale = Scale(min(width_px / 800, height_px / 480))
    margin = scale.grid(24)
    side = scale.grid(232)
    left = margin + side + scale.grid(48)
    return Sheet(
        arrangement="side",
        margin_px=margin,
        side_px=side,
        list_left=left,
        list_top=margin,
        list_right=width_px - margin - GRID_PX,
        list_bottom=height_px - margin,
        date=DateMeasures(
            weekday=scale.type(34, bold=True),
            number=scale.type(176, bold=True),
            month=scale.type(24),
            week=scale.type(18),
            cell_px=(scale.grid(32), scale.grid(24)),
        ),
        title=scale.type(22, bold=True),
        densities=(
            scale.density(56, 28, 17, two_lines=True),
            scale.density(40, 24, 17),
            scale.density(32, 20, 16),
        ),
        coming=scale.density(24, 18, 16),
        heading=scale.type(18, bold=True),
        heading_px=max(32, scale.grid(40)),
        notice=scale.type(16),
        notice_px=scale.pitch(24, scale.type(16)),
    )


def _top(width_px: int, height_px: int) -> Sheet:
    scale = Scale(min(max(min(width_px / 400, height_px / 300), 0.75), 2.25))
    margin = scale.grid(12)
    strip = scale.grid(56)
    return Sheet(
        arrangement="top",
        margin_px=margin,
        side_px=strip,
        list_left=margin + GRID_PX,
        list_top=margin + strip + scale.grid(16),
        list_right=width_px - margin - GRID_PX,
        list_bottom=height_px - scale.grid(8),
        date=DateMeasures(
            weekday=scale.type(24, bold=True),
            number=scale.type(72 if width_px >= 400 else 60 if width_px >= 200 else 48, bold=True),
            month=scale.type(16),
            week=scale.type(16),
            cell_px=(0, 0),
        ),
        title=scale.type(16, bold=True),
        densities=(
            scale.density(40, 20, 14, two_lines=True),
            scale.density(24, 18, 14),
        ),
        coming=scale.density(20, 15, 13),
        heading=scale.type(15, bold=True),
        heading_px=max(32, scale.grid(32)),
        notice=scale.type(13),
        notice_px=scale.pitch(24, scale.type(13)),
    )


def _slip(width_px: int, height_px: int) -> Sheet:
    scale = Scale(min(max(min(width_px / 296, height_px / 128), 0.75), 3.0))
    margin = scale.grid(8)
    side = scale.grid(64)
    left = margin + side + scale.grid(16)
    return Sheet(
        arrangement="slip",
        margin_px=margin,
        side_px=side,
        list_left=left,
        list_top=margin // 2,
        list_right=width_px - margin - GRID_PX // 2,
        list_bottom=height_px - margin // 2,
        date=DateMeasures(
            weekday=scale.type(20, bold=True),
            number=scale.type(64, bold=True),
            month=scale.type(16),
            week=scale.type(13),
            cell_px=(0, 0),
        ),
        title=scale.type(14, bold=True),
        densities=(
            scale.density(24, 18, 13),
            scale.density(16, 13, 12),
        ),
        coming=scale.density(16, 13, 12),
        heading=scale.type(14, bold=True),
        heading_px=max(24, scale.grid(24)),
        notice=scale.type(12),
        notice_px=scale.pitch(16, scale.type(12)),
    )
