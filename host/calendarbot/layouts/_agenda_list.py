"""The list of the agenda page: title, today, the days after it, notices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from calendarbot.layouts import _days
from calendarbot.layouts._notices import NoticePlace, draw_notices
from calendarbot.layouts._row import GAP_PX, RowPlace, clock_width, draw_row, row_height
from calendarbot.layouts._words import phrase
from calendarbot.render.type import cap_height_px

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calendarbot.layouts import View
    from calendarbot.layouts._dates import LocalDates
    from calendarbot.layouts._days import Entry
    from calendarbot.layouts._sheet import Density, Sheet
    from calendarbot.render import Canvas


_LEAST_TYPE_PX = 8
_ANY_PX = 10_000


@dataclass(frozen=True, slots=True)
class _Page:
    """What every part of the list needs."""

    canvas: Canvas
    sheet: Sheet
    dates: LocalDates
    view: View
    today: date
    bottom: int
    """Where notices begin."""
    density: Density
    """Of today's rows."""
    time_width: int = 0
    """From the list's edge to the titles: the same for all days."""

    def say(self, key: str, **values: object) -> str:
        return phrase(self.view.locale, key, **values)


def draw_list(canvas: Canvas, sheet: Sheet, dates: LocalDates, view: View) -> None:
    """Draw everything that is not the date."""
    today = view.now.astimezone(view.agenda.tz).date()
    page = _Page(canvas, sheet, dates, view, today, sheet.list_bottom, sheet.densities[-1])
    page = replace(page, bottom=_draw_notices(page))
    y = _draw_title(page, sheet.list_top)
    entries = _days.entries_of(view.agenda, today)
    page = replace(page, density=_density(sheet, entries, page.bottom - y))
    page = replace(page, time_width=_time_width(page))
    y = _draw_today(page, y, entries)
    _draw_coming(page, y)


