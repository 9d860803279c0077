"""The starts that a recurrence rule gives, from anywhere: nothing is stepped over to get there.

Rules run on a clock that never changes (RFC 5545 §3.3.10: "the computed local start time"); what a
zone makes of a time that its clock skips or shows twice is `moments.instant`'s matter. All times are
the wall seconds of `moments`.

A rule is a row of periods (years, months, weeks, days, hours, minutes, seconds), the first being
DTSTART's and every INTERVALth counting. Each has a set of starts, out of which BYSETPOS picks.
"""

from __future__ import annotations

from datetime import date
from itertools import islice
from math import prod
from typing import TYPE_CHECKING, Final

from calendarbot.events.day_sets import (
    WEEK,
    day_filter,
    month_of_days,
    week_begin,
    week_days,
    week_year,
    year_of_days,
)
from calendarbot.events.effort import Effort
from calendarbot.events.errors import NotUnderstoodError
from calendarbot.events.moments import DAY_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from calendarbot.events.rules import Rule

HORIZON_S: Final = date(2300, 1, 1).toordinal() * DAY_S
"""No page is drawn for a time from here on: where endless rules end."""

MAX_COUNTED: Final = 50_000
"""So many starts are counted for a COUNT that no arithmetic answers."""

_LIFETIME_S: Final = 40 * 366 * DAY_S
_UNITS_S: Final = {"SECONDLY": 1, "MINUTELY": 60, "HOURLY": 3600, "DAILY": DAY_S}
_FIXED_S: Final = {**_UNITS_S, "WEEKLY": WEEK * DAY_S}
_LIMITS_OF_WEEKS: Final = ("months", "month_days", "year_days", "weeks")
_DAY_PARTS: Final = ("months", "month_days", "year_days", "weekdays", "weeks")


def starts(
    rule: Rule, first_s: int, low_s: int, high_s: int, effort: Effort | None = None
) -> Iterator[int]:
    """The rule's starts from `low_s` up to and with `high_s`, in order, none before `first_s`.

    `first_s` is DTSTART, which is among them only when the rule gives it. COUNT and UNTIL are not
    looked at: see `last_start`, and bound `high_s`. Raises NotUnderstoodError when it takes more than
    `effort`.
    """
    low_s = max(low_s, first_s)
    high_s = min(high_s, HORIZON_S - 1)
    if low_s > high_s:
        return iter(())
    if _is_regular(rule):
        return _in_steps(rule, first_s, low_s, high_s)
    effort = effort or Effort()
    effort.begin()
    if rule.frequency in ("SECONDLY", "MINUTELY", "HOURLY"):
        return _within_days(rule, first_s, low_s, high_s, effort)
    return _by_days(rule, first_s, low_s, high_s, effort)


def last_start(rule: Rule, first_s: int, effort: Effort | None = None) -> int | None:
    """The last of the rule's starts that COUNT allows, None when it is further than HORIZON_S.

    Raises NotUnderstoodError when there is too much to count.
    """
    count = rule.times
    if count is None:
        return None
    if rule.frequency in _FIXED_S and not _has_parts(rule):
        last_s = first_s + (count - 1) * rule.interval * _FIXED_S[rule.frequency]
        return last_s if last_s < HORIZON_S else None
    last_s, left = first_s, count
    for start_s in islice(starts(rule, first_s, first_s, HORIZON_S, effort), MAX_COUNTED):
        last_s, left = start_s, left - 1
        if not left:
            return last_s
    if count - left < MAX_COUNTED:
        return None  # the horizon came first
    raise NotUnderstoodError(f"it repeats {count} times, which is too often to count")


def has_any(rule: Rule, first_s: int, high_s: int) -> bool:
    """Whether the rule gives any start at all, within forty years."""
    high_s = min(high_s, first_s + _LIFETIME_S)
    try:
        return next(starts(rule, first_s, first_s, high_s), None) is not None
    except NotUnderstoodError:
        return False


def _has_parts(rule: Rule) -> bool:
    parts = ("seconds", "minutes", "hours", "positions", *_DAY_PARTS)
    return any(getattr(rule, part) for part in parts)


