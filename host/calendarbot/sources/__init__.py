"""Where calendars come from. A source is a module here; its name is the configuration's `source`.

A source module has

    def read(calendar: CalendarConfig, base_dir: Path) -> SourceData

which gives the calendar as iCalendar text (RFC 5545) and raises SourceError: one line that names
the calendar's place and what was wrong with it, with no secret in it.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, cast

from calendarbot.config import source_names
from calendarbot.errors import ConfigError, nearest

if TYPE_CHECKING:
    from pathlib import Path

    from calendarbot.config import CalendarConfig


@dataclass(frozen=True, slots=True)
class SourceData:
    """What a source read."""

    calendar_text_bytes: bytes = field(repr=False)
    where: str
    """What to call the place in a message; holds no secret."""


class Source(Protocol):
    """What a source module offers."""

    def read(self, calendar: CalendarConfig, base_dir: Path) -> SourceData: ...


def load(name: str) -> Source:
    """The source module of that name. Raises ConfigError with the nearest name."""
    if name not in source_names():
        raise ConfigError(f"unknown source {name!r}", nearest(name, source_names()))
    return cast("Source", importlib.import_module(f"{__name__}.{name}"))


def read(calendar: CalendarConfig, base_dir: Path) -> SourceData:
    """The calendar, read by its source. Raises SourceError."""
    return load(calendar.source).read(calendar, base_dir)
