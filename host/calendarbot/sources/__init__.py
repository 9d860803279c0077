"""Where calendars come from. A source is a module here; its name is the configuration's `source`.

A source module has

    def read(calendar: CalendarConfig, given: Given) -> SourceData

which gives the calendar as iCalendar text (RFC 5545) and raises SourceError: one line that names
the calendar's place and what was wrong with it, with no secret in it. A source of local files also has

    def watched(calendar: CalendarConfig, base_dir: Path) -> Iterable[Path]

the files and folders whose change means that the calendar may have changed.
"""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, cast

from calendarbot.config import source_names
from calendarbot.errors import ConfigError, SourceError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from calendarbot.config import CalendarConfig
    from calendarbot.web.client import Web


@dataclass(frozen=True)
class CalendarText:
    """One iCalendar text: a whole feed, or one file or item of many."""

    content: bytes = field(repr=False)
    where: str
    """What to call the place in a message; holds no secret."""

    @cached_property
    def sha256(self) -> str:
        """Names the content: the same bytes mean the same events."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class SourceData:
    """What a source read."""

    texts: tuple[CalendarText, ...]
    where: str
    """What to call the place in a message; holds no secret."""
    title: str = ""
    """What the calendar calls itself there, if it does."""
    color: str = ""
    """As "#rrggbb", if the calendar has one."""
    notice: str = ""
    """One line for whoever looks after this, when something is to be done though all went well."""
    left_out: tuple[str, ...] = ()
    """One line for every file that could not be read, while the others were."""
    notes: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What the source wants to be told the next time (ETags and the like); JSON's types."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was read the last time that reading went well."""

    data: SourceData
    checked_at: datetime
    """When the source last said that this is its state."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a source needs to know besides its calendar's settings."""

    base_dir: Path
    open_web: Callable[[], Web]
    """The way out to the network, for sources that go there."""
    now: datetime
    kept: Kept | None = None


class NotNowError(SourceError):
    """The server asked not to be asked again before `until`."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class Source(Protocol):
    """What a source module offers."""

    def read(self, calendar: CalendarConfig, given: Given) -> SourceData: ...


class LocalSource(Source, Protocol):
    """What a source of local files offers."""

    def watched(self, calendar: CalendarConfig, base_dir: Path) -> Iterable[Path]: ...


def load(name: str) -> Source:
    """The source module of that name. Raises ConfigError with the nearest name."""
    if name not in source_names():
        raise ConfigError(f"unknown source {name!r}", nearest(name, source_names()))
    return cast("Source", importlib.import_module(f"{__name__}.{name}"))


def source_of(calendar: CalendarConfig, base_dir: Path) -> str:
    """The source that the calendar names, or the one that fits its path or url."""
    if calendar.source is not None:
        return calendar.source
    if calendar.path is None:
        return "ics_url"
    return "ics_folder" if (base_dir / calendar.path.expanduser()).is_dir() else "ics_file"


def read(calendar: CalendarConfig, given: Given) -> SourceData:
    """The calendar, read by its source. Raises SourceError."""
    return load(source_of(calendar, given.base_dir)).read(calendar, given)


def watched(calendar: CalendarConfig, base_dir: Path) -> Iterable[Path]:
    """The files and folders whose change means that the calendar may have changed."""
    source = load(source_of(calendar, base_dir))
    return cast("LocalSource", source).watched(calendar, base_dir) if calendar.path else ()
