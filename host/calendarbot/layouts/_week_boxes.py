"""A week as a planner prints it: a box for each day, with its events in lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from calendarbot.layouts import _days
from calendarbot.layouts._entry_texts import EntryTexts
from calendarbot.layouts._line import Slot, draw_line
from calendarbot.layouts._look import Open, draw_box, draw_mark, draw_today, look_of
from calendarbot.render.type import cap_height_px

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from calendarbot.layouts._days import Entry
    from calendarbot.layouts._header import GridPage
    from calendarbot.render import Type

_DATE_PX = 56
"""Beside the lines of a box that is low and wide."""
_GAP_PX = 8
_INDENT_PX = 8
_CLOCK_GAP_PX = 6


_RULE_PX = 4
"""The rule over a day, and the gap below it."""


def draw_boxes(page: GridPage, place: Slot, days: Sequence[date]) -> None:
    """Draw these seven days in `place`: down one column, or down two."""
    week = _Week(page, _days.entries_by_day(page.view.agenda, days))
    if place.width < 360 or place.height > place.width:
        week.draw_column(place, days)
        return
    width = (place.width - 2 * _GAP_PX) // 2
    week.draw_column(place._replace(width=width), days[:4])
    second = place._replace(x=place.x + place.width - width, width=width)
    week.draw_column(second, days[4:])


@dataclass(frozen=True, slots=True)
class _Week:
    page: GridPage
    entries: dict[date, list[Entry]]

    def draw_column(self, place: Slot, days: Sequence[date]) -> None:
        y, heights = place.y, self._heights(place, days)
        stacked = min(heights) >= _stacked_px(self.page) + _RULE_PX
        for day, height in zip(days, heights, strict=True):
            box = place._replace(y=y, height=height)
            _draw_day(self.page, box, day, self.entries[day], stacked=stacked)
            y += height

    def _wanted(self, day: date, most: int) -> tuple[int, int]:
        """At least and at most so many lines: today what it needs, days that are over two."""
        needed = len(self.entries[day])
        if day < self.page.today:
            return 2, 2
        return (max(2, min(needed, most)) if day == self.page.today else 2), needed

    def _heights(self, place: Slot, days: Sequence[date]) -> list[int]:
        """Whole lines for each day where they are to be had, else the same for all."""
        line = self.page.measures.line_px
        lines = (place.height - len(days) * _RULE_PX) // line
        if lines < 2 * len(days):
            edges = [place.height * i // len(days) for i in range(len(days) + 1)]
            return [low - high for high, low in pairwise(edges)]
        most = min(lines // 2, lines - 2 * (len(days) - 1))
        shared = _shared([self._wanted(day, most) for day in days], lines)
        spare = place.height - sum(shared) * line - len(days) * _RULE_PX
        return [count * line + _RULE_PX + spare // len(days) for count in shared]


def _shared(wanted: Sequence[tuple[int, int]], lines: int) -> list[int]:
    """Lines for days that need (at least, at most) so many, in turn; what is left goes to all."""
    given = [least for least, _ in wanted]
    for _ in range(lines - sum(given)):
        lacking = [i for i, (_, most) in enumerate(wanted) if most > given[i]]
        given[min(lacking or range(len(wanted)), key=lambda i: given[i])] += 1
    return given


def _stacked_px(page: GridPage) -> int:
    """The height of a day's number above its name."""
    return cap_height_px(_number(page)) + page.measures.line_px + 10


