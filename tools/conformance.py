"""python -m tools.conformance: other projects' expectations, through `host events --json`.

The data lies in the folder that CONFORMANCE_DATA names (default ../shared/conformance); its licences
are not ours, so it stays there. Rows {suite, passed, total, best_peer, best_peer_passed} go to
out/conformance.json. Where we differ, DISPUTED says which paragraph settles it.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from click.testing import CliRunner
from rich.console import Console
from rich.table import Table

from calendarbot.cli import cli
from calendarbot.events.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT: Final = Path(__file__).resolve().parents[1]
# `host events` lists at most ten years at once.
_SLICE: Final = timedelta(days=3650)
# How long after the last expected occurrence none may follow.
_AFTER: Final = timedelta(days=800)
_SHOWN: Final = 6

_ALL_MONTHS: Final = (
    "RFC 5545 §3.3.10, table: BYMONTHDAY expands YEARLY, so without BYMONTH it is the day of every "
    "month, and with BYDAY every Friday 13th; libical and ical.net take DTSTART's month alone"
)
DISPUTED: Final = {
    "libical:390": _ALL_MONTHS,
    "libical:395": _ALL_MONTHS,
    "ical.net:YearlyInterval1#45": _ALL_MONTHS,
}
"""Case: why our answer stands, with the paragraph."""


class Answer(NamedTuple):
    """One occurrence, by the clock of its own zone."""

    start: str
    """20261124T090000, or 20261124 for a whole day."""
    duration_s: int | None = None


@dataclass(frozen=True)
class Row:
    """The result of one suite."""

    suite: str
    passed: int
    total: int
    best_peer: str
    best_peer_passed: int


@dataclass
class Result:
    """One case: what was expected and what came."""

    case: str
    asked: str
    expected: list[Answer]
    answers: list[Answer]
    passed: bool = field(init=False)

    def __post_init__(self) -> None:
        pairs = zip(self.expected, self.answers, strict=False)
        self.passed = len(self.expected) == len(self.answers) and all(
            want.start == got.start
            and (want.duration_s is None or want.duration_s == got.duration_s)
            for want, got in pairs
        )


def main() -> None:
    default = ROOT.parent / "shared" / "conformance"
    data = Path(os.environ.get("CONFORMANCE_DATA", default))
    if not data.is_dir():
        print(f"Nothing to compare with: there is no folder {data} (CONFORMANCE_DATA names it).")
        return
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache  # these calendars are nobody's own
        rows = _rows(data)
    file = ROOT / "out" / "conformance.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    _show(rows)
    print(f"{len(rows)} suites in {file.relative_to(ROOT)}")


def _rows(data: Path) -> list[Row]:
    rows = []
    for name, run, peer, peer_passed in _SUITES:
        results = list(run(data))
        rows.append(Row(name, sum(r.passed for r in results), len(results), peer, peer_passed))
        for result in results:
            if not result.passed:
                _explain(result)
    return rows


def _libical(data: Path) -> Iterator[Result]:
    """Rules with a start, each made into a calendar of one event.

    Left out are cases without expectation, and those whose start is no instance of the rule
    (`unsync`): RFC 5545 §3.8.5.3 leaves their recurrence set undefined.
    """
    for case in _read(data / "libical_icalrecur_test.json"):
        if case["unsync"] or case["expected"] is None:
            continue
        zone = case["tz"] or "UTC"
        parameters = ";VALUE=DATE" if len(case["dtstart"]) == len("20261124") else ""
        if case["tz"] and not case["dtstart"].endswith("Z"):
            parameters = f";TZID={case['tz']}"
        lines = [f"DTSTART{parameters}:{case['dtstart']}", f"RRULE:{case['rrule']}"]
        expected = [text.removesuffix("Z") for text in case["expected"]]
        end = _moment(expected[-1]) + (_AFTER if case["finite"] else timedelta(days=1))
        found = _occurrences(_calendar(lines), _moment(case["dtstart"]), end, zone)
        answers = [Answer(one.start) for one in found]
        if not case["finite"]:
            answers = answers[: len(expected)]
        asked = f"{case['dtstart']} {case['rrule']}"
        yield Result(case["id"], asked, [Answer(text) for text in expected], answers)


def _icalnet(data: Path) -> Iterator[Result]:
    """Whole calendars, and one of their events in a window, by the clock of that event's zone."""
    for case in _read(data / "icalnet_calendar_occurrences.json"):
        content = (data / case["file"]).read_bytes()
        uid, zone = _event(clean(content).text, case["event_index"])
        found = _occurrences(content, _moment(case["start"]), _moment(case["stop"]), zone, uid)
        expected = [Answer(start, _seconds(length)) for start, _, length in case["expected"]]
        asked = f"{case['file']} {case['start']}/{case['stop']}"
        yield Result(case["id"], asked, expected, found)


