"""The month page: the weeks of the month with their numbers, and every day's events.

Where a day's cell has room for words, what goes over days is a bar across them, what has a time is
a line, and what finds no room is counted. Where it has not, bars are thin and timed events are
tally marks beside the day's number, so the page still says how full each day is. The picture
changes at midnight alone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from calendarbot.layouts import _days
from calendarbot.layouts._dates import LocalDates
from calendarbot.layouts._header import begin, draw_header
from calendarbot.layouts._month_grid import draw_month

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from calendarbot.layouts import View
    from calendarbot.model import Agenda
    from calendarbot.render import Canvas

MIN_SIZE_PX = (120, 120)
_LEAST_LONG_SIDE_PX = 240


def days_shown(locale: str, first: date, last: date) -> tuple[date, date]:
    """The whole weeks that touch the months."""
    dates = LocalDates(locale)
    begins = next(iter(dates.weeks_of_month(first)))[0]
    *_, week = dates.weeks_of_month(last)
    return begins, week[-1] + timedelta(days=1)


def changes(agenda: Agenda, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """The midnights in (start, end)."""
    yield from _days.midnights(agenda, start, end)


def draw(canvas: Canvas, view: View) -> None:
    """Draw the page for `view.now`; ConfigError if the canvas is below MIN_SIZE_PX, or is so
    small both ways that a day has no room for marks beside or under its number."""
    wide = max(canvas.width_px, canvas.height_px) >= _LEAST_LONG_SIDE_PX
    page = begin("month", canvas, view, MIN_SIZE_PX if wide else (_LEAST_LONG_SIDE_PX, 120))
    place = draw_header(
        page, page.dates.month_and_year(page.today), page.dates.short_date(page.today)
    )
    draw_month(page, place, list(page.dates.weeks_of_month(page.today)))
