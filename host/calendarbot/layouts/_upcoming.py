"""What comes next, in a few rows: when, what, and how many more there are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from calendarbot.layouts._band import Band, draw_in_band
from calendarbot.layouts._days import shown_end
from calendarbot.layouts._entry_texts import split_clock
from calendarbot.layouts._words import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from calendarbot.layouts import View
    from calendarbot.layouts._dates import LocalDates
    from calendarbot.layouts._sheet import Density
    from calendarbot.model import Occurrence
    from calendarbot.render import Canvas

_GAP_PX = 8


def title_of(occurrence: Occurrence, view: View) -> str:
    """An event without a title goes by its calendar."""
    labels = {state.name: state.label for state in view.agenda.calendars}
    label = labels.get(occurrence.calendar, occurrence.calendar)
    return occurrence.summary.strip() or label


def day_and_clock(occurrence: Occurrence, view: View, dates: LocalDates) -> tuple[str, str]:
    """The day it begins on, empty for today, and the time of day, empty if it is whole days."""
    start = occurrence.start.astimezone(view.agenda.tz)
    today = view.now.astimezone(view.agenda.tz).date()
    return _day(start.date(), today, dates), "" if occurrence.all_day else dates.clock(start)


def times_of(occurrence: Occurrence, view: View, dates: LocalDates) -> str:
    """From when to when."""
    tz = view.agenda.tz
    end = shown_end(occurrence).astimezone(tz)
    return dates.clock_range(occurrence.start.astimezone(tz), end)


def _day(day: date, today: date, dates: LocalDates) -> str:
    if day == today:
        return ""
    return dates.short_weekday(day) if (day - today).days < 7 else dates.short_date(day)


def draw_upcoming(
    canvas: Canvas,
    area: Band,
    density: Density,
    upcoming: Sequence[Occurrence],
    view: View,
    dates: LocalDates,
    *,
    uncounted: int = 0,
) -> None:
    """As many of `upcoming` as `area` has rows for, and how many of today's find no room.

    `uncounted` adds to those. What is on later days fills rows, but is not counted.
    """
    rows = max(0, (area.bottom - area.top) // density.pitch_px)
    times = [" ".join(filter(None, day_and_clock(o, view, dates))) for o in upcoming[:rows]]
    column = max((_time_width(canvas, text, density) for text in times), default=0)
    column = -(-(column + 2 * _GAP_PX) // 8) * 8
    # Where times leave titles less than half the width, titles have lines of their own.
    lines = 2 if rows > 1 and column * 2 > area.right - area.left else 1
    shown = upcoming[: rows // lines]
    today = view.now.astimezone(view.agenda.tz).date()
    hidden = uncounted + sum(
        o.start.astimezone(view.agenda.tz).date() == today for o in upcoming[len(shown) :]
    )
    more = phrase(view.locale, "more", n=hidden) if hidden else ""
    for i, occurrence in enumerate(shown):
        top = area.top + i * lines * density.pitch_px
        row = Band(area.left, top, area.right, top + density.pitch_px)
        if more and i == len(shown) - 1:
            used = draw_in_band(canvas, row, more, density.detail, anchor="end")
            row = replace(row, right=row.right - used - _GAP_PX)
        _draw_time(canvas, row, times[i], density)
        if lines == 2:
            title = Band(area.left, row.bottom, area.right, row.bottom + density.pitch_px)
        else:
            title = replace(row, left=row.left + column)
        least = density.title.size_px
        draw_in_band(canvas, title, title_of(occurrence, view), density.title, least_px=least)
    if more and not shown and rows:
        draw_in_band(canvas, area, more, density.detail)


def _time_width(canvas: Canvas, text: str, density: Density) -> int:
    digits, suffix = _parts(text)
    width = canvas.measure(digits, replace(density.title, bold=True, tabular=True))
    return width + (4 + canvas.measure(suffix, density.detail) if suffix else 0)


def _draw_time(canvas: Canvas, row: Band, text: str, density: Density) -> None:
    digits, suffix = _parts(text)
    used = draw_in_band(canvas, row, digits, replace(density.title, bold=True, tabular=True))
    if suffix:
        draw_in_band(canvas, replace(row, left=row.left + used + 4), suffix, density.detail)


def _parts(text: str) -> tuple[str, str]:
    """What is set large, and the half of the day; a day without a time is all large."""
    digits, suffix = split_clock(text)
    return (digits, suffix) if digits else (text, "")
