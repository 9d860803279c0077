"""Cases of calendars and what a display must show of them: the files in `cases/`, one per topic.

A case is a table `[[case]]` with

- `name`, words that say what is tested, and `why`, what settles it (usually an RFC's paragraph);
- `about`, which of ITEMS it is evidence for;
- the calendar, either whole (`ics`) or as the lines of one event (`event`) whose BEGIN, UID, SUMMARY
  ("Event") and END are added unless they are there;
- `from` and `to`, the window, and `zone`, the display's (Europe/Berlin when left out);
- `expected`, every occurrence as `[start, end, summary]` or a table of some of the fields that
  `host events --json` prints, or `starts`, just when each begins. Times without an offset are by the
  display's clock, a date means all day. Ends are exclusive;
- `left_out`, words of each line about an event that cannot be understood (default: none), or
  `unreadable`, words of the error when no part of the calendar can be read.

How the text becomes bytes: `charset` (utf-8), `newline` ("\\r\\n"), `before` and `after` (text put
around it), `cut` (so many characters are missing at the end).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

FOLDER: Final = Path(__file__).parent / "cases"

_ZONE: Final = "Europe/Berlin"
_OUTCOMES: Final = ("expected", "starts", "unreadable")


@dataclass(frozen=True)
class Case:
    """One case, checked for what it must have."""

    topic: str
    name: str
    why: str
    about: str
    data: bytes = field(repr=False)
    window: tuple[str, str]
    zone: str
    expected: list[dict[str, Any]] | None
    left_out: list[str]
    unreadable: str

    @property
    def id(self) -> str:
        return f"{self.topic}: {self.name}"


def topics() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def cases(topic: str) -> list[Case]:
    """The cases of a topic. Raises ValueError that names a case with a fault."""
    text = (FOLDER / f"{topic}.toml").read_text(encoding="utf-8")
    found = []
    for raw in tomllib.loads(text)["case"]:
        try:
            found.append(_case(topic, dict(raw)))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{topic}.toml, {raw.get('name')!r}: {error!r}") from error
    return found


def all_cases() -> list[Case]:
    return [case for topic in topics() for case in cases(topic)]


def _case(topic: str, raw: dict[str, Any]) -> Case:
    if sum(outcome in raw for outcome in _OUTCOMES) != 1:
        raise ValueError(f"exactly one of {_OUTCOMES} says what is expected")
    zone = raw.pop("zone", _ZONE)
    starts, expected = raw.pop("starts", None), raw.pop("expected", None)
    if starts is not None:
        expected = [{"start": start} for start in starts]
    case = Case(
        topic=topic,
        name=raw.pop("name"),
        why=raw.pop("why"),
        about=raw.pop("about"),
        data=_data(raw),
        window=(_text(raw.pop("from")), _text(raw.pop("to"))),
        zone=zone,
        expected=None if expected is None else [_expected(one, zone) for one in expected],
        left_out=raw.pop("left_out", []),
        unreadable=raw.pop("unreadable", ""),
    )
    if raw:
        raise ValueError(f"unknown keys {sorted(raw)}")
    return case


def _data(raw: dict[str, Any]) -> bytes:
    text = raw.pop("before", "") + _calendar_text(raw) + raw.pop("after", "")
    cut = raw.pop("cut", 0)
    text = text[: len(text) - cut].replace("\n", raw.pop("newline", "\r\n"))
    return text.encode(raw.pop("charset", "utf-8"))


def _calendar_text(raw: dict[str, Any]) -> str:
    if "ics" in raw:
        return str(raw.pop("ics"))
    lines = raw.pop("event").strip("\n").splitlines()
    own = takewhile(lambda line: not line.startswith("BEGIN:"), lines)
    named = {line.partition(":")[0].partition(";")[0].upper() for line in own}
    added = [line for name, line in _USUAL.items() if name not in named]
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Calendar Bot//Cases//EN")
    event = ("BEGIN:VEVENT", *added, *lines, "END:VEVENT")
    return "\n".join((*head, *event, "END:VCALENDAR", ""))


_USUAL: Final = {"UID": "UID:case@example.org", "SUMMARY": "SUMMARY:Event"}


def _expected(one: list[str] | dict[str, Any], zone: str) -> dict[str, Any]:
    fields = dict(one) if isinstance(one, dict) else dict(zip(_FIELDS, one, strict=True))
    return {
        name: comparable(value, zone) if name in _TIMES else value for name, value in fields.items()
    }


_FIELDS: Final = ("start", "end", "summary")
_TIMES: Final = ("start", "end")


def comparable(when: str, zone: str) -> date | datetime:
    """A day, or a moment with its clock in the display's zone."""
    if "T" not in when:
        return date.fromisoformat(when)
    moment = datetime.fromisoformat(when)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def _text(when: object) -> str:
    return when.isoformat() if isinstance(when, (date, datetime)) else str(when)
