"""Frames as pictures for people: PNG, a rough picture for a terminal, and what changed.

Everything is made from the packed pixels of a frame, so a preview shows what a panel is sent. `palette` and
`rotation` are the panel's; pictures stand upright.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from calendarbot.errors import CalendarBotError
from calendarbot.render.pixels import BLACK_WHITE, luma, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calendarbot.model import Frame
    from calendarbot.render.pixels import Colour

_ADDED: Colour = (208, 32, 32)
_REMOVED: Colour = (32, 80, 208)
_KEPT_INK: Colour = (176, 176, 176)
_PAPER: Colour = (255, 255, 255)

# The dots of a Braille cell (U+2800 + bits), by column and row.
_BRAILLE = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


def png_bytes(frame: Frame, palette: Sequence[Colour] = BLACK_WHITE, rotation: int = 0) -> bytes:
    """A lossless, optimised PNG: 1 bit grey for black and white, else as few bits as the palette needs."""
    page = unpack(frame, palette, rotation)
    if sorted(palette) == list(BLACK_WHITE):
        return _png(page.point([round(luma(colour)) for colour in _filled(palette)], "1"))
    page.putpalette([channel for colour in palette for channel in colour])
    bits = max(1, (len(palette) - 1).bit_length())
    return _png(page, bits=bits if bits != 3 else 4)


def frame_from_png(
    data: bytes,
    palette: Sequence[Colour] = BLACK_WHITE,
    bpp: int = 1,
    planes: int = 1,
    rotation: int = 0,
) -> Frame:
    """The frame whose `png_bytes` are `data`. Every pixel has to be of a colour in the palette."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    index = {bytes(colour): at for at, colour in reversed(list(enumerate(palette)))}
    rgb = image.tobytes()
    indices = bytes(index[rgb[at : at + 3]] for at in range(0, len(rgb), 3))
    return pack(Image.frombytes("L", image.size, indices), palette, bpp, planes, rotation)


def terminal_picture(
    frame: Frame,
    columns: int = 80,
    palette: Sequence[Colour] = BLACK_WHITE,
    rotation: int = 0,
) -> str:
    """A rough picture in Braille dots, `columns` characters wide; ink is dots.

    Every dot covers a block of pixels and is set where at least a fifth of it is ink, so that
    thin type survives. Lines are joined by newlines.
    """
    ink = _ink(frame, palette, rotation)
    dots_wide = max(2, min(columns * 2, ink.width))
    dots_high = max(4, round(dots_wide * ink.height / ink.width))
    small = ink.resize((dots_wide, dots_high), Image.Resampling.BOX)
    cells = [
        [_braille_cell(small, column, row) for column in range(-(-dots_wide // 2))]
        for row in range(-(-dots_high // 4))
    ]
    return "\n".join("".join(row).rstrip("\u2800") for row in cells)


def difference_png(before: Frame, after: Frame) -> bytes:
    """What changed between black and white frames: new ink red, ink that went blue, the rest grey."""
    if (before.width_px, before.height_px) != (after.width_px, after.height_px):
        raise CalendarBotError(
            f"pictures of {before.width_px}×{before.height_px} and"
            f" {after.width_px}×{after.height_px} pixels cannot be compared"
        )
    was, now = (_ink(frame, BLACK_WHITE, 0) for frame in (before, after))
    picture = Image.new("RGB", was.size, _PAPER)
    picture.paste(_KEPT_INK, (0, 0), ImageChops.darker(was, now))
    picture.paste(_ADDED, (0, 0), ImageChops.subtract(now, was))
    picture.paste(_REMOVED, (0, 0), ImageChops.subtract(was, now))
    return _png(picture.quantize(colors=4, dither=Image.Dither.NONE))


def _ink(frame: Frame, palette: Sequence[Colour], rotation: int) -> Image.Image:
    """The upright page, 255 where there is a colour other than white."""
    white = max(map(luma, palette))
    levels = [255 * (luma(colour) < white) for colour in _filled(palette)]
    return unpack(frame, palette, rotation).point(levels)


def _filled(palette: Sequence[Colour]) -> list[Colour]:
    """The palette as a table for `Image.point`."""
    return [*palette, *[(0, 0, 0)] * (256 - len(palette))]


def _braille_cell(small: Image.Image, column: int, row: int) -> str:
    code = 0
    for across, dots in enumerate(_BRAILLE):
        for down, dot in enumerate(dots):
            x, y = column * 2 + across, row * 4 + down
            if x < small.width and y < small.height and _level(small, x, y) >= 51:
                code |= dot
    return chr(0x2800 + code)


def _level(image: Image.Image, x: int, y: int) -> int:
    value = image.getpixel((x, y))
    return value if isinstance(value, int) else 0


def _png(image: Image.Image, **options: int) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True, **options)
    return stream.getvalue()
