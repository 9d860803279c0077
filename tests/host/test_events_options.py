"""What people want of a calendar, and of several together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from calendarbot.agenda import read_agenda
from calendarbot.config import CalendarOptions, config_from_options
from calendarbot.events import Text, Window, occurrences

if TYPE_CHECKING:
    from pathlib import Path

    from calendarbot.model import Occurrence

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 23, tzinfo=BERLIN)
WEEK = Window.between(START, START + timedelta(days=7))


def event(summary: str, *lines: str, start: str = "20261124T090000", hours: int = 1) -> str:
    named = ["BEGIN:VEVENT", f"UID:{summary}", f"SUMMARY:{summary}"]
    times = [f"DTSTART;TZID=Europe/Berlin:{start}", f"DURATION:PT{hours}H"]
    return "\r\n".join([*named, *times, *lines, "END:VEVENT", ""])


def shown(*events: str, **options: Any) -> list[Occurrence]:
    text = "BEGIN:VCALENDAR\r\n" + "".join(events) + "END:VCALENDAR\r\n"
    found, left_out = occurrences(
        [Text(text.encode(), "here")], "c", WEEK, BERLIN, CalendarOptions(**options)
    )
    assert left_out == ()
    return sorted(found, key=lambda one: one.start)


def titles(*events: str, **options: Any) -> list[str]:
    return [one.summary for one in shown(*events, **options)]


def test_events_are_included_by_any_of_text_category_and_status() -> None:
    events = (
        event("Team lunch"),
        event("Yoga", "CATEGORIES:Sport,Private"),
        event("Maybe", "STATUS:TENTATIVE"),
        event("Other"),
    )

    assert titles(*events, include={"text": ["LUNCH"]}) == ["Team lunch"]
    assert titles(*events, include={"categories": ["sport"]}) == ["Yoga"]
    assert titles(*events, include={"text": ["lunch"], "status": ["TENTATIVE"]}) == [
        "Team lunch",
        "Maybe",
    ]
    assert titles(*events, exclude={"text": ["o"], "status": ["TENTATIVE"]}) == ["Team lunch"]
    assert titles(*events, include={"text": ["team"]}, exclude={"text": ["lunch"]}) == []


def test_what_the_owner_declined_is_hidden_and_what_others_declined_is_not() -> None:
    events = (
        event("No", "ATTENDEE;PARTSTAT=DECLINED:mailto:Ann@Example.org"),
        event("Yes", "ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.org"),
    )

    assert titles(*events, owner=["ann@example.org"], hide_declined=True) == ["Yes"]
    assert [o.details.partstat for o in shown(*events, owner=["ANN@example.org"])] == [
        "DECLINED",
        "",
    ]


def test_a_quoted_name_with_a_colon_does_not_hide_an_answer() -> None:
    line = 'ATTENDEE;CN="Ann: the boss; really";PARTSTAT=ACCEPTED:mailto:ann@example.org'

    (found,) = shown(event("x", line), owner=["ann@example.org"])

    assert found.details.partstat == "ACCEPTED"


@pytest.mark.parametrize("access", ["PRIVATE", "CONFIDENTIAL", "X-SECRET"])
def test_private_events_are_busy_without_any_detail(access: str) -> None:
    secret = event(
        "Doctor", f"CLASS:{access}", "LOCATION:Clinic", "CATEGORIES:Health", "URL:https://clinic"
    )

    (busy,) = shown(secret, private="busy", rename={"Busy": "Doctor"})

    assert (busy.summary, busy.location) == ("Busy", "")
    assert (busy.details.categories, busy.details.url) == ((), "")
    assert titles(secret, private="busy", busy="Belegt") == ["Belegt"]
    assert titles(secret, private="hide") == []
    assert titles(secret) == ["Doctor"]


def test_titles_are_renamed_by_patterns_in_their_order() -> None:
    rename = {r"^\[ext\] ": "", r"meeting with (\w+)": r"\1"}

    assert titles(event("[EXT] Meeting with Bob"), rename=rename) == ["Bob"]


def test_only_what_touches_working_hours_is_shown() -> None:
    events = (
        event("early", start="20261124T070000"),
        event("over the edge", start="20261124T073000"),
        event("late", start="20261124T180000"),
        event("night", start="20261124T220000", hours=4),
    )

    assert titles(*events, working_hours="08:00-18:00") == ["over the edge", "night"]
    assert titles(*events, working_hours="18:00-08:00") == [
        "early",
        "over the edge",
        "late",
        "night",
    ]


def test_only_working_days_are_shown() -> None:
    events = (event("Tuesday"), event("Saturday", start="20261128T090000"))

    assert titles(*events, working_days=["mon", "tue"]) == ["Tuesday"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"rename": {"(": ""}}, "not a regular expression"),
        ({"working_hours": "9-18"}, "are not hours"),
        ({"hide_declined": True}, "needs the mail address"),
        ({"include": {}}, "choose by"),
    ],
)
def test_options_that_make_no_sense_are_explained(options: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        CalendarOptions(**options)


def test_the_same_meeting_in_two_calendars_is_shown_once(tmp_path: Path) -> None:
    series = event("Stand-up", "RRULE:FREQ=DAILY;COUNT=3")
    for name, own in (("his", "a"), ("hers", "b")):
        text = "BEGIN:VCALENDAR\r\n" + series + event(own) + "END:VCALENDAR\r\n"
        (tmp_path / f"{name}.ics").write_text(text, newline="")
    config = config_from_options([tmp_path / "his.ics", tmp_path / "hers.ics"])

    merged = read_agenda(config, ["his", "hers"], START, START + timedelta(days=7), BERLIN)
    apart = read_agenda(
        config.model_copy(update={"merge_calendars": False}),
        ["his", "hers"],
        START,
        START + timedelta(days=7),
        BERLIN,
    )

    assert [(o.summary, o.calendar, o.also_in) for o in merged.occurrences] == [
        ("Stand-up", "his", ("hers",)),
        ("a", "his", ()),
        ("b", "hers", ()),
        ("Stand-up", "his", ("hers",)),
        ("Stand-up", "his", ("hers",)),
    ]
    assert len(apart.occurrences) == 8
