"""Busy or free: what blocks time at a moment, until when, and what comes after it.

What a calendar marks as transparent (RFC 5545 §3.8.2.7) blocks nothing; tentative events do, as a
room that is perhaps taken is not free to take.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from calendarbot.layouts._days import instant, midnight, shown_end

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from calendarbot.model import Agenda, Occurrence


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How things stand at a moment."""

    running: tuple[Occurrence, ...]
    """What blocks the time right now, the latest to begin first; empty: free."""
    until: datetime | None
    """When busy turns to free or free to busy; None: not as far as the agenda reaches."""
    upcoming: tuple[Occurrence, ...]
    """What begins later, in order of start."""

    @property
    def is_busy(self) -> bool:
        return bool(self.running)


def occupancy(agenda: Agenda, now: datetime) -> Occupancy:
    """Busy until nothing blocks any more: meetings that touch or overlap are one stretch."""
    blocking = [o for o in agenda.occurrences if not o.transparent]
    running = [o for o in blocking if _begun(o, now) and instant(shown_end(o)) > instant(now)]
    running.sort(key=lambda o: (instant(o.start), o.summary), reverse=True)
    upcoming = tuple(o for o in blocking if not _begun(o, now))
    if running:
        until: datetime | None = _free_from(running, upcoming)
    else:
        until = upcoming[0].start if upcoming else None
    return Occupancy(tuple(running), until, upcoming)


def on_day(agenda: Agenda, day: date) -> list[Occurrence]:
    """What blocks any part of a day, in order of start."""
    begin, stop = midnight(agenda, day), midnight(agenda, day + timedelta(days=1))
    return [
        o
        for o in agenda.occurrences
        if not o.transparent
        and instant(o.start) < instant(stop)
        and instant(shown_end(o)) > instant(begin)
    ]


def _begun(occurrence: Occurrence, now: datetime) -> bool:
    return instant(occurrence.start) <= instant(now)


def _free_from(running: Sequence[Occurrence], upcoming: Sequence[Occurrence]) -> datetime:
    end = max((shown_end(o) for o in running), key=instant)
    for occurrence in upcoming:
        if instant(occurrence.start) > instant(end):
            break
        end = max(end, shown_end(occurrence), key=instant)
    return end
