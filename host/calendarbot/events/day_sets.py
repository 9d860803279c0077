"""The days of one period that a recurrence rule names (RFC 5545 §3.3.10, its table).

A day is a proleptic Gregorian ordinal, as `date.toordinal` counts. Whether a part of a rule
expands or limits comes to the same for days: the set of each part, intersected.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from calendarbot.events.rules import Rule

WEEK: Final = 7
_FOURTH: Final = 4
_LONGEST_MONTH: Final = 31
_MONTHS: Final = range(1, 13)


def year_of_days(rule: Rule, year: int, first: date) -> list[int]:
    """The rule's days in a year; with BYWEEKNO, in a year made of numbered weeks."""
    if rule.weeks:
        return _days_of_weeks(rule, year, first)
    wanted: list[frozenset[int]] = []
    if rule.year_days:
        allowed = day_filter(rule, ("months",))
        days = _year_days(year, rule.year_days)
        wanted.append(frozenset(day for day in days if allowed is None or allowed(day)))
    if rule.month_days:
        months = rule.months or _MONTHS
        wanted.append(
            frozenset(
                d for month in months for d in _month_days(year, month, rule.month_days, rule.skip)
            )
        )
    if rule.weekdays:
        spans = (
            [_month_span(year, month) for month in rule.months]
            if rule.months
            else [(date(year, 1, 1).toordinal(), 366 if isleap(year) else 365)]
        )
        wanted.append(
            frozenset(day for span in spans for day in _weekdays_in(*span, rule.weekdays))
        )
    if not wanted:
        return sorted(
            day
            for month in rule.months or (first.month,)
            for day in _month_days(year, month, (first.day,), rule.skip)
        )
    return sorted(wanted[0].intersection(*wanted[1:]))


def month_of_days(rule: Rule, year: int, month: int, first: date) -> list[int]:
    """The rule's days in a month."""
    if rule.months and month not in rule.months:
        return []
    wanted: list[frozenset[int]] = []
    if rule.month_days:
        wanted.append(_month_days(year, month, rule.month_days, rule.skip))
    if rule.weekdays:
        wanted.append(_weekdays_in(*_month_span(year, month), rule.weekdays))
    if not wanted:
        wanted.append(_month_days(year, month, (first.day,), rule.skip))
    days = wanted[0] if len(wanted) == 1 else wanted[0].intersection(*wanted[1:])
    allowed = day_filter(rule, ("year_days", "weeks"))
    return sorted(days if allowed is None else filter(allowed, days))


def week_days(rule: Rule, first_day: int) -> list[int]:
    """The rule's days of a week, from its first, 0. Ordinals of BYDAY mean nothing here."""
    names = {weekday for _, weekday in rule.weekdays} or {(first_day - 1) % WEEK}
    return sorted((weekday - rule.week_start) % WEEK for weekday in names)


def day_filter(rule: Rule, parts: Iterable[str]) -> Callable[[int], bool] | None:
    """Whether a day is one that these parts of the rule allow; None when they allow all."""
    tests = [_TESTS[part](rule) for part in parts if getattr(rule, part)]
    if not tests:
        return None

    def allowed(ordinal: int) -> bool:
        day = date.fromordinal(ordinal)
        return all(test(day) for test in tests)

    return allowed


def week_begin(day: int, week_start: int) -> int:
    """The first day of the week around `day`."""
    return day - (day - 1 - week_start) % WEEK


def week_year(day: int, week_start: int) -> int:
    """The year whose numbered weeks hold the day: week 1 has four days of January or more."""
    # The fourth day of a week lies in the year that the week counts for.
    return date.fromordinal(week_begin(day, week_start) + _FOURTH - 1).year


def _first_week(year: int, week_start: int) -> int:
    return week_begin(date(year, 1, _FOURTH).toordinal(), week_start)


