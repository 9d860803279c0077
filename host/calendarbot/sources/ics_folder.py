"""A calendar in a folder: every .ics file in it, one calendar together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calendarbot.errors import SourceError
from calendarbot.sources import SourceData
from calendarbot.sources._local import path_of, read_texts

if TYPE_CHECKING:
    from pathlib import Path

    from calendarbot.config import CalendarConfig
    from calendarbot.sources import Given


def read(calendar: CalendarConfig, given: Given) -> SourceData:
    """All files, by name; one that is no calendar is left out and named.

    Raises SourceError for a folder that is missing or cannot be read, or when none of its files can.
    An empty folder is an empty calendar.
    """
    folder = path_of(calendar, given.base_dir)
    texts, left_out = read_texts(files_of(folder), folder)
    if left_out and not texts:
        raise SourceError(f"{folder}: none of its files can be read: {left_out[0]}")
    return SourceData(tuple(texts), str(folder), left_out=tuple(left_out))


def watched(calendar: CalendarConfig, base_dir: Path) -> tuple[Path, ...]:
    folder = path_of(calendar, base_dir)
    try:
        return (folder, *files_of(folder))
    except SourceError:
        return (folder,)


def files_of(folder: Path) -> list[Path]:
    """Its .ics files without hidden ones, which programs write on the way. Raises SourceError."""
    try:
        return sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() == ".ics" and not path.name.startswith(".")
        )
    except FileNotFoundError:
        raise SourceError(f"{folder}: there is no such folder") from None
    except NotADirectoryError:
        raise SourceError(
            f"{folder}: this is a file, not a folder", 'read it with source = "ics_file"'
        ) from None
    except OSError as error:
        raise SourceError(f"{folder}: {error.strerror}") from None
    except ValueError:
        raise SourceError(f"{str(folder)!r} cannot be the name of a folder") from None
