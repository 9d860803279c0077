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
_DEPTHS = {(1, 1), (1, 2), (4, 1)}
_NIBBLE = 16


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
    if bpp == 4:
        data = _nibbles(lying)
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
    if frame.bpp == 4:
        lying = _from_nibbles(frame)
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
            "choose a panel of black and white, with a third colour, or of 4 bits per pixel",
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
    return indices.point(table).convert("1", dither=Image.Dither.NONE).tobytes()


def _nibbles(indices: Image.Image) -> bytes:
    """Two pixels a byte, the left one in the higher bits; rows are filled up to whole bytes."""
    width, height = indices.size
    if width % 2:
        even = Image.new("L", (width + 1, height))
        even.paste(indices)
        indices = even
    flat = indices.tobytes()
    high = bytes(value * _NIBBLE & 0xFF for value in range(256))
    pairs = int.from_bytes(flat[::2].translate(high), "big") | int.from_bytes(flat[1::2], "big")
    return pairs.to_bytes(len(flat) // 2, "big")


def _from_nibbles(frame: Frame) -> Image.Image:
    flat = bytearray(2 * len(frame.data))
    flat[::2] = frame.data.translate(bytes(value // _NIBBLE for value in range(256)))
    flat[1::2] = frame.data.translate(bytes(value % _NIBBLE for value in range(256)))
    even = Image.frombytes("L", (2 * frame.stride, frame.height_px), bytes(flat))
    return even.crop((0, 0, frame.width_px, frame.height_px))
