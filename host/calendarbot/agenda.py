"""Calendars in, one ordered agenda out."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from datetime import UTC
from typing import TYPE_CHECKING

from calendarbot.errors import SourceError
from calendarbot.events import Text, Window
from calendarbot.events import occurrences as occurrences_of
from calendarbot.model import Agenda, CalendarState
from calendarbot.reading import Reader, Reading
from calendarbot.reading import reader as process_reader
from calendarbot.zones import real_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from calendarbot.config import CalendarConfig, Config
    from calendarbot.model import Occurrence
    from calendarbot.progress import Progress
    from calendarbot.sources import SourceData


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
    start, end = real_time(start, tz), real_time(end, tz)
    readings = (reader or process_reader()).read_all(config, calendars, progress)
    with _uncollected():
        found, states = _made_out(config, readings, Window.between(start, end), tz, strict=strict)
        return Agenda(_ordered(found), start, end, tz, states)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Thousands of new objects, none of them garbage, have the collector look at all there is: not now."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _made_out(
    config: Config, readings: Mapping[str, Reading], window: Window, tz: ZoneInfo, *, strict: bool
) -> tuple[Iterable[Occurrence], tuple[CalendarState, ...]]:
    """What was read, as occurrences in no order. Raises SourceError as `read_agenda` does."""
    states = []
    occurrences: list[Occurrence] = []
    for name, reading in readings.items():
        options = config.calendars[name]
        found: list[Occurrence] = []
        left_out: tuple[str, ...] = ()
        if reading.data is None:
            if strict:
                raise SourceError(reading.problem, reading.hint)
        else:
            try:
                found, left_out = _understood(reading.data, name, window, tz, options)
            except SourceError as error:
                if strict:
                    raise
                reading = Reading(None, error.message, error.hint)
        occurrences += found
        states.append(_state(name, options, reading, left_out))
    merges = config.merge_calendars and len(states) > 1
    return _merged(occurrences) if merges else occurrences, tuple(states)


def _understood(
    data: SourceData, name: str, window: Window, tz: ZoneInfo, options: CalendarConfig
) -> tuple[list[Occurrence], tuple[str, ...]]:
    """Raises SourceError when nothing of it is a calendar."""
    texts = [Text(text.content, text.where) for text in data.texts]
    found, left_out = occurrences_of(texts, name, window, tz, options)
    return found, (*data.left_out, *left_out)


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
            kept[key] = first._replace(also_in=(*first.also_in, one.calendar))
    return kept.values()


def _ordered(found: Iterable[Occurrence]) -> tuple[Occurrence, ...]:
    # Many begin at the same time, and share its object: each is looked at but once.
    starts_s: dict[int, float] = {}
    at_once: dict[float, list[Occurrence]] = {}
    for one in found:
        start_s = starts_s.get(id(one.start))
        if start_s is None:
            start_s = starts_s[id(one.start)] = one.start.timestamp()
            at_once.setdefault(start_s, [])
        at_once[start_s].append(one)
    for group in at_once.values():
        if len(group) > 1:
            group.sort(key=_order)
    return tuple(one for start_s in sorted(at_once) for one in at_once[start_s])


def _order(one: Occurrence) -> tuple[bool, str, str, str]:
    """Of what begins at the same time."""
    return (not one.all_day, one.summary, one.calendar, one.uid)


def _state(
    name: str, options: CalendarConfig, reading: Reading, left_out: tuple[str, ...]
) -> CalendarState:
    data = reading.data
    own_name = data.title if data else ""
    return CalendarState(
        name,
        options.name or own_name or name,
        problem=reading.problem,
        hint=reading.hint,
        left_out=left_out,
        copy_from=reading.copy_from,
        notice=data.notice if data else "",
        color=data.color if data else "",
        icon=options.icon,
    )
