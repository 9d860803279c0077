"""What a page says about itself: since when it is not updated, and which calendars it lacks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from calendarbot.layouts._words import phrase
from calendarbot.render.type import cap_height_px

if TYPE_CHECKING:
    from datetime import datetime

    from calendarbot.layouts import View
    from calendarbot.layouts._dates import LocalDates
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
    if view.stale_since:
        texts.append((_stale(canvas, view, dates, place, view.stale_since), canvas.white))
    broken = [state.label for state in view.agenda.calendars if state.problem]
    if broken:
        names = ", ".join(broken)
        texts.append((phrase(view.locale, "unreadable", names=names), canvas.black))
    return texts


def _stale(
    canvas: Canvas, view: View, dates: LocalDates, place: NoticePlace, since: datetime
) -> str:
    """Since when, as exactly as there is room for."""
    local, today = since.astimezone(view.agenda.tz), view.now.astimezone(view.agenda.tz).date()
    clock, day = dates.clock(local), dates.short_date(local.date())
    is_today = local.date() == today
    whole = phrase(view.locale, "stale", time=clock if is_today else f"{day} {clock}")
    if is_today or canvas.measure(whole, place.style) <= place.width:
        return whole
    return phrase(view.locale, "stale", time=day)
