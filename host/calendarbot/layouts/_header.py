"""The strip at the top of a grid page: what it shows, the page's title, the week; and notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from calendarbot.errors import ConfigError
from calendarbot.layouts._dates import LocalDates
from calendarbot.layouts._line import Slot, draw_line
from calendarbot.layouts._measures import measures_for
from calendarbot.layouts._notices import NoticePlace, draw_notices
from calendarbot.layouts._words import phrase

if TYPE_CHECKING:
    from datetime import date

    from calendarbot.layouts import View
    from calendarbot.layouts._measures import Measures
    from calendarbot.render import Canvas

_GAP_PX = 16


@dataclass(frozen=True, slots=True)
class GridPage:
    """What every part of a grid page needs."""

    canvas: Canvas
    view: View
    dates: LocalDates
    measures: Measures
    today: date

    def say(self, key: str, **values: object) -> str:
        return phrase(self.view.locale, key, **values)


def begin(name: str, canvas: Canvas, view: View, least: tuple[int, int]) -> GridPage:
    """Set the canvas up for the view's language. ConfigError if it is smaller than `least`."""
    if canvas.width_px < least[0] or canvas.height_px < least[1]:
        raise ConfigError(
            f"the {name} page needs {least[0]}×{least[1]} pixels,"
            f" the panel has {canvas.width_px}×{canvas.height_px}",
            "choose a larger panel",
        )
    dates = LocalDates(view.locale)
    canvas.language, canvas.rtl = view.locale, dates.rtl
    measures = measures_for(canvas.width_px, canvas.height_px)
    return GridPage(canvas, view, dates, measures, view.now.astimezone(view.agenda.tz).date())


def _note(page: GridPage, note: str, room: int) -> str:
    """The page's title and the note, or what of them there is room for beside the heading."""
    title, style = page.view.title, page.measures.note
    parts = [part for part in (title, note) if part]
    for text in (" · ".join(parts), title, note):
        if text and page.canvas.measure(text, style) <= room:
            return text
    return ""


def draw_header(page: GridPage, heading: str, note: str) -> Slot:
    """Draw heading, note and notices; returns the place that is left.

    The heading makes itself as small as the note, for the note to stand beside it.
    """
    canvas, measures = page.canvas, page.measures
    margin, height = measures.margin_px, measures.header_px
    width = canvas.width_px - 2 * margin
    noted = width - canvas.measure(heading, measures.note) - _GAP_PX
    note = _note(page, note, noted)
    noted = canvas.measure(note, measures.note) if note else 0
    slot = Slot(margin, margin, width - noted - (_GAP_PX if noted else 0), height - margin // 2)
    style = canvas.fitting(heading, measures.heading, slot.width, measures.note.size_px)
    draw_line(canvas, slot, heading, style)
    if note:
        end = Slot(margin + width - noted, slot.y, noted, slot.height)
        draw_line(canvas, end, note, measures.note)
    place = NoticePlace(
        left=margin + 8,
        width=width - 16,
        bottom=canvas.height_px - margin,
        style=measures.note,
        pitch_px=max(measures.line_px, measures.note.size_px * 4 // 3),
        one_line=measures.is_strip,
    )
    top = margin + height
    return Slot(margin, top, width, draw_notices(canvas, page.view, page.dates, place) - top)
