"""Calendars made to hurt: work and memory stay bounded, one line says why, other calendars are fine.

Each runs as `host events` in a process of its own, whose processor time and memory the kernel limits:
what takes longer, on whatever machine, is killed and the test fails.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from case_files import cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calendarbot.agenda import read_agenda
from calendarbot.config import config_from_options

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from calendarbot.model import Agenda

CPU_S = 40
"""Many times what any of these takes, and far from what an endless one would."""
MEMORY_BYTES = 1536 * 1024**2
MOST_LINE_CHARACTERS = 600

GOOD = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:good\r\nSUMMARY:Good\r\n"
    "DTSTART:20261124T120000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def calendar(*lines: str, before: str = "") -> str:
    body = ["BEGIN:VEVENT", "UID:bad", "SUMMARY:Bad", *lines, "END:VEVENT"]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", before, *body, "END:VCALENDAR", ""])


def every(rule: str, start: str = "DTSTART:20000101T000000Z") -> str:
    return calendar(start, f"RRULE:{rule}")


def events(number: int, *lines: str, uid: str = "{}") -> str:
    one = "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "SUMMARY:{}", *lines, "END:VEVENT", ""])
    return "".join(
        [
            "BEGIN:VCALENDAR\r\n",
            *(one.replace("{}", str(n)) for n in range(number)),
            "END:VCALENDAR",
        ]
    )


def dates(name: str, number: int) -> str:
    times = ",".join(f"{20000101 + n % 28}T{n % 24:02}{n // 24 % 60:02}00" for n in range(number))
    return calendar("DTSTART:20261124T090000", f"{name}:{times}")


def ranges(number: int) -> str:
    """A series of a day in which every instance moves all later ones."""
    override = (
        "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:bad\r\nSUMMARY:Moved\r\n"
        "RECURRENCE-ID;RANGE=THISANDFUTURE:{0}\r\nDTSTART:{0}"
    )
    moments = [f"202611{1 + n // 1440:02}T{n // 60 % 24:02}{n % 60:02}00" for n in range(number)]
    rule = ("DTSTART:20261101T000000", "RRULE:FREQ=MINUTELY;INTERVAL=5")
    return calendar(*rule, *(override.format(moment) for moment in moments))


def series_and_overrides(number: int) -> str:
    series = ("DTSTART:20261101T000000", "RRULE:FREQ=DAILY")
    override = ("DTSTART:20261101T000000", "RECURRENCE-ID:20261101T0000{:02}")
    both = [
        "\r\n".join(["BEGIN:VEVENT", "UID:bad", f"SUMMARY:{n}", *lines, "END:VEVENT"])
        for n in range(number)
        for lines in (series, (override[0], f"RECURRENCE-ID:2026{1 + n % 12:02}01T{n // 12:06}"))
    ]
    return "\r\n".join(["BEGIN:VCALENDAR", *both, "END:VCALENDAR", ""])


def zones(number: int) -> str:
    """A definition with so many parts, each with an endless rule of its own."""
    part = (
        "BEGIN:STANDARD\r\nDTSTART:16010101T0{0:05}\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0{1}00\r\n"
        "RRULE:FREQ=SECONDLY\r\nEND:STANDARD"
    )
    parts = [part.format(n % 60, n % 9) for n in range(number)]
    definition = "\r\n".join(["BEGIN:VTIMEZONE", "TZID:Bad", *parts, "END:VTIMEZONE"])
    return calendar("DTSTART;TZID=Bad:20261124T090000", "RRULE:FREQ=DAILY", before=definition)


HOSTILE: dict[str, Callable[[], str]] = {
    "every second for ever": lambda: every("FREQ=SECONDLY"),
    "every second of a billion": lambda: every("FREQ=SECONDLY;COUNT=999999999"),
    "every minute for ever": lambda: every("FREQ=MINUTELY"),
    "every second that never is": lambda: every("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"),
    "a thousand leap days that are Mondays": lambda: every(
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;COUNT=1000", "DTSTART;VALUE=DATE:20160229"
    ),
    "a second in years that never fits": lambda: every(
        "FREQ=SECONDLY;INTERVAL=86399;BYHOUR=3;BYMINUTE=3;BYSECOND=3;BYYEARDAY=366"
    ),
    "an interval of a hundred digits": lambda: every(f"FREQ=DAILY;INTERVAL={'9' * 100}"),
    "a count of a hundred digits": lambda: every(f"FREQ=DAILY;COUNT={'9' * 100}"),
    "a rule with a hundred thousand days": lambda: every(
        "FREQ=YEARLY;BYDAY=" + ",".join(["1MO", "-1SU"] * 50_000)
    ),
    "all seconds of all hours of a month, by position": lambda: every(
        "FREQ=MONTHLY;BYHOUR={};BYMINUTE={};BYSECOND={};BYMONTHDAY={};BYSETPOS=1,-1".format(
            *(
                ",".join(map(str, numbers))
                for numbers in (range(24), range(60), range(60), range(1, 29))
            )
        )
    ),
    "ten thousand rules": lambda: calendar(
        "DTSTART:20000101T000000Z", *["RRULE:FREQ=HOURLY"] * 10_000
    ),
    "ten thousand excluding rules": lambda: calendar(
        "DTSTART:20000101T000000Z", "RRULE:FREQ=HOURLY", *["EXRULE:FREQ=MINUTELY"] * 10_000
    ),
    "a million more dates": lambda: dates("RDATE", 1_000_000),
    "a million exceptions": lambda: dates("EXDATE", 1_000_000),
    "a duration of millions of years": lambda: calendar(
        "DTSTART:20261101T000000Z", "DURATION:P999999999999W", "RRULE:FREQ=DAILY"
    ),
    "a duration of millions of days": lambda: calendar(
        "DTSTART:20261101T000000Z", "DURATION:P999999D", "RRULE:FREQ=HOURLY"
    ),
    "the first year there is": lambda: every("FREQ=DAILY", "DTSTART:00010101T000000Z"),
    "the last year there is": lambda: every("FREQ=DAILY", "DTSTART:99991231T235959Z"),
    "the year nought": lambda: every("FREQ=DAILY", "DTSTART:00000101T000000Z"),
    "a title of a hundred thousand characters": lambda: calendar(
        "DTSTART:20261124T090000", "SUMMARY:" + "long " * 20_000
    ),
    "a title of ten million characters, escaped": lambda: calendar(
        "DTSTART:20261124T090000", "SUMMARY:" + "\\n" * 5_000_000
    ),
    "a title without end, folded after every character": lambda: calendar(
        "DTSTART:20261124T090000", "SUMMARY:" + "a\r\n " * 1_000_000
    ),
    "a line of ten million quotes": lambda: calendar(
        "DTSTART:20261124T090000", 'ATTENDEE;CN="' + '"' * 10_000_000
    ),
    "a property with a million parameters": lambda: calendar(
        "DTSTART" + ";A=B" * 1_000_000 + ":20261124T090000"
    ),
    "a hundred thousand attendees": lambda: calendar(
        "DTSTART:20261124T090000", *["ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@example.org"] * 100_000
    ),
    "a million categories": lambda: calendar(
        "DTSTART:20261124T090000", "CATEGORIES:" + "a,b," * 500_000
    ),
    "a million empty lines": lambda: calendar("DTSTART:20261124T090000", *[""] * 1_000_000),
    "a million lines that are none": lambda: calendar(
        "DTSTART:20261124T090000", *["x"] * 1_000_000
    ),
    "a hundred thousand components, one in the other": lambda: calendar(
        "DTSTART:20261124T090000", *["BEGIN:VALARM"] * 100_000, *["END:VALARM"] * 100_000
    ),
    "a hundred thousand events, one in the other": lambda: "\r\n".join(
        ["BEGIN:VCALENDAR", *["BEGIN:VEVENT"] * 100_000, "DTSTART:20261124T090000"]
    ),
    "a hundred thousand calendars, one in the other": lambda: "\r\n".join(
        ["BEGIN:VCALENDAR"] * 100_000 + ["END:VCALENDAR"] * 100_000
    ),
    "fifty thousand events that are none": lambda: events(50_000, "DTSTART:soon"),
    "fifty thousand series": lambda: events(50_000, "DTSTART:20200101T090000", "RRULE:FREQ=DAILY"),
    "four thousand revisions of one event": lambda: events(
        4_000, "DTSTART:20261124T0900{}", "SEQUENCE:{}", uid="same"
    ),
    "three thousand series of one name, each with an override": lambda: series_and_overrides(3_000),
    "eight thousand changes of all that follow": lambda: ranges(8_000),
    "a zone of five thousand endless rules": lambda: zones(5_000),
    "a zone's name of a million characters": lambda: calendar(
        "DTSTART;TZID=" + "/a" * 500_000 + ":20261124T090000"
    ),
    "zone names that lead out of the database": lambda: calendar(
        "DTSTART;TZID=../../../../etc/passwd:20261124T090000"
    ),
    "nothing but zero bytes after the beginning": lambda: "BEGIN:VCALENDAR\r\n" + "\0" * 10_000_000,
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "good.ics"
    path.write_text(GOOD, encoding="utf-8", newline="")
    return path


def unmeasured() -> dict[str, str]:
    """The limit is for the program's own work, not for what measures its coverage."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_calendar_is_read_in_bounded_time_and_memory(
    name: str, tmp_path: Path, good: Path
) -> None:
    bad = tmp_path / "bad.ics"
    bad.write_text(HOSTILE[name](), encoding="utf-8", newline="")
    window = ["--from", "2026-11-24", "--to", "2026-11-25", "--tz", "Europe/Berlin"]
    config = tmp_path / "calendarbot.toml"
    config.write_text(
        f'[calendars.bad]\npath = "{bad}"\n[calendars.good]\npath = "{good}"\n'
        '[displays.a]\npanel = "waveshare_7in5_v2"\n',
        encoding="utf-8",
    )

    run = subprocess.run(
        [sys.executable, "-m", "calendarbot", "events", str(config), *window, "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=unmeasured(),
        preexec_fn=limited,
    )

    assert run.returncode in (0, 4), f"{run.returncode}: {run.stderr[-2000:]}"
    assert "Traceback" not in run.stderr
    assert all(len(line) <= MOST_LINE_CHARACTERS for line in run.stderr.splitlines())
    assert len(run.stderr.splitlines()) <= 200
    if run.returncode == 0:
        shown = json.loads(run.stdout)
        assert "Good" in [one["summary"] for one in shown]
        assert max(len(one["summary"]) for one in shown) <= MOST_LINE_CHARACTERS
    else:
        assert str(bad) in run.stderr


BERLIN = ZoneInfo("Europe/Berlin")


def agenda_of(path: Path, content: bytes) -> Agenda:
    path.write_bytes(content)
    config = config_from_options([path], tz=BERLIN.key)
    start, end = datetime(2026, 11, 16, tzinfo=BERLIN), datetime(2026, 11, 30, tzinfo=BERLIN)
    return read_agenda(config, list(config.calendars), start, end, BERLIN)


REFERENCE = next(case for case in cases("vendors") if "Windows zones" in case.name).data


@pytest.mark.parametrize("quarter", range(4))
def test_every_truncation_is_said_and_shows_nothing_that_was_not_there(
    quarter: int, tmp_path: Path
) -> None:
    summaries = {one.summary for one in agenda_of(tmp_path / "c.ics", REFERENCE).occurrences}
    length = len(REFERENCE.rstrip())

    for end in range(quarter, length, 4):
        agenda = agenda_of(tmp_path / "c.ics", REFERENCE[:end])

        (state,) = agenda.calendars
        assert state.problem or state.left_out, f"nothing is said when cut after {end} bytes"
        assert "\n" not in state.problem
        assert {one.summary for one in agenda.occurrences} <= summaries


@given(
    seed=st.integers(0, 2**32 - 1),
    flips=st.integers(1, 30),
    kind=st.sampled_from(["flip", "delete", "double", "swap"]),
)
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_damaged_bytes_are_a_problem_or_left_out_and_never_a_crash(
    tmp_path: Path, seed: int, flips: int, kind: str
) -> None:
    agenda = agenda_of(tmp_path / "c.ics", _damaged(REFERENCE, random.Random(seed), flips, kind))

    (state,) = agenda.calendars
    assert not any("\n" in line or "Traceback" in line for line in (state.problem, *state.left_out))
    assert all(one.end >= one.start for one in agenda.occurrences)


def _damaged(content: bytes, dice: random.Random, times: int, kind: str) -> bytes:
    data = bytearray(content)
    for _ in range(times):
        at = dice.randrange(len(data))
        length = dice.randrange(1, 60)
        if kind == "flip":
            data[at] ^= 1 << dice.randrange(8)
        elif kind == "delete":
            del data[at : at + length]
        elif kind == "double":
            data[at:at] = data[at : at + length]
        else:
            to = dice.randrange(len(data))
            data[at : at + length], data[to : to + length] = (
                data[to : to + length],
                data[at : at + length],
            )
    return bytes(data)
