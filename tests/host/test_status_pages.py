"""What a display shows when it has no calendar to show."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from calendarbot.build import Page
from calendarbot.cli import cli
from calendarbot.config import config_from_options
from calendarbot.layouts import View, blank, load
from calendarbot.layouts._words import languages
from calendarbot.model import Agenda, CalendarState, Occurrence
from calendarbot.render import Canvas
from calendarbot.status_pages import device_pages, error_codes

_OFFICE = Path(__file__).parents[1] / "reference" / "office.ics"
_BERLIN = ZoneInfo("Europe/Berlin")
_NOW = datetime(2026, 11, 24, 8, 20, tzinfo=_BERLIN)
_MIDNIGHT = _NOW.replace(hour=0, minute=0)
_FACTS = blank.Facts(
    "Küche", "Tue 24 Nov", "Mon 23 Nov 18:00", "transport", "WIFI:T:WPA;S:cal;P:abcdefgh;;"
)


def _agenda(*occurrences: Occurrence, problem: str = "") -> Agenda:
    states = (CalendarState("a", "École", problem), CalendarState("b", "Maison", problem))
    return Agenda(occurrences, _MIDNIGHT, _MIDNIGHT + timedelta(days=15), _BERLIN, states)


def _words(agenda: Agenda, stale_since: datetime | None = None) -> str:
    canvas = Canvas(800, 480)
    load("blank").draw(canvas, View(agenda, _NOW, "en_GB", "Hall", stale_since))
    return " ".join(placed.whole for placed in canvas.placed)


def test_the_blank_page_says_what_is_the_matter() -> None:
    assert "Nothing planned" in _words(_agenda())
    no_data = _words(_agenda(problem="HTTP 404"))
    assert "No data yet" in no_data
    assert "Cannot be read: École, Maison" in no_data
    assert "404" not in no_data
    assert "Not updated since Mon 23 Nov 18:20" in _words(_agenda(), _NOW - timedelta(hours=14))


def test_the_blank_page_prints_no_event_s_words() -> None:
    secret = Occurrence("u", "a", "Surprise party", _NOW, _NOW + timedelta(hours=1), location="Bar")
    words = _words(_agenda(secret))
    assert "24 November" in words
    assert "Surprise" not in words
    assert "Bar" not in words


@pytest.mark.parametrize("size", [(800, 480), (296, 128), (128, 296), (480, 800), (1200, 825)])
@pytest.mark.parametrize("state", blank.STATES)
def test_every_state_is_whole_in_every_language_and_size(state: str, size: tuple[int, int]) -> None:
    for language in languages():
        canvas = Canvas(*size)
        blank.draw_state(canvas, language, state, _FACTS)
        assert not canvas.clipped, language
        assert not canvas.hidden, language
        assert not canvas.missing, language
        assert not any(placed.text.endswith("…") for placed in canvas.placed), language


def test_a_page_none_of_whose_calendars_can_be_read_does_not_say_that_nothing_is_planned() -> None:
    display = config_from_options([_OFFICE], tz="Europe/Berlin").display("display")
    lost, empty = Page(display, _agenda(problem="HTTP 404")), Page(display, _agenda())
    canvas = Canvas(800, 480)
    view = View(_agenda(problem="HTTP 404"), _NOW, display.locale, display.title or "")
    load("blank").draw(canvas, view)
    assert lost(_NOW) == canvas.to_frame()
    assert empty(_NOW) != canvas.to_frame()


def test_a_device_can_hold_a_page_for_everything_it_finds_out_by_itself() -> None:
    display = config_from_options([_OFFICE], "waveshare_2in9_v2", tz="UTC").display("display")
    pages = device_pages(display, "hall")
    assert {name.partition("-")[0] for name in pages} == set(blank.DEVICE_STATES)
    assert "panel" in error_codes()
    assert len({frame.id for frame in pages.values()}) == len(pages)


def test_host_blank_draws_them_all(tmp_path: Path) -> None:
    arguments = ["blank", "--calendar", str(_OFFICE), "--tz=UTC", "--out", str(tmp_path)]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    names = {file.stem for file in (tmp_path / "blank" / "display").iterdir()}
    assert set(blank.STATES) - {"error"} | {"error-wire"} <= names
