"""Calendars in, one ordered agenda out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

from calendarbot import sources
from calendarbot.errors import ConfigError, SourceError, nearest
from calendarbot.events import Text, Window, occurrences
from calendarbot.model import Agenda, CalendarState
from calendarbot.zones import real_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from calendarbot.config import Config
    from calendarbot.model import Occurrence


def read_agenda(
    config: Config,
    calendars: Sequence[str],
    start: datetime,
    end: datetime,
    tz: ZoneInfo,
    *,
    strict: bool = False,
) -> Agenda:
    """What happens in these calendars of the configuration in [start, end), in `tz`.

    A calendar that cannot be read is a `problem` in its CalendarState, unless `strict`: then
    its SourceError is raised. An event that cannot be understood is named in `left_out`.
    Cancelled events are left out silently. Raises ConfigError for an unknown calendar.
    """
    start, end = real_time(start, tz), real_time(end, tz)
    window = Window.between(start, end)
    states = []
    found: list[Occurrence] = []
    for name in calendars:
        if name not in config.calendars:
            raise ConfigError(f"there is no calendar {name!r}", nearest(name, config.calendars))
        options = config.calendars[name]
        state = CalendarState(name, options.name or name, icon=options.icon)
        try:
            data = sources.read(options, config.base_dir)
            texts = [Text(data.calendar_text_bytes, data.where)]
            read, left_out = occurrences(texts, name, window, tz, options)
        except SourceError as error:
            if strict:
                raise
            states.append(replace(state, problem=error.message))
            continue
        found += read
        states.append(replace(state, left_out=left_out))
    if config.merge_calendars and len(states) > 1:
        found = list(_merged(found))
    return Agenda(tuple(sorted(found, key=_order)), start, end, tz, tuple(states))


def _merged(found: Iterable[Occurrence]) -> Iterable[Occurrence]:
    """Each occurrence once: the same one in several calendars is the first calendar's.

    The same has its UID and its place in its series, and is still at the same time.
    """
    kept: dict[object, Occurrence] = {}
    for number, one in enumerate(found):
        key: object = (one.uid, one.recurrence_id, one.start.astimezone(UTC), one.end, one.all_day)
        first = kept.get(key)
        if first is None or not one.uid:
            kept[key if one.uid else number] = one
        elif first.calendar == one.calendar:
            kept[number] = one  # two of one calendar are two
        else:
            kept[key] = replace(first, also_in=(*first.also_in, one.calendar))
    return kept.values()


def _order(occurrence: Occurrence) -> tuple[datetime, bool, str, str, str]:
    return (
        occurrence.start.astimezone(UTC),
        not occurrence.all_day,
        occurrence.summary,
        occurrence.calendar,
        occurrence.uid,
    )
