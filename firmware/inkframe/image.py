"""A full image of the firmware, in the partition that does not run: the ESP32 family's own A/B.

Sources: MicroPython's documentation, class esp32.Partition; ESP-IDF, "App Rollback". The boot loader starts
an image that was set to boot once; when that restarts without having been marked valid, the one before comes
back.
"""

import hashlib

from inkframe.compat import const
from inkframe.errors import StateError, UpdateError, WireError
from inkframe.update import fill

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from inkframe.parts import Partition, Source

BLOCK_BYTES = const(4096)
_COUNT = const(4)
_SIZE = const(5)
_ERASE = const(6)


class Image:
    """`running` is the partition that runs; `mark_valid` ends the new one's trial."""

    def __init__(self, running: "Partition", mark_valid: "Callable[[], None]") -> None:
        self._running = running
        self._mark_valid = mark_valid
        self._next: Partition | None = None

    def write(self, source: "Source", length: int, sha256: bytes) -> int:
        """Write an image and compare what the flash then holds. Returns its partition's subtype.

        UpdateError: there is no second partition, or it is too small. WireError: not what was promised.
        StateError: the flash. TransportError.
        """
        try:
            target = self._running.get_next_update()
            room = (target.ioctl(_COUNT, 0) or 0) * (target.ioctl(_SIZE, 0) or 0)
        except OSError:
            raise UpdateError("board", "this board has no second partition for images") from None
        if length > room:
            raise UpdateError("board", "image of %d bytes, room for %d" % (length, room))
        block = memoryview(bytearray(BLOCK_BYTES))
        try:
            for number, size in _blocks(length):
                fill(source, block[:size])
                target.ioctl(_ERASE, number)
                target.writeblocks(number, block[:size], 0)
            found = hashlib.sha256()
            for number, size in _blocks(length):
                target.readblocks(number, block[:size], 0)
                found.update(block[:size])
        except OSError as error:
            raise StateError("cannot write the image: %s" % error) from None
        if found.digest() != sha256:
            raise WireError("the image is not what was promised")
        self._next = target
        return target.info()[1]

    def start_next(self) -> None:
        """From the next reset on. It must be a reset: a deep sleep would count as a start that failed."""
        try:
            if self._next:
                self._next.set_boot()
        except OSError as error:
            raise StateError("the image is no image: %s" % error) from None

    def start_other(self) -> None:
        """The image before this one, from the next reset on."""
        self._next = self._running.get_next_update()
        self.start_next()

    def confirm(self) -> None:
        self._mark_valid()


def _blocks(length: int) -> "list[tuple[int, int]]":
    """(block number, bytes in it)."""
    return [
        (at // BLOCK_BYTES, min(BLOCK_BYTES, length - at)) for at in range(0, length, BLOCK_BYTES)
    ]
