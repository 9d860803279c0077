"""A day as a bar: what is taken, what is free, and what is over.

Solid is taken, white is free; what is over is grey. The edge between grey and the rest is where
the present stretch began: it moves when one ends, not with every minute, so a page with a bar
costs no frames of its own. The bar spans the working hours, and more on a day that does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from calendarbot.layouts._band import Band, draw_in_band
from calendarbot.layouts._days import instant, shown_end
from calendarbot.layouts._occupancy import on_day

if TYPE_CHECKING:
    from calendarbot.layouts._dates import LocalDates
    from calendarbot.model import Agenda, Occurrence
    from calendarbot.render import Canvas, Type

WORKING_HOURS = (8, 18)
_MINUTES_A_DAY = 24 * 60
_STEPS_H = (1, 2, 3, 4, 6, 12)
_LABEL_GAP_PX = 8
_TICK_PX = 4


@dataclass(frozen=True, slots=True)
class BarPlace:
    left: int
    top: int
    width: int
    height_px: int
    label: Type
    labels_px: int
    """Below the bar, for ticks and hours; 0: without."""


def draw_day_bar(
    canvas: Canvas, place: BarPlace, agenda: Agenda, now: datetime, dates: LocalDates
) -> None:
    """Draw the day of `now`."""
    today = now.astimezone(agenda.tz).date()
    blocks = on_day(agenda, today)
    spans = [_minutes(o, agenda, today) for o in blocks]
    scale = _Scale.of(place, spans)
    over = _present_stretch(blocks, spans, now)
    top, height = place.top, place.height_px
    canvas.rounded(place.left, top, place.width, height, 0, line=1)
    grey = scale.x(over) - place.left
    if grey > 1:
        canvas.shade(place.left, top, grey, height, 12)
    for occurrence, (begin, end) in sorted(zip(blocks, spans, strict=True), key=_latest_end):
        is_over = instant(shown_end(occurrence)) <= instant(now)
        _draw_block(canvas, place, scale.x(begin), scale.x(end), is_over=is_over)
    if place.labels_px:
        _draw_hours(canvas, place, scale, dates)


@dataclass(frozen=True, slots=True)
class _Scale:
    left: int
    width: int
    first: int
    last: int
    """Hours of the day."""

    @classmethod
    def of(cls, place: BarPlace, spans: list[tuple[int, int]]) -> _Scale:
        begins = [begin // 60 for begin, _ in spans]
        ends = [-(-end // 60) for _, end in spans]
        first, last = min([WORKING_HOURS[0], *begins]), max([WORKING_HOURS[1], *ends])
        return cls(place.left, place.width, first, last)

    def x(self, minute: int) -> int:
        first, last = self.first * 60, self.last * 60
        inside = min(max(minute, first), last)
        return self.left + (inside - first) * self.width // (last - first)


def _latest_end(item: tuple[Occurrence, tuple[int, int]]) -> int:
    """What is over is drawn before, so under, what is not."""
    return item[1][1]


def _minutes(occurrence: Occurrence, agenda: Agenda, day: date) -> tuple[int, int]:
    """Begin and end by the clock, in minutes of that day."""

    def minute(moment: datetime) -> int:
        local = moment.astimezone(agenda.tz)
        if local.date() != day:
            return 0 if local.date() < day else _MINUTES_A_DAY
        return local.hour * 60 + local.minute

    begin, end = minute(occurrence.start), minute(shown_end(occurrence))
    return begin, max(begin, end)


def _present_stretch(blocks: list[Occurrence], spans: list[tuple[int, int]], now: datetime) -> int:
    """The minute at which what is now began: the last begin or end, 0 if there was none."""
    edges = [0]
    for occurrence, (begin, end) in zip(blocks, spans, strict=True):
        if instant(occurrence.start) <= instant(now):
            edges.append(begin)
        if instant(shown_end(occurrence)) <= instant(now):
            edges.append(end)
    return max(edges)


def _draw_block(canvas: Canvas, place: BarPlace, left: int, right: int, *, is_over: bool) -> None:
    """A block with a white edge on its right, so that blocks that touch stay two."""
    width = max(2, right - left - 1)
    if right - left > 2:
        canvas.fill(left, place.top + 1, right - left, place.height_px - 2, canvas.white)
    if is_over:
        canvas.shade(left, place.top, width, place.height_px, 50)
    else:
        canvas.fill(left, place.top, width, place.height_px)


def _draw_hours(canvas: Canvas, place: BarPlace, scale: _Scale, dates: LocalDates) -> None:
    """A tick for every hour that there is room to name, and its name."""
    texts = {hour: _hour(dates, hour) for hour in range(scale.first, scale.last + 1)}
    # Half as much again, since the first and the last name stand within the bar, not about its ends.
    widest = max(canvas.measure(text, place.label) for text in texts.values()) * 3 // 2
    an_hour = max(1, scale.width // (scale.last - scale.first))
    step = next(
        (step for step in _STEPS_H if step * an_hour >= widest + 2 * _LABEL_GAP_PX), _STEPS_H[-1]
    )
    bottom, last_px = place.top + place.height_px, place.left + place.width
    room = Band(place.left, bottom + _TICK_PX, last_px, bottom + place.labels_px)
    used = place.left
    for hour in range(-(-scale.first // step) * step, scale.last + 1, step):
        x, half = scale.x(hour * 60), canvas.measure(texts[hour], place.label) // 2 + 1
        middle = min(max(x, place.left + half), last_px - half)
        if middle - half < used:
            continue
        canvas.vline(min(x, last_px - 1), bottom, _TICK_PX)
        draw_in_band(
            canvas,
            replace(room, left=middle - half, right=middle + half),
            texts[hour],
            place.label,
            anchor="middle",
        )
        used = middle + half + _LABEL_GAP_PX // 2


def _hour(dates: LocalDates, hour: int) -> str:
    """ "08:00", but "8 AM": a clock that says which half of the day it is needs no minutes."""
    clock = dates.clock(time(hour % 24))
    return clock.replace(":00", "") if any(char.isalpha() for char in clock) else clock
