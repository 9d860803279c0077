"""Pages read from afar (room, what's next) and the two-up page: what they say, and when."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from generated_agendas import BERLIN, LOCALES, SIZES, agendas, check_page, draw_watched, moment_of
from hypothesis import given, settings
from hypothesis import strategies as st

from calendarbot import layouts
from calendarbot.errors import ConfigError
from calendarbot.layouts import View, _days, room, whats_next
from calendarbot.layouts._sign import sign_for
from calendarbot.model import Agenda, CalendarState, Occurrence
from calendarbot.render import Canvas

if TYPE_CHECKING:
    from generated_agendas import WatchedCanvas

_DAY = datetime(2026, 11, 24, tzinfo=BERLIN)
_SIGNS = ["room", "whats_next"]
_PAGES = [*_SIGNS, "two_up", "blank"]
_LEAST_TYPE_PX = 8
"""Smaller than what layouts choose (12) only where marks would leave their line."""
_MINUTES = st.integers(0, 23 * 60 - 1)


def _at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


def _event(summary: str, start: datetime, hours: float = 1, **fields: object) -> Occurrence:
    end = (start.astimezone(UTC) + timedelta(hours=hours)).astimezone(start.tzinfo)
    return Occurrence(summary, "home", summary, start, end, **fields)  # type: ignore[arg-type]  # passed through


def _all_day(summary: str, first: int, days: int = 1, **fields: object) -> Occurrence:
    start = _at(0, day=first)
    end = start + timedelta(days=days)
    return Occurrence(summary, "home", summary, start, end, all_day=True, **fields)  # type: ignore[arg-type]  # passed through


def _agenda(*occurrences: Occurrence) -> Agenda:
    ordered = tuple(sorted(occurrences, key=lambda o: (o.start.astimezone(UTC), o.summary)))
    states = (CalendarState("home", "Home"),)
    return Agenda(ordered, _DAY, _DAY + timedelta(days=6), BERLIN, states)


def _page(
    name: str, content: Agenda, now: datetime, size: tuple[int, int] = (800, 480), **view: object
) -> WatchedCanvas:
    return draw_watched(layouts.load(name), content, now, size, "en_GB", **view)  # type: ignore[arg-type]  # passed through


def _words(name: str, content: Agenda, now: datetime, **how: object) -> list[str]:
    page = _page(name, content, now, **how)  # type: ignore[arg-type]  # passed through
    return [placed.whole for placed in page.placed]


def _ink_share(page: Canvas) -> float:
    """How much of the page's upper part is black."""
    part = page._image.crop((0, 0, page.width_px, page.height_px // 2))
    return part.histogram()[page.black] / (part.width * part.height)


# --- room


def test_a_free_room_says_until_when_and_a_busy_one_is_inverse() -> None:
    content = _agenda(_event("Review", _at(10)))
    free, busy = _page("room", content, _at(9)), _page("room", content, _at(10, 30))
    assert {"Free", "until 10:00"} <= {placed.whole for placed in free.placed}
    assert {"Busy", "until 11:00"} <= {placed.whole for placed in busy.placed}
    assert _ink_share(free) < 0.2
    assert _ink_share(busy) > 0.7


def test_meetings_that_follow_each_other_are_one_stretch_and_the_line_below_names_this_one() -> (
    None
):
    content = _agenda(_event("A", _at(9)), _event("B", _at(10)), _event("C", _at(12)))
    words = _words("room", content, _at(9, 30))
    assert "until 11:00" in words
    assert "09:00–10:00 · A" in words


def test_a_room_is_busy_until_the_longest_of_overlapping_meetings_ends() -> None:
    content = _agenda(_event("Long", _at(9), 4), _event("Short", _at(10), 0.5))
    words = _words("room", content, _at(10, 15))
    assert "until 13:00" in words
    assert "10:00–10:30 · Short · +1 more" in words


def test_what_does_not_block_time_leaves_a_room_free_and_changes_nothing() -> None:
    content = _agenda(
        _event("Reminder", _at(9), transparent=True), _all_day("Holiday", 24, transparent=True)
    )
    assert "Free" in _words("room", content, _at(9, 30))
    assert "Reminder" not in _words("room", content, _at(8))
    assert list(room.changes(content, _at(8), _at(23))) == []


def test_a_tentative_meeting_blocks_the_room_and_says_so() -> None:
    content = _agenda(_event("Perhaps", _at(9), status="TENTATIVE"))
    words = _words("room", content, _at(9, 30))
    assert "Busy" in words
    assert "09:00–10:00 · Perhaps · tentative" in words


@pytest.mark.parametrize(
    ("event", "hour", "text"),
    [
        (_all_day("Fair", 24), 9, "all day"),
        (_all_day("Fair", 24, days=3), 9, "until Thu 26 Nov"),
        (_event("Night shift", _at(22), 10), 23, "until Wed 08:00"),
        (_event("Late", _at(22), 2), 23, "until 00:00"),
    ],
)
def test_until_reaches_beyond_midnight(event: Occurrence, hour: int, text: str) -> None:
    assert text in _words("room", _agenda(event), _at(hour))


def test_a_room_that_stays_free_says_why_and_shows_what_comes_on_another_day() -> None:
    tomorrow = _event("Choir", _at(19, day=25))
    words = _words("room", _agenda(tomorrow), _at(9))
    assert {"Free", "Nothing planned", "Wed 19:00", "Choir"} <= set(words)
    content = _agenda(_event("Gym", _at(7)), tomorrow)
    assert "Nothing more today" in _words("room", content, _at(9))


def test_the_bar_reaches_as_far_as_the_day_does() -> None:
    usual = _words("room", _agenda(_event("A", _at(9))), _at(8))
    assert {"08:00", "18:00"} <= set(usual)
    late = _words("room", _agenda(_event("A", _at(21))), _at(8))
    assert {"08:00", "20:00", "22:00"} <= set(late)


def test_a_block_on_the_bar_goes_grey_when_it_is_over() -> None:
    content = _agenda(_event("A", _at(8), 2), _event("B", _at(14)))
    sign = sign_for(800, 480)
    share = []
    for hour in (9, 11):
        page = _page("room", content, _at(hour))
        left, top = sign.margin_px, sign.hero_px + sign.margin_px // 2
        part = page._image.crop((left + 2, top + 2, left + 100, top + sign.bar_px - 2))
        share.append(part.histogram()[page.black] / (part.width * part.height))
    assert share[0] > 0.95
    assert 0.4 < share[1] < 0.6


# --- what's next


def test_the_countdown_goes_in_steps_that_are_true() -> None:
    content = _agenda(_event("Review", _at(12)))
    shown = {
        minutes: _words("whats_next", content, _at(12) - timedelta(minutes=minutes))
        for minutes in (181, 121, 120, 61, 60, 30, 16, 15, 11, 10, 5, 1)
    }
    assert "12:00" in shown[181]
    assert "12:00" in shown[121]
    assert all("< 2 hrs" in shown[minutes] for minutes in (120, 61))
    assert "< 1 hr" in shown[60]
    assert all("< 30 mins" in shown[minutes] for minutes in (30, 16))
    assert all("< 15 mins" in shown[minutes] for minutes in (15, 11))
    assert "< 10 mins" in shown[10]
    assert all("< 5 mins" in shown[minutes] for minutes in (5, 1))


def test_a_meeting_costs_a_frame_for_each_step_and_one_at_its_beginning_and_its_end() -> None:
    content = _agenda(_event("Review", _at(12)))
    found = [moment for moment, _ in whats_next.changes(content, _at(8), _at(20))]
    steps = [_at(12) - timedelta(minutes=minutes) for minutes in whats_next.STEPS_MIN]
    assert found == [*steps, _at(12), _at(13)]


def test_nothing_counts_down_while_a_meeting_is_going_on() -> None:
    content = _agenda(_event("A", _at(9), 2), _event("B", _at(11)))
    found = [moment for moment, _ in whats_next.changes(content, _at(9, 1), _at(20))]
    assert found == [_at(11), _at(12)]
    words = _words("whats_next", content, _at(10, 50))
    assert {"Now", "until 11:00", "11:00", "B"} <= set(words)


def test_of_meetings_that_overlap_the_latest_is_shown_and_the_others_are_counted() -> None:
    content = _agenda(_event("Long", _at(9), 4), _event("Short", _at(10)), _all_day("Fair", 24))
    words = _words("whats_next", content, _at(10, 30))
    assert {"Short", "until 11:00", "+2 more"} <= set(words)
    assert "Long" in _words("whats_next", content, _at(11, 30))


def test_a_meeting_on_another_day_is_named_with_its_day() -> None:
    words = _words("whats_next", _agenda(_event("Choir", _at(19, day=25))), _at(9))
    assert {"Choir", "Wed", "19:00–20:00", "Next"} <= set(words)


def test_a_place_is_shown_and_of_a_link_only_its_host() -> None:
    event = _event("Call", _at(9), location="https://meet.example.com/x7q?pwd=secret")
    words = _words("whats_next", _agenda(event), _at(8, 58))
    assert "meet.example.com" in words
    assert not any("secret" in word for word in words)


def test_a_long_title_is_smaller_and_whole_before_it_is_shortened() -> None:
    long = "Architecture review with Vienna and everybody else who has a stake in it"
    page = _page("whats_next", _agenda(_event(long, _at(9))), _at(8))
    assert long in " ".join(placed.text for placed in page.placed)


# --- two up


def test_the_two_up_page_has_the_month_and_what_is_left_of_the_day() -> None:
    content = _agenda(_event("Gym", _at(7)), _event("Review", _at(12)))
    words = _words("two_up", content, _at(9))
    assert {"November 2026", "Tuesday", "24 November", "Review", "30"} <= set(words)
    assert "Gym" not in words


def test_the_halves_of_a_tall_page_are_one_below_the_other() -> None:
    page = _page("two_up", _agenda(), _at(9), size=(480, 800))
    tops = {placed.whole: placed.ink.top for placed in page.placed}
    assert tops["30"] < tops["Tuesday"]


# --- all of them


@pytest.mark.parametrize("name", _PAGES)
@settings(max_examples=60, deadline=None)
@given(
    data=st.data(), minute=_MINUTES, size=st.sampled_from(SIZES), locale=st.sampled_from(LOCALES)
)
def test_no_text_is_clipped_covered_or_outside_its_box_and_no_boxes_overlap(
    name: str, data: st.DataObject, minute: int, size: tuple[int, int], locale: str
) -> None:
    layout = layouts.load(name)
    if any(has < least for has, least in zip(size, layout.MIN_SIZE_PX, strict=True)):
        return
    agenda = data.draw(agendas(layout, locale))
    now = moment_of(agenda, minute)
    since = now - timedelta(hours=30) if data.draw(st.booleans()) else None
    page = draw_watched(layout, agenda, now, size, locale, title="Küche", stale_since=since)  # type: ignore[arg-type]  # a moment
    check_page(page, _LEAST_TYPE_PX)


@pytest.mark.parametrize("name", _SIGNS)
@settings(max_examples=40, deadline=None)
@given(
    data=st.data(), minute=_MINUTES, size=st.sampled_from(SIZES), locale=st.sampled_from(LOCALES)
)
def test_all_text_keeps_the_same_margin_on_both_sides(
    name: str, data: st.DataObject, minute: int, size: tuple[int, int], locale: str
) -> None:
    layout = layouts.load(name)
    agenda = data.draw(agendas(layout, locale))
    page = draw_watched(layout, agenda, moment_of(agenda, minute), size, locale)
    margin = sign_for(*size).margin_px - 2
    for placed in page.placed:
        if placed.text:
            assert placed.ink.left >= margin, placed
            assert placed.ink.right <= size[0] - margin, placed


@settings(max_examples=60, deadline=None)
@given(data=st.data(), minute=_MINUTES, size=st.sampled_from(SIZES))
def test_every_event_of_today_is_on_the_room_page_or_counted(
    data: st.DataObject, minute: int, size: tuple[int, int]
) -> None:
    agenda = data.draw(agendas(room, "en_GB"))
    now = moment_of(agenda, minute)
    words = _words_of(room, agenda, now, size)
    later = [o for o in agenda.occurrences if o.start.astimezone(UTC) > now.astimezone(UTC)]
    _check_counted([o for o in later if o.start.date() == now.date()], words, others=0)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), minute=_MINUTES, size=st.sampled_from(SIZES))
def test_every_event_of_today_is_on_the_what_s_next_page_or_counted(
    data: st.DataObject, minute: int, size: tuple[int, int]
) -> None:
    agenda = data.draw(agendas(whats_next, "en_GB"))
    now = moment_of(agenda, minute)
    scene = whats_next.scene(agenda, now)
    words = _words_of(whats_next, agenda, now, size)
    upcoming = [o for o in scene.upcoming if o.start.date() == now.date()]
    _check_counted(upcoming, words, others=scene.others)
    entries = _days.entries_of(agenda, now.date())
    left = [e for e in entries if not e.is_over(now)]
    is_today = scene.meeting is not None and scene.meeting in [e.occurrence for e in left]
    assert len(left) == len(upcoming) + scene.others + is_today


def _words_of(
    layout: layouts.Layout, agenda: Agenda, now: datetime, size: tuple[int, int]
) -> list[str]:
    return [placed.whole for placed in draw_watched(layout, agenda, now, size, "en_GB").placed]


def _check_counted(occurrences: list[Occurrence], words: list[str], others: int) -> None:
    """Each of these has its title on the page, or is in the number of those that have not."""
    hidden = sum(o.summary not in words for o in occurrences) + others
    counted = [int(word[1:].split()[0]) for word in words if re.fullmatch(r"\+\d+ more", word)]
    assert counted == ([hidden] if hidden else [])


