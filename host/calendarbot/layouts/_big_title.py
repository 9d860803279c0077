"""A title that has a large part of a page to itself: as large as it fits, in even lines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from calendarbot.layouts._band import Band, draw_in_band, style_in_band
from calendarbot.render.paragraph import break_lines

if TYPE_CHECKING:
    from calendarbot.render import Canvas, Type

_LEAST_PX = 12


def draw_big_title(
    canvas: Canvas, area: Band, text: str, style: Type, *, ink: int | None = None
) -> int:
    """Draw `text` from the top of `area`; returns the y below its last line.

    From the size of `style` down to a third of it, the largest in which the text fits whole.
    """
    style, lines = _set(canvas, area, text, style)
    pitch, top = _pitch(style), area.top
    bands = [
        replace(area, top=top + i * pitch, bottom=min(area.bottom, top + (i + 1) * pitch))
        for i in range(len(lines))
    ]
    sizes = [
        style_in_band(canvas, band, line, style).size_px
        for band, line in zip(bands, lines, strict=True)
    ]
    style = replace(style, size_px=min(sizes, default=style.size_px))
    for band, line in zip(bands, lines, strict=True):
        draw_in_band(canvas, band, line, style, ink=ink)
    return bands[-1].bottom if bands else top


def _pitch(style: Type) -> int:
    """From line to line, on the grid where the type is large."""
    pitch = style.size_px * 5 // 4
    return -(-pitch // 4) * 4


def _set(canvas: Canvas, area: Band, text: str, style: Type) -> tuple[Type, list[str]]:
    height = area.bottom - area.top
    least = max(_LEAST_PX, style.size_px // 3)
    for size in range(style.size_px, least - 1, -2):
        candidate = replace(style, size_px=size)
        rows = height // _pitch(candidate)
        if rows < 1 or not _may_fit(canvas, text, candidate, area.width, rows):
            continue
        lines = _lines(canvas, text, candidate, area.width, rows)
        if _is_whole(lines, text):
            return candidate, _even(canvas, text, candidate, area.width, lines)
    smallest = replace(style, size_px=min(least, style.size_px))
    return smallest, _lines(canvas, text, smallest, area.width, max(1, height // _pitch(smallest)))


def _may_fit(canvas: Canvas, text: str, style: Type, width: int, rows: int) -> bool:
    """Whether the text is short enough at all: breaking lines costs more than measuring."""
    return canvas.measure(text, style) <= width * rows


def _lines(canvas: Canvas, text: str, style: Type, width: int, rows: int) -> list[str]:
    return break_lines(text, style, width, rows, canvas.language)


def _is_whole(lines: list[str], text: str) -> bool:
    return "".join("".join(lines).split()) == "".join(text.split())


def _even(canvas: Canvas, text: str, style: Type, width: int, lines: list[str]) -> list[str]:
    """The same number of lines, as alike in length as they can be."""
    low, high = width // len(lines), width
    best = lines
    while len(lines) > 1 and high - low > style.size_px // 4:
        middle = (low + high) // 2
        tried = _lines(canvas, text, style, middle, len(lines))
        fits = _is_whole(tried, text) and all(canvas.measure(t, style) <= middle for t in tried)
        if fits:
            best, high = tried, middle
        else:
            low = middle
    return best
