"""Contact sheets: many pages in one picture file, as small as it gets without losing a pixel.

`LAYOUT/WIDTHxHEIGHT.png` holds a layout's pages in black and white, a row for each calendar, a
column for each moment. `LAYOUT/WIDTHxHEIGHT-PANEL.png` holds the same pages for a panel with
colours, as what is *not* as in black and white: the rest is transparent.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from calendarbot.render.pixels import Colour

Cell = tuple[str, str]
"""Row and column."""

_SAME = 15
"""In a sheet with colours: as in black and white."""
_CHANGED: Colour = (208, 32, 32)


class Sheet:
    """The places of cells on a sheet."""

    def __init__(self, size: tuple[int, int], rows: Sequence[str], columns: Sequence[str]) -> None:
        self._width, self._height = size
        self._rows, self._columns = list(rows), list(columns)

    @property
    def cells(self) -> list[Cell]:
        return [(row, column) for row in self._rows for column in self._columns]

    def joined(self, pages: Mapping[Cell, Image.Image]) -> Image.Image:
        whole = Image.new("L", (self._width * len(self._columns), self._height * len(self._rows)))
        for cell in self.cells:
            whole.paste(pages[cell], self._box(cell)[:2])
        return whole

    def cut(self, whole: Image.Image) -> dict[Cell, Image.Image]:
        return {cell: whole.crop(self._box(cell)) for cell in self.cells}

    def _box(self, cell: Cell) -> tuple[int, int, int, int]:
        x = self._columns.index(cell[1]) * self._width
        y = self._rows.index(cell[0]) * self._height
        return x, y, x + self._width, y + self._height


def black_white_png(indices: Image.Image) -> bytes:
    return _png(indices.point([0, 255] + [0] * 254, "1"))


def black_white_indices(file: Path) -> Image.Image:
    return Image.open(file).convert("L").point([0] * 128 + [1] * 128)


def colours_png(indices: Image.Image, black_white: Image.Image, palette: Sequence[Colour]) -> bytes:
    """What `indices` (of `palette`) has other than `black_white` (0 and 1)."""
    as_before = _in_palette(black_white, palette)
    difference = ImageChops.difference(indices, as_before).point([0] + [255] * 255)
    layer = Image.new("L", indices.size, _SAME)
    layer.paste(indices, (0, 0), difference)
    layer.putpalette([channel for colour in _filled(palette) for channel in colour])
    return _png(layer, bits=4, transparency=_SAME)


def colours_indices(file: Path, black_white: Image.Image, palette: Sequence[Colour]) -> Image.Image:
    """The opposite of `colours_png`."""
    layer = Image.open(file)
    indices = Image.frombytes("L", layer.size, layer.tobytes())
    changed = indices.point([255 * (index != _SAME) for index in range(256)])
    whole = _in_palette(black_white, palette)
    whole.paste(indices, (0, 0), changed)
    return whole


def picture(indices: Image.Image, palette: Sequence[Colour]) -> Image.Image:
    """For people: the colours themselves."""
    shown = indices.copy()
    shown.putpalette([channel for colour in _filled(palette) for channel in colour])
    return shown.convert("RGB")


def difference(
    expected: Image.Image, actual: Image.Image, palette: Sequence[Colour]
) -> Image.Image:
    """What changed in red, on a pale picture of what was expected."""
    changed = ImageChops.difference(expected, actual).point([0] + [255] * 255)
    pale = Image.blend(
        picture(expected, palette), Image.new("RGB", expected.size, (255, 255, 255)), 0.7
    )
    pale.paste(_CHANGED, (0, 0), changed)
    return pale


def _in_palette(black_white: Image.Image, palette: Sequence[Colour]) -> Image.Image:
    """Of 0 and 1 the palette's darkest and brightest."""
    darkest = min(range(len(palette)), key=lambda i: sum(palette[i]))
    brightest = max(range(len(palette)), key=lambda i: sum(palette[i]))
    return black_white.point([darkest, brightest] + [0] * 254)


def _filled(palette: Sequence[Colour]) -> list[Colour]:
    return [*palette, *[(255, 255, 255)] * (16 - len(palette))]


def _png(image: Image.Image, **how: int) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True, **how)
    return stream.getvalue()
