"""A calendar in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calendarbot.sources import SourceData
from calendarbot.sources._local import path_of, read_text

if TYPE_CHECKING:
    from pathlib import Path

    from calendarbot.config import CalendarConfig
    from calendarbot.sources import Given


def read(calendar: CalendarConfig, given: Given) -> SourceData:
    """The file as it is. Raises SourceError."""
    text = read_text(path_of(calendar, given.base_dir))
    return SourceData((text,), text.where)


def watched(calendar: CalendarConfig, base_dir: Path) -> tuple[Path, ...]:
    return (path_of(calendar, base_dir),)
