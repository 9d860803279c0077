"""One calendar and a window: its occurrences as the host's other modules know them."""

from __future__ import annotations

from contextlib import closing
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from calendarbot.events.errors import NotUnderstoodError
from calendarbot.events.index import open_index
from calendarbot.events.moments import at_instant
from calendarbot.events.options import shown, wanted
from calendarbot.events.series import MOST, instances, written
from calendarbot.events.texts import named, shortened
from calendarbot.events.zones import Zones
from calendarbot.model import NO_DETAILS, Details, Occurrence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
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
    found: list[Occurrence] = []
    with closing(open_index(texts)) as index:
        zones = Zones(index.zones, tz)
        maker = _Maker(calendar, tz, zones, options)
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
            found += maker.occurrences(there)
    return shown(wanted(found, options), options), shortened(left_out)


def _named(event: Event) -> str:
    return named(event.summary, event.uid, event.line)


class _Maker:
    """Makes occurrences of one calendar out of instances."""

    def __init__(self, calendar: str, tz: ZoneInfo, zones: Zones, options: CalendarOptions) -> None:
        self._calendar = calendar
        # Busy calendars begin and end at the same full hours.
        self._at = lru_cache(maxsize=4096)(lambda instant_s: at_instant(instant_s, tz))
        self._zones = zones
        self._owner = frozenset(address.casefold() for address in options.owner)

    def occurrences(self, found: Sequence[Instance]) -> Iterator[Occurrence]:
        """Those of one UID, whose details are alike as long as their component is the same."""
        of: Event | None = None
        calendar, at, zones = self._calendar, self._at, self._zones
        new = tuple.__new__  # a third of the time that Occurrence() takes
        for one in found:
            event, start_s, end_s, _, _ = one
            if event is not of:
                of, details = event, self._details(event)
                uid, summary, (_, zone, is_date) = event.uid, event.summary, event.start
                location, transparent = event.location, event.transparent
                status = event.status if event.status in _STATUSES else _STATUSES[0]
                shown_zone = zones.shown(zone)
            yield new(
                Occurrence,
                (
                    uid,
                    calendar,
                    summary,
                    at(start_s),
                    at(end_s),
                    is_date,
                    shown_zone,
                    location,
                    status,
                    written(one, zones),
                    transparent,
                    details,
                    (),
                ),
            )

    def _details(self, event: Event) -> Details:
        if not event.has_details:
            return NO_DETAILS
        return Details(
            categories=tuple(event.categories),
            access=event.access,
            partstat=self._partstat(event),
            organizer=event.organizer,
            url=event.url,
            conference=event.conference,
            color=event.color,
            sequence=event.sequence,
        )

    def _partstat(self, event: Event) -> str:
        """What the owner answered; with several addresses, the first answer that was given."""
        answers = (answer for address, answer in event.attendees if address in self._owner)
        return next(answers, "")
