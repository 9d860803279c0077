"""The day page: the date, what fills the day, and its hours with every event in its place.

Hours follow from the whole day, so they stay where they are from midnight to midnight; a page too
low for them shows the stretch around now and counts what is before and after it. Overlapping
events stand side by side. What is going on is inverse, what is over has lost its calendar's mark,
and a line marks the last half hour or hour (by size): a line that crept would cost a frame each
time. The picture changes when events begin and end, at those steps, and at midnight.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from calendarbot.layouts import _days
from calendarbot.layouts._blocks import Column, draw_blocks
from calendarbot.layouts._chips import draw_chips
from calendarbot.layouts._date_panel import draw_date
from calendarbot.layouts._entry_texts import EntryTexts
from calendarbot.layouts._header import begin
from calendarbot.layouts._line import Slot, draw_line
from calendarbot.layouts._notices import NoticePlace, draw_notices
from calendarbot.layouts._sheet import sheet_for
from calendarbot.layouts._time_grid import (
    DayClock,
    draw_hours,
    draw_now,
    gutter_width,
    hour_grid,
    now_minute,
    ticks,
)
from calendarbot.render import Type
from calendarbot.render.type import cap_height_px

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from calendarbot.layouts import View
    from calendarbot.layouts._days import Entry
    from calendarbot.layouts._header import GridPage
    from calendarbot.layouts._sheet import Sheet
    from calendarbot.layouts._time_grid import HourGrid, Label
    from calendarbot.model import Agenda
    from calendarbot.render import Canvas

MIN_SIZE_PX = (120, 96)
_LEAST_EVENT_PX = 72
"""Events side by side are at least this wide, but two always may be."""
_TRIANGLE_PX = 8


def days_shown(locale: str, first: date, last: date) -> tuple[date, date]:
    """The days themselves."""
    del locale
    return first, last


def changes(agenda: Agenda, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """When the page may look different in (start, end): events, the now-line's steps, midnight."""
    yield from ticks(agenda, start, end, list(_days.moments(agenda, start, end)))


def draw(canvas: Canvas, view: View) -> None:
    """Draw the page for `view.now`; ConfigError if the canvas is below MIN_SIZE_PX."""
    page = begin("day", canvas, view, MIN_SIZE_PX)
    sheet = sheet_for(canvas.width_px, canvas.height_px)
    if sheet.arrangement == "side":
        size = page.measures.text.size_px + 2
        larger = replace(page.measures, text=Type(size), line_px=size * 4 // 3)
        page = replace(page, measures=larger)
    draw_date(canvas, sheet, page.dates, page.today)
    entries = _days.entries_of(view.agenda, page.today)
    place = _without_notices(page, sheet)
    y = _draw_title(page, sheet, place)
    room = place._replace(y=y, height=(place.y + place.height - y) // 4)
    y = draw_chips(page, room, [entry for entry in entries if entry.fills_day])
    hours = place._replace(y=y, height=place.y + place.height - y)
    _draw_hours(page, hours, [entry for entry in entries if not entry.fills_day])


def _without_notices(page: GridPage, sheet: Sheet) -> Slot:
    place = NoticePlace(
        sheet.list_left, sheet.list_width, sheet.list_bottom, sheet.notice, sheet.notice_px
    )
    bottom = draw_notices(page.canvas, page.view, page.dates, place)
    return Slot(sheet.list_left, sheet.list_top, sheet.list_width, bottom - sheet.list_top)


def _draw_title(page: GridPage, sheet: Sheet, place: Slot) -> int:
    if not page.view.title:
        return place.y
    height = cap_height_px(sheet.title)
    baseline = place.y + height
    page.canvas.text(place.x, baseline, page.view.title, sheet.title, max_width=place.width)
    return place.y + -(-(height + 8) // 8) * 8


def _draw_hours(page: GridPage, place: Slot, entries: Sequence[Entry]) -> None:
    clock = DayClock(page.view.agenda, page.today)
    spans = [clock.span(entry) for entry in entries]
    now, line = clock.minute(page.view.now), page.measures.line_px
    pitch = range(max(20, line * 5 // 4 // 4 * 4), line * 4)
    grid = hour_grid(place.y, place.height - 1, spans, clock.hours, now, pitch)
    if any(not grid.holds(span) for span in spans):
        grid = hour_grid(place.y, place.height - 1 - line, spans, clock.hours, now, pitch)
    label: Label = "number" if place.width < 150 else "hour" if place.width < 300 else "clock"
    gutter = gutter_width(page, label)
    left, right = place.x + gutter, place.x + place.width
    draw_hours(page, grid, clock, place._replace(width=gutter), label, right)
    marked = now_minute(clock, grid, page.view.now)
    if marked is not None:
        draw_now(page.canvas, grid.y(marked), left, right)
    most = max(2, (right - left) // _LEAST_EVENT_PX)
    draw_blocks(page, grid, clock, Column(left, right - left, most), entries)
    _draw_beyond(page, grid, clock, Slot(left, grid.bottom + 1, right - left, line), entries)


def _draw_beyond(
    page: GridPage, grid: HourGrid, clock: DayClock, slot: Slot, entries: Sequence[Entry]
) -> None:
    """Under the hours: what is before them, and what is after."""
    before = [e for e in entries if clock.span(e)[1] <= grid.first * 60]
    after = [e for e in entries if clock.span(e)[0] >= grid.last * 60]
    x, end = slot.x, slot.x + slot.width
    for found, is_after in ((before, False), (after, True)):
        if not found:
            continue
        _draw_triangle(page.canvas, x, slot.y + slot.height // 2, down=is_after)
        x += 2 * _TRIANGLE_PX
        room = (end - x) // 2 if found is before and after else end - x
        text = page.say("more", n=len(found))
        if len(found) == 1 and is_after:
            texts = EntryTexts(found[0], page.dates, page.view)
            text = f"{texts.clock} {texts.title}"
        x += draw_line(page.canvas, slot._replace(x=x, width=room), text, page.measures.text) + 16


def _draw_triangle(canvas: Canvas, x: int, middle: int, *, down: bool) -> None:
    tip, base = (middle + 3, middle - 2) if down else (middle - 3, middle + 2)
    canvas.polygon([(x, base), (x + _TRIANGLE_PX, base), (x + _TRIANGLE_PX // 2, tip)])
