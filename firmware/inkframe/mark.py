"""A few letters in a small box over the lower right corner of a page, for what only the device knows.

They are put over a frame's bytes on their way to the panel. The frame on flash stays the one that the host
knows, and deltas go on from it.
"""

from inkframe.compat import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from inkframe.parts import Panel, Pixels

    Font = Callable[[str], bytes]
    """Letters of 8 x 8 px side by side: eight rows of one byte for each letter, a set bit is ink."""

_LETTER_PX = const(8)
_PAD_PX = const(3)
_LARGE_PX = const(300)
"""From this height and width on a page is looked at from further away: letters are twice as large."""


class Mark:
    def __init__(self, text: str, font: "Font", panel: "Panel") -> None:
        self._letters = font(text)
        self._columns = len(text)
        self._panel = panel
        self._zoom = 2 if min(panel.width_px, panel.height_px) >= _LARGE_PX else 1
        pad = 2 * _PAD_PX * self._zoom
        self._width_px = len(text) * _LETTER_PX * self._zoom + pad
        self._height_px = _LETTER_PX * self._zoom + pad
        self._left, self._top, self._right, self._bottom = self._box()
        self._stride = (panel.width_px * panel.bpp + 7) // 8
        self._white = 3 if panel.bpp == 2 else 1

    def over(self, piece: memoryview, at: int) -> "Iterator[memoryview]":
        """The bytes of `piece`, which begins at byte `at` of the frame, with the mark over them."""
        plane_bytes = self._stride * self._panel.height_px
        done = 0
        for plane in range(self._panel.planes):
            base = plane * plane_bytes - at
            begin = max(base + self._top * self._stride, done)
            end = min(base + self._bottom * self._stride, len(piece))
            if begin >= end:
                continue
            if begin > done:
                yield piece[done:begin]
            copy = bytearray(piece[begin:end])
            self._draw(copy, base - begin, plane)
            yield memoryview(copy)
            done = end
        if done < len(piece):
            yield piece[done:]

    def _draw(self, rows: bytearray, base: int, plane: int) -> None:
        """Put the mark into some of its rows; `base` is where its plane begins, seen from there."""
        bpp, width_px = self._panel.bpp, self._panel.width_px
        for y in range(self._top, self._bottom):
            row = base + y * self._stride
            for x in range(max(self._left, 0), min(self._right, width_px)):
                at = row + x * bpp // 8
                if not 0 <= at < len(rows):
                    continue
                # The second plane of a panel of three colours: none of the third.
                value = 1 if plane else 0 if self._is_ink(x, y) else self._white
                shift = 8 - bpp - (x * bpp & 7)
                rows[at] = rows[at] & ~(((1 << bpp) - 1) << shift) & 255 | value << shift

    def _box(self) -> tuple[int, int, int, int]:
        """Where the page's lower right corner is on the panel, whose rows may run another way."""
        width, height = self._panel.width_px, self._panel.height_px
        turned = self._panel.rotation
        along, across = self._width_px, self._height_px
        if turned % 180:
            along, across = across, along
        left = width - along if turned in (0, 270) else 0
        top = height - across if turned in (0, 90) else 0
        return left, top, left + along, top + across

    def _is_ink(self, x: int, y: int) -> bool:
        """Whether a pixel of the panel is black: of the box's line, or of a letter."""
        turned = self._panel.rotation
        x, y = x - self._left, y - self._top
        if turned == 90:
            x, y = y, self._height_px - 1 - x
        elif turned == 180:
            x, y = self._width_px - 1 - x, self._height_px - 1 - y
        elif turned == 270:
            x, y = self._width_px - 1 - y, x
        if x in (0, self._width_px - 1) or y in (0, self._height_px - 1):
            return True
        x, y = x // self._zoom - _PAD_PX, y // self._zoom - _PAD_PX
        if not (0 <= x < self._columns * _LETTER_PX and 0 <= y < _LETTER_PX):
            return False
        return bool(self._letters[y * self._columns + x // _LETTER_PX] >> (7 - x % _LETTER_PX) & 1)


class Marked:
    """A frame's bytes with a mark over them."""

    def __init__(self, pixels: "Pixels", mark: Mark) -> None:
        self._pixels = pixels
        self._mark = mark
        self.length = pixels.length

    def pieces(self, begin: int, end: int) -> "Iterator[memoryview]":
        for piece in self._pixels.pieces(begin, end):
            yield from self._mark.over(piece, begin)
            begin += len(piece)
