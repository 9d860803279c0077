"""The blank page, for when there is nothing to show: what is the matter, in a word and an icon.

As a layout of its own it is a quiet page that prints no event's words: the date, the day as a bar,
and the state of things. `draw_state` draws any of `STATES`, also those that a device finds itself
in without the host: `DEVICE_STATES` are pages to be kept on the device before it needs them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from calendarbot.errors import ConfigError
from calendarbot.layouts import _days
from calendarbot.layouts._band import Band, draw_in_band
from calendarbot.layouts._big_title import draw_big_title
from calendarbot.layouts._dates import LocalDates
from calendarbot.layouts._day_bar import BarPlace, draw_day_bar
from calendarbot.layouts._occupancy import on_day
from calendarbot.layouts._sign import sign_for
from calendarbot.layouts._words import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from calendarbot.layouts import View
    from calendarbot.layouts._sign import Sign
    from calendarbot.model import Agenda
    from calendarbot.render import Canvas

MIN_SIZE_PX = (120, 96)


@dataclass(frozen=True, slots=True)
class State:
    """Something that may be the matter with a display."""

    icon: str
    key: str
    """Its words in words.toml; `stale` takes the time of `Facts.since`."""


STATES = {
    "no_events": State("check", "nothing"),
    "no_data": State("calendar", "no_data"),
    "offline": State("offline", "stale"),
    "low_battery": State("battery_0", "low_battery"),
    "error": State("warning", "error"),
    "first_start": State("link", "first_start"),
}
DEVICE_STATES = ("low_battery", "error", "first_start")
"""What a device finds out by itself, when there may be nobody to draw a page for it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page in one of these states may add, each where it is known."""

    name: str = ""
    """The display's title or name."""
    date: str = ""
    since: str = ""
    """The time of the last page that was right."""
    detail: str = ""
    """A line of finer print: a short code (`inkframe.errors`), names of calendars."""
    qr: str = ""


