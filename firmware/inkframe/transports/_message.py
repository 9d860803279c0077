"""A request and the head of its reply, as text: HTTP/1.1 (RFC 9112), whatever carries it.

    GET {path}/{display}/bundle.ink, or update.ink, or change.ink
    If-None-Match   what the server called the bundle held, if there is one
    Ink-Held        id of the frame on the panel, hex, so that the reply can begin with a delta
    Ink-Status      how the device fares, "key=value;…"
    Ink-Nonce       8 random bytes, hex
    Ink-Tag         HMAC over the four above; see `inkframe.seal`

The reply is 304, or 200 with a Content-Length. Ink-Clock carries the host's clock, authenticated. Ink-Change
is the number of the newest change of the device's configuration; see `inkframe.change`.
"""

from binascii import hexlify

from inkframe.compat import const, ticks_diff, ticks_ms
from inkframe.epoch import parse_http_date
from inkframe.errors import TransportError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from inkframe.parts import Radio, Request

_MOST_HEADERS = const(64)
_LONGEST_LINE = const(512)
_LONGEST_MS = const(60000)
_LF = const(10)


def request_head(path: str, authority: str, request: "Request") -> bytes:
    """The whole of a request; it has no body."""
    lines = [
        f"GET {path}/{request.display}/{request.file} HTTP/1.1",
        "Host: " + authority,
        "Connection: close",
        "Ink-Held: " + hexlify(request.held).decode(),
        "Ink-Status: " + request.status,
        "Ink-Nonce: " + hexlify(request.nonce).decode(),
        "Ink-Tag: " + hexlify(request.tag).decode(),
    ]
    if request.etag:
        lines.append("If-None-Match: " + request.etag.decode())
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Reply:
    """The reply's head, read; its body, to be read with `readinto`. `close` also ends the radio's time."""

    def __init__(self, connection: "Any", stream: "Any", radio: "Radio") -> None:
        self._connection = connection
        self._stream = stream
        self._radio = radio
        self._began_ms = ticks_ms()
        self._one = memoryview(bytearray(1))
        self.size = -1
        self.etag = b""
        self.clock = ""
        self.date = 0
        self.change = 0
        self.update = ""
        status = self._line().split(b" ", 2)
        if len(status) < 2 or not status[0].startswith(b"HTTP/1."):
            raise TransportError("not an HTTP server")
        self.unchanged = status[1] == b"304"
        if not self.unchanged and status[1] != b"200":
            raise TransportError("HTTP " + status[1].decode())
        for _ in range(_MOST_HEADERS):
            line = self._line()
            if not line:
                break
            self._header(line)
        else:
            raise TransportError("too many headers")
        if not self.unchanged and self.size < 0:
            raise TransportError("no Content-Length")

    def _line(self) -> bytes:
        # Byte by byte: a host that drips must not hold the radio beyond the deadline.
        line = bytearray()
        while len(line) < _LONGEST_LINE and self.readinto(self._one):
            line.append(self._one[0])
            if line[-1] == _LF:
                return bytes(line).rstrip(b"\r\n")
        raise TransportError("reply cut short, or a line too long")

    def _header(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        name, value = name.lower(), value.strip()
        if name == b"content-length":
            self.size = int(value)
        elif name == b"transfer-encoding":
            raise TransportError("chunked replies are not supported")
        elif name == b"etag":
            # It goes back in a header of ours; one that cannot would end all further requests.
            fits = len(value) <= 64 and all(32 < letter < 127 for letter in value)
            self.etag = value if fits else b""
        elif name == b"ink-clock":
            self.clock = value.decode()
        elif name == b"ink-change":
            self.change = int(value)
        elif name == b"ink-update":
            self.update = value.decode()
        elif name == b"date":
            self.date = parse_http_date(value.decode())

    def readinto(self, buffer: memoryview) -> int:
        if ticks_diff(ticks_ms(), self._began_ms) > _LONGEST_MS:
            raise TransportError("reply takes too long")
        try:
            got: int | None = self._stream.readinto(buffer)
        except OSError as error:
            raise TransportError(f"reply broke off: {error}") from None
        if got is None:  # MicroPython's way to say that the time for one read was up
            raise TransportError("reply broke off: time is up")
        return got

    def close(self) -> None:
        self._stream.close()
        self._connection.close()
        self._radio.off()
