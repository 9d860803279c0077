"""A calendar's bytes as clean text: decoded, its line ends alike, its folded lines whole.

RFC 5545 has UTF-8 (§3.1.4), CRLF and folded lines (§3.1); programs write much else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
# "BE", as UTF-16 without a mark begins.
_UTF16_BEGINNINGS: Final = {b"B\0E\0": "utf-16-le", b"\0B\0E": "utf-16-be"}
_BLANK_LINES: Final = re.compile(rb"\n[ \t]*(?=\n)")
_EVENT: Final = re.compile(rb"^[ \t]*BEGIN:VEVENT[ \t]*$", re.IGNORECASE | re.MULTILINE)

# Invisible characters that reorder what is around them, and marks of byte order: a text that is
# shown among others has no say in their order (Unicode Standard Annex #9, §2).
_DIRECTIONS: Final = "\u202a-\u202e\u2066-\u2069\ufeff"
_REORDERING: Final = re.compile(f"[{_DIRECTIONS}]")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class CleanText:
    """Lines that end with "\\n", folded ones made whole."""

    text: str
    _folded: bytes = field(repr=False)

    def line_of_event(self, number: int) -> int:
        """The line of the file on which this event (from 0) begins, 0 when it is not to be told."""
        return self._event_lines[number] if number < len(self._event_lines) else 0

    @cached_property
    def _event_lines(self) -> list[int]:
        lines, line, position = [], 1, 0
        for match in _EVENT.finditer(self._folded):
            line += self._folded.count(b"\n", position, match.start())
            position = match.start()
            lines.append(line)
        return lines


def clean(data: bytes) -> CleanText:
    """The text in these bytes. Nothing is refused here: what is no text makes no sense later."""
    data = _as_utf8(data)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\0" in data:
        data = data.replace(b"\0", b"")
    # Unfolded before it is decoded: a fold may be inside a character (§3.1).
    whole = _BLANK_LINES.sub(b"", data) if b"\n\n" in data or b" \n" in data else data
    whole = whole.replace(b"\n ", b"").replace(b"\n\t", b"")
    return CleanText(_decoded(whole), data)


def one_line(text: str, longest: int) -> str:
    """The text on one line, shortened to so many characters, with nothing in it that reorders."""
    if not text.isprintable():
        # Twice the length is enough to look at: what is dropped is rare.
        text = _REORDERING.sub("", _CONTROLS.sub(" ", text[: 2 * longest]))
    text = text.strip()
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _as_utf8(data: bytes) -> bytes:
    encoding = _UTF16_MARKS.get(data[:2]) or _UTF16_BEGINNINGS.get(data[:4])
    if encoding:
        data = data.decode(encoding, errors="replace").encode()
    return data.removeprefix(_BYTE_ORDER_MARK)


def _decoded(data: bytes) -> str:
    """UTF-8, or line by line what old programs wrote in its place."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return "\n".join(map(_decoded_line, data.split(b"\n")))


def _decoded_line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")
