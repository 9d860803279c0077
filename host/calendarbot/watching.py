"""Whether calendar files of this machine have changed.

Files are looked at, not subscribed to: network drives and containers tell nobody of their changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from calendarbot import sources
from calendarbot.errors import CalendarBotError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from calendarbot.config import Config

_Mark: TypeAlias = tuple[str, int, int, int]


class Watch:
    """Looks after the files of these calendars."""

    def __init__(self, config: Config, calendars: Iterable[str]) -> None:
        self._config = config
        self._calendars = sorted(set(calendars))
        self._seen = self._look()
        self._is_unsettled = False

    def changed(self) -> bool:
        """Whether something changed, and has then been the same for two looks: it is not half written."""
        seen = self._look()
        settled = seen == self._seen
        self._seen = seen
        if not settled:
            self._is_unsettled = True
        elif self._is_unsettled:
            self._is_unsettled = False
            return True
        return False

    def _look(self) -> list[_Mark]:
        return [_mark(path) for path in self._paths()]

    def _paths(self) -> Iterator[Path]:
        for name in self._calendars:
            try:
                yield from sources.watched(self._config.calendars[name], self._config.base_dir)
            except (CalendarBotError, OSError):
                continue  # reading it says what is wrong


def _mark(path: Path) -> _Mark:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return (str(path), 0, 0, 0)
    return (str(path), found.st_mtime_ns, found.st_size, found.st_ino)
