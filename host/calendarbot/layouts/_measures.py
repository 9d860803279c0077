"""Measures of the pages that are grids (week, month, year), and of the blocks on every time grid.

Panels have about as many pixels to the centimetre whatever their size (112 to 150 per inch), so
type grows more slowly than the page, and small pages keep type that can be read and show less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from calendarbot.render import Type

LEAST_TYPE_PX = 11
"""Nothing that must be read is set smaller, but for marks that would leave their line."""


@dataclass(frozen=True, slots=True)
class Measures:
    margin_px: int
    """The same on all four sides."""
    header_px: int
    """The strip with the page's name, and the rule under it."""
    heading: Type
    note: Type
    """Beside the heading."""
    text: Type
    line_px: int
    """From line to line of `text`."""
    is_strip: bool = False
    """So low that every line counts."""

    @property
    def bold(self) -> Type:
        return replace(self.text, bold=True)

    @property
    def digits(self) -> Type:
        return replace(self.text, tabular=True)


def measures_for(width_px: int, height_px: int) -> Measures:
    """The measures for a canvas of this size."""
    factor = min(max(min(width_px / 480, height_px / 480), 0.5), 1.75)
    is_strip = height_px < 200
    is_narrow = is_strip or width_px < 200
    text = max(12, round(14 * (1 + factor) / 2))
    return Measures(
        margin_px=4 if is_narrow else 8 if factor < 0.8 else 16 if factor < 1.5 else 24,
        header_px=16 if is_narrow else round(48 * factor / 8) * 8,
        heading=Type(13 if is_narrow else round(30 * factor), bold=True),
        note=Type(max(12, round(17 * factor))),
        text=Type(text),
        line_px=text * 4 // 3,
        is_strip=is_strip,
    )
