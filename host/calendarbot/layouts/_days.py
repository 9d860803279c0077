"""What a day's list holds: which occurrences, as what, and when each of them changes.

Moments are compared as instants (in UTC): two times in one zone otherwise compare by their clocks,
which is wrong in the hour that daylight saving repeats.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from calendarbot.model import Agenda, Occurrence

SHOWN_WITHOUT_LENGTH = timedelta(minutes=15)
"""How long an event without length counts as going on: long enough to be seen."""

LONG = timedelta(hours=24)
"""Timed events from this length on fill the days between like all-day events."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An occurrence as one day's list shows it."""

    occurrence: Occurrence
    fills_day: bool
    """Nothing of its beginning or end is on this day."""
    starts: bool
    """Its start is on this day."""
    day: int
    days: int
    """Day `day` of `days`."""

    def is_over(self, now: datetime) -> bool:
        return instant(shown_end(self.occurrence)) <= instant(now)

    def is_running(self, now: datetime) -> bool:
        """Going on right now; an event that fills the day is not marked as that."""
        started = instant(self.occurrence.start) <= instant(now)
        return not self.fills_day and started and not self.is_over(now)


def instant(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def shown_end(occurrence: Occurrence) -> datetime:
    if instant(occurrence.end) > instant(occurrence.start):
        return occurrence.end
    return (instant(occurrence.start) + SHOWN_WITHOUT_LENGTH).astimezone(occurrence.start.tzinfo)


def following(day: date) -> date:
    return day + timedelta(days=1)


def midnight(agenda: Agenda, day: date) -> datetime:
    return datetime.combine(day, time(), agenda.tz)


def entries_of(agenda: Agenda, day: date) -> list[Entry]:
    """The list of a day, whatever the time: what fills it first, then in order of start."""
    return list(_entries(agenda, day))


def entries_by_day(agenda: Agenda, days: Sequence[date]) -> dict[date, list[Entry]]:
    return {day: entries_of(agenda, day) for day in days}


@lru_cache(maxsize=128)
def _entries(agenda: Agenda, day: date) -> tuple[Entry, ...]:
    found = [_entry(span, day) for span in _spans(agenda) if span.first <= day <= span.last]
    return tuple(
        sorted(
            found,
            key=lambda e: (not e.fills_day, instant(e.occurrence.start), e.occurrence.summary),
        )
    )


def coming_days(agenda: Agenda, today: date) -> Iterator[date]:
    """The days after today that the agenda covers wholly: half a day's list would mislead."""
    day = today + timedelta(days=1)
    while instant(midnight(agenda, day + timedelta(days=1))) <= instant(agenda.end):
        yield day
        day += timedelta(days=1)


def moments(agenda: Agenda, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """Beginnings, ends and midnights in (start, end), in order, each with its reasons."""
    reasons: dict[datetime, list[str]] = {}
    day = start.astimezone(agenda.tz).date()
    while (turn := midnight(agenda, day + timedelta(days=1))) and instant(turn) < instant(end):
        reasons.setdefault(instant(turn), []).append("midnight")
        day += timedelta(days=1)
    timed = [o for o in agenda.occurrences if not o.all_day]
    for occurrence in timed:
        reasons.setdefault(instant(shown_end(occurrence)), []).append(f"{occurrence.summary} ends")
    for occurrence in timed:
        reasons.setdefault(instant(occurrence.start), []).append(f"{occurrence.summary} begins")
    for moment in sorted(reasons):
        if instant(start) < moment < instant(end):
            yield moment.astimezone(agenda.tz), ", ".join(dict.fromkeys(reasons[moment]))


def midnights(agenda: Agenda, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """Those in (start, end), for pages that only know days."""
    day = following(start.astimezone(agenda.tz).date())
    while instant(turn := midnight(agenda, day)) < instant(end):
        yield turn, "midnight"
        day = following(day)


class _Span(NamedTuple):
    """An occurrence and the days it is on."""

    occurrence: Occurrence
    first: date
    last: date
    is_long: bool


@lru_cache(maxsize=8)
def _spans(agenda: Agenda) -> list[_Span]:
    spans = []
    for occurrence in agenda.occurrences:
        start, end = instant(occurrence.start), instant(shown_end(occurrence))
        first = start.astimezone(agenda.tz).date()
        last = (end - timedelta(microseconds=1)).astimezone(agenda.tz).date()
        spans.append(_Span(occurrence, first, last, end - start >= LONG))
    return spans


def _entry(span: _Span, day: date) -> Entry:
    occurrence, first, last, is_long = span
    return Entry(
        occurrence=occurrence,
        fills_day=occurrence.all_day or (is_long and first < day < last),
        starts=day == first,
        day=(day - first).days + 1,
        days=(last - first).days + 1 if occurrence.all_day or is_long else 1,
    )
