"""One calendar and a window: its occurrences as the host's other modules know them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

from calendarbot.events.errors import NotUnderstoodError
from calendarbot.events.index import open_index
from calendarbot.events.moments import at_instant
from calendarbot.events.options import shown, wanted
from calendarbot.events.series import MOST, instances, written
from calendarbot.events.texts import named, shortened
from calendarbot.events.zones import Zones
from calendarbot.model import Occurrence

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from zoneinfo import ZoneInfo

    from calendarbot.config import CalendarOptions
    from calendarbot.events.records import Event
    from calendarbot.events.series import Instance, Window
    from calendarbot.events.texts import Text

_STATUSES: Final = ("CONFIRMED", "TENTATIVE")


def occurrences(
    texts: Sequence[Text], calendar: str, window: Window, tz: ZoneInfo, options: CalendarOptions
) -> tuple[list[Occurrence], tuple[str, ...]]:
    """What happens in the window by these texts of a calendar, and what was left out, line by line.

    The occurrences are in no order. Raises SourceError as `parsing.parse` does.
    """
    owner = frozenset(address.casefold() for address in options.owner)
    found: list[Occurrence] = []
    with closing(open_index(texts)) as index:
        zones = Zones(index.zones, tz)
        left_out = list(index.left_out)
        for events in index.groups(window):
            try:
                there = instances(events, window, zones)
            except NotUnderstoodError as error:
                left_out.append(f"{_named(events[0])}: {error}")
                continue
            if len(found) + len(there) > MOST:
                left_out.append(f"{_named(events[0])}: there are {MOST} others at that time")
                continue
            found += [_occurrence(one, calendar, tz, zones, owner) for one in there]
    return [shown(one, options) for one in wanted(found, options)], shortened(left_out)


def _named(event: Event) -> str:
    return named(event.summary, event.uid, event.line)


def _occurrence(
    instance: Instance, calendar: str, tz: ZoneInfo, zones: Zones, owner: Collection[str]
) -> Occurrence:
    """One occurrence; `owner` are the mail addresses of whom the calendar belongs to, case folded."""
    event, start_s, end_s, original = instance
    start = at_instant(start_s, tz)
    return Occurrence(
        uid=event.uid,
        calendar=calendar,
        summary=event.summary,
        start=start,
        end=start if end_s == start_s else at_instant(end_s, tz),
        all_day=event.start.is_date,
        tz=zones.shown(event.start.zone),
        location=event.location,
        status=event.status if event.status in _STATUSES else _STATUSES[0],
        recurrence_id=written(original, zones) if original else None,
        transparent=event.transparent,
        categories=tuple(event.categories),
        access=event.access,
        partstat=_partstat(event, owner) if owner and event.attendees else "",
        organizer=event.organizer,
        url=event.url,
        conference=event.conference,
        color=event.color,
        sequence=event.sequence,
    )


def _partstat(event: Event, owner: Collection[str]) -> str:
    """What the owner answered; of several addresses, what the first of the list did."""
    return next((answer for address, answer in event.attendees if address in owner), "")
