"""What people want of one calendar: which of its occurrences, under which names, at which hours."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from calendarbot.config.calendar_options import WEEKDAYS
from calendarbot.model import Details

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from calendarbot.config import CalendarOptions, ChoiceConfig
    from calendarbot.model import Occurrence

_DECLINED: Final = "DECLINED"
_LONGEST: Final = 500


def wanted(found: Iterable[Occurrence], calendar: CalendarOptions) -> list[Occurrence]:
    """The occurrences that this calendar's options leave, as they want them shown.

    Filters see events as the calendar has them; renaming comes after, and "Busy" last of all, so no
    rule can bring back what is private.
    """
    steps = list(_steps(calendar))
    return [one for one in found if all(step(one) for step in steps)] if steps else list(found)


def shown(found: list[Occurrence], calendar: CalendarOptions) -> list[Occurrence]:
    """The occurrences under the names, and with the details, that the options want."""
    if calendar.private != "busy" and not calendar.rename:
        return found
    return [_shown(one, calendar) for one in found]


def _shown(occurrence: Occurrence, calendar: CalendarOptions) -> Occurrence:
    details = occurrence.details
    if calendar.private == "busy" and details.access != "PUBLIC":
        kept = Details(access=details.access, partstat=details.partstat, sequence=details.sequence)
        return occurrence._replace(summary=calendar.busy, location="", details=kept)
    if calendar.rename:
        summary = _renamed(occurrence.summary, calendar.rename)
        return occurrence._replace(summary=summary)
    return occurrence


def _steps(calendar: CalendarOptions) -> Iterable[Callable[[Occurrence], bool]]:
    if calendar.hide_declined:
        yield lambda one: one.details.partstat != _DECLINED
    if calendar.private == "hide":
        yield lambda one: one.details.access == "PUBLIC"
    if calendar.include:
        chosen = calendar.include
        yield lambda one: _matches(one, chosen)
    if calendar.exclude:
        refused = calendar.exclude
        yield lambda one: not _matches(one, refused)
    if calendar.working_hours or calendar.working_days:
        yield lambda one: _in_hours(one, calendar)


def _matches(one: Occurrence, choice: ChoiceConfig) -> bool:
    """Whether any of what is chosen is there."""
    text = f"{one.summary}\n{one.location}".casefold()
    categories = {category.casefold() for category in one.details.categories}
    return (
        any(word.casefold() in text for word in choice.text)
        or any(category.casefold() in categories for category in choice.categories)
        or one.status in choice.status
    )


def _in_hours(one: Occurrence, calendar: CalendarOptions) -> bool:
    """Whether it touches the working hours of a working day; whole days have no hours."""
    days = {WEEKDAYS.index(day) for day in calendar.working_days}
    if days and not days & _weekdays(one):
        return False
    if not calendar.working_hours or one.all_day or one.end.date() != one.start.date():
        return True
    return calendar.working_hours.touch(one.start.time(), one.end.time())


def _weekdays(one: Occurrence) -> set[int]:
    first = one.start.date().toordinal()
    last = max(one.end.date().toordinal() - (one.end.time() == one.end.min.time()), first)
    return {(day - 1) % 7 for day in range(first, min(last, first + 6) + 1)}


def _renamed(summary: str, rename: Mapping[str, str]) -> str:
    for pattern, replacement in rename.items():
        summary = _compiled(pattern).sub(replacement, summary)[:_LONGEST]
    return summary.strip()


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
