"""The occurrences of one UID in a window: rules, dates, exceptions and overrides together.

RFC 5545 §3.8.5 makes the recurrence set of DTSTART, RRULE and RDATE, without EXDATE; §3.8.4.4 lets an
override take the place of one instance, or change that one and all later ones.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property, lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from calendarbot.events.errors import NotUnderstoodError
from calendarbot.events.expansion import HORIZON_S, has_any, starts
from calendarbot.events.moments import (
    DAY_S,
    UTC_NAME,
    Clock,
    Moment,
    instant_of,
    wall_datetime,
)
from calendarbot.events.rules import dateless, parse_rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Self

    from calendarbot.events.records import BoundedRule, Date, Event
    from calendarbot.events.rules import Rule
    from calendarbot.events.zones import Zones

_Value = TypeVar("_Value")

MOST_A_DAY: Final = 1_000
MOST: Final = 100_000
"""A series with more occurrences than this is no help on any page."""


@dataclass(frozen=True)
class Window:
    """The time that is asked for, as instants."""

    start_s: int
    end_s: int

    @classmethod
    def between(cls, start: datetime, end: datetime) -> Self:
        """From and to these aware times."""
        return cls(instant_of(start), instant_of(end))

    def touches(self, start_s: int, end_s: int) -> bool:
        return start_s < self.end_s and (end_s > self.start_s or start_s == end_s == self.start_s)

    @cached_property
    def most(self) -> int:
        """So many of one series are a page's matter."""
        days = -(-(self.end_s - self.start_s) // DAY_S)
        return min(MOST, MOST_A_DAY * max(days, 1))


class Instance(NamedTuple):
    """One occurrence."""

    event: Event
    """What it says: the series' own component or an override."""
    start_s: int
    end_s: int
    """Instants; of whole days, the midnights of the page's zone."""
    original_s: int = 0
    """The start that the series gave it, by the clock of `first`."""
    first: Moment | None = None
    """The series' own DTSTART; None when there is no series."""


def instances(events: Sequence[Event], window: Window, zones: Zones) -> list[Instance]:
    """Every occurrence that touches the window, in no order. Raises NotUnderstoodError."""
    try:
        if len(events) > 1 or events[0].recurrence_id:
            return list(_all(events, window, zones))
        if events[0].recurs:
            return list(_Master(events[0], zones).instances(window))
        return _single(events[0], window, zones)
    except OverflowError:
        raise NotUnderstoodError("its times and rules do not fit together") from None


def _single(event: Event, window: Window, zones: Zones) -> list[Instance]:
    if event.status == "CANCELLED" or event.start in event.exceptions:
        return []
    clock = zones[event.start.zone]
    start_s = clock.instant(event.start.wall_s)
    end_s = _Length(event, zones).end(event.start.wall_s, start_s, clock)
    return [Instance(event, start_s, end_s)] if window.touches(start_s, end_s) else []


def _all(events: Sequence[Event], window: Window, zones: Zones) -> Iterator[Instance]:
    masters = [event for event in events if not event.recurrence_id]
    overrides = [event for event in events if event.recurrence_id]
    changes = [event for event in overrides if event.this_and_future]
    identities = [event.recurrence_id for event in overrides if event.recurrence_id]
    # Alike for masters that are alike.
    alike: dict[tuple[str | None, bool, int], tuple[Sequence[_Change], _Marks[bool]]] = {}
    for master in masters:
        kind = (master.start.zone, master.start.is_date, master.start.wall_s % DAY_S)
        if kind not in alike:
            marks = _marked(identities, master.start, zones)
            alike[kind] = _changes(changes, master.start, zones), marks
        yield from _Master(master, zones, *alike[kind]).instances(window)
    first = masters[0].start if masters else None
    for override in overrides:
        yield from _override(override, first, window, zones)


def _override(
    override: Event, first: Moment | None, window: Window, zones: Zones
) -> Iterator[Instance]:
    """The instance itself, where it moved to; whether its series has it does not matter."""
    for one in _single(override, window, zones):
        original = _in_series(override.recurrence_id or override.start, first, zones)
        yield one._replace(original_s=original.wall_s, first=original)


def _in_series(identity: Moment, first: Moment | None, zones: Zones) -> Moment:
    """What a RECURRENCE-ID says, in the zone and of the kind that the series is written in."""
    if first is None:
        return identity
    if first.is_date:
        return Moment(identity.wall_s // DAY_S * DAY_S, None, is_date=True)
    if identity.is_date:
        return Moment(identity.wall_s + first.wall_s % DAY_S, first.zone)
    if identity.zone is None or identity.zone == first.zone:
        return Moment(identity.wall_s, first.zone)
    instant_s = zones[identity.zone].instant(identity.wall_s)
    return Moment(zones[first.zone].wall(instant_s), first.zone)


class _Marks(dict[tuple[bool, int], _Value]):
    """What belongs to instances that are named by days or by instants (RFC 5545 §3.8.5.1)."""

    def __init__(self, first: Moment, zones: Zones) -> None:
        self._first = first
        self._zones = zones

    def mark(self, moment: Moment, value: _Value) -> None:
        if moment.is_date or self._first.is_date:
            self[True, moment.wall_s // DAY_S] = value
        else:
            # Two readings of a clock that skips may be one instant.
            clock = self._zones[moment.zone or self._first.zone]
            self[False, clock.instant(moment.wall_s)] = value

    def of(self, wall_s: int, instant_s: int) -> _Value | None:
        return self.get((False, instant_s)) or self.get((True, wall_s // DAY_S))


def _marked(moments: Iterable[Moment], first: Moment, zones: Zones) -> _Marks[bool]:
    """The instances of a series that these name."""
    marks: _Marks[bool] = _Marks(first, zones)
    for moment in moments:
        marks.mark(moment, True)
    return marks


class _Length:
    """How an event's end follows from its start."""

    __slots__ = ("_days", "_time_s")

    def __init__(self, event: Event | Date, zones: Zones) -> None:
        self._days = 0
        self._time_s = 0
        start, end, duration = event.start, event.end, event.duration
        if start.is_date:
            # RFC 5545 §3.6.1 has DTEND later than DTSTART; programs write the same day for one day.
            last = end.wall_s // DAY_S - start.wall_s // DAY_S if end else 0
            self._days = max(duration.days if duration and not end else last, 1)
        elif end:
            # §3.8.5.3: every instance is exactly as long as the first.
            clock = zones[start.zone]
            if end.is_date or end.zone == start.zone:
                length_s = clock.elapsed_s(start.wall_s, end.wall_s)
            else:
                length_s = zones[end.zone].instant(end.wall_s) - clock.instant(start.wall_s)
            self._time_s = max(length_s, 0)
        elif duration:
            self._days, self._time_s = duration

    @property
    def longest_s(self) -> int:
        return self._days * DAY_S + self._time_s

    @property
    def exact_s(self) -> int | None:
        """Its seconds, when no calendar is needed to count them."""
        return None if self._days else self._time_s

    def end(self, wall_s: int, start_s: int, clock: Clock) -> int:
        """Days are counted by the calendar, what is less is exact (§3.3.6)."""
        if self._days:
            return clock.instant(wall_s + self._days * DAY_S) + self._time_s
        return start_s + self._time_s


class _Change(NamedTuple):
    """What an override with RANGE=THISANDFUTURE does from its instance on."""

    from_s: int
    event: Event
    shift_s: int
    length: _Length


def _changes(overrides: Iterable[Event], first: Moment, zones: Zones) -> Sequence[_Change]:
    """What overrides of all later instances do to a series that begins at `first`, in their order."""
    changes = []
    for override in overrides:
        if override.recurrence_id:
            identity = _in_series(override.recurrence_id, first, zones)
            moved = _in_series(override.start, first, zones)
            changes.append(
                _Change(
                    zones[first.zone].instant(identity.wall_s),
                    override,
                    moved.wall_s - identity.wall_s,
                    _Length(override, zones),
                )
            )
    return sorted(changes, key=lambda change: change.from_s)


class _Master:
    """The component that a series is made of."""

    __slots__ = (
        "_changes",
        "_clock",
        "_event",
        "_excluded",
        "_length",
        "_overridden",
        "_periods",
        "_zones",
    )

    def __init__(
        self,
        event: Event,
        zones: Zones,
        changes: Sequence[_Change] = (),
        overridden: _Marks[bool] | None = None,
    ) -> None:
        self._event = event
        self._zones = zones
        self._clock = zones[event.start.zone]
        self._length = _Length(event, zones)
        # Most series have none of these.
        self._excluded = _marked(event.exceptions, event.start, zones) if event.exceptions else None
        self._overridden = overridden
        self._periods: _Marks[_Length] | None = _Marks(event.start, zones) if event.dates else None
        self._changes = changes
        """In the order of the instances they begin with."""

    def instances(self, window: Window) -> Iterable[Instance]:
        """Those that touch the window. Raises NotUnderstoodError when they are too many."""
        walls = list(islice(self._walls(*self._reach(window)), window.most + 1))
        if len(walls) > window.most:
            raise NotUnderstoodError(
                f"it repeats more than {window.most} times in the time asked for"
            )
        instants = self._clock.instants(walls)
        # Two readings of a clock that skips may be one instant: the first is kept.
        starts_s = dict(zip(reversed(instants), reversed(walls), strict=True))
        if self._excluded or self._overridden or self._event.dates or self._changes:
            return self._one_by_one(starts_s, window)
        return self._alike(starts_s, window)

    def _alike(self, starts_s: Mapping[int, int], window: Window) -> Iterable[Instance]:
        """Of a series that nothing changes: most instances are made here."""
        event, clock, length = self._event, self._clock, self._length
        if event.status == "CANCELLED":
            return []
        first, exact_s = event.start, length.exact_s
        new, kind, begin_s, end_s = tuple.__new__, Instance, window.start_s, window.end_s
        if exact_s:
            # `Window.touches`, for what has a length.
            begin_s -= exact_s
            return [
                new(kind, (event, start_s, start_s + exact_s, wall_s, first))
                for start_s, wall_s in starts_s.items()
                if begin_s < start_s < end_s
            ]
        return [
            new(kind, (event, start_s, ends_s, wall_s, first))
            for start_s, wall_s in starts_s.items()
            if window.touches(start_s, ends_s := length.end(wall_s, start_s, clock))
        ]

    def _one_by_one(self, starts_s: Mapping[int, int], window: Window) -> Iterator[Instance]:
        for start_s, wall_s in starts_s.items():
            if not self._is_taken_out(wall_s, start_s):
                found = self._changed(wall_s, start_s)
                if found.event.status != "CANCELLED" and window.touches(found.start_s, found.end_s):
                    yield found

    def _is_taken_out(self, wall_s: int, start_s: int) -> bool:
        """Whether an exception or an override names this instance."""
        return any(
            marks.of(wall_s, start_s) for marks in (self._excluded, self._overridden) if marks
        )

    def _changed(self, original_s: int, start_s: int) -> Instance:
        """The instance as its date, or an override of it and all later ones, has it."""
        event, wall_s = self._event, original_s
        length = (self._periods and self._periods.of(wall_s, start_s)) or self._length
        change = bisect_right(self._changes, start_s, key=lambda change: change.from_s)
        if change:
            _, event, shift_s, length = self._changes[change - 1]
            wall_s = original_s + shift_s
        begins_s = self._clock.instant(wall_s)
        end_s = length.end(wall_s, begins_s, self._clock)
        return Instance(event, begins_s, end_s, original_s, self._event.start)

    def _reach(self, window: Window) -> tuple[int, int]:
        """The wall seconds between which a start can matter; a zone is within a day of UTC."""
        if not (self._changes or self._event.dates):
            return window.start_s - self._length.longest_s - DAY_S, window.end_s + DAY_S
        lengths = [self._length.longest_s, *(change.length.longest_s for change in self._changes)]
        lengths += [_Length(date, self._zones).longest_s for date in self._event.dates]
        shifts = [0, *(change.shift_s for change in self._changes)]
        return (
            window.start_s - max(lengths) - max(shifts) - DAY_S,
            window.end_s - min(shifts) + DAY_S,
        )

    def _walls(self, low_s: int, high_s: int) -> Iterable[int]:
        """The starts from `low_s` to `high_s`, by the series' clock, exceptions still among them."""
        event = self._event
        first_s = event.start.wall_s
        firsts = [first_s] if low_s <= first_s <= high_s and self._has_first() else []
        if len(event.rules) == 1 and not event.dates and not event.exception_rules:
            found = self._starts(event.rules[0], low_s, high_s)
            return chain(firsts, found) if firsts else found
        rules = [self._starts(rule, low_s, high_s) for rule in event.rules]
        walls = {wall_s for found in (firsts, *rules) for wall_s in found}
        walls.update(self._dates(low_s, high_s))
        for rule in event.exception_rules:
            walls.difference_update(self._starts(rule, low_s, high_s))
        return sorted(walls)

    def _has_first(self) -> bool:
        """Whether DTSTART is an instance though no rule gives it, which §3.8.5.3 leaves undefined.

        It is when there are dates alone, or when the rules give none at all: no event is lost. Rules
        that ended before it began are how programs write a series of which nothing is left.
        """
        event, first_s = self._event, self._event.start.wall_s
        if not event.rules:
            return True
        rules = [self._rule(bounded) for bounded in event.rules]
        untils = list(map(self._until, event.rules, rules))
        return max(untils) >= first_s and not any(
            has_any(rule, first_s, until) for rule, until in zip(rules, untils, strict=True)
        )

    def _rule(self, bounded: BoundedRule) -> Rule:
        rule = parse_rule(bounded.text)
        return dateless(rule) if self._event.start.is_date else rule

    def _starts(self, bounded: BoundedRule, low_s: int, high_s: int) -> Iterator[int]:
        rule = self._rule(bounded)
        high_s = min(high_s, self._until(bounded, rule))
        return starts(rule, self._event.start.wall_s, low_s, high_s, self._zones.effort)

    def _until(self, bounded: BoundedRule, rule: Rule) -> int:
        """The last wall second that a rule's COUNT and UNTIL allow."""
        last_s = HORIZON_S if bounded.last_s is None else bounded.last_s
        until = rule.until
        if until is None or until.wall_s > HORIZON_S:
            return last_s
        first = self._event.start
        if until.is_date or first.is_date:
            return min(last_s, until.wall_s // DAY_S * DAY_S + DAY_S - 1)
        if until.zone == UTC_NAME and first.zone not in (None, UTC_NAME):
            return min(last_s, self._clock.wall(until.wall_s))
        return min(last_s, until.wall_s)

    def _dates(self, low_s: int, high_s: int) -> Iterator[int]:
        first = self._event.start
        for more in self._event.dates:
            moment = _in_series(more.start, first, self._zones)
            if self._periods is not None and (more.end or more.duration):
                self._periods.mark(moment, _Length(more, self._zones))
            if low_s <= moment.wall_s <= high_s:
                yield moment.wall_s


def written(found: Instance, zones: Zones) -> str | None:
    """The start that its series gave an instance, in ISO 8601 by the series' clock; None without one."""
    event, start_s, _, original_s, first = found
    if first is None:
        return None
    day, time_s = divmod(original_s, DAY_S)
    if first.is_date:
        return _day(day)
    if first.zone is None:
        return _day(day) + _time(time_s, None)
    if event.start is not first:  # an override, which may be at another time
        start_s = zones[first.zone].instant(original_s)
    return _day(day) + _time(time_s, original_s - start_s)


# Occurrences share days, times and offsets, and there are many.


@lru_cache(maxsize=4096)
def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


@lru_cache(maxsize=4096)
def _time(time_s: int, offset_s: int | None) -> str:
    zone = None if offset_s is None else timezone(timedelta(seconds=offset_s))
    return wall_datetime(DAY_S + time_s).replace(tzinfo=zone).isoformat()[10:]
