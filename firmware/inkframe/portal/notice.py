"""What the panel says while the page waits: which network to join. The page it showed before is gone."""

from inkframe import wire
from inkframe.compat import const
from inkframe.mark import Mark, Marked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from inkframe.mark import Font
    from inkframe.parts import Panel

_PIECE_BYTES = const(512)


def show_notice(panel: "Panel", font: "Font", text: str) -> None:
    """A white page with `text` in its corner. PanelError."""
    mark = Mark(text, font, panel)
    panel.show(Marked(_White(panel), mark), None, wire.FULL, (0, 0, 0, 0))


class _White:
    """The bytes of a white frame, in no room at all."""

    def __init__(self, panel: "Panel") -> None:
        self.length = wire.frame_bytes(panel.width_px, panel.height_px, panel.bpp, panel.planes)
        self._piece = memoryview(bytes([wire.white(panel.bpp)]) * _PIECE_BYTES)

    def pieces(self, begin: int, end: int) -> "Iterator[memoryview]":
        while begin < end:
            piece = self._piece[: min(_PIECE_BYTES, end - begin)]
            yield piece
            begin += len(piece)
