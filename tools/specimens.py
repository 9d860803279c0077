"""python -m tools.specimens: the pictures of type and icons in docs/images."""

from __future__ import annotations

from pathlib import Path

from calendarbot.render import Canvas, Type, icons
from calendarbot.render.preview import png_bytes

_IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
_ICON_SIZES = (12, 16, 24, 32, 48)
_CELL = (288, 56)
_COLUMNS = 3


def icon_sheet() -> bytes:
    """Every icon in five sizes, with its name; a PNG."""
    names = icons.names()
    rows = -(-len(names) // _COLUMNS)
    canvas = Canvas(_COLUMNS * _CELL[0] + 16, rows * _CELL[1] + 24)
    for index, name in enumerate(names):
        x = 16 + index % _COLUMNS * _CELL[0]
        y = 16 + index // _COLUMNS * _CELL[1]
        for size in _ICON_SIZES:
            canvas.icon(x, y + (48 - size) // 2, name, size)
            x += size + 8
        canvas.text(x + 6, y + 30, name, Type(15), max_width=116)
    return png_bytes(canvas.to_frame())


if __name__ == "__main__":
    _IMAGES.joinpath("icons.png").write_bytes(icon_sheet())
