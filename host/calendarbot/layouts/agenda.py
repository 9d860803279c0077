"""The agenda page: today's remaining events large, the days after it in finer print.

What is over leaves the list, so the list moves up through the day; the event that is going on is
in an inverse bar. Nothing ticks: the picture depends on the date and on which events have begun
and ended (and on `stale_since`), and `changes()` names exactly those moments.

Grid: rows are whole multiples of 8 px apart and a list's texts keep their x, so when the list
moves up, what moved is the old picture's pixels, byte-aligned blocks that a delta copies. How
roomy the rows are follows from the whole day, events that are over included: it stays the same
from midnight to midnight. For that the agenda should begin at the day's midnight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calendarbot.errors import ConfigError
from calendarbot.layouts import _days
from calendarbot.layouts._agenda_list import draw_list
from calendarbot.layouts._date_panel import draw_date
from calendarbot.layouts._dates import LocalDates
from calendarbot.layouts._sheet import sheet_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from calendarbot.layouts import View
    from calendarbot.model import Agenda
    from calendarbot.render import Canvas

MIN_SIZE_PX = (200, 96)


def changes(agenda: Agenda, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """When the page may look different in (start, end): an event begins or ends, or midnight."""
    yield from _days.moments(agenda, start, end)


def draw(canvas: Canvas, view: View) -> None:
    """Draw the page for `view.now`; ConfigError if the canvas is below MIN_SIZE_PX."""
    if canvas.width_px < MIN_SIZE_PX[0] or canvas.height_px < MIN_SIZE_PX[1]:
        raise ConfigError(
            f"the agenda page needs {MIN_SIZE_PX[0]}×{MIN_SIZE_PX[1]} pixels,"
            f" the panel has {canvas.width_px}×{canvas.height_px}",
            "choose a larger panel",
        )
    dates = LocalDates(view.locale)
    canvas.language, canvas.rtl = view.locale, dates.rtl
    sheet = sheet_for(canvas.width_px, canvas.height_px)
    draw_date(canvas, sheet, dates, view.now.astimezone(view.agenda.tz).date())
    draw_list(canvas, sheet, dates, view)
