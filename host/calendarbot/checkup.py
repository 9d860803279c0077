"""Whether the calendars of a configuration can be read, and what to do about those that cannot."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from calendarbot.agenda import read_agenda
from calendarbot.config import written_secrets
from calendarbot.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calendarbot.config import Config
    from calendarbot.model import Agenda, CalendarState
    from calendarbot.progress import Progress
    from calendarbot.reading import Reader

_DAYS: Final = 7


def examine_calendars(
    config: Config,
    now: datetime,
    reader: Reader | None = None,
    progress: Progress = lambda *_: None,
) -> list[Finding]:
    """Read every calendar of the configuration, used or not. `now` is aware."""
    tz = ZoneInfo(config.tz)
    start = now.astimezone(tz)
    end = start + timedelta(days=_DAYS)
    names = list(config.calendars)
    agenda = read_agenda(config, names, start, end, tz, reader=reader, progress=progress)
    found = [finding for state in agenda.calendars for finding in _findings(state, agenda)]
    return [*found, *(Finding("secrets", "note", line) for line in written_secrets(config))]


def _findings(state: CalendarState, agenda: Agenda) -> Iterator[Finding]:
    if state.copy_from is not None:
        since = state.copy_from.astimezone(agenda.tz)
        says = f"{state.problem}; pages show its copy from {since:%a %Y-%m-%d %H:%M}"
        yield Finding(state.name, "bad", says, state.hint)
    elif state.problem:
        yield Finding(state.name, "bad", state.problem, state.hint)
    else:
        number = sum(occurrence.calendar == state.name for occurrence in agenda.occurrences)
        label = "" if state.label == state.name else f"{state.label!r}, "
        says = f"{label}{number} event{'' if number == 1 else 's'} in the next {_DAYS} days"
        yield Finding(state.name, "good", says)
    if state.notice:
        yield Finding(state.name, "note", state.notice)
    for line in state.left_out:
        yield Finding(state.name, "note", f"left out: {line}")
