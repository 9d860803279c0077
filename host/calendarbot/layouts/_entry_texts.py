"""The words of one event in a list: its time, title, and details."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from calendarbot.layouts._words import phrase

if TYPE_CHECKING:
    from calendarbot.layouts import View
    from calendarbot.layouts._dates import LocalDates
    from calendarbot.layouts._days import Entry


@dataclass(frozen=True, slots=True)
class EntryTexts:
    """What a page may print for an entry."""

    entry: Entry
    dates: LocalDates
    view: View

    @property
    def title(self) -> str:
        """An event without a title goes by its calendar."""
        return self.entry.occurrence.summary.strip() or self._label

    @property
    def clock(self) -> str:
        """When it starts, or when what began on an earlier day ends; empty if it fills the day."""
        occurrence = self.entry.occurrence
        if self.entry.fills_day:
            return ""
        moment = occurrence.start if self.entry.starts else occurrence.end
        clock = self.dates.clock(moment.astimezone(self.view.agenda.tz))
        return clock if self.entry.starts else f"–{clock}"

    @property
    def all_day(self) -> str:
        return phrase(self.view.locale, "all_day")

    def details(self, *, with_end: bool) -> list[str]:
        """Day of a long event, end, place, calendar, doubt: what there is, in this order."""
        parts = [self.day_of, self._until if with_end else "", place(self._location)]
        if len(self.view.agenda.calendars) > 1:
            parts.append(self._label)
        if self.entry.occurrence.status == "TENTATIVE":
            parts.append(phrase(self.view.locale, "tentative"))
        return [part for part in parts if part]

    @property
    def day_of(self) -> str:
        if self.entry.days == 1:
            return ""
        return phrase(self.view.locale, "day_of", n=self.entry.day, of=self.entry.days)

    @property
    def _until(self) -> str:
        occurrence = self.entry.occurrence
        if self.entry.fills_day or not self.entry.starts or occurrence.end <= occurrence.start:
            return ""
        end = occurrence.end.astimezone(self.view.agenda.tz)
        clock = self.dates.clock(end)
        if self.entry.days > 1:
            clock = f"{self.dates.short_weekday(end.date())} {clock}"
        return phrase(self.view.locale, "until", time=clock)

    @property
    def _location(self) -> str:
        return self.entry.occurrence.location.strip()

    @property
    def _label(self) -> str:
        labels = {state.name: state.label for state in self.view.agenda.calendars}
        return labels.get(self.entry.occurrence.calendar, self.entry.occurrence.calendar)


def place(location: str) -> str:
    """A place; of a link only the host, since the rest of it may let people in."""
    if "://" not in location or " " in location:
        return location
    try:
        return urlsplit(location).hostname or ""
    except ValueError:
        return ""


def split_clock(clock: str) -> tuple[str, str]:
    """ "9:05 PM" is "9:05" and "PM"; a clock that ends in a digit stays whole."""
    end = len(clock)
    while end and not clock[end - 1].isdigit():
        end -= 1
    return clock[:end], clock[end:].strip()
