"""One line of text in a box, and a title on several."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calendarbot.render.type import cap_height_px

if TYPE_CHECKING:
    from calendarbot.render import Canvas, Type
    from calendarbot.render.canvas import Anchor

_LEAST_MARK_TYPE_PX = 8
"""Type whose marks leave their line is set smaller, down to this."""
_ANY_PX = 10_000


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
    """Draw one line centred on its capitals; smaller where it would leave `slot`. Its width."""
    baseline = slot.y + (slot.height + cap_height_px(style)) // 2
    above, below = baseline - slot.y, slot.y + slot.height - baseline
    style = canvas.fitting(text, style, _ANY_PX, _LEAST_MARK_TYPE_PX, above=above, below=below)
    x = {"start": slot.x, "middle": slot.x + slot.width // 2, "end": slot.x + slot.width}[anchor]
    return canvas.text(x, baseline, text, style, anchor=anchor, max_width=slot.width, ink=ink)


def wrapped(canvas: Canvas, text: str, style: Type, width: int, most: int) -> list[str]:
    """`text` on up to `most` lines; the last holds all the rest, however long."""
    lines: list[str] = []
    rest = text.split()
    while rest and len(lines) < most - 1:
        count = len(rest)
        while count > 1 and canvas.measure(" ".join(rest[:count]), style) > width:
            count -= 1
        lines.append(" ".join(rest[:count]))
        rest = rest[count:]
    return [*lines, " ".join(rest)] if rest else lines
