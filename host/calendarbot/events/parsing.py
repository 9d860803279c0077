"""A calendar's bytes, parsed once: its events by UID, with the time in which each can be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from calendarbot.errors import SourceError
from calendarbot.events.components import properties, split
from calendarbot.events.effort import Effort
from calendarbot.events.errors import NotUnderstoodError
from calendarbot.events.expansion import HORIZON_S
from calendarbot.events.moments import DAY_S
from calendarbot.events.rules import parse_rule
from calendarbot.events.text import clean
from calendarbot.events.texts import named
from calendarbot.events.vevent import read_event
from calendarbot.events.zones import CalendarZones, OwnZone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from calendarbot.events.components import Component
    from calendarbot.events.records import Event
    from calendarbot.events.texts import Text

_LATEST_S: Final = 3_650_000 * DAY_S  # well within the years that a datetime can have
_NAMES: Final = frozenset({"SUMMARY", "UID"})
_METHOD: Final = frozenset({"METHOD"})
# What RFC 5546 §3.2 sends about events, which are not in them for a calendar to show.
_ABOUT_EVENTS: Final = ("REPLY", "REFRESH", "COUNTER", "DECLINECOUNTER")
# Floating times, and lengths across zones: nothing is further from UTC than a day.
_MARGIN_S: Final = 2 * DAY_S


@dataclass(frozen=True, slots=True)
class Group:
    """The events of one UID: a single one, or a series with its overrides."""

    first_s: int
    last_s: int
    """None of it is outside of these instants, whatever zone it is in."""
    events: Sequence[Event]


@dataclass(slots=True)
class Parsed:
    """What there is in a calendar."""

    groups: list[Group] = field(default_factory=list)
    zones: list[OwnZone] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def parse(texts: Sequence[Text]) -> Parsed:
    """The events in a calendar's texts. What cannot be understood is named in `left_out`.

    Raises SourceError when there is only one text, and in it no calendar or no event that is whole.
    """
    parsed = Parsed()
    effort = Effort()
    by_uid: dict[str, list[Event]] = {}
    for number, text in enumerate(texts):
        try:
            _Reader(text, f"\n{number} ", parsed, by_uid, effort).run(names_place=len(texts) > 1)
        except SourceError as error:
            if len(texts) == 1:
                raise
            parsed.left_out.append(error.message)
    for events in by_uid.values():
        chosen = _without_old(events) if len(events) > 1 else events
        try:
            parsed.groups.append(Group(*_bounds(chosen), chosen))
        except NotUnderstoodError as error:
            parsed.left_out.append(
                f"{named(chosen[0].summary, chosen[0].uid, chosen[0].line)}: {error}"
            )
    return parsed


class _Reader:
    """Reads the events of one text."""

    def __init__(
        self,
        text: Text,
        alone: str,
        parsed: Parsed,
        by_uid: dict[str, list[Event]],
        effort: Effort,
    ) -> None:
        self._where = text.where
        self._clean = clean(text.content)
        self._alone = alone
        self._parsed = parsed
        self._by_uid = by_uid
        self._effort = effort

    def run(self, *, names_place: bool) -> None:
        stream = split(self._clean.text)
        if not any(calendar.name or calendar.inner for calendar in stream.calendars):
            raise SourceError(f"{self._where}: not a valid calendar: it has no BEGIN:VCALENDAR")
        before, named_before = len(self._by_uid), len(self._parsed.left_out)
        for calendar in stream.calendars:
            self._read(calendar)
        if not stream.is_whole:
            if len(self._by_uid) == before:
                raise SourceError(
                    f"{self._where}: the calendar is cut short: it has no END:VCALENDAR",
                    "fetch or export it again",
                )
            self._parsed.left_out.append("the calendar is cut short: it has no END:VCALENDAR")
        if names_place:
            lines = self._parsed.left_out[named_before:]
            self._parsed.left_out[named_before:] = [f"{self._where}: {line}" for line in lines]

    def _read(self, calendar: Component) -> None:
        zones = CalendarZones(calendar, self._parsed.zones)
        method = properties(calendar.text, _METHOD).get("METHOD", ())
        method_name = method[0].value.strip().upper() if method else ""
        if method_name in _ABOUT_EVENTS:
            return
        for component in calendar.inner:
            if component.name == "VEVENT":
                try:
                    self._keep(component, zones, is_cancelled=method_name == "CANCEL")
                except (NotUnderstoodError, OverflowError) as error:
                    line = self._clean.line_of_event(component.number)
                    self._parsed.left_out.append(f"{_name_of(component, line)}: {error}")

    def _keep(self, component: Component, zones: CalendarZones, *, is_cancelled: bool) -> None:
        if not component.whole:
            raise NotUnderstoodError("it is cut short by the end of the file")
        event, problems = read_event(component, zones.named, self._effort)
        if is_cancelled and not event.status:
            event = event._replace(status="CANCELLED")  # RFC 5546 §3.2.5
        event = event._replace(line=self._clean.line_of_event(component.number))
        name = named(event.summary, event.uid, event.line) if problems else ""
        self._parsed.left_out += [f"{name}: {problem}" for problem in problems]
        # A missing UID is a fault of the calendar's; each such event then stands alone.
        uid = event.uid or f"{self._alone}{component.number}"
        self._by_uid.setdefault(uid, []).append(event)


def _name_of(component: Component, line: int) -> str:
    lines = properties(component.text, _NAMES)
    summary, uid = (lines[name][0].value if name in lines else "" for name in ("SUMMARY", "UID"))
    return named(summary, uid, line)


def _without_old(events: Sequence[Event]) -> list[Event]:
    """Without revisions that a higher SEQUENCE replaces, and without copies.

    Events of one UID that are no overrides are revisions when their SEQUENCE differs (RFC 5545
    §3.8.7.4), otherwise a program's mistake: then each is kept. Of overrides of one instance, the
    highest SEQUENCE counts, then the last.
    """
    masters = [event for event in events if not event.recurrence_id]
    highest = max((event.sequence for event in masters), default=0)
    kept: dict[object, Event] = {}
    for event in events:
        if event.recurrence_id:
            before = kept.get(event.recurrence_id)
            if not before or before.sequence <= event.sequence:
                kept[event.recurrence_id] = event
        elif event.sequence == highest:
            kept.setdefault(event._replace(line=0), event)
    return list(kept.values())


def _bounds(events: Iterable[Event]) -> tuple[int, int]:
    firsts, lasts, shifts = [], [], [0]
    for event in events:
        first_s, last_s = _span(event)
        firsts.append(first_s)
        lasts.append(last_s)
        if event.this_and_future and event.recurrence_id:
            # It moves, and may lengthen, all later ones.
            shifts.append(event.start.wall_s - event.recurrence_id.wall_s)
            shifts.append(_length_s(event))
    last_s = max(lasts) + _MARGIN_S + max(shifts)
    if last_s > _LATEST_S:
        raise NotUnderstoodError("its times and rules do not fit together")
    return min(firsts) - _MARGIN_S + min(shifts), last_s


def _span(event: Event) -> tuple[int, int]:
    starts = [event.start.wall_s, *(date.start.wall_s for date in event.dates)]
    length_s = _length_s(event)
    lasts = [event.start.wall_s + length_s]
    for date in event.dates:
        length_of_date_s = date.end.wall_s - date.start.wall_s if date.end else length_s
        if date.duration:
            length_of_date_s = date.duration.days * DAY_S + date.duration.time_s
        lasts.append(date.start.wall_s + length_of_date_s)
    for bounded in event.rules:
        last_s = HORIZON_S if bounded.last_s is None else bounded.last_s
        until = parse_rule(bounded.text).until
        if until:
            last_s = min(last_s, until.wall_s + DAY_S)
        lasts.append(max(last_s, event.start.wall_s) + length_s)
    return min(starts), max(lasts)


def _length_s(event: Event) -> int:
    """About how long it is, never too short by more than a day."""
    if event.end:
        return max(event.end.wall_s - event.start.wall_s, 0)
    if event.duration:
        return event.duration.days * DAY_S + event.duration.time_s
    return DAY_S if event.start.is_date else 0
