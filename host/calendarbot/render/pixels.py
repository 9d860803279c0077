"""Pixel packing: an image of palette indices to the bytes of a Frame, and back.

`inkframe.wire` says what the bits of a frame mean. Frames lie as the panel's rows do; a page stands upright.
A panel's `rotation` is how far the page is turned clockwise to become the frame: 0, 90, 180 or 270 degrees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from calendarbot.errors import ConfigError
from calendarbot.model import Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

Colour = tuple[int, int, int]
BLACK_WHITE: tuple[Colour, ...] = ((0, 0, 0), (255, 255, 255))

_CLOCKWISE = {
    90: Image.Transpose.ROTATE_270,  # Pillow turns the other way round
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
_TURNED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))
_DEPTHS = {(1, 1), (1, 2), (2, 1), (4, 1)}


def pack(
    indices: Image.Image,
    palette: Sequence[Colour],
    bpp: int,
    planes: int,
    rotation: int = 0,
) -> Frame:
    """Pack an upright "L" image of palette indices. ConfigError for a depth that is not supported."""
    check_depth(bpp, planes)
    lying = _turned(indices, rotation)
    if bpp > 1:
        data = _joined(lying, bpp)
    elif planes == 2:
        # A pixel of a third colour is white below it.
        data = _bits(lying, [luma(c) > 127 or _is_third(c) for c in palette])
        data += _bits(lying, [not _is_third(c) for c in palette])
    else:
        data = _bits(lying, [luma(colour) > 127 for colour in palette])
    return Frame(lying.width, lying.height, bpp, planes, data)


def unpack(frame: Frame, palette: Sequence[Colour] = BLACK_WHITE, rotation: int = 0) -> Image.Image:
    """The upright page as an "L" image of palette indices. The opposite of `pack`."""
    check_depth(frame.bpp, frame.planes)
    size = (frame.width_px, frame.height_px)
    if frame.bpp > 1:
        lying = _split(frame)
    else:
        plane_bytes = frame.stride * frame.height_px
        white = Image.frombytes("1", size, frame.data[:plane_bytes])
        black_index, white_index = darkest(palette), brightest(palette)
        lying = Image.new("L", size, black_index)
        lying.paste(white_index, mask=white)
        if frame.planes == 2:
            third = next(index for index, colour in enumerate(palette) if _is_third(colour))
            plain = Image.frombytes("1", size, frame.data[plane_bytes:])
            lying.paste(third, mask=ImageChops.invert(plain))
    return _turned(lying, -rotation % 360)


def check_depth(bpp: int, planes: int) -> None:
    if (bpp, planes) not in _DEPTHS:
        raise ConfigError(
            f"pages of {bpp} bits per pixel in {planes} planes cannot be drawn yet",
            "choose a panel of black and white, with a third colour, or of 2 or 4 bits per pixel",
        )


def luma(colour: Colour) -> float:
    """Perceived brightness 0–255 (Rec. 601 weights)."""
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue


def darkest(palette: Sequence[Colour]) -> int:
    """The index of black."""
    return min(range(len(palette)), key=lambda index: luma(palette[index]))


def brightest(palette: Sequence[Colour]) -> int:
    """The index of white."""
    return max(range(len(palette)), key=lambda index: luma(palette[index]))


def _is_third(colour: Colour) -> bool:
    """Neither black, grey nor white."""
    return max(colour) - min(colour) > 64


def _turned(image: Image.Image, clockwise: int) -> Image.Image:
    return image.transpose(_CLOCKWISE[clockwise]) if clockwise else image


def _bits(indices: Image.Image, is_set: Sequence[bool]) -> bytes:
    table = [255 * (index < len(is_set) and is_set[index]) for index in range(256)]
    # Pillow packs bits the other way round in less than half the time; a table turns them.
    return indices.point(table, "1").tobytes("raw", "1;R").translate(_TURNED)


def _joined(indices: Image.Image, bpp: int) -> bytes:
    """Whole pixels to a byte, the leftmost in the highest bits; rows are filled up to whole bytes."""
    width, height = indices.size
    each = 8 // bpp
    if width % each:
        whole = Image.new("L", (-(-width // each) * each, height))
        whole.paste(indices)
        indices = whole
    flat = indices.tobytes()
    joined = 0
    for place in range(each):
        shift = 8 - bpp * (place + 1)
        raised = flat[place::each].translate(bytes(value << shift & 0xFF for value in range(256)))
        joined |= int.from_bytes(raised, "big")
    return joined.to_bytes(len(flat) // each, "big")


def _split(frame: Frame) -> Image.Image:
    each, mask = 8 // frame.bpp, (1 << frame.bpp) - 1
    flat = bytearray(each * len(frame.data))
    for place in range(each):
        shift = 8 - frame.bpp * (place + 1)
        flat[place::each] = frame.data.translate(bytes(v >> shift & mask for v in range(256)))
    whole = Image.frombytes("L", (each * frame.stride, frame.height_px), bytes(flat))
    return whole.crop((0, 0, frame.width_px, frame.height_px))
