"""What a page says about itself: since when it is not updated, and which calendars it lacks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from calendarbot.layouts._words import phrase
from calendarbot.render.type import cap_height_px

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from calendarbot.layouts import View
    from calendarbot.layouts._dates import LocalDates
    from calendarbot.model import CalendarState
    from calendarbot.render import Canvas, Type

_GAP_PX = 8
_LEAST_NOTICE_PX = 11
_LEAST_TYPE_PX = 8
_ANY_PX = 10_000


@dataclass(frozen=True, slots=True)
class NoticePlace:
    """Where notices stand: one above the other, the last on `bottom`, or all on that one line."""

    left: int
    width: int
    bottom: int
    style: Type
    pitch_px: int
    one_line: bool = False


def draw_notices(canvas: Canvas, view: View, dates: LocalDates, place: NoticePlace) -> int:
    """Draw what there is to say; returns the y above it, `place.bottom` if there is nothing."""
    texts = _texts(canvas, view, dates, place)
    if not texts:
        return place.bottom
    if place.one_line:
        width = (place.width - 2 * _GAP_PX * (len(texts) - 1)) // len(texts)
        for number, (text, ink) in enumerate(texts):
            left = place.left + number * (width + 2 * _GAP_PX)
            _draw(canvas, replace(place, left=left, width=width), text, ink)
        return place.bottom - place.pitch_px
    for text, ink in reversed(texts):
        _draw(canvas, place, text, ink)
        place = replace(place, bottom=place.bottom - place.pitch_px)
    return place.bottom - _GAP_PX


def _draw(canvas: Canvas, place: NoticePlace, text: str, ink: int) -> None:
    y, drop = place.bottom - place.pitch_px, (place.pitch_px + cap_height_px(place.style)) // 2 - 1
    least = min(place.style.size_px, _LEAST_NOTICE_PX)
    style = canvas.fitting(text, place.style, place.width, least)
    above, below = drop - 1, place.pitch_px - 1 - drop
    style = canvas.fitting(text, style, _ANY_PX, _LEAST_TYPE_PX, above=above, below=below)
    if ink == canvas.white:
        box = min(canvas.measure(text, style), place.width) + 2 * _GAP_PX
        height = place.pitch_px - 2
        canvas.rounded(place.left - _GAP_PX, y + 1, box, height, place.pitch_px // 4)
    canvas.text(place.left, y + drop, text, style, max_width=place.width, ink=ink)


def _texts(
    canvas: Canvas, view: View, dates: LocalDates, place: NoticePlace
) -> list[tuple[str, int]]:
    """Each notice with the colour it is set in: white is for a bar."""
    texts = []
    writer = _Writer(canvas, view, dates, place)
    if view.stale_since:
        texts.append((writer.since("stale", view.stale_since), canvas.white))
    troubled = [state for state in view.agenda.calendars if state.problem]
    copies = [state for state in troubled if state.copy_from is not None]
    broken = [state.label for state in troubled if state.copy_from is None]
    if copies:
        texts.append((writer.copies(copies), canvas.black))
    if broken:
        names = ", ".join(broken)
        texts.append((phrase(view.locale, "unreadable", names=names), canvas.black))
    return texts


class _Writer:
    """Words what there is to say for the room there is."""

    def __init__(self, canvas: Canvas, view: View, dates: LocalDates, place: NoticePlace) -> None:
        self._canvas = canvas
        self._view = view
        self._dates = dates
        self._place = place

    def copies(self, states: Sequence[CalendarState]) -> str:
        """All in one, with the time of the oldest; a number for names there is no room for."""
        oldest = min(state.copy_from for state in states if state.copy_from)
        text = self.since("copy", oldest, names=", ".join(state.label for state in states))
        if len(states) == 1 or self._fits(text):
            return text
        return self.since("copy", oldest, names=f"{states[0].label} +{len(states) - 1}")

    def since(self, key: str, since: datetime, **values: str) -> str:
        """Since when, as exactly as there is room for."""
        view, dates = self._view, self._dates
        local, today = since.astimezone(view.agenda.tz), view.now.astimezone(view.agenda.tz).date()
        clock, day = dates.clock(local), dates.short_date(local.date())
        is_today = local.date() == today
        time = clock if is_today else f"{day} {clock}"
        whole = phrase(view.locale, key, time=time, **values)
        if is_today or self._fits(whole):
            return whole
        return phrase(view.locale, key, time=day, **values)

    def _fits(self, text: str) -> bool:
        return self._canvas.measure(text, self._place.style) <= self._place.width
