"""The day page: where events stand, what is marked, and what its hours are."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from generated_agendas import (
    BERLIN,
    DAYS,
    WatchedCanvas,
    draw_watched,
    made_agenda,
    midnight,
    timed,
    whole_days,
)

from calendarbot.layouts import day

if TYPE_CHECKING:
    from calendarbot.model import Occurrence
    from calendarbot.render.canvas import Box

_TODAY, _SPRING, _AUTUMN = DAYS[:3]


def _at(hour: int, minute: int = 0, on: date = _TODAY) -> datetime:
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=BERLIN)


def _page(
    now: datetime,
    *occurrences: Occurrence,
    size: tuple[int, int] = (800, 480),
    locale: str = "en_GB",
) -> WatchedCanvas:
    agenda = made_agenda(day, locale, now.date(), *occurrences)
    return draw_watched(day, agenda, now, size, locale)


def _words(page: WatchedCanvas) -> list[str]:
    return [watched.placed.whole for watched in page.texts]


def _ink(page: WatchedCanvas, text: str) -> Box:
    return next(watched.placed.ink for watched in page.texts if watched.placed.whole == text)


def _box(page: WatchedCanvas, text: str) -> Box:
    """The smallest box around a text."""
    ink = _ink(page, text)
    around = [box for box in page.boxes if box.left <= ink.left and ink.right <= box.right]
    return min(
        (box for box in around if box.top <= ink.top and ink.bottom <= box.bottom),
        key=lambda box: (box.right - box.left) * (box.bottom - box.top),
    )


def _is_inverse(page: WatchedCanvas, text: str) -> bool:
    region = page._image.crop(_ink(page, text))
    return region.histogram()[page.black] * 2 > region.width * region.height


def test_an_event_is_as_high_as_it_is_long_and_stands_at_its_hour() -> None:
    page = _page(_at(8), timed("Gym", _at(9), 120), timed("Lunch", _at(12), 60))
    gym, lunch = _box(page, "Gym"), _box(page, "Lunch")
    assert gym.bottom - gym.top + 1 == 2 * (lunch.bottom - lunch.top + 1)
    assert lunch.top - gym.top == (gym.bottom - gym.top + 1) * 3 // 2
    assert abs(_ink(page, "09:00").top - gym.top) < 12


def test_overlapping_events_stand_side_by_side_and_others_have_the_whole_width() -> None:
    page = _page(_at(8), timed("A", _at(9), 90), timed("B", _at(10), 90), timed("C", _at(14)))
    a, b, c = (_box(page, name) for name in "ABC")
    assert a.right <= b.left
    assert (c.left, c.right) == (a.left, b.right)


def test_the_event_going_on_is_inverse_and_others_are_not() -> None:
    page = _page(_at(9, 30), timed("Gym", _at(9)), timed("Lunch", _at(12)))
    assert _is_inverse(page, "Gym")
    assert not _is_inverse(page, "Lunch")


def test_what_fills_the_day_stands_above_the_hours_and_says_which_day_of_it_this_is() -> None:
    lisbon = whole_days("Lisbon", _TODAY - timedelta(days=1), 4)
    page = _page(_at(8), lisbon, timed("Gym", _at(8)))
    assert _ink(page, "Lisbon").bottom < _ink(page, "08:00").top
    assert "day 2 of 4" in _words(page)


def test_an_early_and_a_late_event_widen_the_hours_of_a_page_that_holds_them() -> None:
    page = _page(_at(8), timed("Run", _at(6)), timed("Choir", _at(20)), size=(1200, 825))
    assert {"06:00", "20:00", "Run", "Choir"} <= set(_words(page))
    quiet = _page(_at(12), timed("Lunch", _at(12)))
    assert "06:00" not in _words(quiet)


def test_a_low_page_shows_the_hours_around_now_and_counts_the_rest() -> None:
    events = [timed(f"E{hour}", _at(hour), 45) for hour in range(7, 22)]
    for hour in (7, 12, 20):
        words = _words(_page(_at(hour, 10), *events, size=(296, 128)))
        assert f"E{hour}" in words
        shown = [word for word in words if word.startswith("E")]
        more = [int(word[1:].split()[0]) for word in words if word.endswith(" more")]
        assert len(shown) + sum(more) in (15, 15 - 1)  # a single later one is named with its time


def test_an_event_over_midnight_is_open_at_the_edge_and_says_only_the_end_it_has() -> None:
    party = timed("Party", _at(22), 5 * 60)
    assert "22:00–03:00" in _words(_page(_at(20), party, size=(1200, 825)))
    night = _page(_at(1, on=_TODAY + timedelta(days=1)), party, size=(1200, 825))
    assert "–03:00" in _words(night)


def test_an_event_without_length_has_a_box_that_can_be_read() -> None:
    page = _page(_at(8), timed("Pills", _at(9), 0))
    box = _box(page, "Pills")
    assert box.bottom - box.top >= 14


@pytest.mark.parametrize(("today", "hours"), [(_SPRING, 23), (_AUTUMN, 25)])
def test_a_day_of_23_or_25_hours_has_as_many_lines(today: date, hours: int) -> None:
    start = midnight(today)
    page = _page(_at(12, on=today), timed("All", start, hours * 60), size=(825, 1200))
    labels = [word for word in _words(page) if word.endswith(":00") and len(word) == 5]
    assert len(labels) == hours
    assert labels.count("02:00") == {23: 0, 25: 2}[hours]


def test_the_now_line_moves_by_half_hours_and_only_while_its_hour_is_shown() -> None:
    agenda = made_agenda(day, "en_GB", _TODAY)
    moments = [moment for moment, _ in day.changes(agenda, _at(0), _at(23, 59))]
    frames = [draw_watched(day, agenda, m, (800, 480), "en_GB").to_frame().id for m in moments]
    changed = [
        m for m, frame, last in zip(moments[1:], frames[1:], frames, strict=False) if frame != last
    ]
    assert all(moment.minute in (0, 30) for moment in changed)
    assert 15 < len(changed) <= 24
    assert _at(3) not in changed


def test_times_are_on_the_clock_of_the_locale() -> None:
    page = _page(_at(8), timed("Gym", _at(9), 90), locale="en_US")
    assert {"9\u202fAM", "9:00–10:30\u202fAM"} <= set(_words(page))


def test_a_page_for_right_to_left_readers_has_its_hours_on_the_right() -> None:
    page = _page(_at(8), timed("Gym", _at(9)), locale="he_IL")
    assert _ink(page, "9:00").left > _box(page, "Gym").right - 8


def test_a_tentative_event_has_a_dotted_outline() -> None:
    gym = timed("Gym", _at(9))
    firm, doubtful = (_page(_at(8), event) for event in (gym, gym._replace(status="TENTATIVE")))
    box = _box(firm, "Gym")
    row = (box.left + 8, box.bottom - 1, box.right - 8, box.bottom)
    inked = [page._image.crop(row).histogram()[page.black] for page in (firm, doubtful)]
    assert inked[1] * 2 in range(inked[0] - 1, inked[0] + 2)