def _is_regular(rule: Rule) -> bool:
    """Whether each of its days or weeks is like the first, as in nearly all calendars."""
    return (
        rule.frequency == "WEEKLY" or (rule.frequency == "DAILY" and not rule.weekdays)
    ) and not (
        rule.hours
        or rule.minutes
        or rule.seconds
        or rule.months
        or rule.month_days
        or rule.year_days
        or rule.weeks
        or rule.positions
    )


def _in_steps(rule: Rule, first_s: int, low_s: int, high_s: int) -> Iterator[int]:
    """For regular rules: `_by_days` as arithmetic alone. Every step has a start, so none is in vain."""
    step_s = rule.interval * _FIXED_S[rule.frequency]
    if not rule.weekdays:
        return iter(range(_jumped(first_s, low_s, step_s), high_s + 1, step_s))
    begin, time_s = divmod(first_s, DAY_S)
    week_s = week_begin(begin, rule.week_start) * DAY_S + time_s
    in_week_s = [day * DAY_S for day in week_days(rule, begin)]
    if len(in_week_s) == 1:
        return iter(range(_jumped(week_s + in_week_s[0], low_s, step_s), high_s + 1, step_s))
    weeks_s = range(_jumped(week_s, low_s - WEEK * DAY_S, step_s), high_s + 1, step_s)
    return (
        start_s
        for begins_s in weeks_s
        for day_s in in_week_s
        if low_s <= (start_s := begins_s + day_s) <= high_s
    )


