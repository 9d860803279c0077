"""Frames as pictures for people: PNG, an animation of many, and what changed.

Everything is made from the packed pixels of a frame, so a preview shows what a panel is sent. `palette` and
`rotation` are the panel's; pictures stand upright. Without `colours` they have the palette's ideal ones;
`calendarbot.render.palettes` knows measured ones.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Literal

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
_PAPER_LUMA = 128
_COLOURED = 64
"""Channels further apart than this are no grey."""
_STEP_MS = 900
_PAUSE_MS = 2500

Animation = Literal["gif", "apng"]


def png_bytes(
    frame: Frame,
    palette: Sequence[Colour] = BLACK_WHITE,
    rotation: int = 0,
    colours: Sequence[Colour] | None = None,
) -> bytes:
    """A lossless, optimised PNG: 1 bit grey for black and white, else as few bits as the palette needs."""
    if colours is None and sorted(palette) == list(BLACK_WHITE):
        page = unpack(frame, palette, rotation)
        filled = [*palette, *[(0, 0, 0)] * (256 - len(palette))]
        return png_of(page.point([round(luma(colour)) for colour in filled], "1"))
    return png_of(page_image(frame, palette, rotation, colours))


def page_image(
    frame: Frame,
    palette: Sequence[Colour] = BLACK_WHITE,
    rotation: int = 0,
    colours: Sequence[Colour] | None = None,
) -> Image.Image:
    """The upright page, mode "P", its indices those of the palette."""
    page = unpack(frame, palette, rotation)
    page.putpalette([channel for colour in colours or palette for channel in colour])
    return page


def png_of(image: Image.Image) -> bytes:
    """A PNG of an image; one with a palette takes as few bits as that needs."""
    if image.mode != "P":
        return _saved(image, "PNG", optimize=True)
    entries = len(image.getpalette() or []) // 3
    bits = next(bits for bits in (1, 2, 4, 8) if entries <= 1 << bits)
    return _saved(image, "PNG", optimize=True, bits=bits)


def animation_bytes(pages: Sequence[Image.Image], kind: Animation) -> bytes:
    """Pages of one size one after the other, the last one a little longer, for ever. No pages: ValueError."""
    if not pages:
        raise ValueError("an animation needs pages")
    first, *rest = pages
    durations = [_STEP_MS] * len(rest) + [_PAUSE_MS]
    options = {"save_all": True, "append_images": rest, "duration": durations, "loop": 0}
    if kind == "gif":
        return _saved(first, "GIF", disposal=1, **options)
    return _saved(first, "PNG", **options)


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


def difference(before: Image.Image, after: Image.Image) -> Image.Image:
    """What changed between two pictures: new or other ink red, ink that went blue, the rest grey; mode "P".

    CalendarBotError when they differ in size.
    """
    if before.size != after.size:
        raise CalendarBotError(
            f"pictures of {before.width}×{before.height} and"
            f" {after.width}×{after.height} pixels cannot be compared"
        )
    was, now = before.convert("RGB"), after.convert("RGB")
    changed = _strongest(ImageChops.difference(was, now)).point([0] + [255] * 255)
    was_ink, is_ink = _inked(was), _inked(now)
    picture = Image.new("P", was.size)
    picture.putpalette([c for colour in (_PAPER, _KEPT_INK, _ADDED, _REMOVED) for c in colour])
    picture.paste(1, (0, 0), is_ink)
    picture.paste(3, (0, 0), ImageChops.darker(changed, was_ink))
    picture.paste(2, (0, 0), ImageChops.darker(changed, is_ink))
    return picture


def _inked(image: Image.Image) -> Image.Image:
    """255 where a picture is dark or coloured."""
    dark = image.convert("L").point([255 * (value < _PAPER_LUMA) for value in range(256)])
    highest = _strongest(image)
    lowest = ImageChops.invert(_strongest(ImageChops.invert(image)))
    spread = ImageChops.subtract(highest, lowest)
    return ImageChops.lighter(dark, spread.point([255 * (v > _COLOURED) for v in range(256)]))


def _strongest(image: Image.Image) -> Image.Image:
    """The highest of a pixel's channels."""
    red, green, blue = image.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()
