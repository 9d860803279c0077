"""Recurrence rules that cannot be followed: far too many dates, or none at all.

RFC 5545 §3.3.10 allows a rule for every second since 1601. No page shows it, and following it
would hold everything else up. Such a rule is refused before it is expanded, by arithmetic on its
parts alone.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import prod
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Rule: TypeAlias = Mapping[str, Sequence[object]]
    """The parts of a rule, each with its values."""

MAX_STEPS: Final = 200_000
"""Occurrences from the first one to the last that is asked for: hourly for 22 years."""

# How many of a period fit into a day, for periods that do.
_PER_DAY: Final = {"DAILY": 1, "HOURLY": 24, "MINUTELY": 24 * 60}
_LONGER: Final = ("WEEKLY", "MONTHLY", "YEARLY")
# The parts that multiply, by period; they choose times within a longer one.
_TIMES: Final = {"BYHOUR": 23, "BYMINUTE": 59, "BYSECOND": 60}
_MULTIPLIERS: Final = {"HOURLY": ("BYMINUTE", "BYSECOND"), "MINUTELY": ("BYSECOND",)}
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Twelve years of days hold three leap days, and every date with every weekday near it.
_DAYS_TO_TRY: Final = 12 * 366


def runaway_reason(rule: Rule, first: date, until: datetime) -> str:
    """Why the rule cannot be followed from `first` to `until`; empty when it can.

    Raises ValueError for a part that should be a number and is not.
    """
    frequency = str(_one(rule, "FREQ", "")).upper()
    interval = int(str(_one(rule, "INTERVAL", 1)))
    if interval < 1:
        return f"it repeats with INTERVAL={interval}"
    if frequency == "SECONDLY":
        return "it repeats by the second"
    if frequency not in (*_PER_DAY, *_LONGER):
        return "its RRULE has no FREQ"
    if _has_impossible_times(rule) or _never(rule, frequency, interval, first):
        return "it repeats on dates or times that do not exist"
    steps = _steps(rule, frequency, interval, _days_between(rule, first, until))
    if steps > MAX_STEPS:
        return f"it repeats about {steps:.0f} times until then"
    return ""


def _one(rule: Rule, part: str, default: object) -> object:
    values = rule.get(part)
    return values[0] if values else default


def _numbers(rule: Rule, part: str) -> list[int]:
    return [int(str(value)) for value in rule.get(part, ())]


def _days_between(rule: Rule, first: date, until: datetime) -> int:
    ends = [until.toordinal()]
    last = _one(rule, "UNTIL", None)
    if isinstance(last, date):
        ends.append(last.toordinal())
    return max(min(ends) - first.toordinal(), 0) + 1


def _times_in_period(rule: Rule, frequency: str) -> int:
    parts = _MULTIPLIERS.get(frequency, tuple(_TIMES))
    return prod(len(rule.get(part, ())) or 1 for part in parts)


def _steps(rule: Rule, frequency: str, interval: int, days: int) -> float:
    """About how many occurrences the rule has in so many days."""
    if frequency in _PER_DAY:
        periods = days * _PER_DAY[frequency] / interval
    else:
        named = {"BYDAY": 7, "BYMONTHDAY": 28, "BYYEARDAY": 365}
        share = max(len(rule.get(part, ())) / whole for part, whole in named.items())
        periods = days * min(max(share, 1 / 7), 1)
    steps = periods * _times_in_period(rule, frequency)
    count = _one(rule, "COUNT", None)
    return steps if count is None else min(steps, int(str(count)))


def _has_impossible_times(rule: Rule) -> bool:
    return any(
        not 0 <= number <= largest
        for part, largest in _TIMES.items()
        for number in _numbers(rule, part)
    )


def _never(rule: Rule, frequency: str, interval: int, first: date) -> bool:
    """Whether the rule has no date at all: the search for the next would go on to the year 9999."""
    positions = _numbers(rule, "BYSETPOS")
    if (
        frequency in _PER_DAY
        and positions
        and min(map(abs, positions)) > _times_in_period(rule, frequency)
    ):
        return True
    days = _days(first, interval if frequency == "DAILY" else 1)
    return not any(_allows(rule, day) for day in days)


def _days(first: date, interval: int) -> Iterator[date]:
    for step in range(_DAYS_TO_TRY):
        try:
            yield date.fromordinal(first.toordinal() + step * interval)
        except (ValueError, OverflowError):  # past the year 9999
            return


def _allows(rule: Rule, day: date) -> bool:
    weekdays = [str(value).upper()[-2:] for value in rule.get("BYDAY", ())]
    days_in_month = ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(1)).day
    return (
        _matches(_numbers(rule, "BYMONTH"), day.month, 12)
        and _matches(_numbers(rule, "BYMONTHDAY"), day.day, days_in_month)
        and _matches(_numbers(rule, "BYYEARDAY"), day.timetuple().tm_yday, _days_in_year(day.year))
        and _matches(_numbers(rule, "BYWEEKNO"), day.isocalendar().week, 53)
        and (not weekdays or _WEEKDAYS[day.weekday()] in weekdays)
    )


def _matches(wanted: list[int], number: int, count: int) -> bool:
    """Whether the number is wanted; -1 is the last of `count` (RFC 5545 §3.3.10)."""
    return not wanted or number in wanted or number - count - 1 in wanted


def _days_in_year(year: int) -> int:
    return date(year, 12, 31).timetuple().tm_yday
