"""Files of this machine, for the sources that read them."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from calendarbot.errors import SourceError
from calendarbot.sources import CalendarText
from calendarbot.sources._looks import HINT, is_calendar, looks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from calendarbot.config import CalendarConfig

MAX_BYTES: Final = 64 * 1024 * 1024
MOST_FILES: Final = 50_000


def path_of(calendar: CalendarConfig, base_dir: Path) -> Path:
    """Raises SourceError when the calendar has an address in the place of a path."""
    if calendar.path is None:
        raise SourceError(
            f"source {calendar.source!r} reads files, and this calendar has no path",
            "give it a path, or another source",
        )
    return base_dir / calendar.path.expanduser()


def read_text(path: Path) -> CalendarText:
    """The file, which begins as a calendar does.

    Raises SourceError for a file that is missing, cannot be read, is larger than MAX_BYTES or
    does not look like a calendar.
    """
    data = _bytes(path)
    if len(data) > MAX_BYTES:
        raise SourceError(f"{path}: the file is larger than {MAX_BYTES // 1024**2} MiB")
    if not is_calendar(data):
        raise SourceError(f"{path}: not a calendar file: it {looks(data)}", HINT)
    return CalendarText(data, str(path))


def read_texts(paths: Iterable[Path], folder: Path) -> tuple[list[CalendarText], list[str]]:
    """Every file that can be read, and a line for every one that cannot.

    Raises SourceError when they are too many or too much.
    """
    texts: list[CalendarText] = []
    left_out: list[str] = []
    total = 0
    for number, path in enumerate(paths):
        if number == MOST_FILES:
            raise SourceError(f"{folder}: more than {MOST_FILES:,} files")
        try:
            text = read_text(path)
        except SourceError as error:
            left_out.append(error.message)
            continue
        total += len(text.content)
        if total > MAX_BYTES:
            raise SourceError(f"{folder}: more than {MAX_BYTES // 1024**2} MiB of calendars")
        texts.append(text)
    return texts, left_out


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            # So much is allocated at once as is asked for.
            size = status.st_size if stat.S_ISREG(status.st_mode) else MAX_BYTES
            return file.read(min(size, MAX_BYTES) + 1)
    except FileNotFoundError:
        raise SourceError(f"{path}: there is no such calendar file") from None
    except IsADirectoryError:
        raise SourceError(
            f"{path}: this is a folder, not a calendar file",
            "name one .ics file inside it, or leave `source` out to read all of them",
        ) from None
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise SourceError(f"{str(path)!r} cannot be the name of a file") from None
