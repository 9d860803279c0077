"""`host events`: the table, the JSON that programs read, and the moments it takes."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from click import BadParameter
from click.testing import CliRunner

from calendarbot.cli import cli, events
from calendarbot.cli.options import parse_when

if TYPE_CHECKING:
    from click.testing import Result

REFERENCE = Path(__file__).parents[1] / "reference"
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = ("--calendar", str(REFERENCE / "office.ics"))
FAMILY = ("--calendar", str(REFERENCE / "family.ics"))
DAY = ("--from", "2026-11-24", "--to", "2026-11-25", "--tz", "Europe/Berlin")


def host(*args: str) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(cli, ["events", *args], prog_name="host")


def test_json_is_exactly_what_is_documented() -> None:
    result = host(*FAMILY, "--from", "2026-11-26", "--to", "2026-11-28", *DAY[4:], "--json")

    assert result.exit_code == 0
    assert result.stderr == ""
    by_summary = {entry["summary"]: entry for entry in json.loads(result.stdout)}
    assert by_summary["Lisbon ✈️"] == {
        "uid": "trip@reference.example",
        "calendar": "family",
        "summary": "Lisbon ✈️",
        "start": "2026-11-27",
        "end": "2026-12-01",
        "all_day": True,
        "tz": None,
        "location": "",
        "status": "CONFIRMED",
        "recurrence_id": None,
        "transparent": False,
        "categories": [],
        "class": "PUBLIC",
        "partstat": "",
        "organizer": "",
        "url": "",
        "conference": "",
        "color": "",
        "sequence": 0,
        "also_in": [],
    }
    assert by_summary["Parents' evening"]["start"] == "2026-11-27T08:00:00+01:00"
    assert by_summary["🎂 Oma Käthe"]["recurrence_id"] == "2026-11-26"
    documented = list(by_summary["Lisbon ✈️"])
    assert all(list(entry) == documented for entry in by_summary.values())


def test_json_of_nothing_is_an_empty_list() -> None:
    result = host(*FAMILY, "--from", "2026-11-24T03:00", "--to", "2026-11-24T04:00", "--json")

    # A birthday lasts all day, in whatever zone this machine is.
    assert [entry["all_day"] for entry in json.loads(result.stdout)] == [True]
    world = ("--calendar", str(REFERENCE / "world.ics"))
    assert json.loads(host(*world, "--from", "2026-01-01", "--json").stdout) == []


def test_the_table_shows_a_day_once_and_its_times() -> None:
    result = host(*OFFICE, *FAMILY, *DAY)

    assert result.exit_code == 0
    assert result.stdout.count("Tue 2026-11-24") == 1
    assert "09:15–09:30" in result.stdout
    assert "Stand-up" in result.stdout
    assert "all day" in result.stdout
    assert "Calendar" in result.stdout
    assert result.stdout.endswith("Times are those of Europe/Berlin.\n")


def test_the_table_says_when_long_events_end() -> None:
    result = host(*FAMILY, "--from", "2026-11-27", "--to", "2027-01-02", *DAY[4:])

    assert "until Mon 2026-11-30" in result.stdout
    assert "20:00–Fri 2027-01-01 02:00" in result.stdout


def test_brackets_in_a_summary_are_shown_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "c.ics"
    path.write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:[bold]Ship[/bold]\n"
        "DTSTART:20261124T090000\nEND:VEVENT\nEND:VCALENDAR\n",
        encoding="utf-8",
    )

    result = host("--calendar", str(path), *DAY)

    assert "[bold]Ship[/bold]" in result.stdout
    assert " 09:00 " in result.stdout


def test_a_time_without_events_is_said_in_words() -> None:
    result = host(*OFFICE, "--from", "2020-01-01", "--tz", "Europe/Berlin")

    assert result.stdout == "Nothing from Wed 2020-01-01 to Tue 2020-01-07 (Europe/Berlin).\n"


def test_without_dates_it_is_the_week_from_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "now", lambda zone: datetime(2026, 11, 24, 15, tzinfo=zone))

    entries = json.loads(host(*OFFICE, "--tz", "Europe/Berlin", "--json").stdout)

    assert entries[0]["start"] == "2026-11-24T09:00:00+01:00"
    assert entries[-1]["start"].startswith("2026-11-30")


def test_what_is_left_out_is_named_apart_from_the_data(tmp_path: Path) -> None:
    path = tmp_path / "odd.ics"
    path.write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Tick\nDTSTART:20261124T090000\n"
        "RRULE:FREQ=SECONDLY\nEND:VEVENT\nEND:VCALENDAR\n",
        encoding="utf-8",
    )

    result = host("--calendar", str(path), *DAY, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == []
    assert result.stderr == (
        "left out of odd: event 'Tick' (line 2): "
        "it repeats more than 1000 times in the time asked for\n"
    )


def test_a_configuration_names_the_calendars_and_the_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "c.ics").write_bytes((REFERENCE / "office.ics").read_bytes())
    (tmp_path / "calendarbot.toml").write_text(
        'tz = "Asia/Tokyo"\n[calendars.work]\npath = "c.ics"\n'
        '[displays.a]\npanel = "waveshare_7in5_v2"\n',
        encoding="utf-8",
    )

    elsewhere = host(str(tmp_path / "calendarbot.toml"), *DAY[:4], "--json")
    monkeypatch.chdir(tmp_path)
    here = host(*DAY[:4], "--json")

    assert elsewhere.stdout == here.stdout
    first = json.loads(here.stdout)[0]
    assert (first["calendar"], first["start"][-6:]) == ("work", "+09:00")
    berlin = json.loads(host(*DAY, "--json").stdout)
    assert berlin[0]["start"] == "2026-11-24T09:00:00+01:00"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--from", "tomorrow"), "'--from': 'tomorrow' is not a moment"),
        (("--to", "2026-13-01"), "'--to': '2026-13-01' is not a moment"),
        (("--from", "0001-01-01"), "years from 1970 to 2199"),
        (("--from", "2026-11-24", "--to", "2026-11-24"), "is not after --from"),
        (("--from", "2000-01-01", "--to", "2026-01-01"), "more than ten years apart"),
        (("calendarbot.toml",), "either a configuration or --calendar"),
    ],
)
def test_wrong_usage_is_explained_and_is_exit_code_2(args: tuple[str, ...], message: str) -> None:
    result = host(*OFFICE, *args)

    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24", "2026-11-24T00:00:00+01:00"),
        ("2026-11-24T07:30", "2026-11-24T07:30:00+01:00"),
        ("2026-11-24 07:30:15", "2026-11-24T07:30:15+01:00"),
        ("2026-11-24T07:30Z", "2026-11-24T08:30:00+01:00"),
        ("2026-07-01T07:30-04:00", "2026-07-01T13:30:00+02:00"),
        ("20261124T0730", "2026-11-24T07:30:00+01:00"),
        ("2026-03-29T02:30", "2026-03-29T03:30:00+02:00"),
        ("2026-10-25T02:30", "2026-10-25T02:30:00+02:00"),
    ],
)
def test_a_moment_is_read_in_the_displays_zone(text: str, moment: str) -> None:
    assert parse_when(text, BERLIN).isoformat() == moment


@pytest.mark.parametrize("text", ["", "noon", "2026-02-30", "9999-12-31T23:59Z", "24.11.2026"])
def test_what_is_no_moment_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadParameter, match="2026-11-24T07:30"):
        parse_when(text, BERLIN)
