"""One line of text in a box."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from calendarbot.render.type import cap_height_px, clusters, set_line

if TYPE_CHECKING:
    from calendarbot.render import Canvas, Type
    from calendarbot.render.canvas import Anchor

_LEAST_MARK_TYPE_PX = 8
"""Type whose marks leave their line is set smaller, down to this."""


class Slot(NamedTuple):
    """A place on the canvas, in pixels from its start and top."""

    x: int
    y: int
    width: int
    height: int


def draw_line(
    canvas: Canvas,
    slot: Slot,
    text: str,
    style: Type,
    *,
    ink: int | None = None,
    anchor: Anchor = "start",
) -> int:
    """Draw one line about centred on its capitals, all of it inside `slot`; returns its width."""
    style, baseline = _placed(canvas, slot, text, style)
    x = {"start": slot.x, "middle": slot.x + slot.width // 2, "end": slot.x + slot.width}[anchor]
    return canvas.text(x, baseline, text, style, anchor=anchor, max_width=slot.width, ink=ink)


def cut_lines(canvas: Canvas, text: str, style: Type, width: int, most: int) -> list[str]:
    """`text` on up to `most` lines, words too wide for one cut off, without dots.

    For places so narrow that dots would take half of them; calendar programs do the same.
    """
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < most:
        count = len(words) if len(lines) == most - 1 else 1
        while count < len(words) and canvas.measure(" ".join(words[: count + 1]), style) <= width:
            count += 1
        lines.append(_cut(canvas, " ".join(words[:count]), style, width))
        words = words[count:]
    return [line for line in lines if line]


def _cut(canvas: Canvas, text: str, style: Type, width: int) -> str:
    ends = [end for _, end in clusters(text)]
    fitting = bisect_right(ends, width, key=lambda end: canvas.measure(text[:end], style))
    return text[: ends[fitting - 1]].rstrip() if fitting else ""


def _placed(canvas: Canvas, slot: Slot, text: str, style: Type) -> tuple[Type, int]:
    """Type whose ink is not higher than the slot, and a baseline that keeps it inside.

    The baseline is the same for all text of one type but for what reaches unusually high or deep.
    """
    bottom = slot.y + slot.height
    baseline = slot.y + (slot.height + cap_height_px(style)) // 2
    baseline = min(baseline, bottom - style.size_px // 4)
    while True:
        _, high, _, deep = set_line(text, style, canvas.language).ink
        if deep - high <= slot.height or style.size_px <= _LEAST_MARK_TYPE_PX:
            return style, max(min(baseline, bottom - deep), slot.y - high)
        style = replace(style, size_px=style.size_px - 1)
