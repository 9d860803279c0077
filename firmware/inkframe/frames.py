"""The frame a panel shows and the next one: in RAM where both fit, else band by band on flash.

A device has two buffers for life. Frames in one band are made between the two, as many steps as it takes, and
written to flash when they are on the panel. Frames in several bands are made from file to file, one step
after another, and go from the file to the panel. Either way nothing is handed out before all of it was made,
and is the frame that was promised.
"""

from inkframe import wire
from inkframe.codec import Decoder, check
from inkframe.compat import crc32
from inkframe.errors import BaseError, StateError, WireError
from inkframe.memory import FRAME, MIDDLE_FRAME, NEXT_FRAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from inkframe.memory import FrameFile, HeldBundle, Memory, State, Writer
    from inkframe.parts import Bytes, Panel, Pixels


class InRam:
    """The bytes of a frame, in a buffer."""

    def __init__(self, data: "Bytes") -> None:
        self._view = memoryview(data)
        self.length = len(data)

    def read(self, offset: int, view: memoryview) -> None:
        view[:] = self._view[offset : offset + len(view)]

    def pieces(self, begin: int, end: int) -> "Iterator[memoryview]":
        yield self._view[begin:end]


class OnFlash:
    """The bytes of a frame, in a file; read through `buffer`. StateError when they cannot be."""

    def __init__(self, memory: "Memory", name: str, length: int, buffer: memoryview) -> None:
        self._memory = memory
        self.length = length
        self._name = name
        self._buffer = buffer

    def pieces(self, begin: int, end: int) -> "Iterator[memoryview]":
        file = self._memory.open_frame(self._name)
        try:
            while begin < end:
                piece = self._buffer[: min(end - begin, len(self._buffer))]
                file.read(begin, piece)
                yield piece
                begin += len(piece)
        finally:
            file.close()


class Made:
    """A frame to be shown, verified."""

    def __init__(
        self, new: "Pixels", held: "Pixels | None", within_window: bool, name: str = ""
    ) -> None:
        self.new = new
        self.held = held
        """What it was made from in one step; None when that is not what the panel shows."""
        self.within_window = within_window
        """Whether all that changed from `held` lies in the window of a partial refresh."""
        self.name = name
        """The file it is in; empty for one that is only in RAM."""


