"""The agenda page: what it lists, when it changes, and that nothing is lost or clipped."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendarbot.errors import ConfigError
from calendarbot.layouts import View, agenda
from calendarbot.model import Agenda, CalendarState, Occurrence
from calendarbot.render import Canvas

_BERLIN = ZoneInfo("Europe/Berlin")
_DAY = datetime(2026, 11, 24, tzinfo=_BERLIN)
_ONE_CALENDAR = (CalendarState("home", "Home"),)


def _at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=_BERLIN)


def _event(summary: str, start: datetime, hours: float = 1, **fields: object) -> Occurrence:
    end = (start.astimezone(UTC) + timedelta(hours=hours)).astimezone(start.tzinfo)
    return Occurrence(summary, "home", summary, start, end, **fields)  # type: ignore[arg-type]  # passed through


def _all_day(summary: str, first: int, days: int = 1) -> Occurrence:
    start = _at(0, day=first)
    return Occurrence(summary, "home", summary, start, start + timedelta(days=days), all_day=True)


def _agenda(
    *occurrences: Occurrence, calendars: tuple[CalendarState, ...] = _ONE_CALENDAR
) -> Agenda:
    ordered = tuple(sorted(occurrences, key=lambda o: (o.start.astimezone(UTC), o.summary)))
    return Agenda(ordered, _DAY, _DAY + timedelta(days=6), _BERLIN, calendars)


def _page(
    content: Agenda,
    now: datetime,
    *,
    size: tuple[int, int] = (800, 480),
    locale: str = "en_GB",
    title: str = "",
    stale_since: datetime | None = None,
) -> Canvas:
    canvas = Canvas(*size)
    agenda.draw(canvas, View(content, now, locale, title, stale_since))
    return canvas


def _words(canvas: Canvas) -> list[str]:
    return [placed.whole for placed in canvas.placed]


def _row_of(canvas: Canvas, text: str) -> int:
    return next(placed.ink.top for placed in canvas.placed if placed.whole == text)


def _ink_share(canvas: Canvas, text: str) -> float:
    """How much of the box around a text is black."""
    box = next(placed.ink for placed in canvas.placed if placed.whole == text)
    region = canvas._image.crop(box)
    return region.histogram()[canvas.black] / (region.width * region.height)


def test_an_event_that_is_over_leaves_the_list_and_the_rest_moves_up() -> None:
    content = _agenda(_event("Gym", _at(9)), _event("Lunch", _at(12)))
    before, after = _page(content, _at(8)), _page(content, _at(10))
    assert "Gym" in _words(before)
    assert "Gym" not in _words(after)
    moved = _row_of(before, "Lunch") - _row_of(after, "Lunch")
    assert moved == _row_of(before, "Lunch") - _row_of(before, "Gym")
    assert moved % 8 == 0


def test_the_list_keeps_its_density_all_day_so_that_rows_are_copies() -> None:
    content = _agenda(*(_event(f"E{hour}", _at(hour)) for hour in range(8, 18)))
    steps = [_row_of(_page(content, _at(h, 30)), f"E{h + 1}") for h in range(8, 17)]
    assert len(set(steps)) == 1


def test_the_event_going_on_is_in_an_inverse_bar() -> None:
    content = _agenda(_event("Gym", _at(9)), _event("Lunch", _at(12)))
    assert _ink_share(_page(content, _at(9, 30)), "Gym") > 0.5
    assert _ink_share(_page(content, _at(9, 30)), "Lunch") < 0.5
    assert _ink_share(_page(content, _at(8, 59)), "Gym") < 0.5


def test_overlapping_events_are_all_listed_and_all_marked() -> None:
    content = _agenda(_event("A", _at(9), 3), _event("B", _at(9), 3), _event("C", _at(10)))
    page = _page(content, _at(10, 30))
    assert {"A", "B", "C"} <= set(_words(page))
    rows = [_row_of(page, name) for name in "ABC"]
    assert len(set(rows)) == 3


def test_an_all_day_event_comes_first_and_is_not_marked_as_going_on() -> None:
    page = _page(_agenda(_event("Gym", _at(9)), _all_day("Birthday", 24)), _at(8))
    assert _row_of(page, "Birthday") < _row_of(page, "Gym")
    assert _ink_share(page, "Birthday") < 0.5


def test_a_long_event_says_which_day_of_it_this_is() -> None:
    page = _page(_agenda(_all_day("Lisbon", 23, days=4)), _at(8))
    assert "day 2 of 4" in _words(page)
    assert "day 3 of 4" in _words(page)


def test_a_timed_event_over_days_fills_the_days_between_and_ends_on_the_last() -> None:
    content = _agenda(_event("Retreat", _at(14, day=23), 44))
    assert "day 2 of 3" in _words(_page(content, _at(8)))
    last = _page(content, _at(8, day=25))
    assert "–10:00" in _words(last)
    assert "Retreat" not in _words(_page(content, _at(10, day=25)))


def test_what_began_last_night_is_still_listed_until_its_end_and_not_announced_for_tomorrow() -> (
    None
):
    content = _agenda(_event("Party", _at(22), 5))
    evening = _page(content, _at(20))
    assert _words(evening).count("Party") == 1
    night = _page(content, _at(1, day=25))
    assert "Party" in _words(night)
    assert "–03:00" in _words(night)


def test_an_event_without_length_is_shown_for_a_quarter_of_an_hour() -> None:
    content = _agenda(_event("Pills", _at(20), 0))
    assert "Pills" in _words(_page(content, _at(20, 14)))
    assert "Pills" not in _words(_page(content, _at(20, 15)))
    reasons = list(agenda.changes(content, _at(19), _at(21)))
    assert reasons == [(_at(20), "Pills begins"), (_at(20, 15), "Pills ends")]


def test_the_following_days_are_grouped_under_their_dates() -> None:
    content = _agenda(_event("Swim", _at(9, day=25)), _event("Choir", _at(19, day=27)))
    words = _words(_page(content, _at(8)))
    order = [
        words.index(w) for w in ("Tomorrow", "Wednesday · 25 November", "Swim", "Friday", "Choir")
    ]
    assert order == sorted(order)
    assert "Thursday" not in words


def test_a_day_the_agenda_covers_only_half_is_not_shown() -> None:
    half = Agenda((_event("Swim", _at(9, day=25)),), _DAY, _at(12, day=25), _BERLIN, _ONE_CALENDAR)
    assert "Swim" not in _words(_page(half, _at(8)))


def test_an_empty_day_and_a_day_that_is_over_say_so_differently() -> None:
    assert "Nothing planned" in _words(_page(_agenda(), _at(8)))
    assert "Nothing more today" in _words(_page(_agenda(_event("Gym", _at(9))), _at(11)))


def test_what_finds_no_room_today_is_counted() -> None:
    content = _agenda(*(_event(f"E{i}", _at(9) + timedelta(minutes=i)) for i in range(40)))
    words = _words(_page(content, _at(8)))
    shown = [word for word in words if word.startswith("E")]
    assert f"+{40 - len(shown)} more" in words


def test_what_finds_no_room_tomorrow_is_counted() -> None:
    content = _agenda(*(_event(f"E{i}", _at(9, day=25)) for i in range(40)))
    words = _words(_page(content, _at(8)))
    shown = [word for word in words if word.startswith("E")]
    assert f"+{40 - len(shown)} more" in words


def test_calendars_are_named_only_when_there_are_several() -> None:
    several = (CalendarState("home", "Home"), CalendarState("work", "Work"))
    gym = _event("Gym", _at(9))
    assert not any("Home" in word for word in _words(_page(_agenda(gym), _at(8))))
    page = _page(_agenda(gym, calendars=several), _at(8))
    assert any("Home" in word for word in _words(page))


def test_an_event_without_a_title_goes_by_its_calendar() -> None:
    assert "Home" in _words(_page(_agenda(_event("", _at(9))), _at(8)))


def test_a_link_as_a_place_shows_its_host_and_nothing_that_lets_people_in() -> None:
    gym = _event("Call", _at(9), location="https://meet.example.com/x7q-42k?pwd=secret")
    words = _words(_page(_agenda(gym), _at(8)))
    assert any("meet.example.com" in word for word in words)
    assert not any("x7q" in word or "secret" in word for word in words)


@pytest.mark.parametrize("place", ["https://[broken", "Room 4", "  "])
def test_odd_places_do_not_break_the_page(place: str) -> None:
    assert "Call" in _words(_page(_agenda(_event("Call", _at(9), location=place)), _at(8)))


def test_a_tentative_event_says_so() -> None:
    page = _page(_agenda(_event("Gym", _at(9), status="TENTATIVE")), _at(8))
    assert any("tentative" in word for word in _words(page))


def test_a_stale_page_says_since_when_and_a_fresh_one_shows_no_time_of_its_own() -> None:
    content = _agenda(_event("Gym", _at(9)))
    same_day = _words(_page(content, _at(8), stale_since=_at(6, 5)))
    assert "Not updated since 06:05" in same_day
    earlier = _words(_page(content, _at(8), stale_since=_at(18, day=23)))
    assert "Not updated since Mon 23 Nov 18:00" in earlier
    assert not any("06:05" in word or "08:" in word for word in _words(_page(content, _at(8))))


def test_a_calendar_that_cannot_be_read_is_named_and_the_others_are_shown() -> None:
    calendars = (CalendarState("home", "Home"), CalendarState("work", "Work", problem="HTTP 404"))
    words = _words(_page(_agenda(_event("Gym", _at(9)), calendars=calendars), _at(8)))
    assert "Cannot be read: Work" in words
    assert "Gym" in words
    assert not any("404" in word for word in words)


def test_the_page_has_its_title() -> None:
    assert "Kitchen" in _words(_page(_agenda(), _at(8), title="Kitchen"))


def test_the_date_is_written_as_the_locale_writes_it() -> None:
    german = _words(_page(_agenda(), _at(8), locale="de_DE"))
    assert {"Dienstag", "24", "November 2026", "Woche 48"} <= set(german)
    afternoon = _agenda(_event("Gym", _at(17)))
    assert {"5:00", "PM"} <= set(_words(_page(afternoon, _at(8), locale="en_US")))


def test_a_page_in_hebrew_has_its_date_on_the_right() -> None:
    page = _page(_agenda(_event("Gym", _at(9))), _at(8), locale="he_IL")
    number = next(placed.ink for placed in page.placed if placed.whole == "24")
    assert number.left > 400


@pytest.mark.parametrize("size", [(199, 96), (200, 95)])
def test_a_panel_that_is_too_small_is_refused_with_both_sizes(size: tuple[int, int]) -> None:
    with pytest.raises(ConfigError, match=rf"200×96 pixels.*{size[0]}×{size[1]}"):
        _page(_agenda(), _at(8), size=size)


def test_changes_name_beginnings_ends_and_midnight_once_and_in_order() -> None:
    content = _agenda(
        _event("A", _at(9)), _event("B", _at(10)), _all_day("C", 24), _event("D", _at(9), 2)
    )
    assert list(agenda.changes(content, _at(8), _at(1, day=25))) == [
        (_at(9), "A begins, D begins"),
        (_at(10), "A ends, B begins"),
        (_at(11), "D ends, B ends"),
        (_at(0, day=25), "midnight"),
    ]


def test_changes_leave_out_both_ends_of_the_window() -> None:
    content = _agenda(_event("A", _at(9)))
    assert list(agenda.changes(content, _at(9), _at(10))) == []


def test_in_the_hour_that_daylight_saving_repeats_an_event_ends_when_it_ends() -> None:
    start = datetime(2026, 10, 25, 2, 30, tzinfo=_BERLIN)
    event = Occurrence("x", "home", "Watch", start, start.replace(fold=1))
    midnight = datetime(2026, 10, 25, tzinfo=_BERLIN)
    content = Agenda((event,), midnight, midnight + timedelta(days=2), _BERLIN, _ONE_CALENDAR)
    second_two = datetime(2026, 10, 25, 2, 15, tzinfo=_BERLIN, fold=1)
    assert "Watch" in _words(_page(content, second_two))
    assert "Watch" not in _words(_page(content, start.replace(fold=1)))


# --- invariants over generated agendas

_TITLES = (
    "Stand-up",
    "Architecture review with Vienna and everybody else",
    "Gym",
    "Jazz & gyros",
    "打ち合わせ",
    "פגישת צוות שבועית",
    "การประชุมทีม ที่น้ำ",
    "Tiếng Việt Ắ",
    "🎂 Théo",
    "जन्मदिन",
    "",
)
_SIZES = st.sampled_from(
    [
        (800, 480),
        (400, 300),
        (296, 128),
        (1200, 825),
        (480, 800),
        (200, 96),
        (648, 480),
        (250, 122),
        (600, 448),
        (960, 640),
    ]
)
_LOCALES = st.sampled_from(
    ["en_GB", "en_US", "de_DE", "ar_EG", "he_IL", "ja_JP", "pt_PT", "fi_FI", "th_TH", "zh_TW"]
)


@st.composite
def _agendas(draw: st.DrawFn) -> Agenda:
    several = draw(st.booleans())
    calendars = (CalendarState("home", "Home"), CalendarState("work", "Work and so on"))
    occurrences = []
    for i in range(draw(st.integers(0, 18))):
        all_day = draw(st.booleans()) and draw(st.booleans())
        day = _DAY.date() + timedelta(days=draw(st.integers(-2, 4)))
        start = datetime(day.year, day.month, day.day, tzinfo=_BERLIN)
        if all_day:
            end = start + timedelta(days=draw(st.integers(1, 4)))
        else:
            start += timedelta(minutes=5 * draw(st.integers(0, 287)))
            minutes = draw(st.sampled_from([0, 15, 30, 60, 90, 240, 720, 1500, 4000]))
            end = (start.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(_BERLIN)
        summary = f"{draw(st.sampled_from(_TITLES))} #{i}"
        place = draw(st.sampled_from(["", "Room 4", "https://meet.example.com/abc", "गृह"]))
        calendar = draw(st.sampled_from(["home", "work"])) if several else "home"
        status = draw(st.sampled_from(["CONFIRMED", "TENTATIVE"]))
        occurrences.append(
            Occurrence(f"u{i}", calendar, summary, start, end, all_day, None, place, status)
        )
    occurrences.sort(key=lambda o: (o.start, not o.all_day, o.summary))
    return Agenda(
        tuple(occurrences),
        _DAY,
        _DAY + timedelta(days=4),
        _BERLIN,
        calendars if several else calendars[:1],
    )


_NOWS = st.integers(0, 24 * 60 - 1).map(lambda minute: _DAY + timedelta(minutes=minute))


@settings(max_examples=150, deadline=None)
@given(_agendas(), _NOWS, _SIZES, _LOCALES, st.booleans())
def test_no_text_leaves_the_page_or_is_cut_through_a_letter(
    content: Agenda, now: datetime, size: tuple[int, int], locale: str, stale: bool
) -> None:
    since = now - timedelta(days=1) if stale else None
    page = _page(content, now, size=size, locale=locale, title="Kitchen jug", stale_since=since)
    assert page.clipped == []
    assert page.missing == set()


@settings(max_examples=150, deadline=None)
@given(_agendas(), _NOWS, _SIZES, _LOCALES)
def test_no_text_is_printed_over_another_or_outside_its_bar(
    content: Agenda, now: datetime, size: tuple[int, int], locale: str
) -> None:
    page = _page(content, now, size=size, locale=locale, title="Kitchen jug", stale_since=now)
    assert page.hidden == []


@settings(max_examples=100, deadline=None)
@given(_agendas(), _NOWS, _SIZES)
def test_every_event_left_today_is_listed_or_counted(
    content: Agenda, now: datetime, size: tuple[int, int]
) -> None:
    begin, stop = _DAY.astimezone(UTC), (_DAY + timedelta(days=1)).astimezone(UTC)
    left = {
        o.summary.strip()
        for o in content.occurrences
        if o.start.astimezone(UTC) < stop
        and max(o.end, o.start + timedelta(minutes=15 * (o.end == o.start))).astimezone(UTC)
        > max(begin, now.astimezone(UTC))
    }
    words = _words(_page(content, now, size=size))
    hidden = left - set(words)
    assert not hidden or f"+{len(hidden)} more" in words


@settings(max_examples=100, deadline=None)
@given(_agendas(), st.data())
def test_between_two_changes_the_page_stays_as_it_is(content: Agenda, data: st.DataObject) -> None:
    end = _DAY + timedelta(days=2)
    moments = [_DAY, *(moment for moment, _ in agenda.changes(content, _DAY, end)), end]
    i = data.draw(st.integers(0, len(moments) - 2))
    start, stop = moments[i].astimezone(UTC), moments[i + 1].astimezone(UTC)
    seconds = int((stop - start).total_seconds())
    later = start + timedelta(seconds=data.draw(st.integers(0, seconds - 1)))
    frames = [_page(content, moment.astimezone(_BERLIN)).to_frame() for moment in (start, later)]
    assert frames[0] == frames[1]


def test_the_page_of_every_day_of_a_year_has_its_date_whole() -> None:
    for number in range(0, 365, 9):
        day = date(2026, 1, 1) + timedelta(days=number)
        now = datetime(day.year, day.month, day.day, 12, tzinfo=_BERLIN)
        empty = Agenda((), now, now + timedelta(days=3), _BERLIN, _ONE_CALENDAR)
        page = _page(empty, now, locale="pt_PT")
        assert page.clipped == []
        assert not any(placed.text.endswith("…") for placed in page.placed)


def test_arabic_marks_do_not_reach_into_the_bars_around_them() -> None:
    content = _agenda(*(_event(f"Stand-up #{n}", _at(0), 0) for n in range(5)))
    page = _page(
        content, _at(0), size=(296, 128), locale="ar", title="Kitchen jug", stale_since=_at(0)
    )
    assert any(text.startswith("2+") or "+2" in text for text in _words(page))
    assert page.hidden == []
