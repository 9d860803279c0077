"""The two-up page: the month, and today's agenda beside it or, on a tall page, below it.

The month says how full its days are, the agenda what is left of today and what comes after. The
picture changes when the agenda's does: when an event begins or ends, and at midnight.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from calendarbot.layouts import _days, month
from calendarbot.layouts._agenda_list import draw_list
from calendarbot.layouts._header import begin
from calendarbot.layouts._line import Slot, draw_line
from calendarbot.layouts._month_grid import draw_month
from calendarbot.layouts._sheet import sheet_for
from calendarbot.layouts._small_months import draw_this_month

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from calendarbot.layouts import View
    from calendarbot.layouts._header import GridPage
    from calendarbot.layouts._sheet import Sheet
    from calendarbot.model import Agenda
    from calendarbot.render import Canvas

MIN_SIZE_PX = (200, 120)

_GAP_PX = 8
_LEAST_GRID_PX = 200
_STRIP_DAY_PX = 18
_AHEAD = timedelta(days=15)


def days_shown(locale: str, first: date, last: date) -> tuple[date, date]:
    """The weeks of the months, and as far ahead as the agenda looks."""
    begins, ends = month.days_shown(locale, first, last)
    return begins, max(ends, last + _AHEAD)


def changes(agenda: Agenda, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """When an event begins or ends in (start, end), and midnight."""
    yield from _days.moments(agenda, start, end)


def draw(canvas: Canvas, view: View) -> None:
    """Draw the page for `view.now`; ConfigError if the canvas is below MIN_SIZE_PX."""
    page = begin("two_up", canvas, view, MIN_SIZE_PX)
    first, second = _halves(page)
    heading_px = page.measures.header_px
    if _is_strip(canvas):
        draw_this_month(page, first)
    else:
        _draw_heading(page, first, page.dates.month_and_year(page.today))
        grid = first._replace(y=first.y + heading_px, height=first.height - heading_px)
        draw_month(page, grid, list(page.dates.weeks_of_month(page.today)))
    notes = [view.title] if view.title else [page.dates.day_and_month(page.today), ""]
    _draw_heading(page, second, page.dates.weekday(page.today), *notes)
    below = second._replace(y=second.y + heading_px, height=second.height - heading_px)
    draw_list(canvas, _sheet(page, below), page.dates, replace(view, title=""))


def _is_strip(canvas: Canvas) -> bool:
    """Too small for a month with numbers of weeks."""
    return min(canvas.width_px, canvas.height_px) < _LEAST_GRID_PX


def _halves(page: GridPage) -> tuple[Slot, Slot]:
    """Beside each other on a lying page, with a rule between; else one below the other."""
    canvas, margin = page.canvas, page.measures.margin_px
    width, height = canvas.width_px - 2 * margin, canvas.height_px - 2 * margin
    gap = max(2 * _GAP_PX, 2 * margin)
    if canvas.width_px > canvas.height_px:
        share = (width - gap) * 13 // 25 // 8 * 8
        half = min(share, 7 * _STRIP_DAY_PX) if _is_strip(canvas) else share
        canvas.vline(margin + half + gap // 2 - 1, margin, height)
        second = Slot(margin + half + gap, margin, width - half - gap, height)
        return Slot(margin, margin, half, height), second
    half = (height - gap) * 11 // 25 // 8 * 8
    return (
        Slot(margin, margin, width, half),
        Slot(margin, margin + half + gap, width, height - half - gap),
    )


def _draw_heading(page: GridPage, place: Slot, text: str, *notes: str) -> None:
    """The heading, and at the line's end the first of the notes there is room for."""
    measures, canvas = page.measures, page.canvas
    slot = place._replace(height=measures.header_px - measures.margin_px // 2)
    style = canvas.fitting(text, measures.heading, slot.width, measures.text.size_px)
    room = slot.width - canvas.measure(text, style) - 2 * _GAP_PX
    fitting = [note for note in notes if canvas.measure(note, measures.note) <= room]
    note = fitting[0] if fitting else notes[0] if notes else ""
    draw_line(canvas, slot, text, style)
    if note and room > 0:
        end = slot._replace(x=slot.x + slot.width - room, width=room)
        draw_line(canvas, end, note, measures.note, anchor="end")


def _sheet(page: GridPage, place: Slot) -> Sheet:
    """The agenda page's measures for a page of about half the size, in this place."""
    width, height = page.canvas.width_px, page.canvas.height_px
    sheet = sheet_for(width * 4 // 5, height * 4 // 5)
    return replace(
        sheet,
        list_left=place.x + _GAP_PX,
        list_right=place.x + place.width - _GAP_PX,
        list_top=place.y,
        list_bottom=place.y + place.height,
    )
