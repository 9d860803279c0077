"""Hours down a page: which hours are shown, where a moment stands, the hour lines and the now-line.

The hours follow from all events of the days shown, over or not, so they stay from midnight to
midnight. Where a page cannot hold them all it shows a stretch around now, and moves on by whole
blocks of hours: few frames, and every one of them mostly a copy of the one before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from calendarbot.layouts import _days
from calendarbot.layouts._line import Slot, draw_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from calendarbot.layouts._dates import LocalDates
    from calendarbot.layouts._days import Entry
    from calendarbot.layouts._header import GridPage
    from calendarbot.model import Agenda
    from calendarbot.render import Canvas

_USUAL_HOURS = (8, 18)
"""Shown even when nothing happens in them."""
_PITCH_STEP_PX = 2
"""Half hours are then whole pixels."""
_NOW_TRIANGLE_PX = 6
NOW_STEP = timedelta(minutes=30)
"""The finest step of a now-line: pages say at each of them that they may change."""


@dataclass(frozen=True, slots=True)
class DayClock:
    """The minutes of one day. Elapsed ones, so that a day may have 23 or 25 hours, or, where days
    stand side by side on one scale, those on the wall."""

    agenda: Agenda
    day: date
    by_wall: bool = False

    def minute(self, moment: datetime) -> int:
        """Minutes after the day's midnight; beyond either end if the moment is on another day."""
        local = moment.astimezone(self.agenda.tz)
        if self.by_wall:
            days = (local.date() - self.day).days
            return days * 24 * 60 + local.hour * 60 + local.minute
        elapsed = _days.instant(local) - _days.instant(_days.midnight(self.agenda, self.day))
        return elapsed // timedelta(minutes=1)

    @property
    def hours(self) -> int:
        """Of the day, the last one begun counted whole."""
        if self.by_wall:
            return 24
        return -(-self.minute(_days.midnight(self.agenda, self.day + timedelta(days=1))) // 60)

    def hour_begins(self, hour: int) -> time:
        """What the clock shows then."""
        if self.by_wall:
            return time(hour % 24)
        start = _days.instant(_days.midnight(self.agenda, self.day)) + timedelta(hours=hour)
        return start.astimezone(self.agenda.tz).time()

    def span(self, entry: Entry) -> tuple[int, int]:
        """First and last minute on this day, the last exclusive."""
        occurrence = entry.occurrence
        first = self.minute(occurrence.start)
        last = self.minute(_days.shown_end(occurrence))
        return max(first, 0), min(max(last, first + 1), self.hours * 60)


@dataclass(frozen=True, slots=True)
class HourGrid:
    """Hours `first` to `last` (exclusive) from `top` on, `pitch_px` apart."""

    top: int
    first: int
    last: int
    pitch_px: int

    @property
    def bottom(self) -> int:
        return self.top + (self.last - self.first) * self.pitch_px

    def y(self, minute: int) -> int:
        """Where a minute of the day stands, on the grid's edge if it is not shown."""
        y = self.top + (minute - self.first * 60) * self.pitch_px // 60
        return min(max(y, self.top), self.bottom)

    def holds(self, span: tuple[int, int]) -> bool:
        """Whether all of these minutes are shown."""
        return self.first * 60 <= span[0] and span[1] <= self.last * 60

    def shows(self, span: tuple[int, int]) -> bool:
        """Whether anything of these minutes is shown."""
        return span[0] < self.last * 60 and span[1] > self.first * 60


def hour_grid(
    top: int, room: int, spans: Iterable[tuple[int, int]], hours: int, now: int, pitch: range
) -> HourGrid:
    """The hours for `room` pixels, in a day of `hours`; `pitch` is from the least to the most."""
    spans = list(spans)
    first = min([_USUAL_HOURS[0], *(start // 60 for start, _ in spans)])
    last = max([_USUAL_HOURS[1], *(-(-end // 60) for _, end in spans)])
    first, last = max(first, 0), min(last, hours)
    held = room // pitch.start
    if last - first > held:
        block = max(held // 2, 1)
        start = min(max(now // 60 // block * block - min(1, held // 4), first), last - held)
        return HourGrid(top, start, start + held, pitch.start)
    wanted = min(room // (last - first), pitch.stop)
    pitch_px = max(pitch.start, wanted // _PITCH_STEP_PX * _PITCH_STEP_PX)
    spare = room // pitch_px - (last - first)
    last, spare = min(last + spare, hours), spare - (min(last + spare, hours) - last)
    return HourGrid(top, max(first - spare, 0), last, pitch_px)


Label = Literal["clock", "hour", "number"]
"""How hours are written: "09:00" or "9 AM"; "09" or "9 AM"; "09" or "9"."""


def hour_label(dates: LocalDates, hour: time, label: Label) -> str:
    """The hour as the locale's clock writes it, whole if it is not on the hour."""
    clock = dates.clock(hour)
    if hour.minute or (label == "clock" and not dates.twelve_hours):
        return clock
    short = re.sub(r"(?<=\d)\D{1,3}00(?!\d)", "", clock)
    return re.sub(r"\D", "", short) if label == "number" else short


def gutter_width(page: GridPage, label: Label) -> int:
    """Room for every hour's label, with a gap, in whole bytes."""
    canvas, style = page.canvas, page.measures.digits
    labels = [hour_label(page.dates, time(hour), label) for hour in (0, 10, 12, 20, 22)]
    return -(-(max(canvas.measure(label, style) for label in labels) + 8) // 8) * 8


def draw_hours(
    page: GridPage, grid: HourGrid, clock: DayClock, hours: Slot, label: Label, right: int
) -> None:
    """Labels under their lines' beginnings, as planners print them, and the lines.

    The labels stand in the x and width of `hours`; lines go on to `right`.
    """
    length = right - hours.x
    for hour in range(grid.first, grid.last):
        y = grid.top + (hour - grid.first) * grid.pitch_px
        page.canvas.dots(hours.x, y, length, 1)
        text = hour_label(page.dates, clock.hour_begins(hour), label)
        height = min(page.measures.line_px, grid.pitch_px)
        slot = Slot(hours.x, y + 1, hours.width - 8, height)
        draw_line(page.canvas, slot, text, page.measures.digits, anchor="end")
    page.canvas.dots(hours.x, grid.bottom, length, 1)


def now_minute(clock: DayClock, grid: HourGrid, now: datetime) -> int | None:
    """Where the now-line stands: on the last half hour, or hour where those are close together."""
    step = 30 if grid.pitch_px >= 32 else 60
    minute = clock.minute(now) // step * step
    return minute if grid.first * 60 <= minute < grid.last * 60 else None


def draw_now(canvas: Canvas, y: int, left: int, right: int) -> None:
    """A line with a triangle on its beginning, which stands before `left`."""
    side = _NOW_TRIANGLE_PX
    draw_now_line(canvas, left, y, right)
    canvas.polygon([(left - side, y - side), (left, y), (left - side, y + side - 1)], canvas.accent)


def draw_now_line(canvas: Canvas, left: int, y: int, right: int) -> None:
    canvas.fill(left, y - 1, right - left, 2, canvas.accent)


def ticks(
    agenda: Agenda, start: datetime, end: datetime, reasons: Sequence[tuple[datetime, str]]
) -> list[tuple[datetime, str]]:
    """`reasons`, and between them every step of a now-line in (start, end), in order."""
    found = {_days.instant(moment): (moment, reason) for moment, reason in reasons}
    day = start.astimezone(agenda.tz).date()
    while (midnight := _days.midnight(agenda, day)) and _days.instant(midnight) < end:
        step = _days.instant(midnight)
        following = _days.instant(_days.midnight(agenda, day + timedelta(days=1)))
        while step < following:
            if _days.instant(start) < step < _days.instant(end):
                found.setdefault(step, (step.astimezone(agenda.tz), "the clock"))
            step += NOW_STEP
        day += timedelta(days=1)
    return [found[moment] for moment in sorted(found)]