def _number(page: GridPage) -> Type:
    return replace(page.measures.bold, size_px=page.measures.text.size_px * 3 // 2)


def _draw_day(page: GridPage, box: Slot, day: date, entries: list[Entry], *, stacked: bool) -> None:
    """A rule, the day's number and name at its side, its events in lines."""
    canvas, measures = page.canvas, page.measures
    is_today = day == page.today
    if is_today:
        canvas.hline(box.x, box.y, box.width, 2)
    else:
        canvas.dots(box.x, box.y, box.width, 1, 2)
    date_px = min(_DATE_PX, box.width // 4)
    _draw_date(page, Slot(box.x, box.y + 2, date_px - 4, box.height - 3), day, stacked=stacked)
    lines = max(1, (box.height - _RULE_PX) // measures.line_px)
    height = min(measures.line_px, box.height - 2)
    slot = Slot(box.x + date_px, box.y + 2, box.width - date_px, height)
    if lines == 1:
        left = [entry for entry in entries if not (is_today and entry.is_over(page.view.now))]
        _draw_in_one_line(page, slot, left, is_today=is_today)
        return
    shown = (
        entries if len(entries) <= lines else _worth(page, entries, lines - 1, is_today=is_today)
    )
    for entry in shown:
        _draw_entry(page, slot, entry, is_today=is_today)
        slot = slot._replace(y=slot.y + measures.line_px)
    if len(shown) < len(entries):
        text = page.say("more", n=len(entries) - len(shown))
        more = slot._replace(x=slot.x + _INDENT_PX, width=slot.width - _INDENT_PX)
        draw_line(canvas, more, text, measures.text)


def _worth(page: GridPage, entries: list[Entry], most: int, *, is_today: bool) -> list[Entry]:
    """The first so many; today what is over makes way, the earliest first."""
    over = [e for e in entries if is_today and e.is_over(page.view.now)]
    spare = max(0, len(entries) - most)
    return [entry for entry in entries if entry not in over[:spare]][:most]


def _draw_date(page: GridPage, slot: Slot, day: date, *, stacked: bool) -> None:
    """Number and name, beside each other or the number above; today's inverse."""
    canvas, measures = page.canvas, page.measures
    name, line = page.dates.short_weekday(day), measures.line_px
    height = _stacked_px(page) if stacked else min(line, slot.height)
    ink = None
    if day == page.today:
        ink = draw_today(canvas, slot._replace(height=height), 4 if stacked else 3)
    if stacked:
        cap = cap_height_px(_number(page))
        top = slot._replace(x=slot.x + 2, width=slot.width - 4, y=slot.y + 3, height=cap + 4)
        draw_line(canvas, top, str(day.day), _number(page), ink=ink, anchor="middle")
        below = top._replace(y=top.y + top.height + 1, height=line)
        draw_line(canvas, below, name, measures.text, ink=ink, anchor="middle")
        return
    slot = slot._replace(x=slot.x + 4, width=slot.width - 8, height=height)
    used = draw_line(canvas, slot, str(day.day), measures.bold, ink=ink, anchor="end")
    rest = slot._replace(width=slot.width - used - 3)
    if any(
        canvas.measure(page.dates.short_weekday(other), measures.text) > rest.width
        for other in page.dates.week_of(day)
    ):
        name = page.dates.narrow_weekday(day)
    draw_line(canvas, rest, name, measures.text, ink=ink)


def _draw_entry(page: GridPage, slot: Slot, entry: Entry, *, is_today: bool) -> None:
    canvas, look = page.canvas, look_of(entry, page.view)
    running = is_today and look.running
    if running:
        canvas.rounded(slot.x, slot.y, slot.width, slot.height, 3)
    elif entry.fills_day:
        opened = Open(start=entry.day > 1, end=entry.day < entry.days)
        draw_box(canvas, slot._replace(height=slot.height - 1), replace(look, over=True), opened)
    elif len(page.view.agenda.calendars) > 1:
        draw_mark(canvas, slot.x, slot.y + 2, slot.height - 4, look.calendar)
    boxed = 1 if running or entry.fills_day else 0
    inner = Slot(
        slot.x + _INDENT_PX,
        slot.y + boxed,
        slot.width - _INDENT_PX - 4,
        slot.height - 3 * boxed,
    )
    _draw_words(page, inner, entry, running=running)


def _draw_words(page: GridPage, slot: Slot, entry: Entry, *, running: bool) -> int:
    """Time and title; returns their width."""
    canvas, measures = page.canvas, page.measures
    texts = EntryTexts(entry, page.dates, page.view)
    ink, used = canvas.white if running else canvas.black, 0
    if texts.clock:
        used = draw_line(canvas, slot, texts.clock, measures.digits, ink=ink) + _CLOCK_GAP_PX
    style = measures.bold if running or entry.fills_day else measures.text
    rest = slot._replace(x=slot.x + used, width=slot.width - used)
    return used + draw_line(canvas, rest, texts.title, style, ink=ink)


def _draw_in_one_line(
    page: GridPage, slot: Slot, entries: Sequence[Entry], *, is_today: bool
) -> None:
    """As many events beside each other as fit whole, and how many more there are."""
    canvas, measures = page.canvas, page.measures
    if not entries:
        return
    widths = [_needed(page, entry) for entry in entries]
    count = len(entries)
    while count > 1 and sum(widths[:count]) + _count_width(page, len(entries) - count) > slot.width:
        count -= 1
    hidden, end = len(entries) - count, slot.x + slot.width
    if hidden:
        end -= draw_line(canvas, slot, f"+{hidden}", measures.bold, anchor="end") + _GAP_PX
    x = slot.x
    for entry, width in zip(entries[:count], widths, strict=False):
        running = is_today and entry.is_running(page.view.now)
        inner = slot._replace(x=x + 4, width=min(width - _GAP_PX, end - x - 4))
        if running:
            canvas.rounded(x, slot.y, inner.width + 8, slot.height, 3)
        _draw_words(page, inner, entry, running=running)
        x += width


def _needed(page: GridPage, entry: Entry) -> int:
    """The width of an event among others on one line, gap included."""
    texts, measures = EntryTexts(entry, page.dates, page.view), page.measures
    is_bold = entry.fills_day or entry.is_running(page.view.now)
    width = page.canvas.measure(texts.title, measures.bold if is_bold else measures.text)
    if texts.clock:
        width += page.canvas.measure(texts.clock, measures.digits) + _CLOCK_GAP_PX
    return width + _GAP_PX + 4


def _count_width(page: GridPage, hidden: int) -> int:
    return page.canvas.measure(f"+{hidden}", page.measures.bold) + _GAP_PX if hidden else 0
