"""Pages for a display that has no calendar to show: ready-made frames for what it finds by itself.

The states themselves are `calendarbot.layouts.blank.STATES`. What the host notices it draws into a
bundle: a page whose calendars cannot be read, and the stale page behind the last moment covered.
What only the device notices (`blank.DEVICE_STATES`) it must hold as a frame beforehand: a bundle brings
the page for an empty battery to boards that measure theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calendarbot.boards import load_panel, page_size
from calendarbot.layouts import LocalDates, blank, phrase
from calendarbot.render import Canvas
from inkframe import errors

if TYPE_CHECKING:
    from datetime import datetime

    from calendarbot.config import DisplayConfig
    from calendarbot.model import Frame


def error_codes() -> list[str]:
    """The short codes of everything that can go wrong on a device (`inkframe.errors`), sorted."""
    found = [value for value in vars(errors).values() if isinstance(value, type)]
    return sorted({error.code for error in found if issubclass(error, errors.InkError)})


def device_pages(display: DisplayConfig, name: str) -> dict[str, Frame]:
    """Frames by the names of DEVICE_STATES; "error-CODE" for each code there is."""
    title, qr = display.title or name, display.qr_text()
    pages = {
        "low_battery": low_battery_page(display, name),
        "first_start": _frame(display, "first_start", blank.Facts(title, qr=qr)),
    }
    for code in error_codes():
        pages[f"error-{code}"] = _frame(display, "error", blank.Facts(title, detail=code))
    return pages


def low_battery_page(display: DisplayConfig, name: str) -> Frame:
    return _frame(display, "low_battery", blank.Facts(display.title or name))


def all_pages(display: DisplayConfig, name: str, now: datetime) -> dict[str, Frame]:
    """The device's pages, and the host's with the display's calendars and `now` for an example."""
    dates = LocalDates(display.locale)
    title, date = display.title or name, dates.short_date(now.date())
    unreadable = phrase(display.locale, "unreadable", names=", ".join(display.calendars))
    host = {
        "no_events": blank.Facts(title, date),
        "no_data": blank.Facts(title, date, detail=unreadable),
        "offline": blank.Facts(title, date, since=f"{date} {dates.clock(now)}"),
    }
    pages = {state: _frame(display, state, facts) for state, facts in host.items()}
    return {**pages, **device_pages(display, name)}


def _frame(display: DisplayConfig, state: str, facts: blank.Facts) -> Frame:
    panel = load_panel(display.panel)
    canvas = Canvas(
        *page_size(panel),
        palette=panel.palette,
        bpp=panel.bpp,
        planes=panel.planes,
        rotation=panel.rotation,
        watch=False,
    )
    blank.draw_state(canvas, display.locale, state, facts)
    return canvas.to_frame()
