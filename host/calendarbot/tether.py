"""The host at the other end of a cable: the other half of `inkframe.transports.usb`.

A board on a cable asks the same as one on a network, and gets the same from the same place.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from calendarbot.errors import StoreError
from calendarbot.server import device
from calendarbot.server.display import Desk
from inkframe.transports import usb

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from calendarbot.server.display import ServedDisplay

_BUNDLE: Final = "bundle.ink"
_UPDATE: Final = "update.ink"
_MOST_TEXT: Final = 8192
"""A link that sends so much without a line's end is no text; none of it is kept longer."""


class Tether:
    """Answers the requests that come over one serial link. `log` gets every line that is no request.

    `feed` is called with what came from the device and returns what is to go to it, at once: whoever owns
    the link does the waiting.
    """

    def __init__(
        self,
        displays: Mapping[str, ServedDisplay],
        clock: Callable[[], float],
        log: Callable[[str], None],
    ) -> None:
        self._desks = {name: Desk(display) for name, display in displays.items()}
        self._clock = clock
        self._log = log
        self._came = bytearray()
        self._text = bytearray()
        self._reply = b""
        self.requests = 0
        """Questions answered so far."""
        self.sent_bytes = 0
        """Bytes of replies' bodies so far."""

    def feed(self, data: bytes) -> bytes:
        self._came += data
        out = b""
        while self._came:
            begin = self._came.find(usb.MAGIC)
            if begin < 0:
                begin = len(self._came) - _begun(self._came)
                self._say(self._came[:begin])
                del self._came[:begin]
                break
            self._say(self._came[:begin])
            del self._came[:begin]
            found = usb.read_frame(self._came)
            if found is None:
                break
            kind, payload, used = found
            if kind:
                out += self._answer(kind, payload)
            else:
                self._say(self._came[:used])
            del self._came[:used]
        return out

    def _say(self, text: bytearray) -> None:
        self._text += text
        *lines, self._text = self._text.split(b"\n")
        for line in lines:
            self._log(line.decode(errors="replace").rstrip("\r"))
        del self._text[:-_MOST_TEXT]

    def _answer(self, kind: int, payload: bytes) -> bytes:
        if kind == usb.QUESTION:
            self.requests += 1
            self._reply = self._ask(payload)
            return usb.frame(usb.ANSWER, struct.pack("<I", len(self._reply)))
        if kind == usb.NEXT and len(payload) == struct.calcsize("<IH"):
            offset, length = struct.unpack("<IH", payload)
            piece = self._reply[offset : offset + min(length, usb.MOST_BYTES)]
            return usb.frame(usb.DATA, payload[: usb.OFFSET_BYTES] + piece)
        return b""

    def _ask(self, request: bytes) -> bytes:
        first, *lines = request.decode("latin-1").split("\r\n")
        path = first.partition(" /")[2].partition(" ")[0]
        display, _, wanted = path.rpartition("/")
        desk = self._desks.get(display)
        if desk is None or wanted not in (_BUNDLE, _UPDATE):
            self._log(f"{display!r}: no display of that name is served here")
            return _as_text(device.Answer(404, {}, b"there is no such display\n"))
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        try:
            if wanted == _UPDATE:
                answer = device.update(display, desk)
            else:
                answer = device.reply(headers, desk, int(self._clock()))
        except StoreError as error:
            self._log(f"{display}: {error.message}")
            answer = device.Answer(503, {}, b"what was published cannot be read\n")
        self.sent_bytes += len(answer.body)
        return _as_text(answer)


def _begun(data: bytearray) -> int:
    """How many bytes at the end of `data` may be the beginning of a frame."""
    lengths = range(len(usb.MAGIC) - 1, 0, -1)
    return next((n for n in lengths if data.endswith(usb.MAGIC[:n])), 0)


def _as_text(answer: device.Answer) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} ", f"Content-Length: {len(answer.body)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + answer.body
