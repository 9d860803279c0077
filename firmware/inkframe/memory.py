"""What a device remembers from one wake to the next, as files in one folder of its flash.

    state        the record below
    frame        the pixels the panel shows; only true while the state says so
    frame.new    the pixels it is to show next; frame.mid: those on the way there
    bundle       the body of the last bundle, with a trailer

Every file is written beside its place and renamed over it, so a cut of the power leaves the old or the new
one. A bundle gets its name only after it was verified, so one that has its name can be trusted as far as
the flash can; checksums catch the rest. Anything that does not check out counts as not there: the device
then holds nothing, and asks for a key frame.
"""

import os
import struct
from io import BytesIO

from inkframe import wire
from inkframe.compat import const, crc32
from inkframe.errors import StateError, WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from inkframe.parts import Bytes, File, Files, Source

_STATE_1 = "<B8sIIIHHI16s64s"
_STATE = _STATE_1 + "16sBIii"
_STATE_VERSION = const(2)
_TRAILER = "<II"
_TRAILER_BYTES = const(8)
_AT_ONCE_BYTES = const(1536)
"""More than nearly every delta. A key frame's payload could cost the inflater the room for its window."""
_LAST = const(0xFFFFFFFF)

LOW_PAGE = "battery"

FRAME = "frame"
NEXT_FRAME = "frame.new"
MIDDLE_FRAME = "frame.mid"


def _open(path: str, mode: str) -> "File":
    file: Any = open(path, mode)  # noqa: SIM115  # the caller closes it
    return file  # type: ignore[no-any-return]  # open's types depend on the mode's letters


class State:
    """A small record. A fresh one is a device that has seen nothing yet."""

    def __init__(self) -> None:
        self.held = wire.NO_FRAME
        """The id of the frame the panel shows, but for what is `over` it; NO_FRAME when in doubt."""
        self.held_crc32 = 0
        self.sequence = 0
        """Of the newest bundle ever accepted."""
        self.ask_at = 0
        """When to ask the host next, epoch seconds."""
        self.failures = 0
        """How often something failed since the host last answered and its frame could be shown."""
        self.quick_refreshes = 0
        """Fast and partial refreshes since the last full one: what their ghosts are counted by."""
        self.wakes = 0
        """Those with something to do. Counting the others would cost a write each."""
        self.error = ""
        """The code of the last error, reported upstream."""
        self.etag = b""
        """What the server called the bundle held, to ask whether it changed."""
        self.over = ""
        """What the panel shows over the frame held: nothing, LOW_PAGE, "page1", or a mark: "!" and a code."""
        self.battery = 0
        """The battery's level, as in `inkframe.battery`."""
        self.synced_at = 0
        """The authentic time the clock was last set to; 0 when it was set to another since."""
        self.drift_ppm = 0
        """How much more time passes than the clock counts."""
        self.sample_ppm = 0
        """The drift as last measured, which counts when the next measurement agrees."""

    def pack(self) -> bytes:
        record = struct.pack(
            _STATE,
            _STATE_VERSION,
            self.held,
            self.held_crc32,
            self.sequence,
            min(self.ask_at, _LAST),
            min(self.failures, 65535),
            min(self.quick_refreshes, 65535),
            self.wakes,
            self.error.encode()[:16],
            self.etag,
            self.over.encode()[:16],
            self.battery,
            self.synced_at,
            self.drift_ppm,
            self.sample_ppm,
        )
        return record + struct.pack("<I", crc32(record))

    def unpack(self, raw: bytes) -> bool:
        """Take over a packed record; False, and nothing changed, when it is not whole.

        One of version 1 lacks what came later, which then is as in a fresh one.
        """
        version = raw[0] if raw else 0
        if not 1 <= version <= _STATE_VERSION:
            return False
        form = _STATE if version == _STATE_VERSION else _STATE_1
        size = struct.calcsize(form)
        if len(raw) != size + 4 or crc32(raw[:size]) != struct.unpack_from("<I", raw, size)[0]:
            return False
        fields = struct.unpack_from(form, raw, 0)
        self.held, self.held_crc32, self.sequence, self.ask_at = fields[1:5]
        self.failures, self.quick_refreshes, self.wakes = fields[5:8]
        self.error = fields[8].rstrip(b"\x00").decode()
        self.etag = fields[9].rstrip(b"\x00")
        if version == _STATE_VERSION:
            self.over = fields[10].rstrip(b"\x00").decode()
            self.battery, self.synced_at, self.drift_ppm, self.sample_ppm = fields[11:]
        return True


