"""Recurrence rules as data: what RRULE and EXRULE say (RFC 5545 §3.3.10)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from calendarbot.events.errors import NotUnderstoodError
from calendarbot.events.moments import Moment, read_moment

if TYPE_CHECKING:
    from collections.abc import Mapping

FREQUENCIES: Final = ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

# Part: what it is in a `Rule`; smallest and largest number; whether it may also count from the end.
_NUMBERS: Final[Mapping[str, tuple[str, int, int, bool]]] = {
    "BYSECOND": ("seconds", 0, 60, False),
    "BYMINUTE": ("minutes", 0, 59, False),
    "BYHOUR": ("hours", 0, 23, False),
    "BYMONTHDAY": ("month_days", 1, 31, True),
    "BYYEARDAY": ("year_days", 1, 366, True),
    "BYWEEKNO": ("weeks", 1, 53, True),
    "BYMONTH": ("months", 1, 12, False),
    "BYSETPOS": ("positions", 1, 366, True),
}
_NUMBER: Final = re.compile(r"[+-]?[0-9]+")
_WEEKDAY: Final = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_LARGEST_ORDINAL: Final = 53
_LAST_SECOND: Final = 59
_LARGEST_NUMBER_DIGITS: Final = 9


class Rule(NamedTuple):
    """One rule. Numbers are sorted and occur once; an empty tuple is a part that is not there.

    A tuple, since nearly every series has a rule of its own: a dataclass takes longer to make.
    """

    frequency: str
    interval: int = 1
    times: int | None = None
    """COUNT: how many starts it gives."""
    until: Moment | None = None
    week_start: int = 0
    """The first day of a week, 0 for Monday."""
    seconds: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    """(ordinal, weekday): (0, 0) every Monday, (-1, 4) the last Friday."""
    month_days: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    skip: str = "OMIT"
    """RFC 7529 §4.1: what becomes of a day that its month does not have."""


def dateless(rule: Rule) -> Rule:
    """The rule without times of day, which mean nothing to whole days (RFC 5545 §3.3.10)."""
    if rule.hours or rule.minutes or rule.seconds:
        return rule._replace(hours=(), minutes=(), seconds=())
    return rule


@lru_cache(maxsize=1024)
def parse_rule(text: str) -> Rule:
    """The rule in the value of an RRULE. Raises NotUnderstoodError, which says what is wrong.

    Parts come in any order and case; an empty part is passed over (a trailing semicolon), and so
    is a part that RFC 5545 does not know, unless it changes the calendar the rule counts in.
    """
    if not text.isprintable():
        raise NotUnderstoodError(f"its RRULE cannot be read: {text[:40]!r}")
    parts = _parts(text)
    frequency = parts.get("FREQ", "").upper()
    if not frequency:
        raise NotUnderstoodError("its RRULE has no FREQ")
    if frequency not in FREQUENCIES:
        raise NotUnderstoodError(f"its RRULE cannot be read: FREQ={frequency[:20]}")
    _check_calendar(parts)
    interval = _number(parts, "INTERVAL", 1)
    if interval < 1:
        raise NotUnderstoodError(f"it repeats with INTERVAL={interval}")
    # Most rules have none or one of them.
    numbers = dict(_numbers(name, parts[name]) for name in _NUMBERS if name in parts)
    return Rule(
        frequency=frequency,
        interval=interval,
        times=_count(parts),
        until=_until(parts),
        week_start=_week_start(parts),
        weekdays=_weekdays(parts["BYDAY"]) if "BYDAY" in parts else (),
        skip=_skip(parts),
        **numbers,
    )


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, separator, value = part.partition("=")
        name = name.strip().upper()
        if not name and not value:
            continue
        if not separator:
            raise NotUnderstoodError(f"its RRULE cannot be read: {part.strip()[:40]!r}")
        if name in parts and parts[name] != value.strip():
            raise NotUnderstoodError(f"its RRULE cannot be read: it has two {name[:20]}")
        parts[name] = value.strip()
    return parts


def _check_calendar(parts: Mapping[str, str]) -> None:
    """RFC 7529 §4.1: months of other calendars than the Gregorian are none of ours."""
    scale = parts.get("RSCALE", "GREGORIAN").upper()
    if scale != "GREGORIAN":
        raise NotUnderstoodError(f"its RRULE counts in another calendar, {scale[:20]}")


def _skip(parts: Mapping[str, str]) -> str:
    skip = parts.get("SKIP", "OMIT").upper()
    if skip not in ("OMIT", "BACKWARD", "FORWARD"):
        raise NotUnderstoodError(f"its RRULE cannot be read: SKIP={skip[:20]}")
    return skip


def _number(parts: Mapping[str, str], name: str, default: int) -> int:
    text = parts.get(name)
    if text is None:
        return default
    if len(text) > _LARGEST_NUMBER_DIGITS or not _NUMBER.fullmatch(text):
        raise NotUnderstoodError(f"its RRULE cannot be read: {name}={text[:20]}")
    return int(text)


def _count(parts: Mapping[str, str]) -> int | None:
    if "COUNT" not in parts:
        return None
    count = _number(parts, "COUNT", 0)
    # Old programs write COUNT=-1 for "for ever"; none at all is no series either way.
    return count if count > 0 else None


def _until(parts: Mapping[str, str]) -> Moment | None:
    text = parts.get("UNTIL")
    if not text:
        return None
    try:
        return read_moment(text)
    except ValueError:
        raise NotUnderstoodError(f"its RRULE cannot be read: UNTIL={text[:20]}") from None


def _week_start(parts: Mapping[str, str]) -> int:
    name = parts.get("WKST", "MO").upper()
    if name not in WEEKDAYS:
        raise NotUnderstoodError(f"its RRULE cannot be read: WKST={name[:20]}")
    return WEEKDAYS.index(name)


def _numbers(name: str, text: str) -> tuple[str, tuple[int, ...]]:
    field, smallest, largest, from_end = _NUMBERS[name]
    found = set()
    for item in filter(None, map(str.strip, text.split(","))):
        try:
            number = int(item) if len(item) <= _LARGEST_NUMBER_DIGITS else largest + 1
        except ValueError:
            raise NotUnderstoodError(f"its RRULE cannot be read: {name}={item[:20]}") from None
        if not smallest <= (abs(number) if from_end else number) <= largest:
            raise NotUnderstoodError(
                f"it repeats on dates or times that do not exist: {name}={item[:20]}"
            )
        # A leap second is no time that a clock here can show.
        found.add(min(number, _LAST_SECOND) if name == "BYSECOND" else number)
    return field, tuple(sorted(found))


def _weekdays(text: str) -> tuple[tuple[int, int], ...]:
    found = set()
    for item in filter(None, map(str.strip, text.split(","))):
        match = _WEEKDAY.fullmatch(item.upper())
        if not match:
            raise NotUnderstoodError(f"its RRULE cannot be read: BYDAY={item[:20]}")
        ordinal = int(match[1] or 0)
        if abs(ordinal) > _LARGEST_ORDINAL or (match[1] and not ordinal):
            raise NotUnderstoodError(
                f"it repeats on dates or times that do not exist: BYDAY={item[:20]}"
            )
        found.add((ordinal, WEEKDAYS.index(match[2])))
    return tuple(sorted(found))
