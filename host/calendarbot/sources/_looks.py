"""Whether bytes are a calendar and, if not, what they seem to be."""

from __future__ import annotations

import re
from typing import Final

HINT: Final = "a calendar file begins with BEGIN:VCALENDAR; calendar programs export one as .ics"

_CALENDAR: Final = b"BEGIN:VCALENDAR"
_END: Final = re.compile(rb"END:VCALENDAR", re.IGNORECASE)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")

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


def is_calendar(data: bytes) -> bool:
    """Whether it begins as a calendar does (RFC 5545 §3.4), in UTF-8 or in UTF-16."""
    beginning = data[:4096]
    for mark in (_BYTE_ORDER_MARK, *_UTF_16):
        beginning = beginning.removeprefix(mark)
    # In UTF-16 every other byte of it is zero.
    return beginning.replace(b"\x00", b"").lstrip()[:15].upper() == _CALENDAR


def is_whole(data: bytes) -> bool:
    """Whether a calendar's end is in it; for what came over a network, where ends get lost."""
    return data.startswith(_UTF_16) or _END.search(data) is not None


def looks(data: bytes) -> str:
    """What the data seems to be, to follow "it"."""
    text = data.removeprefix(_BYTE_ORDER_MARK).strip()
    if not text:
        return "is empty"
    for beginning, kind in _KINDS:
        if data.startswith(beginning):
            return f"looks like {kind}"
    for beginning, kind in _TEXT_KINDS:
        if text[: len(beginning)].upper() == beginning:
            return f"looks like {kind}"
    return "holds bytes that are not text" if b"\x00" in data[:4096] else "looks like other text"
