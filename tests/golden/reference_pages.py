"""What golden pictures are made from: calendars, moments, and the pages that show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from calendarbot.agenda import read_agenda
from calendarbot.boards import load_panel, page_size, panel_names
from calendarbot.config import config_from_options
from calendarbot.layouts import View, days_needed, load
from calendarbot.model import Agenda, CalendarState, Occurrence
from calendarbot.render import Canvas
from calendarbot.render.pixels import BLACK_WHITE, unpack

if TYPE_CHECKING:
    from PIL import Image

    from calendarbot.layouts import Layout
    from inkframe.parts import Panel

_REFERENCE = Path(__file__).parents[1] / "reference"
_BERLIN = ZoneInfo("Europe/Berlin")

MOMENTS = {
    "morning": datetime(2026, 11, 24, 8, 20, tzinfo=_BERLIN),
    "noon": datetime(2026, 11, 24, 12, 10, tzinfo=_BERLIN),
    "month-end": datetime(2026, 11, 30, 21, 5, tzinfo=_BERLIN),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A calendar, and for whom its pages are."""

    locale: str
    title: str = ""


ROWS = {
    "office": Row("en_GB"),
    "family": Row("de_DE", "Küche"),
    "room": Row("en_US", "Bauhaus"),
    "world": Row("he_IL"),
    "empty": Row("fr_FR", "Cuisine"),
    "overfull": Row("pl_PL"),
}
SIZES = {
    (800, 480): tuple(ROWS),
    (400, 300): tuple(ROWS),
    (296, 128): tuple(ROWS),
    (600, 448): tuple(ROWS),
    (480, 800): ("office", "world"),
    (1200, 825): ("office",),
}
"""Page sizes in pixels, and the rows of each one's sheet."""


@cache
def colour_panels(size: tuple[int, int]) -> dict[str, type[Panel]]:
    """The panels of this page size that have more than black and white, one for each palette."""
    found: dict[object, str] = {}
    for name in panel_names():
        panel = load_panel(name)
        if page_size(panel) == size and sorted(panel.palette) != list(BLACK_WHITE):
            found.setdefault((tuple(panel.palette), panel.bpp, panel.planes), name)
    return {name: load_panel(name) for name in found.values()}


def draw_cell(
    layout_name: str, size: tuple[int, int], row: str, moment: str, panel: type[Panel] | None = None
) -> tuple[Image.Image, list[str]]:
    """The upright page as palette indices, and what is wrong with it."""
    layout, now, reader = load(layout_name), MOMENTS[moment], ROWS[row]
    if panel:
        how = {"bpp": panel.bpp, "planes": panel.planes, "rotation": panel.rotation}
        canvas = Canvas(*size, palette=panel.palette, **how)
    else:
        canvas = Canvas(*size)
    agenda = _agenda(layout, row, moment, reader.locale)
    stale = now - timedelta(hours=13) if row == "empty" and moment != "morning" else None
    layout.draw(canvas, View(agenda, now, reader.locale, reader.title, stale))
    faults = [f"{what} reaches beyond the page" for what in canvas.clipped]
    faults += [f"{what} cannot be read on its background" for what in canvas.hidden]
    faults += [f"{what} is in no font" for what in sorted(canvas.missing)]
    return unpack(canvas.to_frame(), canvas.palette, canvas.rotation), faults


def _agenda(layout: Layout, row: str, moment: str, locale: str) -> Agenda:
    today = MOMENTS[moment].date()
    begin, end = days_needed(layout, locale, today, today)
    if row == "empty":
        broken = "HTTP 404" if moment == "month-end" else ""
        states = (CalendarState("a", "École", broken), CalendarState("b", "Maison"))
        return Agenda((), _midnight(begin), _midnight(end), _BERLIN, states)
    if row == "overfull":
        return _overfull(begin, end, today)
    return _read(row, begin, end)


@cache
def _read(calendar: str, begin: date, end: date) -> Agenda:
    config = config_from_options([_REFERENCE / f"{calendar}.ics"], tz="Europe/Berlin")
    return read_agenda(config, [calendar], _midnight(begin), _midnight(end), _BERLIN, strict=True)


@cache
def _overfull(begin: date, end: date, today: date) -> Agenda:
    """More than any page has room for: 26 meetings that overlap, 5 that take days."""
    titles = ("Team lunch with the new colleagues", "Dentist", "Quarterly numbers", "Café", "Piano")
    midnight = _midnight(today)
    timed = [
        Occurrence(
            uid=f"t{i}",
            calendar="ab"[i % 2],
            summary=titles[i % 5],
            start=midnight + timedelta(hours=7, minutes=30 * i),
            end=midnight + timedelta(hours=8, minutes=30 * i + 30 * (i % 3)),
            location=("", "Room 4", "https://meet.example.com/secret")[i % 3],
            status="TENTATIVE" if i % 5 == 0 else "CONFIRMED",
        )
        for i in range(26)
    ]
    whole = [
        Occurrence(
            uid=f"d{i}",
            calendar="a",
            summary=f"Conference {i}",
            start=midnight - timedelta(days=i % 3),
            end=midnight + timedelta(days=2),
            all_day=True,
            transparent=True,
        )
        for i in range(5)
    ]
    states = (CalendarState("a", "Family"), CalendarState("b", "Work"))
    start, stop = _midnight(begin), _midnight(end)
    touching = [o for o in (*whole, *timed) if o.start < stop and o.end > start]
    touching.sort(key=lambda o: (o.start, not o.all_day, o.summary))
    return Agenda(tuple(touching), start, stop, _BERLIN, states)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), _BERLIN)