class Frames:
    """`ram_bytes` is the room for both buffers. They are made at once, before anything breaks up the heap."""

    def __init__(self, memory: "Memory", panel: "Panel", ram_bytes: int) -> None:
        self._memory = memory
        self._panel = panel
        self._frame_bytes = size = wire.frame_bytes(
            panel.width_px, panel.height_px, panel.bpp, panel.planes
        )
        self.room_bytes = min(size, ram_bytes // 2)
        """The largest band that can be worked on."""
        self._held = memoryview(bytearray(self.room_bytes))
        self._new = memoryview(bytearray(self.room_bytes))
        self._decoder = Decoder()

    def make(self, bundle: "HeldBundle", index: int, state: "State") -> Made:
        """Frame `index` of the bundle, from the frame held or from a key frame.

        BaseError when there is no way from what is held; WireError when the bundle is damaged; StateError
        when the flash fails.
        """
        head = bundle.table.head
        if head.band_bytes > self.room_bytes:
            raise WireError("bands of %d bytes, room for %d" % (head.band_bytes, self.room_bytes))
        known = self._memory.read_frame(state, self._held, head.frame_bytes)
        steps = chain(bundle.table, index, state.held if known else wire.NO_FRAME)
        if head.bands == 1:
            return self._make_in_ram(bundle, steps, known)
        return self._make_on_flash(bundle, steps, known)

    def again(self, state: "State") -> "Pixels | None":
        """The frame held, to be shown once more; None when it is not known."""
        if not self._memory.read_frame(state, self._new, self._frame_bytes):
            return None
        if self.room_bytes == self._frame_bytes:
            return InRam(self._new)
        return OnFlash(self._memory, FRAME, self._frame_bytes, self._new)

    def keep(self, made: Made) -> None:
        """Remember a frame as the one held, once it is on the panel."""
        if made.name:
            self._memory.commit_frame(made.name)
            return
        for piece in made.new.pieces(0, made.new.length):
            self._memory.write_frame(piece)

    def _make_in_ram(self, bundle: "HeldBundle", steps: list[int], known: bool) -> Made:
        table = bundle.table
        base, made = self._held, self._new
        for position, step in enumerate(steps):
            if position:
                made, base = base, made
            self._decoder.decode(bundle.payload(step), table.head, table.entry(step), base, made)
        if not known or len(steps) != 1:
            return Made(InRam(made), None, False)
        entry = table.entry(steps[0])
        within_window = self._may_be_partial(entry) and covers(
            entry.window, base, made, self._panel
        )
        return Made(InRam(made), InRam(base), within_window)

    def _may_be_partial(self, entry: wire.Entry) -> bool:
        """Only then is it worth the time to look at what changed."""
        return entry.refresh == wire.PARTIAL and self._panel.most_quick_refreshes > 0

    def _make_on_flash(self, bundle: "HeldBundle", steps: list[int], known: bool) -> Made:
        source, target = FRAME if known else "", NEXT_FRAME
        within_window = False
        for step in steps:
            within_window = self._make_file(bundle, step, source, target)
            source, target = target, MIDDLE_FRAME if target == NEXT_FRAME else NEXT_FRAME
        head, entry = bundle.table.head, bundle.table.entry(steps[-1])
        if not self._memory.is_frame(source, self._new, head.frame_bytes, entry.crc32):
            raise StateError("a frame did not survive being written")
        new = OnFlash(self._memory, source, head.frame_bytes, self._new)
        if not known or len(steps) != 1:
            return Made(new, None, False, source)
        held = OnFlash(self._memory, FRAME, head.frame_bytes, self._held)
        return Made(new, held, within_window, source)

    def _make_file(self, bundle: "HeldBundle", step: int, source: str, target: str) -> bool:
        """One step, from file to file; whether all that changed lies in its window."""
        held = self._memory.open_frame(source) if source else None
        writer = self._memory.begin_frame(target)
        try:
            within_window = self._make_bands(bundle, step, held, writer)
            writer.end()
        finally:
            writer.close()
            if held:
                held.close()
        return within_window

    def _make_bands(
        self, bundle: "HeldBundle", step: int, held: "FrameFile | None", writer: "Writer"
    ) -> bool:
        head, entry = bundle.table.head, bundle.table.entry(step)
        within_window = held is not None and self._may_be_partial(entry)
        found = 0
        for band in range(head.bands):
            begin, end = head.band(band)
            base, made = self._held[: end - begin], self._new[: end - begin]
            if held:
                held.read(begin, base)
            stream = bundle.stream(step, band)
            self._decoder.decode_band(stream, head, entry, band, base, made, held)
            found = crc32(made, found)
            within_window = within_window and covers(entry.window, base, made, self._panel, begin)
            writer.write(made)
        check(found, entry)
        return within_window


def chain(table: wire.Table, index: int, held: bytes) -> list[int]:
    """The frames to make, in order, to get from `held` to frame `index`; the shortest such list.

    BaseError when there is no way: no key frame, and nothing that starts from `held`.
    """
    steps: list[int] = []
    wanted = table.entry(index).id
    for candidate in range(index, -1, -1):
        entry = table.entry(candidate)
        if entry.id != wanted:
            continue
        steps.insert(0, candidate)
        if entry.is_key or entry.base == held:
            return steps
        wanted = entry.base
    raise BaseError("no way from the frame held to the one due")


def covers(
    window: tuple[int, int, int, int],
    held: "Bytes",
    new: "Bytes",
    panel: "Panel",
    begin: int = 0,
) -> bool:
    """Whether all that changes from `held` to `new` lies in `window`, widened to whole bytes.

    The two are a frame, or the same band of one, which then begins at the byte `begin` of the frame. A
    partial refresh leaves the rest of the panel as it is: over another picture than the host thought, that
    would be a mixture of two.
    """
    x, y, width, height = window
    if not width or not height:
        return False
    before, after = memoryview(held), memoryview(new)
    stride = (panel.width_px * panel.bpp + 7) // 8
    left, right = x * panel.bpp // 8, ((x + width) * panel.bpp + 7) // 8
    plane_bytes = panel.height_px * stride
    length = len(after)
    for plane in range(-begin, length, plane_bytes):
        first, end = max(plane, 0), min(plane + plane_bytes, length)
        if end <= first:
            continue
        top = min(max(plane + y * stride, first), end)
        bottom = min(max(plane + (y + height) * stride, first), end)
        if before[first:top] != after[first:top] or before[bottom:end] != after[bottom:end]:
            return False
        if right - left == stride:
            continue
        for row in range(top, bottom, stride):
            a, b, c = row + left, row + right, row + stride
            if before[row:a] != after[row:a] or before[b:c] != after[b:c]:
                return False
    return True
