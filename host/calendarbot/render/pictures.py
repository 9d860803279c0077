"""Photographs as palette indices: cropped to fill a box, dithered for a panel's measured inks.

`epaper-dithering` does the error diffusion (`pip install "calendarbot[pictures]"`). Nothing else of a page is
dithered.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageOps

from calendarbot.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from calendarbot.render.palettes import Palette

MOST_PIXELS: Final = 100_000_000
"""A larger picture is refused before it is decoded."""


def picture(path: Path, width_px: int, height_px: int, palette: Palette) -> Image.Image:
    """The photograph in this file as an "L" image of palette indices; not to be changed.

    Upright as its Exif data say, cropped about its middle to the box's shape, its tones fitted to what the
    inks can show. ConfigError when the file is missing, no picture or too large, or without
    `epaper-dithering`.
    """
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise ConfigError(f"photo {path}: {error.strerror}") from None
    return _dithered(path, changed, width_px, height_px, palette)


@lru_cache(maxsize=8)
def _dithered(
    path: Path,
    changed_ns: int,  # noqa: ARG001  a file that changed is another picture to the cache
    width_px: int,
    height_px: int,
    palette: Palette,
) -> Image.Image:
    try:
        from epaper_dithering import ColorPalette, DitherMode, dither_image
    except ModuleNotFoundError:
        raise ConfigError(
            "photographs need the package epaper-dithering", 'pip install "calendarbot[pictures]"'
        ) from None
    photo = _filling(path, width_px, height_px)
    colours = dict(zip(palette.inks, palette.measured, strict=True))
    dithered = dither_image(
        photo,
        ColorPalette(colours, palette.inks[palette.accent]),
        mode=DitherMode.FLOYD_STEINBERG,
        tone="auto",
        gamut="auto",
    )
    places = [palette.inks.index(ink) for ink in colours]
    indices = Image.frombytes("L", dithered.size, dithered.tobytes())
    return indices.point([*places, *[0] * (256 - len(places))])


def _filling(path: Path, width_px: int, height_px: int) -> Image.Image:
    try:
        with Image.open(path) as photo:
            if photo.width * photo.height > MOST_PIXELS:
                raise ConfigError(
                    f"photo {path} has {photo.width} × {photo.height} pixels",
                    f"use one of at most {MOST_PIXELS // 1_000_000} million",
                )
            photo.draft("RGB", (2 * width_px, 2 * height_px))
            upright = ImageOps.exif_transpose(photo).convert("RGB")
            return ImageOps.fit(upright, (width_px, height_px), Image.Resampling.LANCZOS)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise ConfigError(f"photo {path} cannot be read: {error}") from None
