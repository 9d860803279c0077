"""Events over days, as bars across the columns of a week; open where they go on beyond it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from calendarbot.layouts import _lanes
from calendarbot.layouts._entry_texts import EntryTexts
from calendarbot.layouts._line import Slot, draw_line
from calendarbot.layouts._look import MARK_PX, Open, draw_box, look_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from calendarbot.layouts._days import Entry
    from calendarbot.layouts._header import GridPage
    from calendarbot.layouts._lanes import Lanes


_BOLD_PX = 120
"""A shorter bar has its title plain, for more of it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """An entry over the days `first` to `last` (inclusive) of those shown."""

    entry: Entry
    """As its first day shown has it."""
    first: int
    last: int

    @property
    def opened(self) -> Open:
        entry = self.entry
        return Open(start=entry.day > 1, end=entry.day + self.last - self.first < entry.days)


def bars_of(entries: Mapping[date, Sequence[Entry]], days: Sequence[date]) -> list[Bar]:
    """What goes over days or fills one, of these days: what began first and the longer first."""
    found: dict[int, Bar] = {}
    for number, day in enumerate(days):
        for entry in entries[day]:
            if not is_bar(entry):
                continue
            key = id(entry.occurrence)
            found[key] = (
                replace(found[key], last=number) if key in found else Bar(entry, number, number)
            )
    return sorted(
        found.values(),
        key=lambda bar: (
            bar.first,
            bar.first - bar.last,
            -bar.entry.day,
            bar.entry.occurrence.summary,
        ),
    )


def is_bar(entry: Entry) -> bool:
    """Whole days, and timed events so long that they go over the days between."""
    return entry.fills_day or entry.days > 1


def lanes_of(bars: Sequence[Bar], days: int, most: int) -> Lanes:
    return _lanes.assign([(bar.first, bar.last) for bar in bars], days, most)


def draw_bar(page: GridPage, slot: Slot, bar: Bar) -> None:
    """The box over all its days, its title in it; a time where it begins with one."""
    canvas, measures = page.canvas, page.measures
    look = replace(look_of(bar.entry, page.view), running=False)
    ink = draw_box(canvas, slot, look, bar.opened)
    texts = EntryTexts(bar.entry, page.dates, page.view)
    left = slot.x + 3 + (MARK_PX if slot.width > 3 * MARK_PX else 0)
    inner = Slot(left, slot.y + 1, slot.x + slot.width - 3 - left, slot.height - 2)
    style = measures.bold if slot.width >= _BOLD_PX else measures.text
    used = draw_line(canvas, inner, texts.title, style, ink=ink)
    rest = inner._replace(x=left + used + 8, width=inner.width - used - 8)
    if texts.clock and canvas.measure(texts.clock, measures.text) <= rest.width:
        draw_line(canvas, rest, texts.clock, measures.text, ink=ink)
