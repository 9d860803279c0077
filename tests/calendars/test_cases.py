"""Calendars as people have them, and what `host events --json` makes of each: see `case_files.py`."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from case_files import Case, all_cases, comparable, topics
from click.testing import CliRunner

from calendarbot.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

CASES = all_cases()


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_calendar_shows_exactly_what_is_in_it(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    path.write_bytes(case.data)
    start, end = case.window
    args = ["--from", start, "--to", end, "--tz", case.zone, "--json"]

    result = CliRunner().invoke(cli, ["events", "--calendar", str(path), *args], prog_name="host")

    if case.expected is None:
        assert result.exit_code == 4, result.output
        assert case.unreadable in result.stderr
        return
    assert result.exit_code == 0, result.stderr
    wanted = [_shown(one) for one in case.expected]
    answers = [_shown(_same_fields(answer, case)) for answer in json.loads(result.stdout)]
    kept = [
        {name: answer.get(name) for name in want}
        for answer, want in zip(answers, wanted, strict=False)
    ] + answers[len(wanted) :]
    assert kept == wanted, case.why
    said = [line for line in result.stderr.splitlines() if line.startswith("left out of")]
    assert len(said) == len(case.left_out), result.stderr
    for words in case.left_out:
        assert any(words in line for line in said), result.stderr


def _same_fields(answer: dict[str, Any], case: Case) -> dict[str, Any]:
    return answer | {name: comparable(answer[name], case.zone) for name in ("start", "end")}


def _shown(fields: dict[str, Any]) -> dict[str, Any]:
    """Moments as text in UTC: they compare by what they are, and a difference can be read."""
    return {
        name: value.astimezone(UTC).isoformat()
        if isinstance(value, datetime)
        else value.isoformat()
        if isinstance(value, date)
        else value
        for name, value in fields.items()
    }


def test_every_promise_has_its_cases() -> None:
    counted = Counter(case.about for case in CASES)

    assert not set(ITEMS) - set(counted), "promises without a case"
    assert not set(counted) - set(ITEMS), "cases about something that is not listed"


def test_a_case_has_a_name_of_its_own_and_says_why() -> None:
    names = Counter(case.id for case in CASES)

    assert [name for name, times in names.items() if times > 1] == []
    assert [case.id for case in CASES if len(case.why) < 10] == []
    assert len(topics()) >= 15


ITEMS = (
    # Recurrence
    "FREQ",
    "INTERVAL",
    "BYMONTH",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYDAY",
    "BYHOUR, BYMINUTE, BYSECOND",
    "BYSETPOS",
    "WKST",
    "COUNT",
    "UNTIL",
    "RDATE",
    "RDATE with PERIOD",
    "EXDATE",
    "EXDATE of another type",
    "EXRULE",
    "RSCALE",
    "a rule that is written oddly",
    # Overrides
    "RECURRENCE-ID",
    "RANGE=THISANDFUTURE",
    "an override moved into or out of the window",
    "an override without its series",
    "SEQUENCE",
    "a cancelled instance",
    "RECURRENCE-ID of another type",
    "events that share a UID",
    # Time
    "floating time",
    "UTC",
    "TZID without VTIMEZONE",
    "TZID with VTIMEZONE",
    "a VTIMEZONE of the vendor's own",
    "Windows zone names",
    "X-WR-TIMEZONE",
    "a zone that is written oddly",
    "an unknown zone",
    "the hour that clocks skip",
    "the hour that clocks repeat",
    "zones whose rules changed",
    # Length
    "all-day events",
    "several days",
    "no length",
    "DURATION",
    "no end",
    "over midnight",
    "over the window's edge",
    # What an event says about itself
    "STATUS",
    "TRANSP",
    "CLASS",
    "PARTSTAT",
    # Text and files
    "text escapes",
    "folded lines",
    "a byte order mark",
    "line ends",
    "character sets",
    "a truncated file",
    "several VCALENDARs",
    "components that do not match",
    "lines that are none",
    "an event without DTSTART",
    "a VTIMEZONE that cannot be understood",
    "a property that cannot be understood",
    "other components",
    # What vendors write
    "Google",
    "Outlook and Exchange",
    "iCloud",
    "Nextcloud",
    "Lotus Notes",
    "Zoho",
    "invitations by mail",
    # Rules that do not end
    "a rule without end",
    "a rule without dates",
)
"""What the project promises about calendars; each has at least one case."""
