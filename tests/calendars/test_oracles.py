"""Generated rules: our occurrences against those of two independent libraries.

dateutil expands the wall clock's rule; what its local times mean in a zone is read as RFC 5545 §3.3.5
says. recurring-ical-events is given the calendar itself, with exceptions, more dates and an override.
Where they are known to differ from the RFC, `_settled` says so, rule by rule.
"""

from __future__ import annotations

import os
import types
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from unittest import mock
from zoneinfo import ZoneInfo

import dateutil.rrule
import recurring_ical_events  # type: ignore[import-untyped]  # it has none
from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from calendarbot.agenda import read_agenda
from calendarbot.config import config_from_options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")
# Around both clock changes of the zones above, and the turn of a long year (2026 has week 53).
STARTS = (datetime(2026, 3, 6, 2, 30), datetime(2026, 10, 23, 1, 15), datetime(2026, 12, 28, 9))  # noqa: DTZ001  wall clocks
WINDOW_DAYS = 400

PROPERTIES = settings(
    max_examples=120,
    deadline=None,
    derandomize="CI" in os.environ,  # a find of chance is for people, not for a build
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.filter_too_much,
        HealthCheck.too_slow,
    ],
)


@dataclass(frozen=True)
class Rule:
    """A rule by its parts, and the start that it counts from."""

    frequency: str
    start: datetime
    zone: str
    interval: int = 1
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    count: int | None = None
    until: datetime | None = None

    def text(self, *, until_in_utc: bool) -> str:
        parts = [f"FREQ={self.frequency}", f"INTERVAL={self.interval}"]
        parts += [f"{name}={','.join(values)}" for name, values in self.parts.items()]
        if self.count:
            parts.append(f"COUNT={self.count}")
        if self.until and until_in_utc:
            parts.append(f"UNTIL={_utc(self.until, self.zone):%Y%m%dT%H%M%SZ}")
        elif self.until:
            parts.append(f"UNTIL={self.until:%Y%m%dT%H%M%S}")
        return ";".join(parts)

    def has(self, *names: str) -> bool:
        return all(name in self.parts for name in names)

    def numbers(self, name: str) -> list[int]:
        return [int(value) for value in self.parts.get(name, ())]


def _numbers(*numbers: int) -> st.SearchStrategy[tuple[str, ...]]:
    some = st.lists(st.sampled_from(numbers), min_size=1, max_size=3, unique=True)
    return some.map(lambda found: tuple(str(number) for number in found))


def _days(*ordinals: int) -> st.SearchStrategy[tuple[str, ...]]:
    day = st.builds(
        lambda n, d: f"{n or ''}{d}", st.sampled_from(ordinals), st.sampled_from(WEEKDAYS)
    )
    return st.lists(day, min_size=1, max_size=3, unique=True).map(tuple)


_TIMES = {"BYHOUR": _numbers(0, 1, 2, 3, 9, 23), "BYMINUTE": _numbers(0, 15, 30, 45)}
_MONTHS = {"BYMONTH": _numbers(1, 2, 3, 10, 11, 12)}
_MONTH_DAYS = {"BYMONTHDAY": _numbers(1, 8, 25, 29, 30, 31, -1, -2, -31)}
_POSITIONS = {"BYSETPOS": _numbers(1, 2, 3, -1, -2)}
# What RFC 5545 §3.3.10 has in its table for each frequency; what it forbids has no right answer.
PARTS = {
    "YEARLY": _MONTHS
    | _MONTH_DAYS
    | _TIMES
    | _POSITIONS
    | {
        "BYDAY": st.one_of(_days(0), _days(1, 2, 5, -1)),
        "BYYEARDAY": _numbers(1, 60, 87, 300, 366, -1, -60),
        "BYWEEKNO": _numbers(1, 13, 43, 44, 51),
    },
    "MONTHLY": _MONTHS
    | _MONTH_DAYS
    | _TIMES
    | _POSITIONS
    | {"BYDAY": st.one_of(_days(0), _days(1, 2, 5, -1))},
    "WEEKLY": _MONTHS | _TIMES | _POSITIONS | {"BYDAY": _days(0)},
    "DAILY": _MONTHS | _MONTH_DAYS | _TIMES | _POSITIONS | {"BYDAY": _days(0)},
    "HOURLY": _MONTHS | _MONTH_DAYS | _TIMES | {"BYDAY": _days(0)},
}


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    frequency = draw(st.sampled_from(sorted(PARTS)))
    possible = PARTS[frequency]
    names = draw(st.lists(st.sampled_from(sorted(possible)), max_size=4, unique=True))
    parts = {name: draw(possible[name]) for name in names}
    if draw(st.booleans()):
        parts["WKST"] = (draw(st.sampled_from(WEEKDAYS)),)
    rule = Rule(
        frequency=frequency,
        start=draw(st.sampled_from(STARTS)),
        zone=draw(st.sampled_from(ZONES)),
        interval=draw(st.sampled_from([1, 1, 2, 3, 5])),
        parts=parts,
    )
    bound = draw(st.sampled_from(["count", "until", ""]))
    if bound == "count":
        return replace(rule, count=draw(st.integers(1, 40)))
    if bound == "until":
        # At noon, which no clock skips: what UNTIL means in UTC is then plain.
        last = rule.start.replace(hour=12) + timedelta(days=draw(st.integers(0, 400)))
        return replace(rule, until=last)
    return rule


