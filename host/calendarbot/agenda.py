"""Calendars in, one ordered agenda out."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from icalendar import Calendar, Event
from icalendar.error import GloballyUniqueTZIDGuessed
from icalendar.timezone import tzp

from calendarbot.errors import SourceError
from calendarbot.model import Agenda, CalendarState, Occurrence
from calendarbot.reading import Reader, Reading
from calendarbot.reading import reader as process_reader
from calendarbot.recurrence import (
    NotUnderstoodError,
    check,
    expand,
    moment,
    original_start,
    recurs,
    series_of,
)
from calendarbot.zones import real_time, zone_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from calendarbot.config import Config
    from calendarbot.progress import Progress
    from calendarbot.sources import CalendarText, SourceData

_STATUSES: Final = ("CONFIRMED", "TENTATIVE")
_NAME_LENGTH: Final = 60
# Control characters, among them line ends: a summary is one line, on a page and in a terminal.
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class _Window:
    """The time that is asked for, as times in `tz`."""

    start: datetime
    end: datetime
    tz: ZoneInfo

    def touches(self, start: datetime, end: datetime) -> bool:
        """Compared in UTC: times in one zone compare by their clocks, which go back in autumn."""
        begins, ends = start.astimezone(UTC), end.astimezone(UTC)
        window_begins, window_ends = self.start.astimezone(UTC), self.end.astimezone(UTC)
        return begins < window_ends and (ends > window_begins or begins == ends == window_begins)


def read_agenda(
    config: Config,
    calendars: Sequence[str],
    start: datetime,
    end: datetime,
    tz: ZoneInfo,
    *,
    strict: bool = False,
    reader: Reader | None = None,
    progress: Progress = lambda *_: None,
) -> Agenda:
    """What happens in these calendars of the configuration in [start, end), in `tz`.

    A calendar that cannot be read is a `problem` in its CalendarState, with `copy_from` when its last good
    copy stands in. When nothing does and this is `strict`, its SourceError is raised. An event that cannot
    be understood is named in `left_out`. Cancelled events are left out silently. Raises ConfigError for an
    unknown calendar.
    """
    window = _Window(real_time(start, tz), real_time(end, tz), tz)
    states = []
    occurrences: list[Occurrence] = []
    readings = (reader or process_reader()).read_all(config, calendars, progress)
    for name, reading in readings.items():
        found: list[Occurrence] = []
        left_out: list[str] = []
        if reading.data is None:
            if strict:
                raise SourceError(reading.problem, reading.hint)
        else:
            try:
                found, left_out = _read_calendar(reading.data, name, window)
            except SourceError as error:
                if strict:
                    raise
                reading = Reading(None, error.message, error.hint)
        occurrences += found
        states.append(_state(config, name, reading, left_out))
    ordered = tuple(sorted(occurrences, key=_order))
    return Agenda(ordered, window.start, window.end, tz, tuple(states))


def _order(occurrence: Occurrence) -> tuple[datetime, bool, str, str, str]:
    return (
        occurrence.start.astimezone(UTC),
        not occurrence.all_day,
        occurrence.summary,
        occurrence.calendar,
        occurrence.uid,
    )


def _state(config: Config, name: str, reading: Reading, left_out: list[str]) -> CalendarState:
    data = reading.data
    own_name = data.title if data else ""
    return CalendarState(
        name,
        config.calendars[name].name or own_name or name,
        problem=reading.problem,
        hint=reading.hint,
        left_out=tuple(left_out),
        copy_from=reading.copy_from,
        notice=data.notice if data else "",
        color=data.color if data else "",
    )


def _read_calendar(
    data: SourceData, name: str, window: _Window
) -> tuple[list[Occurrence], list[str]]:
    """Raises SourceError when nothing of it is a calendar."""
    found: list[Occurrence] = []
    left_out = list(data.left_out)
    for series in series_of(_events(data, left_out)):
        understood = [event for event in series if _is_understood(event, window, left_out)]
        try:
            found += _occurrences(understood, name, window)
        except NotUnderstoodError as error:
            left_out.append(f"{_named(series[0])}: {error}")
    return found, left_out


def _events(data: SourceData, left_out: list[str]) -> list[Event]:
    """Every event of all texts; a text that is no calendar is left out when there are others."""
    found = []
    for text in data.texts:
        try:
            found += _parse(text)
        except SourceError as error:
            if len(data.texts) == 1:
                raise
            left_out.append(error.message)
    return found


def _parse(data: CalendarText) -> list[Event]:
    """Every event of the text, which may hold several calendars. Raises SourceError."""
    tzp.use_default()  # forgets zones that another calendar defined under the same name
    with warnings.catch_warnings():
        # "/freeassociation.sourceforge.net/Europe/Berlin" does mean Europe/Berlin.
        warnings.simplefilter("ignore", GloballyUniqueTZIDGuessed)
        try:
            calendars = Calendar.from_ical(_text(data.content), multiple=True)
            found = [event for calendar in calendars for event in calendar.walk("VEVENT")]
        # What the parser raises for text that no component can be made of.
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            raise SourceError(f"{data.where}: not a valid calendar: {error}") from None
    if not calendars:
        raise SourceError(
            f"{data.where}: the calendar is cut short: it has no END:VCALENDAR",
            "fetch or export it again",
        )
    return [event for event in found if isinstance(event, Event)]


def _text(data: bytes) -> str:
    """UTF-8 (RFC 5545 §3.1.4), or what old programs wrote in its place."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _is_understood(event: Event, window: _Window, left_out: list[str]) -> bool:
    try:
        check(event, window.end)
    except NotUnderstoodError as error:
        left_out.append(f"{_named(event)}: {error}")
        return False
    return True


