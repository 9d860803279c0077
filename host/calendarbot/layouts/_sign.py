"""Measures of pages that are read from afar: a hero of huge words, then finer print.

Three arrangements, each drawn up for one size and scaled as `_sheet` does: `wide` (800 × 480),
`tall` (480 × 800) and `strip` (296 × 128, where the hero has two columns).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from calendarbot.layouts._notices import NoticePlace
from calendarbot.layouts._sheet import GRID_PX, Density, Scale

if TYPE_CHECKING:
    from calendarbot.render import Type


@dataclass(frozen=True, slots=True)
class Sign:
    arrangement: Literal["wide", "tall", "strip"]
    margin_px: int
    width_px: int
    """Between the margins."""
    height_px: int
    """Of the whole page."""
    hero_px: int
    """The hero's height: from the page's top edge, across its whole width."""
    head: Type
    """What the page is, and the date."""
    word: Type
    """One word, or a time."""
    line: Type
    """Until when."""
    title: Type
    """The title of a meeting that is alone on a page, at its largest."""
    detail: Type
    bar_px: int
    label: Type
    labels_px: int
    row: Density
    """What comes next."""
    notice: Type
    notice_px: int

    @property
    def right(self) -> int:
        return self.margin_px + self.width_px

    @property
    def bottom(self) -> int:
        return self.height_px - self.margin_px * 3 // 4


def sign_for(width_px: int, height_px: int) -> Sign:
    """The measures for a canvas of this size."""
    if height_px < 240 and width_px > height_px:
        return _strip(width_px, height_px)
    if width_px >= height_px:
        return _wide(width_px, height_px)
    return _tall(width_px, height_px)


def _wide(width_px: int, height_px: int) -> Sign:
    scale = Scale(min(width_px / 800, height_px / 480))
    margin = scale.grid(32)
    small = scale.type(20)
    return Sign(
        arrangement="wide",
        margin_px=margin,
        width_px=width_px - 2 * margin,
        height_px=height_px,
        hero_px=GRID_PX * round(height_px * 0.62 / GRID_PX),
        head=scale.type(26, bold=True),
        word=scale.type(168, bold=True),
        line=scale.type(60, bold=True),
        title=scale.type(96, bold=True),
        detail=scale.type(28),
        bar_px=scale.grid(32),
        label=scale.type(16),
        labels_px=scale.pitch(24, scale.type(16)),
        row=scale.density(32, 24, 18),
        notice=small,
        notice_px=scale.pitch(24, small),
    )


def _tall(width_px: int, height_px: int) -> Sign:
    scale = Scale(min(width_px / 480, height_px / 800))
    margin = scale.grid(32)
    small = scale.type(18)
    return Sign(
        arrangement="tall",
        margin_px=margin,
        width_px=width_px - 2 * margin,
        height_px=height_px,
        hero_px=GRID_PX * round(height_px * 0.55 / GRID_PX),
        head=scale.type(26, bold=True),
        word=scale.type(184, bold=True),
        line=scale.type(60, bold=True),
        title=scale.type(72, bold=True),
        detail=scale.type(26),
        bar_px=scale.grid(40),
        label=scale.type(16),
        labels_px=scale.pitch(24, scale.type(16)),
        row=scale.density(40, 24, 18),
        notice=small,
        notice_px=scale.pitch(24, small),
    )


def _strip(width_px: int, height_px: int) -> Sign:
    scale = Scale(min(width_px / 296, height_px / 128))
    margin = scale.grid(8)
    small = scale.type(12)
    return Sign(
        arrangement="strip",
        margin_px=margin,
        width_px=width_px - 2 * margin,
        height_px=height_px,
        hero_px=GRID_PX * round(height_px * 0.5 / GRID_PX),
        head=scale.type(14, bold=True),
        word=scale.type(56, bold=True),
        line=scale.type(24, bold=True),
        title=scale.type(30, bold=True),
        detail=scale.type(14),
        bar_px=scale.grid(8),
        label=scale.type(12),
        labels_px=scale.pitch(16, scale.type(12)),
        row=scale.density(24, 15, 13),
        notice=small,
        notice_px=scale.pitch(16, small),
    )


def notice_place(sign: Sign) -> NoticePlace:
    """At the foot of the page; a small page has no margin that a notice's bar may stand out into."""
    inset = GRID_PX if sign.arrangement == "strip" else 0
    return NoticePlace(
        sign.margin_px + inset,
        sign.width_px - 2 * inset,
        sign.bottom,
        sign.notice,
        sign.notice_px,
    )
