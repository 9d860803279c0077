"""The agenda: the right occurrences at the right times, and nothing that hangs or crashes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calendarbot.agenda import read_agenda
from calendarbot.config import config_from_options
from calendarbot.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from calendarbot.model import Agenda, Occurrence

REFERENCE = Path(__file__).parents[1] / "reference"
BERLIN = ZoneInfo("Europe/Berlin")


def when(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def agenda_of(
    *paths: Path, start: str, end: str, zone: ZoneInfo = BERLIN, strict: bool = True
) -> Agenda:
    config = config_from_options(paths, tz=zone.key)
    return read_agenda(
        config, list(config.calendars), when(start, zone), when(end, zone), zone, strict=strict
    )


def reference(name: str, start: str, end: str, zone: ZoneInfo = BERLIN) -> list[Occurrence]:
    agenda = agenda_of(REFERENCE / f"{name}.ics", start=start, end=end, zone=zone)
    assert [state.left_out for state in agenda.calendars] == [()]
    return list(agenda.occurrences)


def event(*lines: str, uid: str = "u", summary: str = "x") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{summary}", *lines, "END:VEVENT"])


def calendar(tmp_path: Path, *components: str, name: str = "c.ics") -> Path:
    path = tmp_path / name
    path.write_text(
        "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *components, "END:VCALENDAR", ""]),
        encoding="utf-8",
        newline="",
    )
    return path


def shown(occurrences: list[Occurrence] | tuple[Occurrence, ...]) -> list[str]:
    return [f"{o.start:%m-%d %H:%M}-{o.end:%m-%d %H:%M} {o.summary}" for o in occurrences]


def test_a_moved_instance_is_shown_once_where_it_moved() -> None:
    standups = [
        o for o in reference("office", "2026-11-23", "2026-11-28") if "Stand-up" in o.summary
    ]

    assert shown(standups) == [
        "11-23 09:15-11-23 09:30 Stand-up",
        "11-24 09:15-11-24 09:30 Stand-up",
        "11-25 10:00-11-25 10:15 Stand-up (moved)",
        "11-26 09:15-11-26 09:30 Stand-up",
        "11-27 09:15-11-27 09:30 Stand-up",
    ]
    assert standups[2].recurrence_id == "2026-11-25T09:15:00+01:00"


def test_an_excluded_and_a_cancelled_one_are_not_shown() -> None:
    occurrences = reference("office", "2026-11-16", "2026-12-15")

    team = [o for o in occurrences if o.summary == "Team meeting"]
    assert [o.start.day for o in team] == [16, 23, 7, 14]
    assert not [o for o in occurrences if "all-hands" in o.summary]


def test_events_of_other_zones_are_placed_in_the_displays() -> None:
    by_name = {o.summary: o for o in reference("office", "2026-11-24", "2026-11-27")}

    assert by_name["Tokyo hand-over"].start == when("2026-11-24 09:00")
    assert by_name["Tokyo hand-over"].tz == "Asia/Tokyo"
    assert by_name["Tokyo hand-over"].recurrence_id == "2026-11-24T17:00:00+09:00"
    assert by_name["Call with New York"].start == when("2026-11-26 16:00")
    assert all(o.start.tzinfo is BERLIN and o.end.tzinfo is BERLIN for o in by_name.values())


def test_a_series_keeps_its_own_zones_clock_when_clocks_change() -> None:
    """Between 25 October and 1 November New York is four hours from Berlin, not six or five."""
    calls = [o for o in reference("office", "2026-10-01", "2026-11-30") if "New York" in o.summary]

    assert [f"{o.start:%m-%d %H:%M}" for o in calls] == [
        "10-01 16:00",
        "10-15 16:00",
        "10-29 15:00",
        "11-12 16:00",
        "11-26 16:00",
    ]
    standup = [
        o for o in reference("office", "2026-10-23", "2026-10-27") if o.summary == "Stand-up"
    ]
    assert [(o.start.hour, o.start.minute) for o in standup] == [(9, 15), (9, 15)]
    assert standup[1].start.astimezone(UTC) - standup[0].start.astimezone(UTC) == timedelta(
        days=3, hours=1
    )


def test_an_all_day_event_that_began_before_is_shown() -> None:
    trip = [o for o in reference("family", "2026-11-29T10:00", "2026-11-29T11:00") if o.all_day]

    assert shown(trip) == ["11-27 00:00-12-01 00:00 Lisbon ✈️"]
    assert trip[0].tz is None
    assert trip[0].recurrence_id is None


def test_days_are_whole_days_of_the_display_wherever_it_hangs() -> None:
    auckland = ZoneInfo("Pacific/Auckland")
    birthdays = reference("family", "2026-11-24", "2026-11-25", auckland)

    theo = next(o for o in birthdays if "Théo" in o.summary and o.all_day)
    assert theo.start == when("2026-11-24", auckland)
    assert theo.end == when("2026-11-25", auckland)
    assert theo.recurrence_id == "2026-11-24"


def test_a_leap_day_birthday_comes_in_leap_years_only() -> None:
    def birthdays(year: int) -> list[str]:
        found = reference("family", f"{year}-02-20", f"{year}-03-05")
        return [f"{o.start:%m-%d}" for o in found if "Zoë" in o.summary]

    assert birthdays(2027) == []
    assert birthdays(2028) == ["02-29"]


def test_a_party_past_midnight_is_on_both_days() -> None:
    for day, next_day in (("2026-12-31", "2027-01-01"), ("2027-01-01", "2027-01-02")):
        assert "Silvester" in {o.summary for o in reference("family", day, next_day)}
    assert "Silvester" not in {
        o.summary for o in reference("family", "2027-01-01T02:00", "2027-01-01T03:00")
    }


def test_every_script_of_the_world_arrives_unharmed() -> None:
    summaries = {o.summary for o in reference("world", "2026-11-23", "2026-11-28")}

    assert len(summaries) == 12
    assert {"東京チームとの定例会議", "اجتماع الفريق الأسبوعي", "साप्ताहिक बैठक"} <= summaries


def test_all_of_a_room_is_there_and_in_order() -> None:
    occurrences = reference("room", "2026-11-01", "2027-02-01")

    text = (REFERENCE / "room.ics").read_text(encoding="utf-8")
    assert len(occurrences) == text.count("BEGIN:VEVENT")
    assert [o.start for o in occurrences] == sorted(o.start for o in occurrences)


def test_the_order_is_by_start_then_all_day_then_summary(tmp_path: Path) -> None:
    path = calendar(
        tmp_path,
        event("DTSTART;VALUE=DATE:20261124", uid="1", summary="b day"),
        event("DTSTART:20261124T000000", uid="2", summary="a midnight"),
        event("DTSTART;VALUE=DATE:20261124", uid="3", summary="a day"),
        event("DTSTART;VALUE=DATE:20261120", "DTEND;VALUE=DATE:20261201", uid="4", summary="z"),
        event("DTSTART:20261123T233000", "DURATION:PT1H", uid="5", summary="late"),
    )

    agenda = agenda_of(path, start="2026-11-24", end="2026-11-25")

    assert [o.summary for o in agenda.occurrences] == ["z", "late", "a day", "b day", "a midnight"]


def test_the_window_includes_its_start_and_not_its_end(tmp_path: Path) -> None:
    path = calendar(
        tmp_path,
        event("DTSTART:20261124T090000", "DTEND:20261124T100000", uid="1", summary="ends"),
        event("DTSTART:20261124T100000", uid="2", summary="moment at start"),
        event("DTSTART:20261124T110000", uid="3", summary="moment at end"),
        event("DTSTART:20261124T110000", "DTEND:20261124T120000", uid="4", summary="begins"),
        event("DTSTART:20261124T080000", "DTEND:20261124T130000", uid="5", summary="around"),
    )

    agenda = agenda_of(path, start="2026-11-24T10:00", end="2026-11-24T11:00")

    assert [o.summary for o in agenda.occurrences] == ["around", "moment at start"]


def test_floating_times_are_by_the_displays_clock(tmp_path: Path) -> None:
    path = calendar(tmp_path, event("DTSTART:20261124T090000", "RRULE:FREQ=DAILY"))
    tokyo = ZoneInfo("Asia/Tokyo")

    (found,) = agenda_of(path, start="2026-11-25", end="2026-11-26", zone=tokyo).occurrences

    assert found.start == when("2026-11-25 09:00", tokyo)
    assert found.tz is None
    assert found.recurrence_id == "2026-11-25T09:00:00"


def test_a_time_that_clocks_skip_is_the_hour_after(tmp_path: Path) -> None:
    path = calendar(
        tmp_path,
        event(
            "DTSTART;TZID=Europe/Berlin:20260328T023000",
            "DTEND;TZID=Europe/Berlin:20260328T030000",
            "RRULE:FREQ=DAILY;COUNT=3",
        ),
    )

    agenda = agenda_of(path, start="2026-03-28", end="2026-04-01")

    assert shown(agenda.occurrences) == [
        "03-28 02:30-03-28 03:00 x",
        "03-29 03:30-03-29 04:00 x",
        "03-30 02:30-03-30 03:00 x",
    ]


def test_the_hour_that_comes_twice_is_told_apart(tmp_path: Path) -> None:
    """02:30 CEST is 00:30 UTC, 02:30 CET is 01:30 UTC (25 October 2026)."""
    path = calendar(
        tmp_path,
        event("DTSTART:20261025T013000Z", "DTEND:20261025T014500Z", uid="2", summary="second"),
        event("DTSTART:20261025T003000Z", "DTEND:20261025T004500Z", uid="1", summary="first"),
    )
    config = config_from_options([path])

    both = agenda_of(path, start="2026-10-25", end="2026-10-26").occurrences
    second = read_agenda(
        config, ["c"], when("2026-10-25 02:15").replace(fold=1), when("2026-10-25 03:00"), BERLIN
    ).occurrences

    assert [(o.summary, o.start.fold) for o in both] == [("first", 0), ("second", 1)]
    assert [o.summary for o in second] == ["second"]


def test_an_all_day_event_without_a_later_end_is_one_day(tmp_path: Path) -> None:
    path = calendar(
        tmp_path,
        event("DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261124", uid="1"),
        event("DTSTART;VALUE=DATE:20261124", uid="2"),
        event("DTSTART;VALUE=DATE:20261124", "DURATION:P1D", uid="3"),
    )

    agenda = agenda_of(path, start="2026-11-24T15:00", end="2026-11-24T16:00")

    assert shown(agenda.occurrences) == ["11-24 00:00-11-25 00:00 x"] * 3


def test_all_later_ones_can_be_moved_at_once(tmp_path: Path) -> None:
    path = calendar(
        tmp_path,
        event("DTSTART:20261123T090000Z", "DTEND:20261123T100000Z", "RRULE:FREQ=DAILY;COUNT=4"),
        event(
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20261125T090000Z",
            "DTSTART:20261125T110000Z",
            "DTEND:20261125T113000Z",
            summary="moved",
        ),
    )

    occurrences = agenda_of(path, start="2026-11-23", end="2026-12-01").occurrences

    assert shown(occurrences) == [
        "11-23 10:00-11-23 11:00 x",
        "11-24 10:00-11-24 11:00 x",
        "11-25 12:00-11-25 12:30 moved",
        "11-26 12:00-11-26 12:30 moved",
    ]
    assert [o.recurrence_id for o in occurrences] == [
        f"2026-11-{day}T09:00:00+00:00" for day in (23, 24, 25, 26)
    ]


def test_one_cancelled_instance_goes_and_the_others_stay(tmp_path: Path) -> None:
    path = calendar(
        tmp_path,
        event("DTSTART;TZID=Europe/Berlin:20261123T090000", "RRULE:FREQ=DAILY;COUNT=3"),
        event(
            "RECURRENCE-ID:20261124T080000Z",
            "DTSTART;TZID=Europe/Berlin:20261124T090000",
            "STATUS:CANCELLED",
        ),
    )

    occurrences = agenda_of(path, start="2026-11-23", end="2026-12-01").occurrences

    assert [o.start.day for o in occurrences] == [23, 25]


def test_details_of_an_event_are_kept_on_one_line(tmp_path: Path) -> None:
    path = calendar(
        tmp_path,
        event(
            "DTSTART:20261124T090000Z",
            "STATUS:TENTATIVE",
            "TRANSP:TRANSPARENT",
            "LOCATION:Room 1\\nFloor 2\x1b[31m",
            summary="Müller\\, & Co.\\n(late)",
        ),
    )

    (found,) = agenda_of(path, start="2026-11-24", end="2026-11-25").occurrences

    assert found.summary == "Müller, & Co. (late)"
    assert found.location == "Room 1 Floor 2 [31m"
    assert (found.status, found.transparent, found.tz) == ("TENTATIVE", True, "UTC")


def test_a_calendar_of_old_encoding_keeps_its_umlauts(tmp_path: Path) -> None:
    path = calendar(tmp_path, event("DTSTART:20261124T090000Z", summary="Muller"))
    path.write_bytes(path.read_bytes().replace(b"Muller", b"M\xfcller"))

    (found,) = agenda_of(path, start="2026-11-24", end="2026-11-25").occurrences

    assert found.summary == "Müller"


def test_zones_a_calendar_defines_itself_do_not_leak_into_another(tmp_path: Path) -> None:
    def with_zone(name: str, offset: str) -> Path:
        zone = "\r\n".join(
            [
                *("BEGIN:VTIMEZONE", "TZID:Customized Time Zone", "BEGIN:STANDARD"),
                *("DTSTART:16010101T000000", f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}"),
                *("END:STANDARD", "END:VTIMEZONE"),
            ]
        )
        meeting = event("DTSTART;TZID=Customized Time Zone:20261124T120000", summary=name)
        return calendar(tmp_path, zone, meeting, name=f"{name}.ics")

    agenda = agenda_of(
        with_zone("a", "+0300"), with_zone("b", "+0500"), start="2026-11-24", end="2026-11-25"
    )

    assert [(o.summary, o.start.hour) for o in agenda.occurrences] == [("b", 8), ("a", 10)]
    assert agenda.occurrences[0].tz == "Customized Time Zone"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["DTSTART:yesterday"], "its DTSTART cannot be read"),
        (["SEQUENCE:1"], "it has no DTSTART"),
        (["DTSTART:20261124T090000Z", "DTSTART:20261125T090000Z"], "more than one DTSTART"),
        (["DTSTART;VALUE=TIME:090000"], "its DTSTART is no date or time"),
        (["DTSTART;TZID=Mars/Olympus:20261124T090000"], "unknown time zone, 'Mars/Olympus'"),
        (["DTSTART:20261124T090000Z", "RRULE:FREQ=SOMETIMES"], "its RRULE cannot be read"),
        (["DTSTART:20261124T090000Z", "RRULE:COUNT=3"], "its RRULE has no FREQ"),
        (["DTSTART:20261124T090000Z", "RRULE:FREQ=DAILY;INTERVAL=0"], "INTERVAL=0"),
        (["DTSTART:20261124T090000Z", "RRULE:FREQ=SECONDLY"], "it repeats more than"),
        (["DTSTART:20200101T090000Z", "RRULE:FREQ=MINUTELY"], "it repeats more than"),
        (["DTSTART:20261124T090000Z", "RRULE:FREQ=HOURLY;BYHOUR=25"], "do not exist"),
        (["DTSTART:20261124T090000Z", "RRULE:FREQ=YEARLY;BYDAY=60MO"], "do not exist"),
        (["DTSTART:99991231T235959Z", "DURATION:P2D"], "do not fit together"),
    ],
)
def test_an_event_that_cannot_be_understood_is_named_and_the_others_stay(
    tmp_path: Path, lines: list[str], why: str
) -> None:
    path = calendar(
        tmp_path,
        event(*lines, uid="bad", summary="Odd one"),
        event("DTSTART:20261124T120000Z", uid="good", summary="Good one"),
    )

    agenda = agenda_of(path, start="2026-11-24", end="2026-11-25")

    assert [o.summary for o in agenda.occurrences] == ["Good one"]
    (line,) = agenda.calendars[0].left_out
    assert line.startswith("event 'Odd one' (line 3): ")
    assert why in line


def test_a_broken_override_is_named_and_its_series_stays(tmp_path: Path) -> None:
    path = calendar(
        tmp_path,
        event("DTSTART:20261123T090000Z", "RRULE:FREQ=DAILY;COUNT=2"),
        event("DTSTART:20261124T100000Z", "RECURRENCE-ID:never", summary="y" * 80),
    )

    agenda = agenda_of(path, start="2026-11-23", end="2026-11-30")

    assert len(agenda.occurrences) == 2
    assert agenda.calendars[0].left_out[0].startswith(f"event '{'y' * 59}…'")


def test_events_without_a_uid_stand_alone(tmp_path: Path) -> None:
    bare = "BEGIN:VEVENT\r\nDTSTART:20261124T{}0000Z\r\nEND:VEVENT"
    broken = "BEGIN:VEVENT\r\nEND:VEVENT"
    path = calendar(tmp_path, bare.format("09"), bare.format("11"), broken)

    agenda = agenda_of(path, start="2026-11-24", end="2026-11-25")

    assert [o.start.hour for o in agenda.occurrences] == [10, 12]
    assert len(agenda.calendars[0].left_out) == 1


def test_each_calendar_degrades_alone(tmp_path: Path) -> None:
    good = calendar(tmp_path, event("DTSTART:20261124T120000Z"), name="good.ics")
    cut = tmp_path / "cut.ics"
    cut.write_bytes(good.read_bytes()[:-30])
    damaged = calendar(tmp_path, "no colon here", name="damaged.ics")

    agenda = agenda_of(
        tmp_path / "missing.ics",
        cut,
        damaged,
        good,
        start="2026-11-24",
        end="2026-11-25",
        strict=False,
    )

    assert len(agenda.occurrences) == 1
    problems = {state.name: state.problem for state in agenda.calendars}
    assert "there is no such calendar file" in problems["missing"]
    assert "the calendar is cut short" in problems["cut"]
    assert problems["damaged"] == ""  # a line that is none is passed over
    assert problems["good"] == ""


def test_a_strict_reading_raises_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such calendar file"):
        agenda_of(tmp_path / "missing.ics", start="2026-11-24", end="2026-11-25")


def test_an_unknown_calendar_is_answered_with_the_nearest() -> None:
    config = config_from_options([REFERENCE / "office.ics"])

    with pytest.raises(ConfigError) as caught:
        read_agenda(config, ["ofice"], when("2026-11-24"), when("2026-11-25"), BERLIN)
    assert caught.value.hint == "did you mean 'office'?"


RULES = st.builds(
    lambda freq, parts: ";".join([f"FREQ={freq}", *parts]),
    st.sampled_from(["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.lists(
        st.one_of(
            st.integers(-1, 400).map("INTERVAL={}".format),
            st.integers(-1, 99).map("COUNT={}".format),
            st.integers(-32, 32).map("BYMONTHDAY={}".format),
            st.integers(0, 13).map("BYMONTH={}".format),
            st.integers(-54, 54).map("BYWEEKNO={}".format),
            st.integers(-367, 367).map("BYYEARDAY={}".format),
            st.integers(-1, 25).map("BYHOUR={}".format),
            st.integers(-1, 61).map("BYMINUTE={}".format),
            st.integers(-9, 9).map("BYSETPOS={}".format),
            st.sampled_from(["BYDAY=MO", "BYDAY=5FR,-5SU", "BYDAY=99TU", "UNTIL=20261201"]),
        ),
        max_size=4,
    ),
)


HANGS_MS = 300_000
"""Far beyond what any rule takes on any machine: what takes longer does not end."""


@given(
    rule=RULES, start=st.sampled_from(["DTSTART:20261101T090000Z", "DTSTART;VALUE=DATE:20200229"])
)
@settings(
    max_examples=80, deadline=HANGS_MS, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_rule_hangs_or_crashes(tmp_path: Path, rule: str, start: str) -> None:
    path = calendar(tmp_path, event(start, f"RRULE:{rule}"))

    agenda = agenda_of(path, start="2026-11-24", end="2026-11-26")

    assert not agenda.calendars[0].problem
    assert all(o.end > agenda.start and o.start < agenda.end for o in agenda.occurrences) or all(
        o.start == o.end for o in agenda.occurrences
    )


@given(
    position=st.integers(0, 4900),
    length=st.integers(0, 40),
    junk=st.binary(max_size=12),
)
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_damaged_file_is_a_problem_or_left_out_and_never_a_crash(
    tmp_path: Path, position: int, length: int, junk: bytes
) -> None:
    data = (REFERENCE / "world.ics").read_bytes()
    path = tmp_path / "damaged.ics"
    path.write_bytes(data[:position] + junk + data[position + length :])

    (state,) = agenda_of(path, start="2026-11-23", end="2026-11-28", strict=False).calendars

    assert "\n" not in state.problem
