"""What is kept of an event: an `Event`, compact enough for an index of many thousands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from calendarbot.events.moments import Moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Duration(NamedTuple):
    """RFC 5545 §3.3.6: days are by the calendar, the rest is exact."""

    days: int = 0
    time_s: int = 0


class Date(NamedTuple):
    """One more date of a series; a period also says how it ends."""

    start: Moment
    end: Moment | None = None
    duration: Duration | None = None


class BoundedRule(NamedTuple):
    """A rule with its COUNT counted."""

    text: str
    last_s: int | None = None
    """Wall seconds of the last start by COUNT; None without one."""


class Event(NamedTuple):
    """One VEVENT. Most have no more than the first few; what is not there is the default."""

    uid: str
    summary: str
    start: Moment
    end: Moment | None = None
    duration: Duration | None = None
    line: int = 0
    location: str = ""
    status: str = ""
    sequence: int = 0
    recurrence_id: Moment | None = None
    this_and_future: bool = False
    rules: Sequence[BoundedRule] = ()
    dates: Sequence[Date] = ()
    exceptions: Sequence[Moment] = ()
    exception_rules: Sequence[BoundedRule] = ()
    transparent: bool = False
    access: str = "PUBLIC"
    categories: Sequence[str] = ()
    organizer: str = ""
    attendees: Sequence[tuple[str, str]] = ()
    """(address, PARTSTAT)."""
    url: str = ""
    conference: str = ""
    color: str = ""

    @property
    def has_details(self) -> bool:
        """Whether there is anything of what few events have."""
        return bool(self[_FIRST_DETAIL:] != _DEFAULTS[_FIRST_DETAIL:] or self.sequence)

    @property
    def recurs(self) -> bool:
        return bool(self.rules or self.dates or self.recurrence_id)


_DEFAULTS: Final = Event("", "", Moment(0))
_FIRST_DETAIL: Final = Event._fields.index("access")


def packed(events: Iterable[Event]) -> str:
    """Events as text for the index; defaults at the end of one are left away."""
    return json.dumps(
        [_trimmed(event) for event in events], ensure_ascii=False, separators=(",", ":")
    )


def _trimmed(event: Event) -> Sequence[object]:
    length = len(event)
    while event[length - 1] == _DEFAULTS[length - 1]:
        length -= 1
    return event[:length]


def unpacked(texts: Iterable[str]) -> list[list[Event]]:
    """The events of every `packed`. Raises ValueError, TypeError or IndexError for anything else."""
    return [[_event(fields) for fields in group] for group in json.loads(f"[{','.join(texts)}]")]


def _event(fields: list[Any]) -> Event:
    """The event of fields as JSON has them, which are used up."""
    fields[_START] = _moment(fields[_START])
    for position, unpack in _STRUCTURED:
        if position >= len(fields):
            break
        if fields[position]:
            fields[position] = unpack(fields[position])
    return Event(*fields)


def _moment(value: Sequence[Any]) -> Moment:
    # `packed` has all of its fields, and this takes half the time that Moment() does.
    return tuple.__new__(Moment, value)


def _unpacked_date(
    start: Sequence[Any], end: Sequence[Any] | None, duration: Sequence[Any] | None
) -> Date:
    return Date(
        _moment(start), _moment(end) if end else None, Duration(*duration) if duration else None
    )


def _moments(values: Iterable[Sequence[Any]]) -> list[Moment]:
    return list(map(_moment, values))


def _bounded_rules(values: Iterable[Sequence[Any]]) -> list[BoundedRule]:
    return [BoundedRule(*value) for value in values]


def _more_dates(values: Iterable[Sequence[Any]]) -> list[Date]:
    return [_unpacked_date(*value) for value in values]


_START: Final = Event._fields.index("start")
_STRUCTURED: Final = tuple(
    (Event._fields.index(name), unpack)
    for name, unpack in (
        # By their place in an event.
        ("end", _moment),
        ("duration", lambda value: Duration(*value)),
        ("recurrence_id", _moment),
        ("rules", _bounded_rules),
        ("dates", _more_dates),
        ("exceptions", _moments),
        ("exception_rules", _bounded_rules),
    )
)
