"""Events with their recurrences, one component for every occurrence."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import icalendar
import recurring_ical_events  # type: ignore[import-untyped]  # it ships no types
from icalendar import vDDDTypes, vRecur

from calendarbot.runaway import runaway_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from icalendar import Event

_TIME_PROPERTIES: Final = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID")
_RULE_PROPERTIES: Final = ("RRULE", "RDATE", "EXDATE")


class NotUnderstoodError(Exception):
    """An event, or a series of them, that cannot be placed in time; the message says why."""


def series_of(events: Iterable[Event]) -> list[list[Event]]:
    """The events grouped with their overrides: by UID (RFC 5545 §3.8.4.7), in their order."""
    by_uid: dict[str, list[Event]] = defaultdict(list)
    for number, event in enumerate(events):
        # A missing UID is a fault of the calendar's; each such event then stands alone.
        uid = event.get("UID")
        by_uid[f"uid:{uid}" if uid else f"number:{number}"].append(event)
    return list(by_uid.values())


def check(event: Event, until: datetime) -> None:
    """Raises NotUnderstoodError when the event cannot be followed up to `until`."""
    for name, reason in event.errors:
        if name in (*_TIME_PROPERTIES, *_RULE_PROPERTIES):
            raise NotUnderstoodError(f"its {name} cannot be read: {reason}")
    if "DTSTART" not in event:
        raise NotUnderstoodError("it has no DTSTART")
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        if name in event:
            moment(event, name)
    for rule in _rules(event):
        try:
            reason = runaway_reason(rule, moment(event, "DTSTART"), until)
        except ValueError as error:
            raise NotUnderstoodError(f"its RRULE cannot be read: {error}") from None
        if reason:
            raise NotUnderstoodError(reason)


def expand(series: Sequence[Event], start: datetime, end: datetime) -> list[Event]:
    """Every occurrence of the series from the day before `start` to the day after `end`.

    DTSTART, DTEND and RECURRENCE-ID of each are its own. All-day and floating events are placed
    by the zone of `start` and `end`, which must be the same. Raises NotUnderstoodError.
    """
    calendar = icalendar.Calendar()
    for event in series:
        calendar.add_component(event)
    day = timedelta(days=1)  # what is at the edge is decided by the caller, in exact time
    try:
        found = recurring_ical_events.of(calendar).between(start - day, end + day)
    # What the library and dateutil raise for times and rules that do not fit together.
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
        raise NotUnderstoodError("its times and rules do not fit together") from None
    return list(found)


def recurs(series: Sequence[Event]) -> bool:
    """Whether the events are a series: with a rule, more dates or overrides."""
    return any(name in event for event in series for name in ("RRULE", "RDATE", "RECURRENCE-ID"))


def original_start(occurrence: Event, series: Sequence[Event]) -> date | datetime:
    """The start that the rule gave an occurrence, in the zone the series is written in."""
    start = moment(occurrence, "RECURRENCE-ID")
    if _moves_later_ones(occurrence):
        # RFC 5545 §3.8.4.4: it moves all later ones by as much as the one it names.
        override = next(event for event in series if _is_override(event, start))
        start = moment(occurrence, "DTSTART") - (moment(override, "DTSTART") - start)
    first = next((moment(e, "DTSTART") for e in series if "RECURRENCE-ID" not in e), start)
    if isinstance(start, datetime) and isinstance(first, datetime) and start.tzinfo:
        return start.astimezone(first.tzinfo) if first.tzinfo else start
    return start


def moment(event: Event, name: str) -> date | datetime:
    """The date, or date and time, of a property. Raises NotUnderstoodError for anything else."""
    value = event.get(name)
    if isinstance(value, list):
        raise NotUnderstoodError(f"it has more than one {name}")
    found = value.dt if isinstance(value, vDDDTypes) else None
    if not isinstance(found, date):
        raise NotUnderstoodError(f"its {name} is no date or time")
    zone = value.params.get("TZID") if isinstance(value, vDDDTypes) else None
    if zone and isinstance(found, datetime) and found.tzinfo is None:
        raise NotUnderstoodError(f"its {name} is in an unknown time zone, {str(zone)!r}")
    return found


def _moves_later_ones(event: Event) -> bool:
    identity = event.get("RECURRENCE-ID")
    return isinstance(identity, vDDDTypes) and identity.params.get("RANGE") == "THISANDFUTURE"


def _is_override(event: Event, start: date | datetime) -> bool:
    return "RECURRENCE-ID" in event and moment(event, "RECURRENCE-ID") == start


def _rules(event: Event) -> list[vRecur]:
    value = event.get("RRULE", [])
    rules = value if isinstance(value, list) else [value]
    return [rule for rule in rules if isinstance(rule, vRecur)]