def changes(agenda: Agenda, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """When an event begins or ends in (start, end), and midnight."""
    yield from _days.moments(agenda, start, end)


def draw(canvas: Canvas, view: View) -> None:
    """Draw the page for `view.now`; ConfigError if the canvas is below MIN_SIZE_PX."""
    dates, today = LocalDates(view.locale), view.now.astimezone(view.agenda.tz).date()
    broken = [state.label for state in view.agenda.calendars if state.problem]
    unreadable = phrase(view.locale, "unreadable", names=", ".join(broken)) if broken else ""
    facts = Facts(view.title, dates.short_date(today), _since(view, dates), unreadable, view.qr)
    if view.stale_since:
        draw_state(canvas, view.locale, "offline", facts)
    elif has_no_data(view.agenda):
        draw_state(canvas, view.locale, "no_data", facts)
    elif not on_day(view.agenda, today):
        draw_state(canvas, view.locale, "no_events", facts)
    else:
        _draw_day(canvas, view, dates, facts)


def has_no_data(agenda: Agenda) -> bool:
    """Whether not one calendar could be read."""
    return bool(agenda.calendars) and all(state.problem for state in agenda.calendars)


def draw_state(canvas: Canvas, locale: str, name: str, facts: Facts) -> None:
    """Draw one of STATES. ConfigError if the canvas is below MIN_SIZE_PX."""
    _prepare(canvas, locale)
    state, sign = STATES[name], sign_for(canvas.width_px, canvas.height_px)
    area = _draw_head(canvas, sign, facts)
    area = _draw_qr(canvas, sign, area, facts.qr)
    text = phrase(locale, state.key, time=facts.since)
    side = sign.title.size_px * 5 // 4
    gap = sign.margin_px // 2
    if sign.arrangement == "strip":
        side = sign.word.size_px * 3 // 4
        canvas.icon(area.left, area.top + gap // 2, state.icon, side, ink=canvas.accent_text)
        area = replace(area, left=area.left + side + 2 * gap)
    else:
        canvas.icon(area.left, area.top + gap, state.icon, side, ink=canvas.accent_text)
        area = replace(area, top=area.top + side + 2 * gap)
    if facts.detail:
        height = sign.detail.size_px * 3 // 2
        band = replace(area, top=area.bottom - height)
        draw_in_band(canvas, band, facts.detail, sign.detail)
        area = replace(area, bottom=band.top)
    draw_big_title(canvas, area, text, replace(sign.title, size_px=sign.title.size_px * 3 // 4))


def _prepare(canvas: Canvas, locale: str) -> None:
    if canvas.width_px < MIN_SIZE_PX[0] or canvas.height_px < MIN_SIZE_PX[1]:
        raise ConfigError(
            f"the blank page needs {MIN_SIZE_PX[0]}×{MIN_SIZE_PX[1]} pixels,"
            f" the panel has {canvas.width_px}×{canvas.height_px}",
            "choose a larger panel",
        )
    canvas.language, canvas.rtl = locale, LocalDates(locale).rtl


def _since(view: View, dates: LocalDates) -> str:
    if view.stale_since is None:
        return ""
    since = view.stale_since.astimezone(view.agenda.tz)
    clock = dates.clock(since)
    is_today = since.date() == view.now.astimezone(view.agenda.tz).date()
    return clock if is_today else f"{dates.short_date(since.date())} {clock}"


def _draw_head(canvas: Canvas, sign: Sign, facts: Facts) -> Band:
    """The display's name and the date, where they are known; returns what is left of the page."""
    pad = sign.margin_px // 2
    page = Band(sign.margin_px, pad, sign.right, sign.bottom)
    if not facts.name and not facts.date:
        return page
    band = replace(page, bottom=pad + sign.head.size_px * 3 // 2)
    plain = replace(sign.head, bold=False)
    used = draw_in_band(canvas, band, facts.date, plain, anchor="end") if facts.date else 0
    if facts.name:
        rest = replace(band, right=band.right - used - sign.margin_px)
        draw_in_band(canvas, rest, facts.name, sign.head)
    return replace(page, top=band.bottom)


def _draw_qr(canvas: Canvas, sign: Sign, area: Band, text: str) -> Band:
    """At the end of the page's foot, where it can be read by a camera; returns what is left."""
    if not text:
        return area
    room = min(area.bottom - area.top, area.width // 2)
    side = min(room, max(sign.title.size_px * 5 // 2, sign.word.size_px))
    if not canvas.qr(area.right - side, area.bottom - side, text, side):
        return area
    if sign.arrangement == "tall":
        return replace(area, bottom=area.bottom - side - sign.margin_px // 2)
    return replace(area, right=area.right - side - sign.margin_px // 2)


def _draw_day(canvas: Canvas, view: View, dates: LocalDates, facts: Facts) -> None:
    """The date in large type, and how full the day is, in no event's words."""
    _prepare(canvas, view.locale)
    sign = sign_for(canvas.width_px, canvas.height_px)
    today = view.now.astimezone(view.agenda.tz).date()
    area = _draw_head(canvas, sign, replace(facts, date=dates.weekday(today)))
    bar_px = sign.bar_px + sign.labels_px
    bar = BarPlace(
        sign.margin_px,
        area.bottom - bar_px,
        sign.width_px,
        sign.bar_px,
        sign.label,
        sign.labels_px,
    )
    draw_day_bar(canvas, bar, view.agenda, view.now, dates)
    area = replace(area, bottom=area.bottom - bar_px - sign.margin_px // 4)
    if facts.detail:
        height = sign.detail.size_px * 3 // 2
        band = replace(area, top=area.bottom - height)
        draw_in_band(canvas, band, facts.detail, sign.detail)
        area = replace(area, bottom=band.top)
    draw_big_title(canvas, area, dates.day_and_month(today), replace(sign.word, bold=True))
