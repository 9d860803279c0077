"""Zones that a calendar defines itself, in a VTIMEZONE (RFC 5545 §3.6.5)."""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import date, datetime, timedelta, tzinfo
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from calendarbot.events.components import properties
from calendarbot.events.errors import NotUnderstoodError
from calendarbot.events.expansion import last_start, starts
from calendarbot.events.moments import DAY_S, UTC_NAME, instant, read_moment, wall_seconds
from calendarbot.events.rules import parse_rule
from calendarbot.events.zone_names import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from calendarbot.events.components import Component, Property

_NAMES: Final = frozenset({"DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"})
_OFFSET: Final = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?")
_FROM_S: Final = date(1970, 1, 1).toordinal() * DAY_S
_UNTIL_S: Final = date(2100, 1, 1).toordinal() * DAY_S
_MOST_ONSETS: Final = 1000
_MOST_OBSERVANCES: Final = 500
_HALF_YEAR_S: Final = 182 * DAY_S
_KNOWN_UNTIL_S: Final = date(2030, 1, 1).toordinal() * DAY_S


class Transition(NamedTuple):
    """From this instant on, clocks are so far from UTC."""

    instant_s: int
    offset_s: int


class CalendarZone(tzinfo):
    """A zone made of transitions, the first of which says what was before all of them."""

    def __init__(self, name: str, transitions: Sequence[Transition]) -> None:
        self.name = name
        self._offsets = [offset_s for _, offset_s in transitions]
        self._instants = [instant_s for instant_s, _ in transitions[1:]]
        pairs = list(zip(self._instants, self._offsets, self._offsets[1:], strict=False))
        # Where a clock's reading means the new offset, by fold (PEP 495): a time that is skipped
        # has the offset from before, one that comes twice is the first one.
        self._walls = (
            [instant_s + max(before, after) for instant_s, before, after in pairs],
            [instant_s + min(before, after) for instant_s, before, after in pairs],
        )

    def utcoffset(self, when: datetime | None, /) -> timedelta:
        if when is None:
            return timedelta(seconds=self._offsets[-1])
        index = bisect_right(self._walls[when.fold], wall_seconds(when))
        return timedelta(seconds=self._offsets[index])

    def dst(self, when: datetime | None, /) -> None:  # noqa: ARG002  a VTIMEZONE has no such figure
        return None

    def tzname(self, when: datetime | None, /) -> str:  # noqa: ARG002  one name for all times
        return self.name

    def fromutc(self, when: datetime, /) -> datetime:
        instant_s = wall_seconds(when)
        offset_s = self._offsets[bisect_right(self._instants, instant_s)]
        local = when + timedelta(seconds=offset_s)
        first = self.utcoffset(local.replace(fold=0))
        return local.replace(fold=int(first != timedelta(seconds=offset_s)))


def transitions_of(component: Component) -> list[Transition]:
    """What the observances of a VTIMEZONE come to. Raises NotUnderstoodError."""
    found: list[tuple[int, int, int]] = []
    if len(component.inner) > _MOST_OBSERVANCES:
        raise NotUnderstoodError("its time zone has too many rules")
    for observance in component.inner:
        if observance.name in ("STANDARD", "DAYLIGHT"):
            found += _onsets(observance)
    if not found:
        raise NotUnderstoodError("its time zone is defined by nothing")
    found.sort()
    transitions = [Transition(0, found[0][1])]
    for instant_s, _, after_s in found:
        if after_s != transitions[-1].offset_s:
            transitions.append(Transition(instant_s, after_s))
    return transitions


def contradicts(transitions: Sequence[Transition], name: str) -> bool:
    """Whether the zone of that name is another one than these transitions know.

    It is when it never was at any of their offsets since 1970, and when it never changes while they
    do: "GMT" with a summer time is London. A definition that is merely old is no contradiction: the
    database of zones knows better.
    """
    zone = load(name)
    pairs = zip(transitions, [*transitions[1:], Transition(_UNTIL_S, 0)], strict=True)
    defined = {now.offset_s for now, later in pairs if later.instant_s > _FROM_S}
    known = {at - instant(at, zone) for at in range(_FROM_S, _KNOWN_UNTIL_S, _HALF_YEAR_S)}
    return not defined & known or (len(known) == 1 and len(defined) > 1)


def _onsets(observance: Component) -> Iterator[tuple[int, int, int]]:
    """(instant, offset before, offset after) of every time an observance begins."""
    lines = properties(observance.text, _NAMES)
    before_s, after_s = _offset(lines, "TZOFFSETFROM"), _offset(lines, "TZOFFSETTO")
    try:
        first_s = read_moment(lines["DTSTART"][0].value).wall_s
    except (KeyError, ValueError):
        raise NotUnderstoodError("its time zone has a rule without a beginning") from None
    walls = {first_s}
    for rule in lines.get("RRULE", ()):
        walls.update(_walls(rule.value, first_s, before_s))
    for dates in lines.get("RDATE", ()):
        walls.update(_dates(dates.value))
    for wall_s in walls:
        yield wall_s - before_s, before_s, after_s


def _walls(text: str, first_s: int, before_s: int) -> Iterator[int]:
    rule = parse_rule(text)
    high_s = _UNTIL_S
    if rule.until:
        high_s = rule.until.wall_s + (before_s if rule.until.zone == UTC_NAME else 0)
        high_s += DAY_S - 1 if rule.until.is_date else 0
    last_s = last_start(rule, first_s)
    high_s = min(high_s, _UNTIL_S, high_s if last_s is None else last_s)
    # One rule before the time that is shown: which offset holds when that begins.
    return islice(starts(rule, first_s, _FROM_S - 366 * DAY_S, high_s), _MOST_ONSETS)


def _dates(text: str) -> Iterator[int]:
    for item in text.split(",")[:_MOST_ONSETS]:
        try:
            yield read_moment(item.partition("/")[0]).wall_s
        except ValueError:
            raise NotUnderstoodError("its time zone has a rule that cannot be read") from None


def _offset(lines: dict[str, list[Property]], name: str) -> int:
    match = _OFFSET.fullmatch(lines[name][0].value.strip()) if name in lines else None
    if not match:
        raise NotUnderstoodError(f"its time zone has no {name}")
    size_s = int(match[2]) * 3600 + int(match[3]) * 60 + int(match[4] or 0)
    if size_s >= DAY_S:
        raise NotUnderstoodError(f"its time zone has an impossible {name}")
    return size_s if match[1] == "+" else -size_s