class Memory:
    """`folder` ends in a slash or is empty. `files` has open, rename and remove (tests cut them short)."""

    def __init__(self, folder: str = "", files: "Files | None" = None) -> None:
        self._folder = folder
        self._open: Callable[[str, str], File] = files.open if files else _open
        self._rename = files.rename if files else os.rename
        self._remove = files.remove if files else os.remove
        self.writes = 0
        """Files written since the start."""
        self.written_bytes = 0
        self._saved = b""
        """The state as it is on the flash."""

    def load(self) -> State:
        state = State()
        raw = self.read("state")
        if state.unpack(raw):
            self._saved = raw
        return state

    def save(self, state: State) -> None:
        """Nothing is written when that would change nothing."""
        record = state.pack()
        if record != self._saved:
            self._saved = b""
            self.replace("state", record)
            self._saved = record

    def read_frame(self, state: State, buffer: "bytearray | memoryview", frame_bytes: int) -> bool:
        """Whether the frame held is there, and the one remembered.

        Where `buffer` is large enough for a frame, it then holds it.
        """
        if state.held == wire.NO_FRAME:
            return False
        return self.is_frame(FRAME, buffer, frame_bytes, state.held_crc32)

    def is_frame(
        self, name: str, buffer: "bytearray | memoryview", frame_bytes: int, promised_crc32: int
    ) -> bool:
        """Whether a file has that length and CRC-32; read through `buffer`."""
        found = 0
        left = frame_bytes
        view = memoryview(buffer)
        try:
            with self._open(self._folder + name, "rb") as file:
                while left:
                    piece = view[: min(left, len(view))]
                    if file.readinto(piece) != len(piece):
                        return False
                    found = crc32(piece, found)
                    left -= len(piece)
                return not file.read(1) and found == promised_crc32
        except OSError:
            return False

    def open_frame(self, name: str) -> "FrameFile":
        """A frame to read from; the caller closes it."""
        try:
            return FrameFile(self._open(self._folder + name, "rb"))
        except OSError as error:
            raise StateError(f"cannot read {name}: {error}") from None

    def begin_frame(self, name: str) -> "Writer":
        """A sink for the pixels of the next frame."""
        return Writer(self, name, self._begin(name))

    def write_frame(self, buffer: "Bytes") -> None:
        """What is on the panel now."""
        self.replace(FRAME, buffer)

    def commit_frame(self, name: str) -> None:
        """The frame with this name is on the panel now."""
        self.rename(name, FRAME)
        for other in (NEXT_FRAME, MIDDLE_FRAME):
            self.forget(other)

    def begin_bundle(self) -> "BundleWriter":
        """A sink for a body on its way in."""
        return BundleWriter(self, "bundle", self._begin("bundle.new"))

    def commit_bundle(self) -> None:
        self.rename("bundle.new", "bundle")

    def open_bundle(self) -> "HeldBundle | None":
        """The bundle held, or None. The caller closes it."""
        try:
            file = self._open(self._folder + "bundle", "rb")
        except OSError:
            return None
        try:
            return HeldBundle(file)
        except (WireError, OSError):
            file.close()
            return None

    def forget_bundle(self) -> None:
        self.forget("bundle")

    def is_there(self, name: str) -> bool:
        try:
            self._open(self._folder + name, "rb").close()
        except OSError:
            return False
        return True

    def read_text(self, name: str) -> str | None:
        """A small file; None when it is not there, or is no text."""
        try:
            with self._open(self._folder + name, "rb") as file:
                return file.read(-1).decode()
        except (OSError, UnicodeError):
            return None

    def forget(self, name: str) -> None:
        try:
            self._remove(self._folder + name)
        except OSError:
            pass  # it was not there

    def _begin(self, name: str) -> "File":
        try:
            return self._open(self._folder + name, "wb")
        except OSError as error:
            raise StateError(f"cannot write {name}: {error}") from None

    def read(self, name: str) -> bytes:
        """The first 256 bytes of a small file; none when it is not there, or cannot be read."""
        try:
            with self._open(self._folder + name, "rb") as file:
                return file.read(256)
        except OSError:
            return b""

    def replace(self, name: str, data: "Bytes") -> None:
        """Write a small file, in one step. StateError when that cannot be done."""
        writer = Writer(self, name, self._begin(name + ".new"))
        try:
            writer.write(data)
        except StateError:
            writer.close()
            raise
        writer.end()
        self.rename(name + ".new", name)

    def rename(self, old: str, new: str) -> None:
        """In one step; what had the new name is gone. StateError when that cannot be done."""
        try:
            self._rename(self._folder + old, self._folder + new)
        except OSError as error:
            raise StateError(f"cannot rename {old}: {error}") from None

    def count(self, length: int) -> None:
        self.writes += 1
        self.written_bytes += length


