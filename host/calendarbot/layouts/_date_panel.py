"""The date of a page: weekday, big day number, month, week, and the month as a grid."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from calendarbot.layouts._words import phrase
from calendarbot.render.type import cap_height_px, set_line

if TYPE_CHECKING:
    from datetime import date

    from calendarbot.layouts._dates import LocalDates
    from calendarbot.layouts._sheet import Sheet
    from calendarbot.render import Canvas, Type


def draw_date(canvas: Canvas, sheet: Sheet, dates: LocalDates, today: date) -> None:
    """Draw the date in the sheet's own place for it."""
    {"side": _side, "top": _top, "slip": _slip}[sheet.arrangement](canvas, sheet, dates, today)


def _side(canvas: Canvas, sheet: Sheet, dates: LocalDates, today: date) -> None:
    x, width, measures = sheet.margin_px, sheet.side_px, sheet.date
    weekday = dates.weekday(today)
    style = _fitting(canvas, weekday, measures.weekday, width)
    y = sheet.margin_px + cap_height_px(measures.weekday)
    canvas.text(x, y, weekday, style, max_width=width)
    number = cap_height_px(measures.number)
    y += sheet.margin_px + number
    day = dates.day_number(today)
    canvas.text(x - _bearing(day, measures.number), y, day, measures.number)
    month = dates.month_and_year(today)
    y += sheet.margin_px * 5 // 8 + cap_height_px(measures.month)
    canvas.text(x, y, month, _fitting(canvas, month, measures.month, width), max_width=width)
    week = phrase(str(dates.locale), "week", n=dates.week_number(today))
    y += sheet.margin_px // 2 + cap_height_px(measures.week)
    canvas.text(x, y, week, measures.week, max_width=width)
    _month_grid(canvas, sheet, dates, today)


def _top(canvas: Canvas, sheet: Sheet, dates: LocalDates, today: date) -> None:
    measures = sheet.date
    bottom = sheet.margin_px + sheet.side_px - 8
    day = dates.day_number(today)
    start = sheet.list_left - _bearing(day, measures.number)
    width = canvas.text(start, bottom, day, measures.number)
    x = -(-(sheet.list_left + width + sheet.margin_px) // 8) * 8
    room = sheet.list_right - x
    top = bottom - cap_height_px(measures.number)
    weekday = dates.weekday(today)
    style = _fitting(canvas, weekday, measures.weekday, room)
    if canvas.measure(weekday, style) > room:
        weekday, style = dates.short_weekday(today), measures.weekday
    baseline, least = top + cap_height_px(measures.weekday), measures.month.size_px // 2
    below = bottom - cap_height_px(measures.month) - 2 - baseline
    style = canvas.fitting(weekday, style, room, least, above=baseline, below=below)
    canvas.text(x, baseline, weekday, style, max_width=room)
    week = phrase(str(dates.locale), "week", n=dates.week_number(today))
    month = f"{dates.month_and_year(today)} · {week}"
    above = bottom - baseline - canvas.depth(weekday, style) - 1
    style = _fitting(canvas, month, measures.month, room)
    if canvas.measure(month, style) > room:
        month, style = dates.short_month(today), measures.month
    style = canvas.fitting(month, style, room, least, above=above)
    canvas.text(x, bottom, month, style, max_width=room)
    rule = sheet.margin_px + sheet.side_px
    canvas.hline(sheet.margin_px, rule, canvas.width_px - 2 * sheet.margin_px, 2)


def _slip(canvas: Canvas, sheet: Sheet, dates: LocalDates, today: date) -> None:
    measures, middle = sheet.date, sheet.margin_px + sheet.side_px // 2
    heights = [cap_height_px(t) for t in (measures.weekday, measures.number, measures.month)]
    gap = max(4, (canvas.height_px - sum(heights)) // 4)
    y = gap
    texts = (dates.short_weekday(today), dates.day_number(today), dates.short_month(today))
    styles = (measures.weekday, measures.number, measures.month)
    for text, style, height in zip(texts, styles, heights, strict=True):
        y += height
        fitting = _fitting(canvas, text, style, sheet.side_px)
        canvas.text(middle, y, text, fitting, anchor="middle", max_width=sheet.side_px)
        y += gap
    rule = sheet.margin_px + sheet.side_px + 4
    canvas.vline(rule, sheet.margin_px, canvas.height_px - 2 * sheet.margin_px, 2)


def _month_grid(canvas: Canvas, sheet: Sheet, dates: LocalDates, today: date) -> None:
    cell_w, cell_h = sheet.date.cell_px
    left = sheet.margin_px - cell_w // 4 + 1
    top = sheet.list_bottom - 7 * cell_h
    small = replace(sheet.notice, tabular=True)
    bold = replace(small, bold=True)
    drop = (cell_h + cap_height_px(small)) // 2
    for column, initial in enumerate(dates.weekday_initials()):
        middle = left + column * cell_w + cell_w // 2
        canvas.text(middle, top + drop, initial, bold, anchor="middle", max_width=cell_w)
    for row, week in enumerate(dates.weeks_of_month(today), start=1):
        for column, day in enumerate(week):
            if day.month != today.month:
                continue
            x, y = left + column * cell_w, top + row * cell_h
            if day == today:
                canvas.rounded(x + 1, y, cell_w - 2, cell_h, cell_h // 4)
            canvas.text(
                x + cell_w // 2,
                y + drop,
                str(day.day),
                bold if day == today else small,
                anchor="middle",
                ink=canvas.white if day == today else None,
            )


def _bearing(text: str, style: Type) -> int:
    """The white before the first glyph, which at this size would look like an indent."""
    return max(0, set_line(text, style).ink[0])


def _fitting(canvas: Canvas, text: str, style: Type, width: int) -> Type:
    return canvas.fitting(text, style, width, style.size_px * 3 // 5)
