"""The year page: twelve small months. What fills days is boxed, days with other events are marked.

Where a day has room for its number, days with events have it bold; where it has not, a day is a
square: filled where something fills it, hollow with other events, else a dot. The picture changes
at midnight alone.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from calendarbot.layouts import _days
from calendarbot.layouts._header import begin, draw_header
from calendarbot.layouts._small_months import draw_months

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from calendarbot.layouts import View
    from calendarbot.model import Agenda
    from calendarbot.render import Canvas

MIN_SIZE_PX = (120, 120)


def days_shown(locale: str, first: date, last: date) -> tuple[date, date]:
    """The whole years."""
    del locale
    return date(first.year, 1, 1), date(last.year + 1, 1, 1)


def changes(agenda: Agenda, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """The midnights in (start, end)."""
    yield from _days.midnights(agenda, start, end)


def draw(canvas: Canvas, view: View) -> None:
    """Draw the page for `view.now`; ConfigError if the canvas is below MIN_SIZE_PX."""
    page = begin("year", canvas, view, MIN_SIZE_PX)
    place = draw_header(page, page.dates.year(page.today), page.dates.short_date(page.today))
    draw_months(page, place)
