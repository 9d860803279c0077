"""A week on a grid of hours: a column for each day, bars over the days above them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from calendarbot.layouts import _days
from calendarbot.layouts._bars import bars_of, draw_bar, is_bar, lanes_of
from calendarbot.layouts._blocks import Column, draw_blocks, draw_count
from calendarbot.layouts._line import Slot, draw_line
from calendarbot.layouts._look import draw_today
from calendarbot.layouts._time_grid import (
    DayClock,
    draw_hours,
    draw_now,
    draw_now_line,
    gutter_width,
    hour_grid,
    now_minute,
)
from calendarbot.render import Type
from calendarbot.render.type import cap_height_px

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from calendarbot.layouts._bars import Bar
    from calendarbot.layouts._header import GridPage
    from calendarbot.layouts._lanes import Lanes
    from calendarbot.layouts._time_grid import HourGrid, Label

LEAST_GRID_PX = (560, 320)
_NARROW_PX = 96
"""Where seven columns were narrower, days of a weekend without events make way."""
_LEAST_EVENT_PX = 44
_MOST_LANES = 3


def draw_week_hours(page: GridPage, place: Slot, days: Sequence[date]) -> None:
    """Draw these days in `place`."""
    size = max(page.measures.text.size_px - 1, 12)
    page = replace(page, measures=replace(page.measures, text=Type(size), line_px=size * 4 // 3))
    label: Label = "hour" if place.width < 700 else "clock"
    gutter = gutter_width(page, label)
    entries = _days.entries_by_day(page.view.agenda, days)
    if (place.width - gutter) // len(days) < _NARROW_PX:
        days = _without_free_weekend(page, days, [day for day in days if entries[day]])
    width = (place.width - gutter) // len(days) // 4 * 4
    gutter = place.width - width * len(days)
    edges = [place.x + gutter + width * i for i in range(len(days) + 1)]
    bars = bars_of(entries, days)
    lanes = lanes_of(bars, len(days), _MOST_LANES)
    top = _bars_top(page, place.y)
    timed = {day: [e for e in entries[day] if not is_bar(e)] for day in days}
    clocks = {day: DayClock(page.view.agenda, day, by_wall=True) for day in days}
    spans = [clocks[day].span(entry) for day in days for entry in timed[day]]
    grid = _grid(page, place, _hours_top(page, top, lanes), spans, clocks[page.today])
    hours = place._replace(width=gutter)
    draw_hours(page, grid, clocks[page.today], hours, label, place.x + place.width)
    _draw_columns(page, grid, days, edges, place.y)
    _draw_days(page, place.y, days, edges)
    _draw_bars(page, top, bars, lanes, edges)
    _draw_now(page, grid, clocks[page.today], days, edges)
    for number, day in enumerate(days):
        most = max(2, width // _LEAST_EVENT_PX)
        column = Column(edges[number] + 1, width - 1, most, emphasis=day == page.today)
        draw_blocks(page, grid, clocks[day], column, timed[day])
        beyond = sum(not grid.shows(clocks[day].span(entry)) for entry in timed[day])
        if beyond:
            line = page.measures.line_px
            draw_count(page, Slot(edges[number] + 2, grid.bottom + 1, width - 4, line), beyond)


def _grid(
    page: GridPage, place: Slot, top: int, spans: Sequence[tuple[int, int]], clock: DayClock
) -> HourGrid:
    """The hours; with a line under them for counts where they do not hold all events."""
    now, line = clock.minute(page.view.now), page.measures.line_px
    room = place.y + place.height - 1 - top
    pitch = range(max(20, line * 5 // 4), line * 4)
    grid = hour_grid(top, room, spans, clock.hours, now, pitch)
    if any(not grid.holds(span) for span in spans):
        grid = hour_grid(top, room - line, spans, clock.hours, now, pitch)
    return grid


def _draw_now(
    page: GridPage, grid: HourGrid, clock: DayClock, days: Sequence[date], edges: Sequence[int]
) -> None:
    """From the hours on, quiet until it reaches today."""
    marked = now_minute(clock, grid, page.view.now)
    if marked is None:
        return
    number, y = days.index(page.today), grid.y(marked)
    page.canvas.dots(edges[0], y - 1, edges[number] - edges[0], 1, 2)
    draw_now(page.canvas, y, edges[0], edges[0])
    draw_now_line(page.canvas, edges[number], y, edges[number + 1])


def _without_free_weekend(
    page: GridPage, days: Sequence[date], busy: Sequence[date]
) -> Sequence[date]:
    weekend = [day for day in days if page.dates.is_weekend(day)]
    if page.today in weekend or any(day in busy for day in weekend):
        return days
    return [day for day in days if day not in weekend]


def _number(page: GridPage) -> Type:
    return replace(page.measures.bold, size_px=page.measures.text.size_px * 3 // 2)


def _bars_top(page: GridPage, y: int) -> int:
    return y + -(-(cap_height_px(_number(page)) + 14) // 8) * 8


def _bar_pitch(page: GridPage) -> int:
    return page.measures.line_px + 3


def _hours_top(page: GridPage, top: int, lanes: Lanes) -> int:
    used = _MOST_LANES if any(lanes.hidden) else lanes.used
    return top + used * _bar_pitch(page) + (4 if used else 2)


def _draw_days(page: GridPage, y: int, days: Sequence[date], edges: Sequence[int]) -> None:
    """Name and number of each day, today's inverse."""
    canvas, measures = page.canvas, page.measures
    height = _bars_top(page, y) - y - 2
    for i, day in enumerate(days):
        x, width = edges[i], edges[i + 1] - edges[i]
        is_today = day == page.today
        ink = draw_today(canvas, Slot(x, y, width + 1, height), 4) if is_today else None
        slot = Slot(x + 7, y, width - 12, height)
        used = draw_line(canvas, slot, str(day.day), _number(page), ink=ink)
        rest = slot._replace(x=slot.x + used + 6, width=slot.width - used - 6)
        name = page.dates.short_weekday(day)
        style = measures.bold if is_today else measures.text
        if canvas.measure(name, style) > rest.width:
            name = page.dates.narrow_weekday(day)
        draw_line(canvas, rest, name, style, ink=ink)


def _draw_bars(
    page: GridPage, y: int, bars: Sequence[Bar], lanes: Lanes, edges: Sequence[int]
) -> None:
    """What fills days, and on the last lane how much more there is."""
    pitch = _bar_pitch(page)
    for index, lane in lanes.lane_of.items():
        bar = bars[index]
        left, right = edges[bar.first] + 2, edges[bar.last + 1] - 1
        draw_bar(page, Slot(left, y + lane * pitch, right - left, pitch - 2), bar)
    for number, hidden in enumerate(lanes.hidden):
        if hidden:
            top = y + (_MOST_LANES - 1) * pitch
            left, right = edges[number] + 2, edges[number + 1] - 1
            draw_count(page, Slot(left, top, right - left, pitch - 2), hidden)


def _draw_columns(
    page: GridPage, grid: HourGrid, days: Sequence[date], edges: Sequence[int], top: int
) -> None:
    """Quiet lines between days; solid ones beside today."""
    for number, x in enumerate(edges[:-1]):
        beside_today = page.today in days[max(number - 1, 0) : number + 1]
        if beside_today:
            page.canvas.vline(x, top, grid.bottom - top)
        elif number:
            page.canvas.dots(x, top, 1, grid.bottom - top)
