"""How an event's box looks: going on, doubtful, over; and its calendar's mark.

What is going on is inverse. A doubtful event has a dotted outline, one that is over has lost its
calendar's mark. A box that reaches beyond the page is open on that side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calendarbot.layouts import View
    from calendarbot.layouts._days import Entry
    from calendarbot.layouts._line import Slot
    from calendarbot.render import Canvas

MARK_PX = 5
_RADIUS_PX = 3


@dataclass(frozen=True, slots=True)
class Look:
    running: bool = False
    tentative: bool = False
    over: bool = False
    calendar: int = 0
    """Its place among the agenda's calendars."""


@dataclass(frozen=True, slots=True)
class Open:
    """The sides on which a box goes on beyond what is shown."""

    top: bool = False
    bottom: bool = False
    start: bool = False
    end: bool = False


CLOSED = Open()


def look_of(entry: Entry, view: View) -> Look:
    """The look of an entry of today at `view.now`."""
    names = [state.name for state in view.agenda.calendars]
    calendar = entry.occurrence.calendar
    return Look(
        running=entry.is_running(view.now),
        tentative=entry.occurrence.status == "TENTATIVE",
        over=entry.is_over(view.now),
        calendar=names.index(calendar) if calendar in names else 0,
    )


def draw_box(canvas: Canvas, slot: Slot, look: Look, opened: Open = CLOSED) -> int:
    """Draw an event's box and its calendar's mark; returns the colour of the text in it."""
    x, y, width, height = slot
    radius = min(_RADIUS_PX, height // 4, width // 4)
    if look.running:
        canvas.rounded(*slot, radius)
        _square_off(canvas, slot, opened, radius, canvas.black)
        return canvas.white
    canvas.rounded(*slot, radius, colour=canvas.white)
    if look.tentative:
        _dot_outline(canvas, slot, opened)
    else:
        canvas.rounded(*slot, radius, line=1)
        _square_off(canvas, slot, opened, radius, canvas.white)
    if not look.over and not opened.start and width > 3 * MARK_PX:
        draw_mark(canvas, x, y, height, look.calendar)
    return canvas.black


def draw_mark(canvas: Canvas, x: int, y: int, height: int, calendar: int) -> None:
    """A calendar's mark down the start of a box."""
    canvas.paint(x, y + 1, MARK_PX, height - 2, canvas.style_for(calendar))


def draw_today(canvas: Canvas, slot: Slot, radius: int) -> int:
    """What stands under the name of today; returns the colour of the text on it."""
    canvas.rounded(*slot, radius, colour=canvas.accent)
    return canvas.text_on(canvas.accent)


def _square_off(canvas: Canvas, slot: Slot, opened: Open, radius: int, inside: int) -> None:
    """Take away the line and the round corners of the open sides."""
    x, y, width, height = slot
    across, down = radius + 1, radius + 1
    if opened.top or opened.bottom:
        for top in [y] * opened.top + [y + height - down] * opened.bottom:
            canvas.fill(x, top, width, down, inside)
            canvas.vline(x, top, down)
            canvas.vline(x + width - 1, top, down)
    for left in [x] * opened.start + [x + width - across] * opened.end:
        canvas.fill(left, y, across, height, inside)
        canvas.hline(left, y, across)
        canvas.hline(left, y + height - 1, across)


def _dot_outline(canvas: Canvas, slot: Slot, opened: Open) -> None:
    x, y, width, height = slot
    if not opened.top:
        canvas.shade(x, y, width, 1, 50)
    if not opened.bottom:
        canvas.shade(x, y + height - 1, width, 1, 50)
    if not opened.start:
        canvas.shade(x, y, 1, height, 50)
    if not opened.end:
        canvas.shade(x + width - 1, y, 1, height, 50)
