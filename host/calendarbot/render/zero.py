"""A plain zero from one with a slash, for families that have no plain one.

A slash tells 0 from O, which matters in serial numbers. In times and dates it fills the counter of small type
and makes 09:00 slow to read. The slash of a glyph runs from the upper left to the lower right, so the stems'
widths can be taken from the lower left and the upper right, where they are clear of it.
"""

from __future__ import annotations

from PIL import Image, ImageDraw

_OUTSIDE, _HOLE = 128, 0


def without_slash(mask: Image.Image) -> Image.Image:
    """The mask of a zero, mode "1", with its counter free; one without a counter stays as it is."""
    width, height = mask.size
    room = Image.new("L", (width + 2, height + 2))
    room.paste(mask.convert("L"), (1, 1))
    ImageDraw.floodfill(room, (0, 0), _OUTSIDE)
    rows = [list(room.crop((1, y + 1, width + 1, y + 2)).tobytes()) for y in range(height)]
    plain = mask.copy()
    for y, row in enumerate(rows):
        low, high = rows[max(y, height - 1 - y)], rows[min(y, height - 1 - y)]
        if _HOLE not in low or _HOLE not in high:
            continue
        begin = _edge(row) + low.index(_HOLE) - _edge(low)
        end = _edge(row[::-1]) + high[::-1].index(_HOLE) - _edge(high[::-1])
        if begin < width - end:
            plain.paste(0, (begin, y, width - end, y + 1))
    return plain


def _edge(row: list[int]) -> int:
    """Where the glyph begins in a row."""
    return next(x for x, value in enumerate(row) if value != _OUTSIDE)
