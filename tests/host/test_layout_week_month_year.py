"""The pages of a week, a month and a year: which days, which bars, which marks."""

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

from calendarbot import layouts
from calendarbot.layouts import month, week, year

if TYPE_CHECKING:
    from calendarbot.model import Occurrence
    from calendarbot.render.canvas import Box

_TODAY = DAYS[0]  # a Tuesday


def _at(hour: int, day: date = _TODAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=BERLIN)


def _page(
    name: str,
    *occurrences: Occurrence,
    now: datetime | None = None,
    size: tuple[int, int] = (800, 480),
    locale: str = "en_GB",
) -> WatchedCanvas:
    now = now or _at(8)
    layout = layouts.load(name)
    agenda = made_agenda(layout, locale, now.date(), *occurrences)
    return draw_watched(layout, agenda, now, size, locale)


def _words(page: WatchedCanvas) -> list[str]:
    return [watched.placed.whole for watched in page.texts]


def _inks(page: WatchedCanvas, text: str) -> list[Box]:
    return [watched.placed.ink for watched in page.texts if watched.placed.whole == text]


def _bars(page: WatchedCanvas, text: str) -> list[Box]:
    """The boxes around each of these texts, without those of days."""
    return [
        min(
            (
                b
                for b in page.boxes
                if b.left <= ink.left
                and ink.right <= b.right
                and b.top <= ink.top
                and ink.bottom <= b.bottom
            ),
            key=lambda box: (box.right - box.left) * (box.bottom - box.top),
        )
        for ink in _inks(page, text)
    ]


