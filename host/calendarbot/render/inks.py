"""How calendars are told apart: by ink where a panel has colours, else by pattern.

The i-th calendar of an agenda has the i-th `Style` of the panel's palette. Styles go through all inks
in solid areas first, then through all inks in the next pattern, so on a panel of six colours six calendars
differ in ink alone, and on one of black and white in pattern alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from calendarbot.render.palettes import Palette

Pattern = Literal["solid", "hollow", "ladder", "checks", "slant", "dots"]

# Rows of a tile that repeats from the left top corner of an area; 1 is ink. They stay apart in a stripe of
# 4 pixels.
_TILES: dict[Pattern, tuple[str, ...]] = {
    "ladder": ("1111", "1111", "0000", "0000"),
    "checks": ("1100", "1100", "0011", "0011"),
    "slant": (
        "11100000",
        "01110000",
        "00111000",
        "00011100",
        "00001110",
        "00000111",
        "10000011",
        "11000001",
    ),
    "dots": ("0000", "0110", "0110", "0000", "0000", "0000"),
}
PATTERNS: tuple[Pattern, ...] = ("solid", "hollow", "ladder", "slant", "checks", "dots")


@dataclass(frozen=True, slots=True)
class Style:
    """How one calendar looks; inks are palette indices."""

    ink: int
    pattern: Pattern
    text: int
    """What reads on an area in this style. On a pattern nothing does: leave white below the text."""
    outline: int | None = None
    """A line around the area, where the ink alone is too faint on paper."""

    @property
    def solid(self) -> bool:
        """Whether text may stand on it."""
        return self.pattern == "solid"


@lru_cache(maxsize=64)
def styles_of(palette: Palette) -> tuple[Style, ...]:
    """All styles there are on this palette, the most different first."""
    black = palette.inks.index("black")
    return tuple(
        Style(
            ink,
            pattern,
            palette.text_on(ink) if pattern == "solid" else black,
            black if palette.is_faint(ink) else None,
        )
        for pattern in PATTERNS
        for ink in palette.calendar_inks
        if pattern == "solid" or not palette.is_faint(ink)
    )


@lru_cache(maxsize=512)
def mask_of(pattern: Pattern, width_px: int, height_px: int) -> Image.Image:
    """Where a pattern has ink in an area of this size: mode "1"; not to be changed."""
    mask = Image.new("1", (width_px, height_px), int(pattern == "solid"))
    if pattern == "hollow":
        line = 2 if min(width_px, height_px) >= 8 else 1
        ImageDraw.Draw(mask).rectangle((0, 0, width_px - 1, height_px - 1), outline=1, width=line)
    elif pattern in _TILES:
        tile = _tile(_TILES[pattern])
        for top in range(0, height_px, tile.height):
            for left in range(0, width_px, tile.width):
                mask.paste(tile, (left, top))
    return mask


def _tile(rows: tuple[str, ...]) -> Image.Image:
    tile = Image.new("1", (len(rows[0]), len(rows)))
    for y, row in enumerate(rows):
        for x, bit in enumerate(row):
            tile.putpixel((x, y), int(bit))
    return tile
