"""Calendars read from their sources, all at the same time, each for itself.

A calendar that cannot be read is stood in for by its last good copy while that is not too old; the others are
none the worse for it.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from calendarbot import sources
from calendarbot.copies import Copies, identity
from calendarbot.errors import ConfigError, SourceError, nearest
from calendarbot.private import cache_dir
from calendarbot.sources import Given, Kept, NotNowError, SourceData
from calendarbot.web.pacing import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calendarbot.config import CalendarConfig, Config, FetchConfig
    from calendarbot.progress import Progress
    from calendarbot.web.client import Web

MOST_AT_ONCE: Final = 64
"""Calendars read at the same time: mostly they wait, and one that is slow keeps none of the others."""
_WAIT: Final = "not_before"
_EARLY: Final = 0.1
"""By which part of its `refresh` a calendar may be asked early, since no timer is exact."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How reading one calendar went."""

    data: SourceData | None
    """None when there is neither the calendar nor a copy to stand in."""
    problem: str = ""
    """One line, without secrets: why the calendar could not be read. Empty when it could."""
    hint: str = ""
    copy_from: datetime | None = None
    """When `data` is a copy: when the calendar was last as the copy is."""


class Reader:
    """Reads calendars. One for a process, which then asks each server no more often than it should."""

    def __init__(
        self,
        copies: Copies,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        web: Callable[[FetchConfig], Web] | None = None,
    ) -> None:
        self._copies = copies
        self._clock = clock
        self._pace = Pace()
        self._web = web or self._real_web
        self._asked: dict[str, tuple[datetime, SourceError | None]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def _real_web(self, fetch: FetchConfig) -> Web:
        from calendarbot.web.client import Web
        from calendarbot.web.policy import Policy

        return Web(Policy.of(fetch), fetch.timeout.total_seconds(), self._pace)

    def _given(self, config: Config, now: datetime, kept: Kept | None = None) -> Given:
        return Given(config.base_dir, lambda: self._web(config.fetch), now, kept)

    def read_all(
        self,
        config: Config,
        names: Sequence[str],
        progress: Progress = lambda *_: None,
    ) -> dict[str, Reading]:
        """These calendars of the configuration. Raises ConfigError for one that is not in it."""
        for name in names:
            if name not in config.calendars:
                raise ConfigError(f"there is no calendar {name!r}", nearest(name, config.calendars))
        if len(names) <= 1:
            return {name: self.read(config, name) for name in names}
        done: dict[str, Reading] = {}
        with ThreadPoolExecutor(min(len(names), MOST_AT_ONCE), "calendar") as pool:
            waiting = {pool.submit(self.read, config, name): name for name in names}
            progress("reading calendars", 0, len(names))
            for future in as_completed(waiting):
                done[waiting[future]] = future.result()
                progress("reading calendars", len(done), len(names))
        return {name: done[name] for name in names}

    def read(self, config: Config, name: str) -> Reading:
        """One calendar of the configuration, or the copy that stands in for it."""
        calendar = config.calendars[name]
        if calendar.path is not None and not config.from_file:
            return self._read_uncopied(config, calendar)
        try:
            source, place = _place(config, calendar)
        except SourceError as error:
            return Reading(None, error.message, error.hint)
        key = identity(calendar, source, place)
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:  # two displays that show one calendar ask for it once
            return self._read(config, calendar, key)

    def _read_uncopied(self, config: Config, calendar: CalendarConfig) -> Reading:
        """A file somebody just named: if it is not there, that is an answer, too."""
        given = self._given(config, self._clock())
        try:
            return Reading(sources.read(calendar, given))
        except SourceError as error:
            return Reading(None, error.message, error.hint)

    def _read(self, config: Config, calendar: CalendarConfig, key: str) -> Reading:
        now = self._clock()
        kept = self._copies.load(key)
        if calendar.url is not None and key in self._asked:
            asked_at, error = self._asked[key]
            if kept and now - asked_at < calendar.refresh * (1 - _EARLY):
                return self._stand_in(calendar, kept, error, now) if error else Reading(kept.data)
        given = self._given(config, now, _without_wait(kept))
        try:
            _keep_waiting(kept, now)
            data = sources.read(calendar, given)
        except SourceError as error:
            self._asked[key] = (now, error)
            if isinstance(error, NotNowError):
                self._remember_wait(key, kept, error, now)
            return self._stand_in(calendar, kept, error, now)
        self._asked[key] = (now, None)
        self._copies.save(key, data, now)
        return Reading(data)

    def _remember_wait(
        self, key: str, kept: Kept | None, error: NotNowError, now: datetime
    ) -> None:
        """The next process, too, leaves this server alone until then."""
        before = kept or Kept(SourceData((), ""), now)
        notes = {**before.data.notes, _WAIT: [error.until.timestamp(), error.message]}
        self._copies.save(key, replace(before.data, notes=notes), before.checked_at)

    def _stand_in(
        self, calendar: CalendarConfig, kept: Kept | None, error: SourceError, now: datetime
    ) -> Reading:
        if kept is None or not kept.data.where:
            return Reading(None, error.message, error.hint)
        age = now - kept.checked_at
        if age > calendar.keep_copy:
            problem = (
                f"{error.message}; its last good copy is {_days(age)} old, too old to be shown"
            )
            return Reading(None, problem, error.hint)
        return Reading(kept.data, error.message, error.hint, kept.checked_at)


def _keep_waiting(kept: Kept | None, now: datetime) -> None:
    """Raises NotNowError while a server that asked to be left alone is to be left alone."""
    until, message = kept.data.notes.get(_WAIT, (0, "")) if kept else (0, "")
    if now.timestamp() < until:
        raise NotNowError(message, datetime.fromtimestamp(until, UTC))


def _without_wait(kept: Kept | None) -> Kept | None:
    """What the source itself noted; None when nothing was ever read."""
    if kept is None or not kept.data.where:
        return None
    notes = {name: note for name, note in kept.data.notes.items() if name != _WAIT}
    return replace(kept, data=replace(kept.data, notes=notes))


def _place(config: Config, calendar: CalendarConfig) -> tuple[str, str]:
    """The source and where it reads, to tell calendars apart by. Raises SourceError."""
    source = sources.source_of(calendar, config.base_dir)
    if calendar.path is not None:
        return source, str((config.base_dir / calendar.path.expanduser()).absolute())
    assert calendar.url is not None  # noqa: S101  the configuration saw to that
    try:
        return source, calendar.url.read_text(config.base_dir)
    except ConfigError as error:
        raise SourceError(error.message, error.hint) from None


def _days(age: timedelta) -> str:
    return f"{age.days} days" if age.days > 1 else f"{age.total_seconds() / 3600:.0f} h"


@cache
def reader() -> Reader:
    """This process's reader, with copies in the user's cache."""
    try:
        folder = cache_dir()
    except RuntimeError:  # there is no home: a folder that cannot be, in which nothing is kept
        folder = Path(os.devnull)
    copies = Copies(folder / "calendars")
    copies.forget_unused(datetime.now(UTC))
    return Reader(copies)