def _days_of_weeks(rule: Rule, year: int, first: date) -> list[int]:
    begins = _first_week(year, rule.week_start)
    weeks = (_first_week(year + 1, rule.week_start) - begins) // WEEK
    numbers = {n if n > 0 else weeks + 1 + n for n in rule.weeks}
    names = {weekday for _, weekday in rule.weekdays}
    if not names and not rule.month_days and not rule.year_days:
        # What the rule does not say comes from DTSTART.
        names = {first.weekday()}
    allowed = day_filter(rule, ("months", "month_days", "year_days"))
    return [
        day
        for number in sorted(numbers)
        if 1 <= number <= weeks
        for day in range(begins + (number - 1) * WEEK, begins + number * WEEK)
        if (not names or (day - 1) % WEEK in names) and (allowed is None or allowed(day))
    ]


# A window has few months, and a calendar few rules: these are asked the same again and again.


@lru_cache(maxsize=1024)
def _month_span(year: int, month: int) -> tuple[int, int]:
    return date(year, month, 1).toordinal(), monthrange(year, month)[1]


@lru_cache(maxsize=4096)
def _month_days(year: int, month: int, numbers: tuple[int, ...], skip: str) -> frozenset[int]:
    begins, length = _month_span(year, month)
    # A day that the month does not have: left out, or the one before or after (RFC 7529 §4.1).
    longest = {"OMIT": length, "BACKWARD": _LONGEST_MONTH, "FORWARD": _LONGEST_MONTH}[skip]
    furthest = length + 1 if skip == "FORWARD" else length
    positive = (n if n > 0 else length + 1 + n for n in numbers)
    return frozenset(begins + min(n, furthest) - 1 for n in positive if 1 <= n <= longest)


def _year_days(year: int, numbers: Iterable[int]) -> set[int]:
    begins, length = date(year, 1, 1).toordinal(), 366 if isleap(year) else 365
    positive = (n if n > 0 else length + 1 + n for n in numbers)
    return {begins + n - 1 for n in positive if 1 <= n <= length}


@lru_cache(maxsize=4096)
def _weekdays_in(begins: int, length: int, weekdays: tuple[tuple[int, int], ...]) -> frozenset[int]:
    """Named weekdays among `length` days: every one, or the nth, or the nth from the end."""
    found: set[int] = set()
    for ordinal, weekday in weekdays:
        days = range(begins + (weekday - (begins - 1)) % WEEK, begins + length, WEEK)
        if not ordinal:
            found.update(days)
        elif abs(ordinal) <= len(days):
            found.add(days[ordinal - 1 if ordinal > 0 else ordinal])
    return frozenset(found)


def _months_test(rule: Rule) -> Callable[[date], bool]:
    return lambda day: day.month in rule.months


def _month_days_test(rule: Rule) -> Callable[[date], bool]:
    return lambda day: (
        day.day in rule.month_days
        or day.day - monthrange(day.year, day.month)[1] - 1 in rule.month_days
    )


def _year_days_test(rule: Rule) -> Callable[[date], bool]:
    return lambda day: day.toordinal() in _year_days(day.year, rule.year_days)


def _weekdays_test(rule: Rule) -> Callable[[date], bool]:
    names = {weekday for _, weekday in rule.weekdays}
    return lambda day: day.weekday() in names


def _weeks_test(rule: Rule) -> Callable[[date], bool]:
    def allowed(day: date) -> bool:
        year = week_year(day.toordinal(), rule.week_start)
        begins = _first_week(year, rule.week_start)
        weeks = (_first_week(year + 1, rule.week_start) - begins) // WEEK
        number = (day.toordinal() - begins) // WEEK + 1
        return number in rule.weeks or number - weeks - 1 in rule.weeks

    return allowed


_TESTS: Final = {
    "months": _months_test,
    "month_days": _month_days_test,
    "year_days": _year_days_test,
    "weekdays": _weekdays_test,
    "weeks": _weeks_test,
}
