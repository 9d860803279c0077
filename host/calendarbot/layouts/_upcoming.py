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
    """ "09:00–09:30", "9:00–9:30 AM": what follows both times is said once."""
    tz = view.agenda.tz
    start = dates.clock(occurrence.start.astimezone(tz))
    end = dates.clock(shown_end(occurrence).astimezone(tz))
    digits, suffix = split_clock(start)
    return f"{digits if suffix == split_clock(end)[1] else start}–{end}"


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
    today = view.now.astimezone(view.agenda.tz).date()
    rows = (area.bottom - area.top) // density.pitch_px
    shown = list(upcoming[: max(0, rows)])
    hidden = uncounted + sum(
        o.start.astimezone(view.agenda.tz).date() == today for o in upcoming[len(shown) :]
    )
    times = [" ".join(filter(None, day_and_clock(o, view, dates))) for o in shown]
    style, detail = density.title, density.detail
    column = max((_time_width(canvas, text, density) for text in times), default=0)
    column = -(-(column + 2 * _GAP_PX) // 8) * 8 if column else 0
    for i, (occurrence, text) in enumerate(zip(shown, times, strict=True)):
        top = area.top + i * density.pitch_px
        row = Band(area.left, top, area.right, top + density.pitch_px)
        _draw_time(canvas, row, text, density)
        note = phrase(view.locale, "more", n=hidden) if hidden and i == len(shown) - 1 else ""
        used = draw_in_band(canvas, row, note, detail, anchor="end") + _GAP_PX if note else 0
        rest = replace(row, left=row.left + column, right=row.right - used)
        draw_in_band(canvas, rest, title_of(occurrence, view), style, least_px=style.size_px)
    if hidden and not shown and rows > 0:
        draw_in_band(canvas, area, phrase(view.locale, "more", n=hidden), detail)


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