def _by_days(rule: Rule, first_s: int, low_s: int, high_s: int, effort: Effort) -> Iterator[int]:
    """For rules whose periods are days or longer."""
    times = _times_of_day(rule, first_s % DAY_S)
    low_day, high_day = low_s // DAY_S, high_s // DAY_S
    for days in _periods_of_days(rule, first_s // DAY_S, low_day, high_day):
        effort.spend(1)
        if rule.positions:
            yield from (s for s in _picked(days, times, rule.positions) if low_s <= s <= high_s)
            continue
        for day in days:
            if not low_day <= day <= high_day:
                continue
            for time_s in times:
                start_s = day * DAY_S + time_s
                if low_s <= start_s <= high_s:
                    yield start_s


def _times_of_day(rule: Rule, first_time_s: int) -> list[int]:
    hours = rule.hours or (first_time_s // 3600,)
    minutes = rule.minutes or (first_time_s // 60 % 60,)
    seconds = rule.seconds or (first_time_s % 60,)
    return [h * 3600 + m * 60 + s for h in hours for m in minutes for s in seconds]


def _picked(days: Sequence[int], times: Sequence[int], positions: Sequence[int]) -> list[int]:
    """BYSETPOS of a period's set, which is not written out: it may be large."""
    size = len(days) * len(times)
    indexes = {p - 1 if p > 0 else size + p for p in positions}
    return [
        days[index // len(times)] * DAY_S + times[index % len(times)]
        for index in sorted(indexes)
        if 0 <= index < size
    ]


def _periods_of_days(
    rule: Rule, first_day: int, low_day: int, high_day: int
) -> Iterator[list[int]]:
    first = date.fromordinal(first_day)
    if rule.frequency == "DAILY":
        yield from _days(rule, first_day, low_day, high_day)
    elif rule.frequency == "WEEKLY":
        step = WEEK * rule.interval
        begin = week_begin(first_day, rule.week_start)
        in_week = week_days(rule, first_day)
        allowed = day_filter(rule, _LIMITS_OF_WEEKS)
        # One period early: a week may reach into the time asked for.
        for begins in range(_jumped(begin, low_day - WEEK, step), high_day + 1, step):
            yield [begins + day for day in in_week if allowed is None or allowed(begins + day)]
    elif rule.frequency == "MONTHLY":
        low, high = date.fromordinal(low_day), date.fromordinal(high_day)
        # A day that a month does not have may move into the next one.
        early = 1 if rule.skip == "FORWARD" else 0
        begin = _jumped(_month_number(first), _month_number(low) - early, rule.interval)
        for number in range(begin, _month_number(high) + 1, rule.interval):
            yield month_of_days(rule, number // 12, number % 12 + 1, first)
    else:
        year = week_year(first_day, rule.week_start) if rule.weeks else first.year
        low_year, high_year = date.fromordinal(low_day).year, date.fromordinal(high_day).year
        # One year early and late: numbered weeks reach over the edges.
        beyond = 1 if rule.weeks else 0
        for number in range(
            _jumped(year, low_year - beyond, rule.interval), high_year + 1 + beyond, rule.interval
        ):
            yield year_of_days(rule, number, first)


def _jumped(first: int, low: int, step: int) -> int:
    """The first of first, first + step, … that is not before `low`."""
    return first if low <= first else first + -(-(low - first) // step) * step


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _days(rule: Rule, first_day: int, low_day: int, high_day: int) -> Iterator[list[int]]:
    """Each day is a period, and an empty one when the rule does not allow it."""
    days = range(_jumped(first_day, low_day, rule.interval), high_day + 1, rule.interval)
    allowed = day_filter(rule, _DAY_PARTS)
    for day in days:
        yield [day] if allowed is None or allowed(day) else []


def _within_days(
    rule: Rule, first_s: int, low_s: int, high_s: int, effort: Effort
) -> Iterator[int]:
    """For rules whose periods are hours, minutes or seconds: day by day that the rule allows."""
    unit_s = _UNITS_S[rule.frequency]
    times = _times_of_period(rule, first_s)
    allowed = day_filter(rule, _DAY_PARTS)
    for day in range(low_s // DAY_S, high_s // DAY_S + 1):
        effort.spend(1)
        if allowed and not allowed(day):
            continue
        for number in _periods_of_day(
            rule, first_s // unit_s - day * (DAY_S // unit_s), unit_s, effort
        ):
            begins_s = day * DAY_S + number * unit_s
            if begins_s + unit_s <= low_s or begins_s > high_s:
                continue
            starts_s: Sequence[int] = [begins_s + time_s for time_s in times]
            if rule.positions:
                starts_s = _picked([0], starts_s, rule.positions)
            yield from (start_s for start_s in starts_s if low_s <= start_s <= high_s)


def _times_of_period(rule: Rule, first_s: int) -> list[int]:
    """The seconds into an hour, a minute or a second at which its starts are."""
    if rule.frequency == "SECONDLY":
        return [0]
    seconds = rule.seconds or (first_s % 60,)
    if rule.frequency == "MINUTELY":
        return list(seconds)
    return [m * 60 + s for m in rule.minutes or (first_s // 60 % 60,) for s in seconds]


def _periods_of_day(rule: Rule, first_number: int, unit_s: int, effort: Effort) -> Iterator[int]:
    """The hours, minutes or seconds of a day that are an interval from the first one's.

    `first_number` is the first one's, counted from the beginning of this day.
    """
    named = [rule.hours or range(24)]
    if unit_s < 3600:
        named.append(rule.minutes or range(60))
    if unit_s == 1:
        named.append(rule.seconds or range(60))
    in_steps = range(first_number % rule.interval, DAY_S // unit_s, rule.interval)
    if prod(map(len, named)) < len(in_steps):
        for number in _numbers_of_day(named):
            effort.spend(1)
            if not (number - first_number) % rule.interval:
                yield number
        return
    allowed = [frozenset(numbers) for numbers in reversed(named)]
    for number in in_steps:
        effort.spend(1)
        if _is_named(number, allowed):
            yield number


def _is_named(number: int, allowed: Sequence[frozenset[int]]) -> bool:
    """Whether the seconds, minutes and hours of a day that a number stands for are all allowed."""
    for parts in allowed[:-1]:
        number, part = divmod(number, 60)
        if part not in parts:
            return False
    return number in allowed[-1]


def _numbers_of_day(named: Sequence[Sequence[int]]) -> list[int]:
    numbers = [0]
    for parts in named:
        scale = 24 if parts is named[0] else 60
        numbers = [number * scale + part for number in numbers for part in parts]
    return numbers
