"""Frames as pictures for people: PNG, a rough picture for a terminal, and what changed.

Everything is made from the packed pixels of a frame, so a preview shows what a panel is sent.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from calendarbot.errors import CalendarBotError
from calendarbot.model import Frame
from calendarbot.render.pixels import BLACK_WHITE, luma, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calendarbot.render.pixels import Colour

_ADDED: Colour = (208, 32, 32)
_REMOVED: Colour = (32, 80, 208)
_KEPT_INK: Colour = (176, 176, 176)
_PAPER: Colour = (255, 255, 255)

# The dots of a Braille cell (U+2800 + bits), by column and row.
_BRAILLE = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


def png_bytes(frame: Frame, palette: Sequence[Colour] = BLACK_WHITE) -> bytes:
    """A lossless, optimised PNG: 1 bit grey for black and white, else 1 bit in the palette."""
    ordered = sorted(palette, key=luma)
    bits = unpack(frame)
    if (ordered[0], ordered[-1]) == BLACK_WHITE:
        return _png(bits)
    indexed = bits.convert("L").point([min(value, 1) for value in range(256)]).convert("P")
    indexed.putpalette([*ordered[0], *ordered[-1]])
    return _png(indexed, bits=1)


def frame_from_png(data: bytes) -> Frame:
    """The 1 bpp frame a PNG of `png_bytes` shows."""
    image = Image.open(io.BytesIO(data)).convert("L").point([0] * 128 + [255] * 128)
    bits = image.convert("1", dither=Image.Dither.NONE)
    return Frame(image.width, image.height, 1, 1, bits.tobytes())


def terminal_picture(frame: Frame, columns: int = 80) -> str:
    """A rough picture in Braille dots, `columns` characters wide; ink is dots.

    Every dot covers a block of pixels and is set where at least a fifth of it is ink, so that
    thin type survives. Lines are joined by newlines.
    """
    dots_wide = max(2, min(columns * 2, frame.width_px))
    dots_high = max(4, round(dots_wide * frame.height_px / frame.width_px))
    ink = ImageChops.invert(unpack(frame).convert("L"))
    small = ink.resize((dots_wide, dots_high), Image.Resampling.BOX)
    cells = [
        [_braille_cell(small, column, row) for column in range(-(-dots_wide // 2))]
        for row in range(-(-dots_high // 4))
    ]
    return "\n".join("".join(row).rstrip("\u2800") for row in cells)


def difference_png(before: Frame, after: Frame) -> bytes:
    """What changed: ink that came red, ink that went blue, ink that stayed grey."""
    if (before.width_px, before.height_px) != (after.width_px, after.height_px):
        raise CalendarBotError(
            f"pictures of {before.width_px}×{before.height_px} and"
            f" {after.width_px}×{after.height_px} pixels cannot be compared"
        )
    was, now = (ImageChops.invert(unpack(frame).convert("L")) for frame in (before, after))
    picture = Image.new("RGB", was.size, _PAPER)
    picture.paste(_KEPT_INK, (0, 0), ImageChops.darker(was, now))
    picture.paste(_ADDED, (0, 0), ImageChops.subtract(now, was))
    picture.paste(_REMOVED, (0, 0), ImageChops.subtract(was, now))
    return _png(picture.quantize(colors=4, dither=Image.Dither.NONE))


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