def _occurrences(series: list[Event], calendar: str, window: _Window) -> list[Occurrence]:
    if not series:
        return []
    is_series = recurs(series)
    found = []
    for component in expand(series, window.start, window.end):
        status = _line(component, "STATUS").upper()
        start, end, all_day = _span(component, window.tz)
        if status == "CANCELLED" or not window.touches(start, end):
            continue
        zone = getattr(moment(component, "DTSTART"), "tzinfo", None)
        found.append(
            Occurrence(
                uid=_line(component, "UID"),
                calendar=calendar,
                summary=_line(component, "SUMMARY"),
                start=start,
                end=end,
                all_day=all_day,
                tz=zone_name(zone) if zone else None,
                location=_line(component, "LOCATION"),
                status=status if status in _STATUSES else _STATUSES[0],
                recurrence_id=(
                    original_start(component, series).isoformat() if is_series else None
                ),
                transparent=_line(component, "TRANSP").upper() == "TRANSPARENT",
            )
        )
    return found


def _span(component: Event, tz: ZoneInfo) -> tuple[datetime, datetime, bool]:
    """Start, exclusive end, and whether these are whole days."""
    first, last = moment(component, "DTSTART"), moment(component, "DTEND")
    if not isinstance(first, datetime):
        # RFC 5545 §3.6.1 has DTEND later than DTSTART; programs write the same day for one day.
        ends = max(date(last.year, last.month, last.day), first + timedelta(days=1))
        return _midnight(first, tz), _midnight(ends, tz), True
    start, end = _placed(first, tz), _placed(last, tz)
    if end < start:
        # It began in the hour that the clocks skip and ended soon after: its length counts.
        end = start + (last - first)
    return start, end, False


def _placed(when: date, tz: ZoneInfo) -> datetime:
    """The time in `tz`; a floating one is by the clock there (RFC 5545 §3.3.5, form 1)."""
    if not isinstance(when, datetime):
        return _midnight(when, tz)
    return real_time(when if when.tzinfo else when.replace(tzinfo=tz), tz)


def _midnight(day: date, tz: ZoneInfo) -> datetime:
    return real_time(datetime.combine(day, time(), tz), tz)


def _line(component: Event, name: str) -> str:
    value = component.get(name, "")
    return _CONTROLS.sub(" ", str(value[0] if isinstance(value, list) else value)).strip()


def _named(event: Event) -> str:
    summary = _line(event, "SUMMARY")
    if len(summary) > _NAME_LENGTH:
        summary = summary[: _NAME_LENGTH - 1] + "…"
    return f"event {summary!r}" if summary else f"event without a summary ({_line(event, 'UID')})"
