"""The project's pixel icons: `fonts/icons/SIZE.txt`, drawn by hand in two sizes.

Larger ones are whole multiples of these, with their diagonals smoothed by the Scale2x and Scale3x rules
(Andrea Mazzoleni), which look at a pixel's four neighbours and never make a grey.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from PIL import Image

from calendarbot.errors import ConfigError, nearest
from calendarbot.render.families import fonts_folder

DRAWN_PX: Final = (12, 16)
Rows = tuple[str, ...]
_INK, _PAPER = "#", "."


def names() -> list[str]:
    """The icons there are, sorted."""
    return sorted(_drawn(DRAWN_PX[0]))


def side_px(size_px: int) -> int:
    """The side of an icon for a square or for type of this size: the largest that fits, 12 at least."""
    return max([side * (size_px // side) for side in DRAWN_PX] + [DRAWN_PX[0]])


@lru_cache(maxsize=256)
def icon(name: str, size_px: int) -> Image.Image:
    """An icon as a square mask, mode "1", `side_px(size_px)` wide; not to be changed.

    ConfigError, naming the nearest, if there is no icon of this name.
    """
    side = side_px(size_px)
    drawn = max(px for px in DRAWN_PX if side % px == 0)
    found = _drawn(drawn)
    if name not in found:
        raise ConfigError(f"there is no icon {name!r}", nearest(name, found))
    rows = found[name]
    for factor in _factors(side // drawn):
        rows = _SCALES[factor](rows) if factor in _SCALES else _enlarged(rows, factor)
    mask = Image.new("1", (side, side))
    mask.putdata([255 * (pixel == _INK) for row in rows for pixel in row])
    return mask


@cache
def _drawn(px: int) -> dict[str, Rows]:
    """The icons of one file: blocks of a name and its rows; the first block is a comment."""
    text = (fonts_folder() / "icons" / f"{px}.txt").read_text(encoding="ascii")
    _, *blocks = text.strip().split("\n\n")
    return {name: tuple(rows) for name, *rows in (block.splitlines() for block in blocks)}


def _factors(scale: int) -> list[int]:
    """Twos and threes as far as they go, then what is left."""
    found = []
    for factor in (2, 3):
        while scale % factor == 0:
            found.append(factor)
            scale //= factor
    return [*found, scale] if scale > 1 else found


def _enlarged(rows: Rows, factor: int) -> Rows:
    return tuple("".join(pixel * factor for pixel in row) for row in rows for _ in range(factor))


def _twice(rows: Rows) -> Rows:
    """Scale2x: a corner takes the colour of the two neighbours that meet in it, if they agree."""
    larger: list[str] = []
    for y in range(len(rows)):
        upper, lower = "", ""
        for x in range(len(rows)):
            _, up, _, left, here, right, _, down, _ = _around(rows, x, y)
            if up == down or left == right:
                upper, lower = upper + here * 2, lower + here * 2
                continue
            upper += (left if left == up else here) + (right if right == up else here)
            lower += (left if left == down else here) + (right if right == down else here)
        larger += [upper, lower]
    return tuple(larger)


def _thrice(rows: Rows) -> Rows:
    """Scale3x."""
    larger: list[str] = []
    for y in range(len(rows)):
        lines = ["", "", ""]
        for x in range(len(rows)):
            for line, part in enumerate(_nine(_around(rows, x, y))):
                lines[line] += part
        larger += lines
    return tuple(larger)


def _nine(around: Rows) -> Rows:
    a, b, c, d, e, f, g, h, i = around
    if b == h or d == f:
        return e * 3, e * 3, e * 3
    return (
        (d if d == b else e)
        + (b if (d == b and e != c) or (b == f and e != a) else e)
        + (f if b == f else e),
        (d if (d == b and e != g) or (d == h and e != a) else e)
        + e
        + (f if (b == f and e != i) or (h == f and e != c) else e),
        (d if d == h else e)
        + (h if (d == h and e != i) or (h == f and e != g) else e)
        + (f if h == f else e),
    )


def _around(rows: Rows, x: int, y: int) -> Rows:
    """A pixel and its eight neighbours, row by row; beyond the edge is paper."""
    edge = _PAPER * len(rows)
    lines = (rows[at] if 0 <= at < len(rows) else edge for at in (y - 1, y, y + 1))
    return tuple(pixel for line in lines for pixel in f"{_PAPER}{line}{_PAPER}"[x : x + 3])


_SCALES = {2: _twice, 3: _thrice}