class Writer:
    """Takes a file piece by piece. `end` makes it whole, `close` gives up what was written so far."""

    def __init__(self, memory: Memory, name: str, file: "File") -> None:
        self._memory = memory
        self._name = name
        self._file = file
        self._length = 0

    def write(self, data: "Bytes") -> None:
        try:
            self._file.write(data)
        except OSError as error:
            raise StateError(f"cannot write {self._name}: {error}") from None
        self._length += len(data)

    def end(self) -> None:
        try:
            self._file.close()
        except OSError as error:
            raise StateError(f"cannot write {self._name}: {error}") from None
        self._memory.count(self._length)

    def close(self) -> None:
        try:
            self._file.close()
        except OSError:
            pass  # it is of no use anyway


class BundleWriter(Writer):
    """Takes a body; `finish` adds the trailer: CRC-32 of the frame table, sequence."""

    def finish(self, table_crc32: int, sequence: int) -> None:
        self.write(struct.pack(_TRAILER, table_crc32, sequence))
        self.end()


class FrameFile:
    """A frame on flash, open. StateError when it cannot be read."""

    def __init__(self, file: "File") -> None:
        self._file = file

    def read(self, offset: int, view: memoryview) -> None:
        """Fill `view` with the bytes from `offset` on."""
        try:
            self._file.seek(offset)
            whole = self._file.readinto(view) == len(view)
        except OSError as error:
            raise StateError(f"cannot read a frame: {error}") from None
        if not whole:
            raise StateError("a frame on flash is cut short")

    def close(self) -> None:
        self._file.close()


class HeldBundle:
    """A verified body on flash: its table, and its payloads as a stream. WireError when it is damaged."""

    def __init__(self, file: "File") -> None:
        self._file = file
        length = file.seek(0, 2) - _TRAILER_BYTES
        if length < wire.HEAD_BYTES:
            raise WireError("bundle cut short")
        file.seek(length)
        table_crc32, self.sequence = struct.unpack(_TRAILER, file.read(_TRAILER_BYTES))
        file.seek(0)
        head = wire.Head(file.read(wire.HEAD_BYTES))
        file.seek(0)
        raw = file.read(wire.HEAD_BYTES + head.frames * wire.ENTRY_BYTES)
        if crc32(raw) != table_crc32:
            raise WireError("bundle damaged on flash")
        self.table = wire.Table(raw, length)

    def payload(self, index: int) -> "Source":
        """A stream that begins with the payload of frame `index`.

        An inflater asks for one byte after the other, which takes a file ten times as long as memory: so what
        is not large is read at once.
        """
        self._file.seek(self.table.offset(index))
        length = self.table.entry(index).payload_bytes
        if length > _AT_ONCE_BYTES:
            return self._file
        return BytesIO(self._file.read(length))

    def stream(self, index: int, band: int) -> "File | None":
        """The file, standing where the operations of a band of frame `index` begin; None for none at all.

        WireError when the payload has not what it says.
        """
        file, head, begin = self._file, self.table.head, self.table.offset(index)
        file.seek(begin)
        lengths = file.read(wire.BAND_LENGTH_BYTES * (head.bands - 1))
        skip, length = wire.stream_at(
            lengths, self.table.entry(index).payload_bytes, band, head.bands
        )
        file.seek(begin + skip)
        return file if length else None

    def close(self) -> None:
        self._file.close()
