"""What fills a day, as boxes side by side in as few rows as they need."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from calendarbot.layouts._blocks import draw_count
from calendarbot.layouts._entry_texts import EntryTexts
from calendarbot.layouts._line import Slot, draw_line
from calendarbot.layouts._look import MARK_PX, Open, draw_box, look_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calendarbot.layouts._days import Entry
    from calendarbot.layouts._header import GridPage

_GAP_PX = 8
_PAD_PX = 6


def draw_chips(page: GridPage, place: Slot, entries: Sequence[Entry]) -> int:
    """Draw them from `place.y` on, in rows of at most `place.height` in all; returns the y below."""
    if not entries:
        return place.y
    pitch = -(-(page.measures.line_px + 4) // 8) * 8
    most = max(1, place.height // pitch)
    rows = _rows(page, place.width, entries)
    shown, hidden = rows[:most], sum(map(len, rows[most:]))
    if hidden:
        counted = page.canvas.measure(page.say("more", n=len(entries)), page.measures.bold) + 8
        shown[-1], cut = _that_leave(shown[-1], place.width - counted)
        hidden += cut
    for number, row in enumerate(shown):
        x, y = place.x, place.y + number * pitch
        for entry, width in row:
            _draw_chip(page, Slot(x, y, width, pitch - 2), entry)
            x += width + _GAP_PX
        if hidden and number == len(shown) - 1:
            draw_count(page, Slot(x, y, place.x + place.width - x, pitch - 2), hidden)
    return place.y + len(shown) * pitch + _GAP_PX // 2


def _rows(page: GridPage, width: int, entries: Sequence[Entry]) -> list[list[tuple[Entry, int]]]:
    rows: list[list[tuple[Entry, int]]] = [[]]
    left = width
    for entry in entries:
        needed = min(_width(page, entry), width)
        if rows[-1] and needed > left:
            rows.append([])
            left = width
        rows[-1].append((entry, needed))
        left -= needed + _GAP_PX
    return rows


def _that_leave(row: list[tuple[Entry, int]], room: int) -> tuple[list[tuple[Entry, int]], int]:
    """The row cut to `room` pixels, and how many entries that costs; the first may shrink."""
    kept = list(row)
    while len(kept) > 1 and sum(width + _GAP_PX for _, width in kept) > room:
        kept.pop()
    entry, width = kept[0]
    if len(kept) == 1:
        kept = [(entry, min(width, room - _GAP_PX))]
    return kept, len(row) - len(kept)


def _width(page: GridPage, entry: Entry) -> int:
    texts = EntryTexts(entry, page.dates, page.view)
    width = page.canvas.measure(texts.title, page.measures.bold) + MARK_PX + 2 * _PAD_PX
    if entry.days > 1:
        width += page.canvas.measure(texts.day_of, page.measures.text) + _GAP_PX
    return width


def _draw_chip(page: GridPage, slot: Slot, entry: Entry) -> None:
    texts = EntryTexts(entry, page.dates, page.view)
    look = replace(look_of(entry, page.view), running=False)
    opened = Open(start=entry.day > 1, end=entry.day < entry.days)
    ink = draw_box(page.canvas, slot, look, opened)
    left = slot.x + MARK_PX + _PAD_PX
    inner = Slot(left, slot.y + 1, slot.x + slot.width - _PAD_PX - left, slot.height - 2)
    used = draw_line(page.canvas, inner, texts.title, page.measures.bold, ink=ink)
    rest = inner._replace(x=left + used + _GAP_PX, width=inner.width - used - _GAP_PX)
    if entry.days > 1 and page.canvas.measure(texts.day_of, page.measures.text) <= rest.width:
        draw_line(page.canvas, rest, texts.day_of, page.measures.text, ink=ink)
