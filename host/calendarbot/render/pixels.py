"""Pixel packing: an image of palette indices to the bytes of a Frame, and back.

Kept apart from drawing so that a new depth is one function here. At 1 bpp the leftmost pixel is
the highest bit and a set bit is white (`calendarbot.model.Frame`).
"""

from __future__ import annotations

from PIL import Image

from calendarbot.errors import ConfigError
from calendarbot.model import Frame

Colour = tuple[int, int, int]
BLACK_WHITE: tuple[Colour, ...] = ((0, 0, 0), (255, 255, 255))


def pack(indices: Image.Image, palette: tuple[Colour, ...], bpp: int, planes: int) -> Frame:
    """Pack an "L" image of palette indices. ConfigError for a depth that is not supported."""
    check_depth(bpp, planes)
    is_white = [255 * (index < len(palette) and luma(palette[index]) > 127) for index in range(256)]
    bits = indices.point(is_white).convert("1", dither=Image.Dither.NONE)
    return Frame(indices.width, indices.height, bpp, planes, bits.tobytes())


def unpack(frame: Frame) -> Image.Image:
    """The frame as a mode "1" image, white where bits are set."""
    check_depth(frame.bpp, frame.planes)
    return Image.frombytes("1", (frame.width_px, frame.height_px), frame.data)


def check_depth(bpp: int, planes: int) -> None:
    if (bpp, planes) != (1, 1):
        raise ConfigError(
            f"pages of {bpp} bits per pixel in {planes} planes cannot be drawn yet",
            "choose a black and white panel (1 bit per pixel, 1 plane)",
        )


def luma(colour: Colour) -> float:
    """Perceived brightness 0–255 (Rec. 601 weights)."""
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue
