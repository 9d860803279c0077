"""What must hold on every page of hours, weeks, months and years, whatever the agenda."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest
from generated_agendas import (
    BERLIN,
    DAYS,
    LOCALES,
    SIZES,
    agendas,
    check_page,
    draw_watched,
    made_agenda,
    midnight,
    moment_of,
    numbered_agendas,
    shown_and_counted,
    timed,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from calendarbot import layouts
from calendarbot.errors import ConfigError
from calendarbot.layouts import View
from calendarbot.model import CalendarState
from calendarbot.render import Canvas

if TYPE_CHECKING:
    from calendarbot.model import Agenda

_GRIDS = ["day", "week", "month", "year"]
_LEAST_TYPE_PX = 8
"""Smaller than LEAST_TYPE_PX only where marks above or below letters would leave their line."""
_MINUTES = st.integers(0, 23 * 60 - 1)


@pytest.mark.parametrize("name", _GRIDS)
@settings(max_examples=60, deadline=None)
@given(
    data=st.data(), minute=_MINUTES, size=st.sampled_from(SIZES), locale=st.sampled_from(LOCALES)
)
def test_no_text_is_clipped_covered_or_outside_its_box_and_no_boxes_overlap(
    name: str, data: st.DataObject, minute: int, size: tuple[int, int], locale: str
) -> None:
    layout = layouts.load(name)
    agenda = data.draw(agendas(layout, locale))
    page = draw_watched(layout, agenda, moment_of(agenda, minute), size, locale, title="Küche")
    check_page(page, _LEAST_TYPE_PX)


@pytest.mark.parametrize("name", _GRIDS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_between_two_changes_the_page_stays_as_it_is(name: str, data: st.DataObject) -> None:
    layout = layouts.load(name)
    agenda = data.draw(agendas(layout, "en_GB"))
    size = data.draw(st.sampled_from([(800, 480), (296, 128), (400, 300)]))
    start, end = moment_of(agenda, 0), moment_of(agenda, 23 * 60)
    moments = [start, *(moment for moment, _ in layout.changes(agenda, start, end)), end]
    i = data.draw(st.integers(0, len(moments) - 2))
    begin, stop = moments[i].astimezone(UTC), moments[i + 1].astimezone(UTC)
    later = begin + timedelta(
        seconds=data.draw(st.integers(0, int((stop - begin).total_seconds()) - 1))
    )
    frames = [_frame(name, agenda, moment.astimezone(BERLIN), size) for moment in (begin, later)]
    assert frames[0] == frames[1]


def _frame(name: str, agenda: Agenda, now: object, size: tuple[int, int]) -> object:
    canvas = Canvas(*size)
    layouts.load(name).draw(canvas, View(agenda, now, "en_GB"))  # type: ignore[arg-type]  # a datetime
    return canvas.to_frame()


@pytest.mark.parametrize("name", _GRIDS)
def test_changes_are_in_order_and_inside_their_window(name: str) -> None:
    layout = layouts.load(name)
    agenda = made_agenda(layout, "en_GB", DAYS[2], timed("Gym", midnight(DAYS[2])))
    start, end = moment_of(agenda, 60), moment_of(agenda, 30 * 60)
    moments = [moment.astimezone(UTC) for moment, _ in layout.changes(agenda, start, end)]
    assert moments == sorted(set(moments))
    assert all(start.astimezone(UTC) < moment < end.astimezone(UTC) for moment in moments)


@pytest.mark.parametrize("name", _GRIDS)
def test_a_page_that_is_too_small_is_refused_with_both_sizes(name: str) -> None:
    layout = layouts.load(name)
    agenda = made_agenda(layout, "en_GB", DAYS[0])
    width, height = layout.MIN_SIZE_PX
    with pytest.raises(ConfigError, match=rf"{name} page needs {width}×{height}.*{width - 1}×300"):
        layout.draw(Canvas(width - 1, 300), View(agenda, moment_of(agenda, 0), "en_GB"))


@pytest.mark.parametrize(("name", "days"), [("day", 1), ("week", 5), ("month", 6)])
@settings(max_examples=40, deadline=None)
@given(data=st.data(), minute=_MINUTES)
def test_every_event_of_the_page_is_shown_once_or_counted_once(
    name: str, days: int, data: st.DataObject, minute: int
) -> None:
    layout = layouts.load(name)
    agenda, count = data.draw(numbered_agendas(layout, days))
    # A month without words is tally marks: they have no text to count.
    sizes = [(800, 480), (600, 448), (480, 800)] if name == "month" else SIZES
    size = data.draw(st.sampled_from(sizes))
    minute = minute if size[0] * size[1] > 400 * 300 or name == "day" else 0
    page = draw_watched(layout, agenda, moment_of(agenda, minute), size, "en_GB")
    shown, counted = shown_and_counted(page)
    assert len(shown) == len(set(shown))
    assert len(shown) + counted == count


@pytest.mark.parametrize("name", _GRIDS)
@pytest.mark.parametrize("size", SIZES)
def test_forty_events_at_once_and_none_at_all_have_their_page(
    name: str, size: tuple[int, int]
) -> None:
    layout, day = layouts.load(name), DAYS[0]
    start = midnight(day) + timedelta(hours=9)
    events = [timed(f"E{i}", start, 90) for i in range(40)]
    for content in (events, []):
        agenda = made_agenda(layout, "en_GB", day, *content)
        check_page(draw_watched(layout, agenda, start, size, "en_GB"), _LEAST_TYPE_PX)


@pytest.mark.parametrize("name", _GRIDS)
def test_a_stale_page_and_a_lost_calendar_say_so(name: str) -> None:
    layout, day = layouts.load(name), DAYS[0]
    now = midnight(day) + timedelta(hours=9)
    agenda = made_agenda(layout, "en_GB", day)
    lost = replace(agenda, calendars=(CalendarState("c0", "Home", problem="HTTP 404"),))
    for size in SIZES:
        canvas = Canvas(*size)
        since = now - timedelta(hours=2)
        layout.draw(canvas, View(lost, now, "en_GB", stale_since=since))
        words = [placed.whole for placed in canvas.placed]
        assert any(word.startswith("Not updated since") for word in words)
        assert "Cannot be read: Home" in words
        assert canvas.clipped == []
        assert canvas.hidden == []
