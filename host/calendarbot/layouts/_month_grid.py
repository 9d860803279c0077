"""A month as weeks of cells: numbers of weeks and days, bars over days, lines or tally marks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from calendarbot.layouts import _days, _lanes
from calendarbot.layouts._bars import Bar, bars_of, draw_bar, is_bar
from calendarbot.layouts._entry_texts import EntryTexts
from calendarbot.layouts._line import Slot, draw_line
from calendarbot.layouts._look import MARK_PX, draw_mark, draw_today, look_of
from calendarbot.layouts._measures import LEAST_TYPE_PX
from calendarbot.render import Type

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from calendarbot.layouts._days import Entry
    from calendarbot.layouts._header import GridPage

_STEP_PX = 4
_LEAST_WORDS_PX = 60
"""A narrower cell has no words for its events."""
_LEAST_CLOCK_PX = 120
"""A narrower cell has no times before them."""


@dataclass(frozen=True)
class _Grid:
    """Where the cells are."""

    page: GridPage
    place: Slot
    weeks: Sequence[Sequence[date]]

    @cached_property
    def entries(self) -> dict[date, list[Entry]]:
        days = [day for week in self.weeks for day in week]
        return _days.entries_by_day(self.page.view.agenda, days)

    @cached_property
    def gutter(self) -> int:
        """For the numbers of the weeks."""
        return self.place.width - 7 * self.cell_width

    @cached_property
    def _two_digits(self) -> int:
        return self.page.canvas.measure("00", self.page.measures.digits)

    @cached_property
    def has_week_numbers(self) -> bool:
        """Where there is more room than the days' own numbers and marks need."""
        day = self._two_digits + 2 + _NUMBER_GAP_PX + 2 + _LEAST_BESIDE_PX
        return self.place.width >= 7 * day + self._two_digits + 6

    @cached_property
    def names_px(self) -> int:
        """For the names of the days."""
        line = self.page.measures.line_px
        return line if self.place.height < 200 else line + 4

    @cached_property
    def edges(self) -> list[int]:
        """The starts of the seven columns, and the end of the last."""
        return [self.place.x + self.gutter + self.cell_width * i for i in range(8)]

    @cached_property
    def tops(self) -> list[int]:
        top, height = self.place.y + self.names_px, self.place.height - self.names_px
        return [top + height * i // len(self.weeks) for i in range(len(self.weeks) + 1)]

    @cached_property
    def cell_width(self) -> int:
        if not self.has_week_numbers:
            return self.place.width // 7
        return (self.place.width - self._two_digits - 6) // 7 // _STEP_PX * _STEP_PX

    @cached_property
    def beside_px(self) -> int:
        """What is left in a cell beside the day's number."""
        return self.cell_width - 2 - self._two_digits - self.pad - _NUMBER_GAP_PX

    @cached_property
    def pad(self) -> int:
        """Before what stands in a cell."""
        roomy = 4 if self.cell_width >= _ROOMY_PX else 2
        return min(roomy, (self.cell_width - self._two_digits) // 2)

    @cached_property
    def cell_height(self) -> int:
        return min(low - high for high, low in zip(self.tops, self.tops[1:], strict=False))

    @cached_property
    def number_px(self) -> int:
        """The height of a cell's line with the day's number."""
        return min(self.page.measures.line_px, self.cell_height - 3)

    @cached_property
    def lines(self) -> int:
        """Of words under the number; 0 for a grid without words."""
        lines = self._words_px // (self.page.measures.text.size_px + 1)
        return lines if lines >= 2 and self.cell_width >= _LEAST_WORDS_PX else 0

    @cached_property
    def line_px(self) -> int:
        """From line to line of words: closer where that gives one line more."""
        return min(self.page.measures.text.size_px * 7 // 6, self._words_px // self.lines)

    @property
    def _words_px(self) -> int:
        return self.cell_height - self.number_px - 3

    def cell(self, row: int, column: int) -> Slot:
        left, right = self.edges[column], self.edges[column + 1]
        return Slot(left, self.tops[row], right - left, self.tops[row + 1] - self.tops[row])


def draw_month(page: GridPage, place: Slot, weeks: Sequence[Sequence[date]]) -> None:
    """Draw these weeks in `place`; the month is today's."""
    size = max(12, page.measures.text.size_px - 1)
    page = replace(page, measures=replace(page.measures, text=Type(size), line_px=size * 4 // 3))
    grid = _Grid(page, place, weeks)
    _draw_names(grid)
    for row, week in enumerate(weeks):
        _draw_week_rule(grid, row)
        for column, day in enumerate(week):
            _draw_number(grid, grid.cell(row, column), day)
        if grid.lines:
            _draw_words(grid, row, week)
        else:
            _draw_marks(grid, row, week)


def _draw_names(grid: _Grid) -> None:
    page, week = grid.page, grid.weeks[0]
    style = page.measures.bold
    names = [page.dates.short_weekday(day) for day in week]
    if max(page.canvas.measure(name, style) for name in names) > grid.cell_width - 8:
        names = page.dates.weekday_initials()
    for column, name in enumerate(names):
        slot = Slot(
            grid.edges[column] + grid.pad,
            grid.place.y,
            grid.cell_width - grid.pad,
            grid.names_px - 2,
        )
        draw_line(page.canvas, slot, name, style)


def _draw_week_rule(grid: _Grid, row: int) -> None:
    """The line above a week, its number, and quiet lines between its days."""
    page, top = grid.page, grid.tops[row]
    if row:
        page.canvas.dots(grid.place.x, top, grid.place.width, 1, 2)
    else:
        page.canvas.hline(grid.place.x, top, grid.place.width)
    if grid.has_week_numbers:
        number = page.dates.week_number(grid.weeks[row][0])
        slot = Slot(grid.place.x, top + 2, grid.gutter - 4, grid.number_px)
        draw_line(page.canvas, slot, number, page.measures.digits, anchor="middle")
    if grid.lines:
        for edge in grid.edges[:-1]:
            page.canvas.dots(edge, top, 1, grid.tops[row + 1] - top)


def _draw_number(grid: _Grid, cell: Slot, day: date) -> None:
    """Bold in the month, plain outside it, inverse today."""
    page, canvas = grid.page, grid.page.canvas
    text = page.dates.day_number(day)
    style = page.measures.bold if day.month == page.today.month else page.measures.text
    slot = Slot(cell.x + grid.pad, cell.y + 2, canvas.measure(text, style), grid.number_px)
    ink = None
    if day == page.today:
        pad = min(3, grid.pad)
        ink = draw_today(canvas, slot._replace(x=slot.x - pad, width=slot.width + 2 * pad), 3)
    draw_line(canvas, slot, text, style, ink=ink)


def _timed(grid: _Grid, day: date) -> list[Entry]:
    """What is on a day and is no bar; what began the night before stands on that day."""
    first = grid.weeks[0][0]
    return [e for e in grid.entries[day] if not is_bar(e) and (e.starts or day == first)]


def _draw_words(grid: _Grid, row: int, week: Sequence[date]) -> None:
    """Bars and lines in lanes; beside a day's number how many have none."""
    bars = bars_of(grid.entries, week)
    bars += [Bar(entry, i, i) for i, day in enumerate(week) for entry in _timed(grid, day)]
    spans = [(bar.first, bar.last) for bar in bars]
    lanes = _lanes.assign(spans, 7, grid.lines, counted=False)
    top, pitch = grid.tops[row] + 2 + grid.number_px + 1, grid.line_px
    for index, lane in lanes.lane_of.items():
        bar = bars[index]
        left, right = grid.edges[bar.first] + 2, grid.edges[bar.last + 1] - 1
        slot = Slot(left, top + lane * pitch, right - left, pitch - 1)
        if is_bar(bar.entry):
            draw_bar(grid.page, slot, bar)
        else:
            _draw_timed(grid, slot, bar.entry)
    for column, hidden in enumerate(lanes.hidden):
        if hidden:
            _draw_count(grid, grid.cell(row, column), week[column], hidden)


def _draw_count(grid: _Grid, cell: Slot, day: date, count: int) -> None:
    """At the end of the line with the day's number."""
    page = grid.page
    used = page.canvas.measure(page.dates.day_number(day), page.measures.bold) + 12
    slot = Slot(cell.x + used, cell.y + 2, cell.width - used - 3, grid.number_px)
    draw_line(page.canvas, slot, f"+{count}", page.measures.text, anchor="end")


def _draw_timed(grid: _Grid, slot: Slot, entry: Entry) -> None:
    page, canvas, measures = grid.page, grid.page.canvas, grid.page.measures
    texts = EntryTexts(entry, page.dates, page.view)
    inner = slot._replace(x=slot.x + 2, width=slot.width - 4)
    if len(page.view.agenda.calendars) > 1:
        draw_mark(canvas, slot.x, slot.y + 1, slot.height - 2, look_of(entry, page.view).calendar)
        inner = slot._replace(x=slot.x + MARK_PX + 3, width=slot.width - MARK_PX - 5)
    if slot.width >= _LEAST_CLOCK_PX:
        used = draw_line(canvas, inner, texts.clock, measures.digits) + 4
        inner = inner._replace(x=inner.x + used, width=inner.width - used)
    draw_line(canvas, inner, texts.title, measures.text)


@dataclass(frozen=True, slots=True)
class _Marks:
    """Measures of tally marks and thin bars, in pixels."""

    beside: bool
    """The marks stand beside the number, not under it."""
    tally_height: int
    tally_rows: int
    bar: int
    bar_pitch: int

    @property
    def height(self) -> int:
        return self.tally_rows * (self.tally_height + 1) - 1


_UNDER = _Marks(beside=False, tally_height=7, tally_rows=1, bar=3, bar_pitch=5)
_BESIDE = _Marks(beside=True, tally_height=3, tally_rows=3, bar=2, bar_pitch=3)
_TALLY_WIDTH_PX = 2
_NUMBER_GAP_PX = 3
"""Between a day's number and the marks beside it."""
_ROOMY_PX = 40
_LEAST_BESIDE_PX = 11
"""Room for a number in place of the marks."""
_MOST_TALLY_ROWS = 3


def _draw_marks(grid: _Grid, row: int, week: Sequence[date]) -> None:
    """Thin bars at the bottom of the cells, tally marks beside or under the numbers."""
    canvas = grid.page.canvas
    bars = bars_of(grid.entries, week)
    needed = grid.number_px + _UNDER.height + 4 + 2 * _UNDER.bar_pitch
    marks = _UNDER if grid.cell_height >= needed or grid.beside_px < _LEAST_BESIDE_PX else _BESIDE
    rows = 1 + max(0, grid.cell_height - needed) // (_UNDER.tally_height + 1)
    if marks is _UNDER:
        marks = replace(marks, tally_rows=min(rows, _MOST_TALLY_ROWS))
    room = grid.cell_height - grid.number_px - (marks.height + 4 if not marks.beside else 0)
    # Counts have a place of their own, so every lane may hold a bar.
    spans = [(bar.first, bar.last) for bar in bars]
    lanes = _lanes.assign(spans, 7, max(1, room // marks.bar_pitch), counted=False)
    for index, lane in lanes.lane_of.items():
        bar = bars[index]
        left = grid.edges[bar.first] + (0 if bar.opened.start else 4)
        right = grid.edges[bar.last + 1] - (0 if bar.opened.end else 4)
        y = grid.tops[row + 1] - 1 - marks.bar_pitch * lane - marks.bar
        canvas.fill(left, y, right - left, marks.bar)
    for column, day in enumerate(week):
        count = len(_timed(grid, day)) + lanes.hidden[column]
        _draw_tally(grid, marks, grid.cell(row, column), day, count)


def _draw_tally(grid: _Grid, marks: _Marks, cell: Slot, day: date, count: int) -> None:
    """A mark for each, in as many rows as there may be; a number where they do not fit."""
    if not count:
        return
    page, canvas = grid.page, grid.page.canvas
    number = (
        canvas.measure(page.dates.day_number(day), page.measures.bold) + grid.pad + _NUMBER_GAP_PX
    )
    left = cell.x + (number if marks.beside else grid.pad)
    room = cell.x + cell.width - 2 - left
    pitch = _TALLY_WIDTH_PX + (1 if marks.beside else 2)
    in_row = (room + pitch - _TALLY_WIDTH_PX) // pitch
    top = cell.y + 2 + (0 if marks.beside else grid.number_px + 1)
    if count <= in_row * marks.tally_rows:
        y = top + (grid.number_px - marks.height) // 2 if marks.beside else top
        for i in range(count):
            down, across = divmod(i, in_row)
            x = left + across * pitch
            canvas.fill(x, y + down * (marks.tally_height + 1), _TALLY_WIDTH_PX, marks.tally_height)
        return
    slot = Slot(left, top, room, grid.number_px if marks.beside else _UNDER.height + 4)
    style = replace(page.measures.text, size_px=LEAST_TYPE_PX)
    text = f"+{count}" if canvas.measure(f"+{count}", style) <= room else str(count)
    draw_line(canvas, slot, text, style)
