"""Taking a bundle in: received, verified and stored, or without any effect."""

from inkframe import seal, wire
from inkframe.compat import const, crc32
from inkframe.errors import InkError, WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.memory import Memory
    from inkframe.parts import Bytes, Panel, Response, Sink

_MOST_FRAMES_RAW = const(8)
"""A bundle larger than so many raw frames is no bundle of ours; it would only wear the flash out."""


def take_in(
    response: "Response",
    memory: "Memory",
    panel: "Panel",
    room_bytes: int,
    key: bytes | None,
    min_sequence: int,
) -> tuple[wire.Head, int]:
    """Receive, verify and store a bundle. Returns its head and its sequence.

    Nothing of it has an effect before all of it is right. Its bands must fit into `room_bytes`. WireError,
    AuthError, ReplayError, StateError, TransportError.
    """
    size = wire.frame_bytes(panel.width_px, panel.height_px, panel.bpp, panel.planes)
    if response.size > _MOST_FRAMES_RAW * size + wire.MAX_FRAMES * wire.ENTRY_BYTES:
        raise WireError("bundle of %d bytes" % response.size)
    writer = memory.begin_bundle()
    check = TableCheck(writer)
    try:
        envelope = seal.receive(response, response.size, key, check, min_sequence)
        head = check.table(envelope.body_bytes).head
        if not _is_for(head, panel):
            raise WireError("bundle for a panel of %d x %d" % (head.width_px, head.height_px))
        if head.band_bytes > room_bytes:
            raise WireError("bands of %d bytes, room for %d" % (head.band_bytes, room_bytes))
        writer.finish(check.crc32, envelope.sequence)
    except InkError:
        writer.close()
        raise
    memory.commit_bundle()
    return head, envelope.sequence


def _is_for(head: wire.Head, panel: "Panel") -> bool:
    return (head.width_px, head.height_px, head.bpp, head.planes) == (
        panel.width_px,
        panel.height_px,
        panel.bpp,
        panel.planes,
    )


class TableCheck:
    """A sink that keeps the head and the frame table of a body while it passes them on.

    It complains about neither: what is wrong with a body is said after its seal was checked. An error
    before that, reported upstream, would tell a forger what the bytes decipher to.
    """

    def __init__(self, sink: "Sink") -> None:
        self._sink = sink
        self._raw = bytearray()
        self._wanted = wire.HEAD_BYTES

    def write(self, data: "Bytes") -> None:
        self._sink.write(data)
        at = 0
        while len(self._raw) < self._wanted and at < len(data):
            take = min(self._wanted - len(self._raw), len(data) - at)
            self._raw.extend(data[at : at + take])
            at += take
            if len(self._raw) == wire.HEAD_BYTES:
                frames = int.from_bytes(self._raw[6:8], "little")
                self._wanted += min(frames, wire.MAX_FRAMES) * wire.ENTRY_BYTES

    def table(self, body_bytes: int) -> wire.Table:
        return wire.Table(self._raw, body_bytes)

    @property
    def crc32(self) -> int:
        return crc32(self._raw)