def _settled(rule: Rule) -> bool:
    """Whether the libraries are known to differ from the RFC about rules of this kind."""
    weeks = rule.has("BYWEEKNO")
    only_positions = set(rule.parts) <= {"BYSETPOS", "WKST"}
    return any(
        (
            # §3.3.10: BYSETPOS picks from the whole week's set; dateutil's first week begins with
            # DTSTART's day.
            rule.frequency == "WEEKLY" and rule.has("BYSETPOS"),
            # §3.3.10: "BYSETPOS MUST only be used with another BYxxx"; there is no right answer.
            rule.has("BYSETPOS") and only_positions,
            # §3.3.10: without BYDAY the weekday is DTSTART's; dateutil takes all seven days.
            weeks and not rule.has("BYDAY"),
            # §3.3.10: BYDAY with numbers MUST NOT be used with BYWEEKNO.
            weeks and any(day[:-2] for day in rule.parts.get("BYDAY", ())),
            # §3.3.10: a week belongs to one year, by its Thursday where weeks begin on Monday. dateutil
            # counts the interval in, and takes positions from, calendar years, which cut weeks in two.
            weeks and (rule.interval > 1 or rule.has("BYSETPOS")),
            # The same at the edge: with BYYEARDAY or BYMONTHDAY the day is looked for in its calendar
            # year by dateutil; §3.3.10's order of evaluation (BYWEEKNO before both) has week-years.
            weeks and 1 in rule.numbers("BYWEEKNO") and rule.has("BYYEARDAY"),
            # §3.3.10, note 1 and 2: with BYMONTHDAY or BYYEARDAY, BYDAY limits; a number before the
            # weekday has no meaning then.
            (rule.has("BYMONTHDAY") or rule.has("BYYEARDAY"))
            and any(day[:-2] for day in rule.parts.get("BYDAY", ())),
        )
    )


def _utc(wall: datetime, zone: str) -> datetime:
    """§3.3.5: in a gap with the offset before it, in a fold the first (PEP 495, fold=0, is the same)."""
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@contextmanager
def _few_years() -> Iterator[None]:
    """dateutil looks for the next instance up to the year 9999; here it stops after the window."""
    nearer = types.SimpleNamespace(**vars(dateutil.rrule.datetime) | {"MAXYEAR": 2029})
    with mock.patch.object(dateutil.rrule, "datetime", nearer), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _by_dateutil(rule: Rule) -> list[datetime]:
    """Instants in the window."""
    with _few_years():
        try:
            found = rrulestr(rule.text(until_in_utc=False), dtstart=rule.start)
        except ValueError:  # "generates an empty set": it sees at once that there is no instance
            return []
        walls = found.between(rule.start, rule.start + timedelta(days=WINDOW_DAYS - 2), inc=True)
    return sorted({_utc(wall, rule.zone) for wall in walls})


def _calendar(rule: Rule, *more: str) -> bytes:
    zoned = f"TZID={rule.zone}:"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "BEGIN:VEVENT",
        "UID:oracle",
        f"DTSTART;{zoned}{rule.start:%Y%m%dT%H%M%S}",
        f"RRULE:{rule.text(until_in_utc=True)}",
        *more,
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join([*lines, ""]).encode()


def _ours(tmp_path: Path, content: bytes, rule: Rule) -> list[datetime]:
    path = tmp_path / "oracle.ics"
    path.write_bytes(content)
    zone = ZoneInfo(rule.zone)
    config = config_from_options([path], tz=rule.zone)
    start = rule.start.replace(tzinfo=zone) - timedelta(days=1)
    agenda = read_agenda(config, ["oracle"], start, start + timedelta(days=WINDOW_DAYS), zone)
    assert agenda.calendars[0].left_out == ()
    assert agenda.calendars[0].problem == ""
    return [one.start.astimezone(UTC) for one in agenda.occurrences]


