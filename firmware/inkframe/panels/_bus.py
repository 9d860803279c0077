"""The wires to a panel: SPI, three outputs, one input. Drivers are handed one of these."""

from inkframe._operations import ITEM_BYTES, ITEM_ONES, invert
from inkframe.compat import const
from inkframe.errors import PanelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from inkframe.parts import Bytes, Pin, Pixels, Spi

_POLL_MS = const(10)
_CHUNK_BYTES = const(2048)


class Bus:
    """`spi.write`, `pin(level)`, `pin()` and `sleep_ms` are all that is asked of the parts handed in.

    `feed` is called in every wait: a watchdog that runs through a refresh of many seconds must not bite.
    `nap`, once set, takes the place of `sleep_ms` between two looks at the busy line: it sleeps for as long
    as it likes, and returns how many milliseconds that was.
    """

    def __init__(
        self,
        spi: "Spi",
        cs: "Pin",
        dc: "Pin",
        reset: "Pin",
        busy: "Pin",
        sleep_ms: "Callable[[int], None]",
        feed: "Callable[[], None]",
    ) -> None:
        self._spi = spi
        self._cs = cs
        self._dc = dc
        self._reset = reset
        self._busy = busy
        self.sleep_ms = sleep_ms
        self._feed = feed
        self.nap: Callable[[], int] | None = None
        self.sent_bytes = 0
        self._one = bytearray(1)
        self._chunk: Any = memoryview(bytearray(_CHUNK_BYTES))

    def reset(self, low_ms: int, settle_ms: int) -> None:
        self._reset(1)
        self.sleep_ms(settle_ms)
        self._reset(0)
        self.sleep_ms(low_ms)
        self._reset(1)
        self.sleep_ms(settle_ms)

    def command(self, code: int, data: "Bytes" = b"") -> None:
        self._one[0] = code
        self._dc(0)
        self._cs(0)
        self._spi.write(self._one)
        if data:
            self._dc(1)
            self._spi.write(data)
        self._cs(1)
        self.sent_bytes += 1 + len(data)

    def pixels(self, code: int, pixels: "Pixels", begin: int = 0, end: int | None = None) -> None:
        """A command, and the bytes of a frame from `begin` to before `end` (None: all that follow)."""
        self._stream(code, pixels.pieces(begin, pixels.length if end is None else end), self._write)

    def pixels_inverted(self, code: int, pixels: "Pixels") -> None:
        """A command, and a whole frame with every bit the other way round."""
        self._stream(code, pixels.pieces(0, pixels.length), self._write_inverted)

    def _stream(
        self, code: int, pieces: "Iterator[memoryview]", write: "Callable[[memoryview], None]"
    ) -> None:
        self.command(code)
        self._dc(1)
        self._cs(0)
        for piece in pieces:
            write(piece)
            self.sent_bytes += len(piece)
        self._cs(1)

    def _write(self, data: memoryview) -> None:
        self._spi.write(data)

    def _write_inverted(self, data: memoryview) -> None:
        for at in range(0, len(data), _CHUNK_BYTES):
            length = min(_CHUNK_BYTES, len(data) - at)
            piece = self._chunk[:length]
            piece[:] = data[at : at + length]
            # A chunk is whole words: what is inverted behind the piece is nobody's.
            invert(self._chunk, (length + ITEM_BYTES - 1) // ITEM_BYTES, ITEM_ONES)
            self._spi.write(piece)

    def wait_idle(self, busy_level: int, timeout_ms: int, doing: str) -> None:
        """Until the busy line leaves `busy_level`. PanelError after `timeout_ms`."""
        waited_ms = 0
        self.sleep_ms(_POLL_MS)
        while self._busy() == busy_level:
            if waited_ms >= timeout_ms:
                raise PanelError("busy for %d ms in %s" % (waited_ms, doing))
            self._feed()
            waited_ms += (self.nap or self._poll)()

    def _poll(self) -> int:
        self.sleep_ms(_POLL_MS)
        return _POLL_MS
