"""A calendar in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from calendarbot.errors import SourceError
from calendarbot.sources import SourceData

if TYPE_CHECKING:
    from pathlib import Path

    from calendarbot.config import CalendarConfig

MAX_BYTES: Final = 64 * 1024 * 1024

_CALENDAR: Final = b"BEGIN:VCALENDAR"
_BYTE_ORDER_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_HINT: Final = "a calendar file begins with BEGIN:VCALENDAR; calendar programs export one as .ics"

# How files of other kinds begin, by the formats' own specifications.
_KINDS: Final = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive; unpack it first"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"SQLite format 3\x00", "a database"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
)
_TEXT_KINDS: Final = (
    (b"<!DOCTYPE HTML", "a web page, perhaps the one to log in on"),
    (b"<HTML", "a web page, perhaps the one to log in on"),
    (b"<?XML", "XML"),
    (b"{", "JSON"),
    (b"[", "JSON or TOML"),
    (b"BEGIN:VCARD", "an address book (vCard)"),
    (b"BEGIN:VEVENT", "an event without the calendar around it"),
)


def read(calendar: CalendarConfig, base_dir: Path) -> SourceData:
    """The bytes of the file, which begins as a calendar does (RFC 5545 §3.4).

    Raises SourceError for a file that is missing, cannot be read, is larger than MAX_BYTES or
    does not look like a calendar.
    """
    path = base_dir / calendar.path.expanduser()
    data = _bytes(path)
    if len(data) > MAX_BYTES:
        raise SourceError(f"{path}: the file is larger than {MAX_BYTES // 1024**2} MiB")
    if not _begins_as_calendar(data):
        raise SourceError(f"{path}: not a calendar file: it {_looks(data)}", _HINT)
    return SourceData(data, str(path))


def _begins_as_calendar(data: bytes) -> bool:
    """In UTF-8, or in UTF-16, in which every other byte of this is zero."""
    beginning = data[:4096]
    for mark in _BYTE_ORDER_MARKS:
        beginning = beginning.removeprefix(mark)
    return beginning.replace(b"\x00", b"").lstrip()[:15].upper() == _CALENDAR


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise SourceError(f"{path}: there is no such calendar file") from None
    except IsADirectoryError:
        raise SourceError(
            f"{path}: this is a folder, not a calendar file", "name one .ics file inside it"
        ) from None
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise SourceError(f"{str(path)!r} cannot be the name of a file") from None


def _looks(data: bytes) -> str:
    """What the file seems to be, to follow "it"."""
    text = data.removeprefix(_BYTE_ORDER_MARKS[0]).strip()
    if not text:
        return "is empty"
    for beginning, kind in _KINDS:
        if data.startswith(beginning):
            return f"looks like {kind}"
    for beginning, kind in _TEXT_KINDS:
        if text[: len(beginning)].upper() == beginning:
            return f"looks like {kind}"
    return "holds bytes that are not text" if b"\x00" in data[:4096] else "looks like other text"
