"""Dates and times as a locale writes them (CLDR, through Babel)."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale, localedata
from babel.dates import format_date, format_interval, format_skeleton, format_time

if TYPE_CHECKING:
    from collections.abc import Iterator


class LocalDates:
    """The texts of dates and times in one locale ("de_DE")."""

    def __init__(self, locale: str) -> None:
        self._name = locale.replace("-", "_")
        self.locale = _parsed(locale)

    @property
    def rtl(self) -> bool:
        return bool(self.locale.text_direction == "rtl")

    def weekday(self, day: date) -> str:
        return _sentence(format_date(day, "cccc", self.locale))

    def short_weekday(self, day: date) -> str:
        return _sentence(format_date(day, "ccc", self.locale).rstrip("."))

    def day_number(self, day: date) -> str:
        """The bare number, without the full stop or 日 some locales add."""
        return str(day.day)

    def month_and_year(self, day: date) -> str:
        return _sentence(format_skeleton("yMMMM", day, locale=self.locale))

    def year(self, day: date) -> str:
        return format_skeleton("y", day, locale=self.locale)

    def month(self, day: date) -> str:
        return _sentence(format_date(day, "LLLL", self.locale))

    def short_month(self, day: date) -> str:
        return _sentence(format_date(day, "LLL", self.locale).rstrip("."))

    def day_and_month(self, day: date) -> str:
        return format_skeleton("MMMMd", day, locale=self.locale)

    def short_date(self, day: date) -> str:
        return format_skeleton("MMMEd", day, locale=self.locale)

    def days_range(self, first: date, last: date) -> str:
        """ "23 – 29 Nov 2026": what both days share is said once."""
        return _sentence(format_interval(first, last, "yMMMd", locale=self.locale))

    def week_number(self, day: date) -> str:
        return format_date(day, "w", self.locale)

    def clock(self, moment: datetime | time) -> str:
        """Hours and minutes on a 12 or 24 hour clock."""
        return _clock(self._name, time(moment.hour, moment.minute))

    @property
    def twelve_hours(self) -> bool:
        """Whether clocks say before or after noon."""
        pattern = re.sub("'[^']*'", "", self.locale.time_formats["short"].pattern)
        return "h" in pattern or "K" in pattern

    def clock_range(self, start: datetime, end: datetime) -> str:
        """ "9:15-10:00 AM", with a dash: what both clocks end in is said once."""
        first, last = self.clock(start), self.clock(end)
        suffix = re.search(r"\D*$", last)
        if suffix and suffix[0] and first.endswith(suffix[0]):
            first = first.removesuffix(suffix[0])
        return f"{first}–{last}"

    def widest_clocks(self) -> list[str]:
        """Times whose texts are among the widest there are."""
        return [self.clock(time(hour, minute)) for hour in (0, 10, 20, 22) for minute in (0, 40)]

    def weekday_initials(self) -> list[str]:
        """Seven one- or two-letter names, from the first day of the week on."""
        names = self.locale.days["stand-alone"]["narrow"]
        return [names[(self.locale.first_week_day + i) % 7] for i in range(7)]

    def week_of(self, day: date) -> list[date]:
        """Its seven days, from the first day of the week on."""
        start = day - timedelta(days=(day.weekday() - self.locale.first_week_day) % 7)
        return [start + timedelta(days=i) for i in range(7)]

    def is_weekend(self, day: date) -> bool:
        first, last = self.locale.weekend_start, self.locale.weekend_end
        return (day.weekday() - first) % 7 <= (last - first) % 7

    def narrow_weekday(self, day: date) -> str:
        names = self.locale.days["stand-alone"]["narrow"]
        return str(names[day.weekday()])

    def weeks_of_month(self, day: date) -> Iterator[list[date]]:
        """The weeks that touch the month of `day`, each from the first day of the week on."""
        first = day.replace(day=1)
        monday_based = (first.weekday() - self.locale.first_week_day) % 7
        start = first - timedelta(days=monday_based)
        while start <= first or start.month == day.month:
            yield [start + timedelta(days=i) for i in range(7)]
            start += timedelta(days=7)


def _sentence(text: str) -> str:
    """With a capital first letter, as a heading has it."""
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=4096)
def _clock(locale: str, wall: time) -> str:
    """A page shows the same few times again and again, and Babel takes its time."""
    return str(format_time(wall, "short", locale=locale))


@lru_cache(maxsize=64)
def _parsed(locale: str) -> Locale:
    found = Locale.parse(locale, sep="-" if "-" in locale else "_")
    # What a locale has from its parents is in dicts that it shares with them, and Babel keeps there what it
    # looked up (LocaleDataDict): one language's months would turn up in another. So each gets its own copy.
    data = localedata.load(str(found))
    own = deepcopy(data)
    data.clear()
    data.update(own)
    return found