@pytest.mark.parametrize("name", _PAGES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_between_two_changes_the_page_stays_as_it_is(name: str, data: st.DataObject) -> None:
    layout = layouts.load(name)
    agenda = data.draw(agendas(layout, "en_GB"))
    start, end = moment_of(agenda, 0), moment_of(agenda, 23 * 60)
    moments = [start, *(moment for moment, _ in layout.changes(agenda, start, end)), end]
    i = data.draw(st.integers(0, len(moments) - 2))
    begin, stop = moments[i].astimezone(UTC), moments[i + 1].astimezone(UTC)
    seconds = int((stop - begin).total_seconds())
    later = begin + timedelta(seconds=data.draw(st.integers(0, seconds - 1)))
    first, second = (
        draw_watched(layout, agenda, moment.astimezone(BERLIN), (400, 300), "en_GB").to_frame()
        for moment in (begin, later)
    )
    assert first == second


@pytest.mark.parametrize("name", _PAGES)
def test_a_page_that_is_too_small_is_refused_with_both_sizes(name: str) -> None:
    layout = layouts.load(name)
    width, height = layout.MIN_SIZE_PX
    with pytest.raises(ConfigError, match=rf"{name} page needs {width}×{height}.*{width - 1}×"):
        layout.draw(Canvas(width - 1, height), View(_agenda(), _at(9), "en_GB"))
