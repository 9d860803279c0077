"""Requests of browsers, as far as one page needs them (RFC 9112), and the fields of its form.

Fed in pieces, in any sizes; whatever comes, no more than MOST_BYTES are kept.
"""

from inkframe.compat import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.parts import Bytes

_MOST_HEAD_BYTES = const(4096)
_MOST_BODY_BYTES = const(4096)
MOST_BYTES = const(8192)
_MOST_FIELDS = const(16)
_HEAD_END = b"\r\n\r\n"


class Request:
    """`status` is 0 while more has to come, 200 when it is whole, else the status it is refused with."""

    def __init__(self) -> None:
        self.status = 0
        self.method = b""
        self.path = b""
        self.host = b""
        self.body = b""
        self._raw = bytearray()
        self._body_at = 0
        self._length = 0

    def feed(self, data: "Bytes") -> None:
        if self.status:
            return
        self._raw.extend(data[: MOST_BYTES - len(self._raw)])
        if not self._body_at:
            self._look_for_head()
        end = self._body_at + self._length
        if not self.status and self._body_at and len(self._raw) >= end:
            self.body = bytes(self._raw[self._body_at : end])
            self.status = 200

    def _look_for_head(self) -> None:
        raw = bytes(self._raw)
        end = raw.find(_HEAD_END)
        if end > _MOST_HEAD_BYTES or (end < 0 and len(raw) > _MOST_HEAD_BYTES):
            self.status = 431
        elif end >= 0:
            self._body_at = end + len(_HEAD_END)
            self._read_head(raw[:end].split(b"\r\n"))

    def _read_head(self, lines: list[bytes]) -> None:
        first = lines[0].split(b" ")
        if len(first) != 3 or not first[2].startswith(b"HTTP/1."):
            self.status = 400
            return
        self.method, self.path = first[0], first[1].split(b"?")[0]
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            name, value = name.lower(), value.strip()
            if name == b"host":
                self.host = value.lower()
            elif name == b"content-length":
                self._length = int(value) if value.isdigit() and len(value) < 7 else -1
            elif name == b"transfer-encoding":
                self._length = -1
        if self._length < 0:
            self.status = 400
        elif self._length > _MOST_BODY_BYTES:
            self.status = 413


def read_form(body: bytes) -> dict[str, str]:
    """The fields of application/x-www-form-urlencoded; of two with one name the first. Never fails.

    Bytes that are not UTF-8, and control characters but line ends, make a field empty.
    """
    fields: dict[str, str] = {}
    for pair in body.split(b"&")[:_MOST_FIELDS]:
        name, _, value = pair.partition(b"=")
        key = _text(name)
        if key and key not in fields:
            fields[key] = _text(value)
    return fields


def _text(escaped: bytes) -> str:
    try:
        text = _unescape(escaped).decode()
    except (ValueError, UnicodeError):
        return ""
    for letter in text:
        if letter < " " and letter not in "\r\n\t":
            return ""
    return text


def _unescape(escaped: bytes) -> bytes:
    escaped = escaped.replace(b"+", b" ")
    parts = escaped.split(b"%")
    plain = bytearray(parts[0])
    for part in parts[1:]:
        digits = part[:2]
        for digit in digits:
            if digit not in b"0123456789abcdefABCDEF":
                raise ValueError
        plain.append(int(digits, 16))  # ValueError for none at all
        plain.extend(part[2:])
    return bytes(plain)