def _draw_title(page: _Page, y: int) -> int:
    if not page.view.title:
        return y
    sheet, cap = page.sheet, cap_height_px(page.sheet.title)
    room = sheet.list_width
    page.canvas.text(sheet.list_left, y + cap, page.view.title, sheet.title, max_width=room)
    return y + -(-(cap + GAP_PX + 4) // 8) * 8


def _draw_notices(page: _Page) -> int:
    sheet = page.sheet
    place = NoticePlace(
        sheet.list_left, sheet.list_width, sheet.list_bottom, sheet.notice, sheet.notice_px
    )
    return draw_notices(page.canvas, page.view, page.dates, place)


def _density(sheet: Sheet, entries: Sequence[Entry], room: int) -> Density:
    """The roomiest rows in which the whole day fits; the first only if the next day shows too."""
    reserve = sheet.heading_px + sheet.coming.pitch_px
    for density in sheet.densities[:-1]:
        needed = sum(row_height(entry, density) for entry in entries)
        if needed + (reserve if density.two_lines else 0) <= room:
            return density
    return sheet.densities[-1]


def _time_width(page: _Page) -> int:
    """Room for the widest time of today, and for "all day" in the finer print if that is near."""
    clocks = page.dates.widest_clocks()
    style = replace(page.density.title, bold=True, tabular=True)
    detail = page.density.detail
    widest = max(clock_width(page.canvas, clock, style, detail) for clock in clocks)
    all_day = page.canvas.measure(page.say("all_day"), page.sheet.coming.detail)
    widest = max(widest + 2 * GAP_PX, min(all_day + GAP_PX, widest + 4 * GAP_PX))
    return -(-widest // 8) * 8


def _draw_today(page: _Page, y: int, entries: Sequence[Entry]) -> int:
    sheet, density = page.sheet, page.density
    remaining = [entry for entry in entries if not entry.is_over(page.view.now)]
    if not remaining:
        text = page.say("nothing_more" if entries else "nothing")
        baseline = y + (density.pitch_px + cap_height_px(density.title)) // 2
        page.canvas.text(sheet.list_left, baseline, text, density.title, max_width=sheet.list_width)
        return y + density.pitch_px
    shown = _fit(remaining, density, page.bottom - y, sheet.coming.pitch_px)
    for entry in shown:
        _draw_entry(page, y, entry, density, today=True)
        y += row_height(entry, density)
    if len(shown) < len(remaining):
        _draw_more(page, y, len(remaining) - len(shown))
        return page.bottom
    return y


def _fit(entries: list[Entry], density: Density, room: int, more_px: int) -> list[Entry]:
    """The entries there is room for; timed ones leave what fills the day a third at least."""
    if sum(row_height(entry, density) for entry in entries) <= room:
        return entries
    room -= more_px
    timed = [entry for entry in entries if not entry.fills_day]
    filling = [entry for entry in entries if entry.fills_day]
    shown: list[Entry] = []
    used = 0
    for group, limit in ((filling, room // 3 if timed else room), (timed, room)):
        for entry in group:
            if used + row_height(entry, density) > limit:
                break
            used += row_height(entry, density)
            shown.append(entry)
    return shown


def _draw_entry(page: _Page, y: int, entry: Entry, density: Density, *, today: bool) -> None:
    sheet = page.sheet
    place = RowPlace(sheet.list_left, y, sheet.list_width, page.time_width, density, today)
    draw_row(page.canvas, place, entry, page.dates, page.view)


def _draw_more(page: _Page, y: int, count: int) -> None:
    sheet, x = page.sheet, page.sheet.list_left + page.time_width
    style, pitch = sheet.coming.title, sheet.coming.pitch_px
    baseline = y + (pitch + cap_height_px(style)) // 2
    text, room = page.say("more", n=count), sheet.list_right - x
    # Bars may stand right above and below: Arabic marks must not reach into them.
    above, below = baseline - y, y + pitch - baseline
    style = page.canvas.fitting(text, style, _ANY_PX, _LEAST_TYPE_PX, above=above, below=below)
    page.canvas.text(x, baseline, text, style, max_width=room)


def _draw_coming(page: _Page, y: int) -> None:
    sheet, density = page.sheet, page.sheet.coming
    for day in _days.coming_days(page.view.agenda, page.today):
        entries = [
            entry
            for entry in _days.entries_of(page.view.agenda, day)
            if entry.starts or entry.days > 1
        ]
        rows = (page.bottom - y - sheet.heading_px) // density.pitch_px
        if not entries:
            continue
        if rows < 1:
            return
        _draw_heading(page, y, day, hidden=max(0, len(entries) - rows))
        y += sheet.heading_px
        for entry in entries[:rows]:
            _draw_entry(page, y, entry, density, today=False)
            y += density.pitch_px


def _draw_heading(page: _Page, y: int, day: date, *, hidden: int) -> None:
    """A rule, the day in bold, its date; at the end how many events found no room."""
    canvas, sheet = page.canvas, page.sheet
    left, right = sheet.list_left, sheet.list_right
    canvas.hline(left, y + sheet.heading_px // 5, sheet.list_width)
    baseline = y + sheet.heading_px - sheet.heading.size_px // 3
    if hidden:
        text = page.say("more", n=hidden)
        right -= canvas.text(right, baseline, text, sheet.coming.detail, anchor="end") + GAP_PX
    is_tomorrow = day == page.today + timedelta(days=1)
    name = page.say("tomorrow") if is_tomorrow else page.dates.weekday(day)
    used = canvas.text(left, baseline, name, sheet.heading, max_width=right - left)
    rest = page.dates.day_and_month(day)
    if is_tomorrow:
        rest = f"{page.dates.weekday(day)} · {rest}"
    x = left + used + GAP_PX
    if x < right:
        plain = replace(sheet.heading, bold=False)
        canvas.text(x, baseline, rest, plain, max_width=right - x)
