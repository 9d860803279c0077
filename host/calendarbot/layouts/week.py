"""The week page: the days of the locale's week, on a grid of hours or as a planner's boxes.

A page wide enough has a column for each day, with what fills days as bars above the hours; days of
a weekend without events make way where columns would be narrow. A smaller page has a box for each
day with its events in lines, and what finds no room is counted. Hours follow from the whole week.
The picture changes when events begin and end, at midnight, and where there is a now-line at its
steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calendarbot.layouts import _days
from calendarbot.layouts._dates import LocalDates
from calendarbot.layouts._header import begin, draw_header
from calendarbot.layouts._time_grid import ticks
from calendarbot.layouts._week_boxes import draw_boxes
from calendarbot.layouts._week_hours import LEAST_GRID_PX, draw_week_hours

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from calendarbot.layouts import View
    from calendarbot.model import Agenda
    from calendarbot.render import Canvas

MIN_SIZE_PX = (120, 120)


def days_shown(locale: str, first: date, last: date) -> tuple[date, date]:
    """From the first day of the first week to the end of the last."""
    dates = LocalDates(locale)
    return dates.week_of(first)[0], _days.following(dates.week_of(last)[-1])


def changes(agenda: Agenda, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """When the page may look different in (start, end): events, the now-line's steps, midnight."""
    yield from ticks(agenda, start, end, list(_days.moments(agenda, start, end)))


def draw(canvas: Canvas, view: View) -> None:
    """Draw the page for `view.now`; ConfigError if the canvas is below MIN_SIZE_PX."""
    page = begin("week", canvas, view, MIN_SIZE_PX)
    days = page.dates.week_of(page.today)
    week = page.say("week", n=page.dates.week_number(page.today))
    place = draw_header(page, page.dates.days_range(days[0], days[-1]), week)
    if place.width >= LEAST_GRID_PX[0] and place.height >= LEAST_GRID_PX[1]:
        draw_week_hours(page, place, days)
    else:
        draw_boxes(page, place, days)
