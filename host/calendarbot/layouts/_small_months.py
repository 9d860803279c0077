"""Twelve months of a year, side by side in the arrangement that makes their days largest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from calendarbot.layouts import _days
from calendarbot.layouts._line import Slot, draw_line
from calendarbot.layouts._look import draw_today

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calendarbot.layouts._header import GridPage

_ARRANGEMENTS = ((4, 3), (3, 4), (6, 2), (2, 6))
"""Months across and down."""
_LEAST_NUMBER_PX = (17, 13)
"""A smaller day has no room for its number."""
_ROWS = 6
"""The most weeks a month touches."""
_BOX_PX = 4
"""Of a day's width, for the sides of the box around what is filled."""
_TALLEST_DAY = 1.0
"""A day is no higher than this share of its width."""


@dataclass(frozen=True)
class _Year:
    page: GridPage
    place: Slot
    across: int
    down: int
    filled: frozenset[date]
    """The days that something fills."""
    busy: frozenset[date]
    """The days with any event."""

    @cached_property
    def gap(self) -> int:
        return 8 if self.place.width < 500 else 24

    @cached_property
    def month_width(self) -> int:
        return (self.place.width - self.gap * (self.across - 1)) // self.across

    @cached_property
    def name_px(self) -> int:
        return self.page.measures.line_px

    @cached_property
    def _room(self) -> tuple[int, int]:
        """What there is for a day's width, and for the height of all weeks."""
        return self.month_width // 7, self.place.height // self.down - self.name_px - 4

    @cached_property
    def has_numbers(self) -> bool:
        width, height = self._room
        return width >= _LEAST_NUMBER_PX[0] and height // (_ROWS + 1) >= _LEAST_NUMBER_PX[1]

    @cached_property
    def day_px(self) -> tuple[int, int]:
        """Width and height of a day."""
        width, height = self._room
        if self.has_numbers:
            return width, min(height // (_ROWS + 1), int(width * _TALLEST_DAY))
        side = min(width, height // _ROWS)
        return min(width, side * 4 // 3), side

    @cached_property
    def names(self) -> list[str]:
        """Of the months: whole, short or numbers, the first that fit all twelve."""
        page = self.page
        months = [date(page.today.year, number, 1) for number in range(1, 13)]
        for naming in (page.dates.month, page.dates.short_month):
            names = [naming(month) for month in months]
            widest = max(page.canvas.measure(name, page.measures.bold) for name in names)
            if widest <= self.month_width - 8:
                return names
        return [str(month.month) for month in months]

    def month_slot(self, number: int) -> Slot:
        row, column = divmod(number - 1, self.across)
        width = 7 * self.day_px[0]
        spread = (self.place.width - width) // (self.across - 1)
        rows = _ROWS + self.has_numbers
        height = self.name_px + 4 + rows * self.day_px[1]
        spread_y = (self.place.height - height) // (self.down - 1)
        return Slot(self.place.x + column * spread, self.place.y + row * spread_y, width, height)


def draw_months(page: GridPage, place: Slot) -> None:
    """Draw today's year in `place`."""
    filled, busy = _marked_days(page)
    years = [_Year(page, place, *size, filled, busy) for size in _ARRANGEMENTS]
    year = max(years, key=lambda year: (year.has_numbers, min(year.day_px)))
    for number in range(1, 13):
        _draw_month(year, year.month_slot(number), date(page.today.year, number, 1))


def draw_this_month(page: GridPage, place: Slot) -> None:
    """Draw today's month alone, as large as `place` allows."""
    year = _Year(page, place, 1, 1, *_marked_days(page))
    _draw_month(year, place, page.today.replace(day=1))


def _marked_days(page: GridPage) -> tuple[frozenset[date], frozenset[date]]:
    filled, busy = set(), set()
    agenda = page.view.agenda
    for occurrence in agenda.occurrences:
        first = occurrence.start.astimezone(agenda.tz).date()
        end = _days.instant(_days.shown_end(occurrence)) - timedelta(microseconds=1)
        last = end.astimezone(agenda.tz).date()
        days = {first + timedelta(days=i) for i in range((last - first).days + 1)}
        busy |= days
        if (
            occurrence.all_day
            or _days.instant(occurrence.end) - _days.instant(occurrence.start) >= _days.LONG
        ):
            filled |= days
    return frozenset(filled), frozenset(busy)


def _draw_month(year: _Year, slot: Slot, first: date) -> None:
    page, canvas, measures = year.page, year.page.canvas, year.page.measures
    is_now = first.month == page.today.month
    name = Slot(slot.x, slot.y, year.month_width, year.name_px)
    text = year.names[first.month - 1]
    inset, ink = 0, None
    if is_now:
        inset = 4
        width = min(canvas.measure(text, measures.bold), name.width - 8) + 8
        ink = draw_today(canvas, name._replace(width=width), 3)
    line = name._replace(x=slot.x + inset, width=name.width - 2 * inset)
    draw_line(canvas, line, text, measures.bold, ink=ink)
    width, height = year.day_px
    top = slot.y + year.name_px + 4
    if year.has_numbers:
        _draw_initials(year, Slot(slot.x, top, width, height))
        top += height
    for row, week in enumerate(page.dates.weeks_of_month(first)):
        y = top + row * height
        if year.has_numbers:
            _draw_runs(year, slot.x, y, week, first.month)
        for column, day in enumerate(week):
            if day.month == first.month:
                box = Slot(slot.x + column * width, y, width, height)
                (_draw_number if year.has_numbers else _draw_square)(year, box, day)


def _draw_initials(year: _Year, first: Slot) -> None:
    style = replace(year.page.measures.text, size_px=_number_px(year))
    for column, initial in enumerate(year.page.dates.weekday_initials()):
        slot = first._replace(x=first.x + column * first.width)
        draw_line(year.page.canvas, slot, initial, style, anchor="middle")


def _draw_runs(year: _Year, x: int, y: int, week: Sequence[date], month: int) -> None:
    """A box around days that are filled, one for each run of them."""
    width, height = year.day_px
    column = 0
    while column < 7:
        end = column
        while end < 7 and week[end].month == month and week[end] in year.filled:
            end += 1
        if end > column:
            box = Slot(x + column * width, y, (end - column) * width, height - 1)
            year.page.canvas.rounded(*box, 4, line=1)
        column = end + 1


def _number_px(year: _Year) -> int:
    """Type for the days' numbers: two bold digits within a day's box, capitals in its height."""
    width, height = year.day_px
    size = max(12, min(round(width * 0.62), round(height * 0.85)))
    bold = replace(year.page.measures.bold, size_px=size)
    return year.page.canvas.fitting("30", bold, width - _BOX_PX, 11).size_px


def _draw_number(year: _Year, box: Slot, day: date) -> None:
    page, canvas = year.page, year.page.canvas
    is_busy = day in year.busy
    style = replace(page.measures.text, size_px=_number_px(year), bold=is_busy)
    ink = None
    if day == page.today:
        ink = draw_today(canvas, box._replace(height=box.height - 1), 4)
    line = box._replace(height=box.height - 2)
    draw_line(canvas, line, str(day.day), style, ink=ink, anchor="middle")


def _draw_square(year: _Year, box: Slot, day: date) -> None:
    canvas, side = year.page.canvas, box.height - 2
    x, y = box.x + (box.width - side) // 2, box.y + 1
    if day == year.page.today:
        canvas.fill(x - 1, y - 1, side + 2, side + 2, canvas.accent)
        canvas.fill(x + 1, y + 1, side - 2, side - 2, canvas.white)
        canvas.fill(x + 2, y + 2, max(1, side - 4), max(1, side - 4), canvas.accent)
    elif day in year.filled:
        canvas.fill(x, y, side, side)
    elif day in year.busy:
        canvas.fill(x, y, side, side)
        canvas.fill(x + 1, y + 1, side - 2, side - 2, canvas.white)
    else:
        canvas.fill(x + side // 2 - 1, y + side // 2 - 1, 2, 2)