_SUITES: Final = (
    ("libical rules", _libical, "recurring-ical-events 3.8.2", 115),
    ("ical.net windows", _icalnet, "recurring-ical-events 3.8.2", 58),
)
"""Name, how it is run, and the best of the peers on the same cases."""


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _calendar(lines: Iterable[str]) -> bytes:
    event = ["BEGIN:VEVENT", "UID:case", *lines, "END:VEVENT"]
    text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *event, "END:VCALENDAR", ""])
    return text.encode()


def _event(text: str, index: int) -> tuple[str, str]:
    """The UID of an event (empty: the calendar gives none) and the zone of its start."""
    block = re.findall(r"BEGIN:VEVENT(.*?)END:VEVENT", text, re.DOTALL)[index]
    uid = re.search(r"^UID:(.*?)\r?$", block, re.MULTILINE)
    zone = re.search(r"^DTSTART.*;?TZID=\"?([^:;\"]+)", block, re.MULTILINE)
    name = zone[1] if zone else "UTC"
    return uid[1].strip() if uid else "", _ZONES.get(name, name)


_ZONES: Final = {"US-Eastern": "America/New_York", "(UTC-07:00) Mountain Time": "America/Denver"}
"""What these calendars call zones that they define themselves."""


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)


def _seconds(length: str | None) -> int | None:
    """ "1 Hours", "102 Days" or "0"; None when nothing is said."""
    if length is None:
        return None
    number, _, unit = length.partition(" ")
    return int(number) * {"": 1, "Minutes": 60, "Hours": 3600, "Days": 86400}[unit]


def _occurrences(
    content: bytes, start: datetime, end: datetime, zone: str, uid: str | None = None
) -> list[Answer]:
    """What `host events --json` prints from start to end, both by the clock of `zone`."""
    found: dict[tuple[str, str | None], Answer] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.ics"
        path.write_bytes(content)
        while start < end:
            until = min(start + _SLICE, end)
            for entry in _asked(path, start, until, zone):
                if uid in (None, entry["uid"]):
                    found.setdefault((entry["start"], entry["recurrence_id"]), _answer(entry))
            start = until
    return list(found.values())


def _asked(path: Path, start: datetime, end: datetime, zone: str) -> list[dict[str, Any]]:
    window = ["--from", start.isoformat()[:19], "--to", end.isoformat()[:19], "--tz", zone]
    arguments = ["events", "--calendar", str(path), *window, "--json"]
    result = CliRunner().invoke(cli, arguments, prog_name="host", catch_exceptions=False)
    if result.exit_code:
        print(result.stderr, file=sys.stderr)
        return []
    answers: list[dict[str, Any]] = json.loads(result.stdout)
    return answers


def _answer(entry: dict[str, Any]) -> Answer:
    start, end = datetime.fromisoformat(entry["start"]), datetime.fromisoformat(entry["end"])
    wall = "%Y%m%d" if entry["all_day"] else "%Y%m%dT%H%M%S"
    return Answer(start.strftime(wall), round((end - start).total_seconds()))


def _explain(result: Result) -> None:
    print(f"\n{result.case}: {result.asked}")
    print(f"  theirs ({len(result.expected)}): {_listed(result.expected)}")
    print(f"  ours   ({len(result.answers)}): {_listed(result.answers)}")
    print(
        f"  {DISPUTED.get(result.case, 'NOT EXPLAINED: see CONTRIBUTING.md, and add it or mend it')}"
    )


def _listed(answers: list[Answer]) -> str:
    words = [
        answer.start + (f"+{answer.duration_s}s" if answer.duration_s else "") for answer in answers
    ]
    return ", ".join(words[:_SHOWN]) + (", …" if len(words) > _SHOWN else "")


def _show(rows: list[Row]) -> None:
    table = Table("suite", "passed", "total", "best peer", "its passed", box=None)
    for row in rows:
        numbers = (str(row.passed), str(row.total), row.best_peer, str(row.best_peer_passed))
        table.add_row(row.suite, *numbers)
    Console().print(table)


if __name__ == "__main__":
    main()