def _is_inverse(page: WatchedCanvas, ink: Box) -> bool:
    beside = page._image.getpixel((ink.left - 1, (ink.top + ink.bottom) // 2))
    return bool(beside == page.black)


@pytest.mark.parametrize(
    ("locale", "first", "last"),
    [("en_GB", "23", "29"), ("en_US", "22", "28"), ("ar_EG", "21", "27")],
)
def test_a_week_begins_on_the_locale_s_first_day(locale: str, first: str, last: str) -> None:
    words = _words(_page("week", locale=locale))
    numbers = [word for word in words if word.isdigit() and len(word) == 2]
    assert (numbers[0], numbers[6]) == (first, last)
    start, end = week.days_shown(locale, _TODAY, _TODAY)
    assert (str(start.day), str(end.day)) == (first, str(int(last) + 1))


def test_today_is_inverse_in_a_week_a_month_and_a_year() -> None:
    for name in ("week", "month", "year"):
        page = _page(name)
        assert any(_is_inverse(page, ink) for ink in _inks(page, "24")), name
        assert not any(_is_inverse(page, ink) for ink in _inks(page, "25")), name


def test_narrow_columns_make_way_for_work_days_only_when_the_weekend_is_free() -> None:
    saturday = timed("Market", _at(10, _TODAY + timedelta(days=4)))
    assert "28" not in _words(_page("week", size=(600, 448)))
    assert {"28", "Market"} <= set(_words(_page("week", saturday, size=(600, 448))))
    assert "28" in _words(_page("week", size=(800, 480)))
    sunday = _page("week", now=_at(9, _TODAY + timedelta(days=5)), size=(600, 448))
    assert "29" in _words(sunday)


def test_a_bar_covers_the_columns_of_its_days() -> None:
    trip = whole_days("Lisbon", _TODAY, 3)
    box = _bars(_page("week", trip), "Lisbon")[0]
    one = _bars(_page("week", whole_days("Lisbon", _TODAY)), "Lisbon")[0]
    column = (box.right - box.left) - (one.right - one.left)
    assert column % 2 == 0
    assert column // 2 >= 96


def test_a_bar_over_two_weeks_of_a_month_goes_on_in_the_next_row() -> None:
    page = _page("month", whole_days("Lisbon", date(2026, 11, 12), 7))
    above, below = _bars(page, "Lisbon")
    assert below.top > above.bottom
    assert above.right > below.right > below.left < above.left
    # Open on the side where it goes on: no line down its end.
    middle = (above.top + above.bottom) // 2
    assert page._image.getpixel((above.right - 1, middle)) == page.white
    assert page._image.getpixel((below.right - 1, middle - above.top + below.top)) == page.black


def test_a_month_counts_what_has_no_line_beside_the_day() -> None:
    events = [timed(f"E{i}", _at(8 + i)) for i in range(9)]
    words = _words(_page("month", *events))
    shown = [word for word in words if word.startswith("E")]
    assert f"+{9 - len(shown)}" in words


def test_a_month_has_the_week_numbers_of_its_locale() -> None:
    assert {"44", "45", "48", "49"} <= set(_words(_page("month", locale="de_DE")))
    days = [int(word) for word in _words(_page("month", locale="en_US")) if word.isdigit()]
    assert days.count(45) == 1


def test_a_month_without_room_for_words_has_a_mark_for_every_event() -> None:
    def ink(count: int) -> int:
        events = [timed(f"E{i}", _at(8 + i)) for i in range(count)]
        page = _page("month", *events, size=(400, 300))
        return int(page._image.histogram()[page.black])

    assert ink(2) - ink(1) == ink(1) - ink(0) == ink(5) - ink(4) > 0


def test_a_month_shows_the_days_around_it_that_its_weeks_touch() -> None:
    start, end = month.days_shown("en_GB", _TODAY, _TODAY)
    assert (start, end) == (date(2026, 10, 26), date(2026, 12, 7))
    page = _page("month", timed("Fair", _at(9, date(2026, 12, 6))))
    assert "Fair" in _words(page)


def test_a_month_and_a_year_change_at_midnight_alone() -> None:
    for layout in (month, year):
        agenda = made_agenda(layout, "en_GB", _TODAY, timed("Gym", _at(9)))
        end = midnight(_TODAY) + timedelta(days=2)
        changes = list(layout.changes(agenda, _at(0), end))
        assert changes == [(midnight(_TODAY + timedelta(days=1)), "midnight")]


def test_a_year_shows_all_of_it_and_boxes_what_fills_days_across_a_week() -> None:
    assert year.days_shown("en_GB", _TODAY, date(2027, 1, 2)) == (
        date(2026, 1, 1),
        date(2028, 1, 1),
    )
    plain = _page("year")
    trip = _page("year", whole_days("Lisbon", date(2026, 6, 4), 6))
    boxes = [box for box in trip.boxes if box not in plain.boxes]
    assert len(boxes) == 2  # Thursday to Sunday, Monday and Tuesday
    assert boxes[0].right - boxes[0].left == 2 * (boxes[1].right - boxes[1].left)


def test_a_day_of_a_year_with_an_event_is_bold() -> None:
    page = _page("year", timed("Gym", _at(9, date(2026, 6, 17))))
    bold = [watched.placed.whole for watched in page.texts if watched.style.bold]
    assert [word for word in bold if word.isdigit()] == ["2026", "17"]


@pytest.mark.parametrize("size", [(296, 128), (400, 300)])
def test_a_year_without_room_for_numbers_has_a_square_for_each_day_with_events(
    size: tuple[int, int],
) -> None:
    empty = _page("year", size=size)
    filled = _page("year", whole_days("Trip", date(2026, 6, 4), 2), size=size)
    busy = _page("year", timed("Gym", _at(9, date(2026, 6, 4))), size=size)
    blacks = [page._image.histogram()[page.black] for page in (empty, busy, filled)]
    assert blacks[0] < blacks[1] < blacks[2]


def test_a_small_week_lists_days_and_drops_what_is_over_first() -> None:
    events = [timed(f"E{hour}", _at(hour), 30) for hour in range(8, 20)]
    evening = _words(_page("week", *events, size=(296, 128), now=_at(18)))
    assert "E18" in evening
    assert "E8" not in evening


def test_the_hours_of_a_week_stay_where_they_are_from_day_to_day() -> None:
    events = [timed("Run", _at(6, _TODAY - timedelta(days=1))), timed("Lunch", _at(12))]
    monday = _page("week", *events, now=_at(9, _TODAY - timedelta(days=1)))
    tuesday = _page("week", *events, now=_at(9))
    assert _inks(monday, "12:00") == _inks(tuesday, "12:00")
