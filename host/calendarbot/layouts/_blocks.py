"""Events as boxes on a time grid: side by side where they overlap, with as many words as fit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from calendarbot.layouts import _columns
from calendarbot.layouts._entry_texts import EntryTexts
from calendarbot.layouts._line import Slot, cut_lines, draw_line
from calendarbot.layouts._look import CLOSED, MARK_PX, Look, Open, draw_box, look_of
from calendarbot.render.paragraph import break_lines
from calendarbot.render.type import ELLIPSIS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calendarbot.layouts._days import Entry
    from calendarbot.layouts._header import GridPage
    from calendarbot.layouts._time_grid import DayClock, HourGrid
    from calendarbot.render import Canvas, Type

_SEPARATOR = " · "
_TIGHT_PX = 56
"""Boxes narrower than this have hardly any air around their words."""
_NARROW_PX = 96
"""Words in less width are cut off without dots."""


@dataclass(frozen=True, slots=True)
class Column:
    """A day's place on a time grid."""

    left: int
    width: int
    most: int
    """How many events may stand side by side."""
    emphasis: bool = True
    """Titles are bold."""


def draw_blocks(
    page: GridPage, grid: HourGrid, clock: DayClock, column: Column, entries: Sequence[Entry]
) -> None:
    """Draw the entries that the grid shows anything of."""
    shown = [entry for entry in entries if grid.shows(clock.span(entry))]
    least = page.measures.text.size_px * 5 // 4
    placed, crowds = _columns.pack([_rows(grid, clock.span(e), least) for e in shown], column.most)
    for item in placed:
        entry = shown[item.index]
        slot = _slot(column, item.column, item.span, item.columns, item.top, item.bottom)
        first, last = clock.span(entry)
        is_cut_below = last > grid.last * 60 or not _ends_on(entry, clock)
        opened = Open(top=first < grid.first * 60 or not entry.starts, bottom=is_cut_below)
        look = look_of(entry, page.view)
        texts = EntryTexts(entry, page.dates, page.view)
        draw_event(page, slot, texts, look, opened, emphasis=column.emphasis)
    for crowd in crowds:
        slot = _slot(column, crowd.column, 1, crowd.columns, crowd.top, crowd.bottom)
        draw_count(page, slot, len(crowd.indices))


def draw_event(
    page: GridPage,
    slot: Slot,
    texts: EntryTexts,
    look: Look,
    opened: Open = CLOSED,
    *,
    emphasis: bool = True,
) -> None:
    """A box with the title, and under it or beside it when and where."""
    ink = draw_box(page.canvas, slot, look, opened)
    inset = 2 if slot.width < _TIGHT_PX else 4
    left = slot.x + inset + (MARK_PX if slot.width > 3 * MARK_PX else 0)
    inner = Slot(left, slot.y + 1, slot.x + slot.width - inset - left, slot.height - 2)
    lines = inner.height // page.measures.line_px
    details = [_when(texts), *texts.details(with_end=False)]
    style = page.measures.bold if emphasis or look.running else page.measures.text
    if lines < 2:
        _draw_one_line(page, inner, texts.title, style, details, ink)
    else:
        _draw_lines(page, inner, lines, texts.title, style, details, ink)


def draw_count(page: GridPage, slot: Slot, count: int) -> None:
    """How many events have no room of their own here."""
    text = page.say("more", n=count)
    if page.canvas.measure(text, page.measures.bold) > slot.width - 4:
        text = f"+{count}"
    page.canvas.rounded(*slot, 3, colour=page.canvas.white)
    inner = Slot(slot.x + 2, slot.y, slot.width - 4, min(slot.height, page.measures.line_px))
    draw_line(page.canvas, inner, text, page.measures.bold, anchor="middle")


def _draw_one_line(
    page: GridPage, inner: Slot, title: str, style: Type, details: list[str], ink: int
) -> None:
    canvas, detail = page.canvas, page.measures.text
    if inner.width < _NARROW_PX:
        title = "".join(_title_lines(canvas, title, style, inner.width, 1))
    used = draw_line(canvas, inner, title, style, ink=ink)
    rest = inner._replace(x=inner.x + used + 8, width=inner.width - used - 8)
    text = _that_fit(canvas, details, detail, rest.width)
    if text:
        draw_line(canvas, rest, text, detail, ink=ink)


def _draw_lines(
    page: GridPage, inner: Slot, lines: int, title: str, style: Type, details: list[str], ink: int
) -> None:
    """The title on as many lines as it needs, and below it what there is room for, whole."""
    canvas, detail, pitch = page.canvas, page.measures.text, page.measures.line_px
    top = inner._replace(y=inner.y + 1, height=pitch)
    titles = _title_lines(canvas, title, style, inner.width, lines)
    for text in titles:
        draw_line(canvas, top, text, style, ink=ink)
        top = top._replace(y=top.y + pitch)
    rest = list(details)
    for _ in range(lines - len(titles)):
        text = _that_fit(canvas, rest, detail, inner.width)
        while rest and not text:
            text = _that_fit(canvas, rest := rest[1:], detail, inner.width)
        if not text:
            break
        draw_line(canvas, top, text, detail, ink=ink)
        rest = rest[len(text.split(_SEPARATOR)) :]
        top = top._replace(y=top.y + pitch)


def _title_lines(canvas: Canvas, title: str, style: Type, width: int, most: int) -> list[str]:
    lines = break_lines(title, style, width, most, canvas.language)
    is_torn = any(line.endswith("-") and line not in title for line in lines)
    if width < _NARROW_PX and (is_torn or not lines or lines[-1].endswith(ELLIPSIS)):
        return cut_lines(canvas, title, style, width, most)
    # Half a word and three dots say more than a word torn apart.
    return [title] if is_torn else lines


def _that_fit(canvas: Canvas, parts: list[str], style: Type, width: int) -> str:
    """As many of the first parts as fit, none torn."""
    for count in range(len(parts), 0, -1):
        text = _SEPARATOR.join(parts[:count])
        if canvas.measure(text, style) <= width:
            return text
    return ""


def _when(texts: EntryTexts) -> str:
    """From when until when on this day, as far as it has a beginning and an end here."""
    occurrence = texts.entry.occurrence
    tz = texts.view.agenda.tz
    start, end = occurrence.start.astimezone(tz), occurrence.end.astimezone(tz)
    if texts.entry.starts and start.astimezone(UTC) < end.astimezone(UTC):
        return texts.dates.clock_range(start, end)
    return texts.clock


def _ends_on(entry: Entry, clock: DayClock) -> bool:
    return clock.minute(entry.occurrence.end) <= clock.hours * 60


def _rows(grid: HourGrid, span: tuple[int, int], least: int) -> tuple[int, int]:
    """From the line of its beginning to that of its end; higher if that were too low to read."""
    top, bottom = grid.y(span[0]), grid.y(span[1])
    if bottom - top < least:
        top = max(min(top, grid.bottom - least), grid.top)
        bottom = top + least
    return top, bottom


def _slot(column: Column, first: int, span: int, columns: int, top: int, bottom: int) -> Slot:
    """Boxes keep a pixel from the lines above and below, and two from each other."""
    left = column.width * first // columns
    right = column.width * (first + span) // columns
    return Slot(column.left + left + 1, top + 1, right - left - 2, bottom - top - 1)
