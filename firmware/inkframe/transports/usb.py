"""A cable: the same request and reply as frames on a serial link, which carries text as well.

Whatever is not a frame is text: log lines, a prompt. A frame is

    offset  size  field
         0     4  magic, 0x1E "INK"
         4     1  kind
         5     2  payload length n, little-endian, at most 1,024
         7     n  payload
     7 + n     4  CRC-32 of all that precedes it but the magic, little-endian

    kind  from    payload
       Q  device  the request, as in `inkframe.transports._message`
       A  host    how long the reply is in bytes, head and body, 4 bytes
       N  device  offset and length of the piece of the reply wanted, 4 + 2 bytes
       D  host    the offset, 4 bytes, and the piece

The device asks for every piece, so neither side sends more than the other can hold, and what was lost or
damaged on the way is asked for again. A host that says nothing for TIMEOUT_MS, three times over, is
not there.
"""

import struct

from inkframe.compat import const, crc32
from inkframe.errors import TransportError
from inkframe.transports._message import Reply, request_head

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.parts import Bytes, Cable, Request

MAGIC = b"\x1eINK"
QUESTION = const(0x51)
ANSWER = const(0x41)
NEXT = const(0x4E)
DATA = const(0x44)
MOST_BYTES = const(1024)
TIMEOUT_MS = const(1000)
HEAD_BYTES = const(3)
CRC_BYTES = const(4)
OFFSET_BYTES = const(4)
_TRIES = const(3)
_MOST_JUNK = const(4096)


def frame(kind: int, payload: bytes) -> bytes:
    """The frame of one message."""
    checked = struct.pack("<BH", kind, len(payload)) + payload
    return MAGIC + checked + struct.pack("<I", crc32(checked))


class Transport:
    """`cable` is switched on for a fetch and off on its close."""

    change = 0
    """On a cable a configuration is changed over it."""

    def __init__(self, cable: "Cable") -> None:
        self._cable = cable

    def fetch(self, request: "Request") -> Reply:
        """Ask once. TransportError when there is no reply, or not one that can be a bundle."""
        self._cable.on()
        try:
            stream = _Stream(self._cable, request_head("", "cable", request))
            return Reply(stream, stream, self._cable)
        except TransportError:
            self._cable.off()
            raise
        except ValueError as error:
            self._cable.off()
            raise TransportError("cable: %s" % error) from None


class _Stream:
    """The reply's bytes in order, by pieces; one that was not well received is asked for again."""

    def __init__(self, cable: "Cable", request: bytes) -> None:
        if len(request) > MOST_BYTES:
            raise TransportError("request of %d bytes" % len(request))
        self._cable = cable
        self._frame = memoryview(bytearray(HEAD_BYTES + OFFSET_BYTES + MOST_BYTES + CRC_BYTES))
        self._at = 0
        self._piece = self._frame[:0]
        length = self._exchange(QUESTION, request, ANSWER)
        if length != 4:
            raise TransportError("reply is malformed")
        self._size = int.from_bytes(self._payload(length), "little")

    def readinto(self, buffer: memoryview) -> int:
        if not len(self._piece):
            self._next()
        length = min(len(buffer), len(self._piece))
        buffer[:length] = self._piece[:length]
        self._piece = self._piece[length:]
        return length

    def close(self) -> None:
        pass

    def _next(self) -> None:
        wanted = min(self._size - self._at, MOST_BYTES)
        if not wanted:
            return
        length = self._exchange(NEXT, struct.pack("<IH", self._at, wanted), DATA)
        if length != OFFSET_BYTES + wanted:
            raise TransportError("reply is malformed")
        self._piece = self._payload(length)[OFFSET_BYTES:]
        self._at += wanted

    def _payload(self, length: int) -> memoryview:
        return self._frame[HEAD_BYTES : HEAD_BYTES + length]

    def _exchange(self, kind: int, payload: bytes, wanted: int) -> int:
        """Send a frame until one of kind `wanted` comes back: the length of its payload, in self._frame."""
        sent = frame(kind, payload)
        for _ in range(_TRIES):
            self._cable.write(sent)
            length = self._receive(wanted)
            # An answer to an earlier try may come late: a piece is the right one by its offset.
            if length >= 0 and (kind != NEXT or bytes(self._payload(4)) == payload[:4]):
                return length
        raise TransportError("nobody answers at the other end of the cable")

    def _receive(self, wanted: int) -> int:
        """The length of the payload of the next frame; -1 when none came, it was damaged or another one."""
        if not self._find_magic():
            return -1
        head = self._frame[:HEAD_BYTES]
        if self._cable.readinto(head, TIMEOUT_MS) != HEAD_BYTES:
            return -1
        kind, length = struct.unpack("<BH", head)
        if kind != wanted or length > OFFSET_BYTES + MOST_BYTES:
            return -1
        end = HEAD_BYTES + length
        rest = self._frame[HEAD_BYTES : end + CRC_BYTES]
        if self._cable.readinto(rest, TIMEOUT_MS) != length + CRC_BYTES:
            return -1
        right = int.from_bytes(self._frame[end : end + CRC_BYTES], "little")
        return length if crc32(self._frame[:end]) == right else -1

    def _find_magic(self) -> bool:
        one = self._frame[:1]
        found = 0
        for _ in range(_MOST_JUNK):
            if self._cable.readinto(one, TIMEOUT_MS) != 1:
                return False
            if one[0] == MAGIC[found]:
                found += 1
                if found == len(MAGIC):
                    return True
            else:
                found = 1 if one[0] == MAGIC[0] else 0
        return False


def read_frame(data: "Bytes") -> "tuple[int, bytes, int] | None":
    """(kind, payload, bytes used) of the frame at the start of `data`; None when more of it has to come.

    What is no frame has kind 0, and uses the byte that made it look like one. For the other end.
    """
    begin = len(MAGIC) + HEAD_BYTES
    if len(data) < begin:
        return None
    kind, length = struct.unpack_from("<BH", data, len(MAGIC))
    if length > OFFSET_BYTES + MOST_BYTES:
        return 0, b"", 1
    end = begin + length
    if len(data) < end + CRC_BYTES:
        return None
    right = int.from_bytes(data[end : end + CRC_BYTES], "little")
    if crc32(data[len(MAGIC) : end]) != right:
        return 0, b"", 1
    return kind, bytes(data[begin:end]), end + CRC_BYTES
