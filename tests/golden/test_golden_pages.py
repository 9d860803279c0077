"""Pages as pictures: a change of even one pixel is seen before it is on a wall."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from calendarbot.agenda import read_agenda
from calendarbot.config import config_from_options
from calendarbot.layouts import View, load
from calendarbot.model import Agenda, CalendarState, Frame, Occurrence
from calendarbot.render import Canvas

if TYPE_CHECKING:
    from collections.abc import Callable

    Matches = Callable[[str, Frame], None]

_REFERENCE = Path(__file__).parents[1] / "reference"
_BERLIN = ZoneInfo("Europe/Berlin")
_NOW = datetime(2026, 11, 24, 8, 20, tzinfo=_BERLIN)
_MIDNIGHT = _NOW.replace(hour=0, minute=0)
_WEEK_LATER = _MIDNIGHT + timedelta(days=8)


def _reference(calendar: str) -> Agenda:
    config = config_from_options([_REFERENCE / f"{calendar}.ics"], tz="Europe/Berlin")
    return read_agenda(config, [calendar], _MIDNIGHT, _WEEK_LATER, _BERLIN, strict=True)


def _page(agenda: Agenda, size: tuple[int, int], locale: str, **view: object) -> Frame:
    canvas = Canvas(*size)
    now = view.pop("now", _NOW)
    assert isinstance(now, datetime)
    load("agenda").draw(canvas, View(agenda, now, locale, **view))  # type: ignore[arg-type]  # the rest of View's fields
    assert not canvas.missing
    assert not canvas.clipped
    return canvas.to_frame()


@pytest.mark.parametrize(
    ("calendar", "locale"),
    [("office", "en_GB"), ("family", "de_DE"), ("room", "de_DE"), ("world", "en_GB")],
)
def test_the_agenda_page_of_a_reference_calendar_looks_as_approved(
    matches_golden: Matches, calendar: str, locale: str
) -> None:
    matches_golden(f"agenda-{calendar}", _page(_reference(calendar), (800, 480), locale))


@pytest.mark.parametrize("size", [(400, 300), (296, 128), (480, 800), (1200, 825)])
def test_the_agenda_page_fits_itself_to_other_sizes_as_approved(
    matches_golden: Matches, size: tuple[int, int]
) -> None:
    frame = _page(_reference("office"), size, "en_GB")
    matches_golden(f"agenda-office-{size[0]}x{size[1]}", frame)


def test_the_event_going_on_and_a_twelve_hour_clock_look_as_approved(
    matches_golden: Matches,
) -> None:
    now = _NOW.replace(hour=12, minute=10)
    frame = _page(_reference("office"), (800, 480), "en_US", now=now, title="Studio Berlin")
    matches_golden("agenda-office-noon", frame)


def test_a_page_for_right_to_left_readers_is_mirrored_as_approved(matches_golden: Matches) -> None:
    now = _NOW.replace(hour=10)
    matches_golden("agenda-world-he", _page(_reference("world"), (800, 480), "he_IL", now=now))


def test_a_stale_page_with_a_lost_calendar_and_no_events_looks_as_approved(
    matches_golden: Matches,
) -> None:
    calendars = (CalendarState("a", "École", "HTTP 404"), CalendarState("b", "Maison"))
    agenda = Agenda((), _MIDNIGHT, _WEEK_LATER, _BERLIN, calendars)
    stale = _NOW - timedelta(hours=13)
    frame = _page(agenda, (800, 480), "fr_FR", title="Cuisine", stale_since=stale)
    matches_golden("agenda-empty", frame)


@pytest.mark.parametrize(("size", "locale"), [((800, 480), "en_GB"), ((296, 128), "de_DE")])
def test_a_page_with_copies_of_calendars_says_how_old_they_are_as_approved(
    matches_golden: Matches, size: tuple[int, int], locale: str
) -> None:
    since = _NOW - timedelta(days=1, minutes=10)
    calendars = (
        CalendarState("a", "School", "HTTP 500", copy_from=since),
        CalendarState("b", "Sports", "HTTP 500", copy_from=since + timedelta(hours=2)),
        CalendarState("c", "Work", "HTTP 404"),
    )
    agenda = replace(_reference("office"), calendars=calendars)
    matches_golden(f"agenda-copies-{size[0]}x{size[1]}", _page(agenda, size, locale))


def test_an_overfull_day_looks_as_approved(matches_golden: Matches) -> None:
    titles = ("Team lunch with the new colleagues", "Dentist", "Quarterly numbers", "Café", "Piano")
    timed = [
        Occurrence(
            uid=f"t{i}",
            calendar="ab"[i % 2],
            summary=titles[i % 5],
            start=_MIDNIGHT + timedelta(hours=7, minutes=30 * i),
            end=_MIDNIGHT + timedelta(hours=8, minutes=30 * i + 30 * (i % 3)),
            location=("", "Room 4", "https://meet.example.com/secret")[i % 3],
            status="TENTATIVE" if i % 5 == 0 else "CONFIRMED",
        )
        for i in range(26)
    ]
    all_day = [
        Occurrence(
            uid=f"d{i}",
            calendar="a",
            summary=f"Conference {i}",
            start=_MIDNIGHT - timedelta(days=i % 3),
            end=_MIDNIGHT + timedelta(days=2),
            all_day=True,
        )
        for i in range(5)
    ]
    calendars = (CalendarState("a", "Family"), CalendarState("b", "Work"))
    agenda = Agenda((*all_day, *timed), _MIDNIGHT, _WEEK_LATER, _BERLIN, calendars)
    now = _NOW.replace(hour=9)
    matches_golden("agenda-overfull", _page(agenda, (800, 480), "en_GB", now=now))