def _begun(rule: Rule) -> Rule:
    """The rule, with its first instance as its start: §3.8.5.3 leaves any other undefined."""
    instants = _by_dateutil(rule)
    assume(instants)
    start = instants[0].astimezone(ZoneInfo(rule.zone)).replace(tzinfo=None, fold=0)
    begun = replace(rule, start=start)
    assume(_by_dateutil(begun)[:1] == instants[:1])
    return begun


def _until(instants: list[datetime], rule: Rule) -> list[datetime]:
    """Those that every one of the three was asked for."""
    end = _utc(rule.start + timedelta(days=WINDOW_DAYS - 3), rule.zone)
    return [instant for instant in instants if instant < end]


@PROPERTIES
@given(rule=rules())
@example(rule=Rule("DAILY", STARTS[0], "America/New_York"))
@example(rule=Rule("HOURLY", STARTS[1], "Europe/Berlin", interval=1))
@example(rule=Rule("MONTHLY", STARTS[2], "UTC", parts={"BYDAY": ("-1MO",), "BYSETPOS": ("-1",)}))
def test_rules_have_the_occurrences_that_dateutil_finds(tmp_path: Path, rule: Rule) -> None:
    assume(not _settled(rule))
    theirs = _by_dateutil(rule)
    # §3.8.5.3 leaves a start outside of its rule undefined; ours is shown when there is nothing else.
    assume(theirs)

    ours = _ours(tmp_path, _calendar(rule), rule)

    assert _until(ours, rule) == _until(theirs, rule), rule.text(until_in_utc=True)


@PROPERTIES
@given(rule=rules(), excluded=st.integers(0, 6), moved=st.integers(0, 6), added=st.integers(0, 90))
def test_series_have_the_occurrences_that_recurring_ical_events_finds(
    tmp_path: Path, rule: Rule, excluded: int, moved: int, added: int
) -> None:
    assume(not _settled(rule))
    rule = _begun(rule)
    instants = _by_dateutil(rule)
    assume(len(instants) > max(excluded, moved) and excluded != moved)
    # It drops the override of an excluded instance and reads a wall clock twice where hours are
    # skipped; a set has an instant once (§3.8.5.2). Times that are not skipped have one meaning.
    walls = [instant.astimezone(ZoneInfo(rule.zone)).replace(tzinfo=None) for instant in instants]
    # It also compares clocks without their zones: what is 01:00 in UTC is taken away by an EXDATE of
    # 01:00 in Sydney, and the other way round. §3.8.5.1 excludes a moment.
    extra = rule.start + timedelta(days=added, hours=7)
    utc_walls = [instant.replace(tzinfo=None) for instant in (*instants, _utc(extra, rule.zone))]
    named, named_in_utc = ({found[excluded], found[moved]} for found in (walls, utc_walls))
    confused = not (named.isdisjoint(utc_walls) and named_in_utc.isdisjoint([*walls, extra]))
    assume(rule.zone == "UTC" or not confused)
    zoned = f"TZID={rule.zone}:"
    more = (f"EXDATE;{zoned}{walls[excluded]:%Y%m%dT%H%M%S}", f"RDATE;{zoned}{extra:%Y%m%dT%H%M%S}")
    override = (
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:oracle",
        f"RECURRENCE-ID;{zoned}{walls[moved]:%Y%m%dT%H%M%S}",
        f"DTSTART;{zoned}{walls[moved] + timedelta(hours=30):%Y%m%dT%H%M%S}",
    )
    assume(_utc(extra, rule.zone) not in instants)
    assume(not any(_is_skipped(wall, rule.zone) for wall in (walls[excluded], walls[moved], extra)))
    content = _calendar(rule, *more, *override)

    start = rule.start.replace(tzinfo=ZoneInfo(rule.zone)) - timedelta(days=1)
    with _few_years():
        found = recurring_ical_events.of(Calendar.from_ical(content)).between(
            start, start + timedelta(days=WINDOW_DAYS)
        )
    theirs = sorted(event["DTSTART"].dt.astimezone(UTC) for event in found)

    ours = _ours(tmp_path, content, rule)

    # A list: the override may meet another instance, and both are shown.
    assert _once(_until(ours, rule)) == _once(_until(theirs, rule)), content.decode()


def _once(instants: list[datetime]) -> list[datetime]:
    return sorted(set(instants))


def _is_skipped(wall: datetime, zone: str) -> bool:
    there = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))
    return there.replace(tzinfo=None) != wall
