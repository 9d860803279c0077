"""One face of a font: coverage, shaping by HarfBuzz, one-bit glyphs by FreeType.

The only module that knows these two libraries. Both come as wheels with their own binaries;
Pillow's text drawing is not used, because its shaping needs a FriBidi of the machine and falls
back to unshaped text without a word where there is none.

Glyphs are rasterised by FreeType's monochrome rasteriser after hinting for it
(FT_LOAD_TARGET_MONO), so stems are whole pixels and nothing is grey.
"""

from __future__ import annotations

import ctypes
import mmap
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import freetype  # type: ignore[import-untyped]  # ships no types
import uharfbuzz  # type: ignore[import-untyped]  # ships no types
from PIL import Image

from calendarbot.render.zero import without_slash

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_HINTING = {
    "font": freetype.FT_LOAD_TARGET_MONO,
    "auto": freetype.FT_LOAD_TARGET_MONO | freetype.FT_LOAD_FORCE_AUTOHINT,
    "none": freetype.FT_LOAD_TARGET_MONO | freetype.FT_LOAD_NO_HINTING,
}


@dataclass(frozen=True, slots=True)
class Glyph:
    """A one-bit glyph; `left` and `top` place its mask about the pen (top: pixels above it)."""

    left: int
    top: int
    mask: Image.Image | None
    """Mode "1"; None for a blank."""

    @property
    def size(self) -> tuple[int, int]:
        return self.mask.size if self.mask else (0, 0)


class Shaped(NamedTuple):
    """A glyph as HarfBuzz places it; lengths in 1/64 pixel, y upwards."""

    glyph: int
    cluster: int
    advance: int
    x_offset: int
    y_offset: int
    nominal_advance: int


class _Mapped:
    """A font file as FreeType takes one from memory: of 20 MB of Han characters only those on pages are read.

    It is mapped once for all weights and languages of it.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> ctypes.Array[ctypes.c_char]:
        return _mapping(self._file)


@cache
def _mapping(file: Path) -> ctypes.Array[ctypes.c_char]:
    with file.open("rb") as opened:
        # Private rather than read-only: an address is had of what could be written to.
        mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_COPY)
    return (ctypes.c_char * len(mapped)).from_buffer(mapped)


@cache
def _blob(file: Path) -> Any:
    """The file as HarfBuzz maps it."""
    return uharfbuzz.Blob.from_file_path(str(file))


class Face:
    """A face at one weight; sizes are pixels per em."""

    def __init__(
        self,
        file: Path,
        *,
        index: int,
        weight: int,
        has_weight: bool,
        hinting: str,
        plain_zero: bool = False,
    ) -> None:
        self._raster = freetype.Face(_Mapped(file), index)
        self._file, self._index, self._weight = file, index, weight
        self._flags = _HINTING[hinting]
        self._size_px = 0
        self._glyphs: dict[tuple[int, int], tuple[Glyph, int]] = {}
        self._varies = self._set_weight(weight)
        self._strikes = 1 if self._varies or has_weight else 2
        self._slashed = self._zeros() if plain_zero else frozenset()

    @cached_property
    def _shaper(self) -> Any:
        """HarfBuzz's font; most families are only ever asked what they have."""
        font = uharfbuzz.Font(uharfbuzz.Face(_blob(self._file), self._index))
        if self._varies:
            font.set_variations({"wght": self._weight})
        return font

    def has(self, code: int) -> bool:
        """Whether the face maps a character to a glyph."""
        return bool(self._raster.get_char_index(code))

    def shape(
        self,
        codes: Sequence[int],
        start: int,
        end: int,
        *,
        size_px: int,
        rtl: bool,
        language: str,
        tabular: bool = False,
    ) -> list[Shaped]:
        """Shape codes[start:end]; the rest is context (joining). Glyphs left to right."""
        self._shaper.scale = (size_px * 64, size_px * 64)
        buffer = uharfbuzz.Buffer()
        buffer.cluster_level = uharfbuzz.BufferClusterLevel.MONOTONE_CHARACTERS
        buffer.add_codepoints(list(codes), item_offset=start, item_length=end - start)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if rtl else "ltr"
        buffer.language = language
        uharfbuzz.shape(self._shaper, buffer, {"tnum": True} if tabular else {})
        return [
            Shaped(
                info.codepoint,
                info.cluster,
                position.x_advance,
                position.x_offset,
                position.y_offset,
                self._shaper.get_glyph_h_advance(info.codepoint),
            )
            for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        ]

    def glyph(self, number: int, size_px: int) -> tuple[Glyph, int]:
        """The glyph and its hinted advance in whole pixels."""
        key = (number, size_px)
        if key not in self._glyphs:
            self._glyphs[key] = self._rasterise(number, size_px)
        return self._glyphs[key]

    def _set_weight(self, weight: int) -> bool:
        """Set the weight axis; False where the face has none."""
        if not self._raster.face_flags & freetype.FT_FACE_FLAG_MULTIPLE_MASTERS:
            return False
        axes = self._raster.get_variation_info().axes
        if all(axis.tag != "wght" for axis in axes):
            return False
        self._raster.set_var_design_coords(
            [weight if axis.tag == "wght" else axis.default for axis in axes]
        )
        return True

    def _rasterise(self, number: int, size_px: int) -> tuple[Glyph, int]:
        if self._size_px != size_px:
            self._raster.set_pixel_sizes(0, size_px)
            self._size_px = size_px
        self._raster.load_glyph(number, self._flags)
        slot = self._raster.glyph
        advance = (slot.advance.x + 32) >> 6
        slot.render(freetype.FT_RENDER_MODE_MONO)
        bitmap = slot.bitmap
        if not bitmap.width or not bitmap.rows:
            return Glyph(0, 0, None), advance
        size = (bitmap.width, bitmap.rows)
        mask = Image.frombytes("1", size, bytes(bitmap.buffer), "raw", "1", bitmap.pitch)
        if mask.getbbox() is None:
            return Glyph(0, 0, None), advance
        if number in self._slashed:
            mask = without_slash(mask)
        return Glyph(slot.bitmap_left, slot.bitmap_top, self._struck(mask)), advance

    def _zeros(self) -> frozenset[int]:
        """The glyphs of 0: the proportional one and the one of all digits' width."""
        return frozenset(
            self.shape([ord("0")], 0, 1, size_px=16, rtl=False, language="en", tabular=tabular)[
                0
            ].glyph
            for tabular in (False, True)
        )

    def _struck(self, mask: Image.Image) -> Image.Image:
        """A bolder glyph: the mask printed again, one pixel to the right."""
        if self._strikes == 1:
            return mask
        struck = Image.new("1", (mask.width + 1, mask.height))
        struck.paste(mask, (0, 0))
        struck.paste(255, (1, 0), mask)
        return struck


def script_of(char: str) -> str:
    """The ISO 15924 script HarfBuzz sees in a character; empty for common and inherited ones."""
    buffer = uharfbuzz.Buffer()
    buffer.add_codepoints([ord(char)])
    buffer.guess_segment_properties()
    return str(buffer.script or "")
