"""The surface a layout draws on: whole pixels, palette colours, text that knows its size.

Coordinates are pixels from the top left. With `rtl` set they are pixels from the top *right*:
a page written for left-to-right readers then comes out mirrored, text and numbers upright, with
no change to the layout. "Start" and "end" below are left and right, or right and left there.

Text stands on a baseline. What is drawn is also kept as data: `placed` (what text is where: the
words of the page for tests and for people who do not see it), `missing` (characters no font has),
and two faults of a layout: `clipped` (text that reached beyond the canvas) and `hidden` (text
printed on pixels of its own colour, where it cannot be read: on other text, or outside its bar).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from PIL import Image, ImageDraw

from calendarbot.render import icons, inks, pictures, pixels, qr
from calendarbot.render.palettes import palette_of
from calendarbot.render.paragraph import break_lines
from calendarbot.render.type import Line, Type, cap_height_px, fit_line, set_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from calendarbot.model import Frame
    from calendarbot.render.inks import Style

Anchor = Literal["start", "middle", "end"]
Grey = Literal[12, 25, 50, 75]

# Rows of a pattern that repeats every 4 pixels; 1 is ink.
_PATTERNS: dict[int, tuple[str, ...]] = {
    12: ("1000", "0000", "0010", "0000"),
    25: ("1000", "0010", "1000", "0010"),
    50: ("1010", "0101", "1010", "0101"),
    75: ("0111", "1101", "0111", "1101"),
}


class Box(NamedTuple):
    """Left, top, right, bottom in pixels from the top left; right and bottom exclusive."""

    left: int
    top: int
    right: int
    bottom: int


class PlacedText(NamedTuple):
    text: str
    """As drawn: with its ellipsis where it was shortened."""
    whole: str
    """As asked for."""
    ink: Box


class Canvas:
    """`width_px` × `height_px` palette indices; white at first.

    The size is that of the upright page; `rotation` is the panel's (`calendarbot.render.pixels`). Without
    `watch` nothing is noted in `hidden`, which takes a seventh of the time of a page.
    """

    def __init__(
        self,
        width_px: int,
        height_px: int,
        *,
        palette: Sequence[pixels.Colour] = pixels.BLACK_WHITE,
        bpp: int = 1,
        planes: int = 1,
        rotation: int = 0,
        watch: bool = True,
    ) -> None:
        pixels.check_depth(bpp, planes)
        self.width_px, self.height_px = width_px, height_px
        self.palette = tuple(palette)
        self.bpp, self.planes, self.rotation = bpp, planes, rotation
        self.black = pixels.darkest(self.palette)
        self.white = pixels.brightest(self.palette)
        self.inks = palette_of(self.palette)
        self.language = "en"
        self.rtl = False
        self.placed: list[PlacedText] = []
        self.missing: set[str] = set()
        self.clipped: list[str] = []
        self.hidden: list[str] = []
        self._watch = watch
        self._image = Image.new("L", (width_px, height_px), self.white)
        self._draw = ImageDraw.Draw(self._image)

    def to_frame(self) -> Frame:
        """The pixels as the panel takes them."""
        return pixels.pack(self._image, self.palette, self.bpp, self.planes, self.rotation)

    def image(self, colours: Sequence[pixels.Colour] | None = None) -> Image.Image:
        """The page as a picture, mode "RGB", in these colours or the palette's own."""
        page = self._image.copy()
        page.putpalette([channel for colour in colours or self.palette for channel in colour])
        return page.convert("RGB")

    def measure(self, text: str, style: Type) -> int:
        """The width of `text` on one line, in pixels: ink stays within it."""
        return set_line(text, style, self.language).extent_px

    def depth(self, text: str, style: Type) -> int:
        """How far the ink of `text` reaches below its baseline, in pixels."""
        return max(0, set_line(text, style, self.language).ink[3])

    def fitting(
        self,
        text: str,
        style: Type,
        width: int,
        least_px: int,
        *,
        above: int | None = None,
        below: int | None = None,
    ) -> Type:
        """`style` in the largest size from its own down to `least_px` in which `text` fits.

        `above` and `below` are the pixels there are over and under the baseline.
        """
        while style.size_px > least_px:
            line = set_line(text, style, self.language)
            if (
                line.extent_px <= width
                and (above is None or -line.ink[1] <= above)
                and (below is None or line.ink[3] <= below)
            ):
                break
            style = replace(style, size_px=style.size_px - 1)
        return style

    def text(
        self,
        x: int,
        baseline: int,
        text: str,
        style: Type,
        *,
        max_width: int | None = None,
        anchor: Anchor = "start",
        ink: int | None = None,
    ) -> int:
        """Draw one line, shortened to `max_width` pixels with an ellipsis; returns its width."""
        line = self._set(text, style, max_width)
        if anchor == "middle":
            x -= line.extent_px // 2
        elif anchor == "end":
            x -= line.extent_px
        left = self.width_px - x - line.extent_px if self.rtl else x
        pen, colour = left + line.overhang_px, self.black if ink is None else ink
        self._note(line, text, self._paint(line, pen, baseline, colour))
        return line.extent_px

    def paragraph(
        self,
        x: int,
        top: int,
        width: int,
        text: str,
        style: Type,
        *,
        max_lines: int,
        line_px: int | None = None,
        anchor: Anchor = "start",
        ink: int | None = None,
    ) -> int:
        """Draw text on up to `max_lines` lines within `width` pixels of `x`; returns the height taken.

        Lines are `line_px` apart (5/4 of the size unless told), capitals in their middle. `anchor` says
        which of the lines' starts, middles and ends stand below each other. `break_lines` says how it breaks.
        """
        pitch = line_px or -(-style.size_px * 5 // 4)
        lines = break_lines(text, style, width, max_lines, self.language)
        at = {"start": x, "middle": x + width // 2, "end": x + width}[anchor]
        baseline = top + (pitch + cap_height_px(style)) // 2
        for line in lines:
            self.text(at, baseline, line, style, max_width=width, anchor=anchor, ink=ink)
            baseline += pitch
        return pitch * len(lines)

    def icon(self, x: int, top: int, name: str, size_px: int, *, ink: int | None = None) -> int:
        """Draw an icon of `calendarbot.render.icons` in a square of `size_px`, centred; returns its side.

        Icons are 12 pixels at least: a smaller square is exceeded.
        """
        mask = icons.icon(name, size_px)
        side = max(size_px, mask.width)
        box = self._box(x, top, side, side)
        inset = (side - mask.width) // 2
        colour = self.black if ink is None else ink
        self._image.paste(colour, (box.left + inset, box.top + inset), mask)
        return side

    def icon_beside(
        self, x: int, baseline: int, name: str, style: Type, *, ink: int | None = None
    ) -> int:
        """Draw an icon on the line of text in `style`; returns how far the text after it starts."""
        cap, side = cap_height_px(style), icons.side_px(style.size_px)
        self.icon(x, baseline - cap // 2 - side // 2, name, side, ink=ink)
        return side + max(3, style.size_px // 4)

    def qr(self, x: int, top: int, text: str, size_px: int) -> int:
        """Draw a QR code in a square of `size_px`, centred, with its white border; returns the square's side.

        Modules are whole pixels. Where they would be too small to be read nothing is drawn, and 0 returned.
        """
        code = qr.code(text, size_px)
        if code is None:
            return 0
        box = self._box(x, top, size_px, size_px)
        inset = (size_px - code.width) // 2
        self._image.paste(self.white, box)
        self._image.paste(self.black, (box.left + inset, box.top + inset), code)
        return size_px

    def picture(self, x: int, top: int, width: int, height: int, path: Path) -> None:
        """A photograph that fills the box, dithered for this panel's inks: the only thing that ever is."""
        box = self._box(x, top, width, height)
        self._image.paste(pictures.picture(path, width, height, self.inks), box)

    def fill(self, x: int, y: int, width: int, height: int, colour: int | None = None) -> None:
        """A filled rectangle; black unless told."""
        box = self._box(x, y, width, height)
        self._image.paste(self.black if colour is None else colour, box)

    @property
    def has_colour(self) -> bool:
        """Whether there are inks beside black, greys and white."""
        return self.accent != self.black

    @property
    def accent(self) -> int:
        """The ink of what should catch the eye, for areas and lines: black where there is no colour."""
        return self.inks.accent

    @property
    def accent_text(self) -> int:
        """The same for text on white: black, too, where the accent would be hard to read."""
        return self.accent if self.inks.reads_on_white(self.accent) else self.black

    def text_on(self, ink: int) -> int:
        """Black or white, whichever reads better on an area of this ink."""
        return self.inks.text_on(ink)

    def style_for(self, calendar: int) -> Style:
        """How the agenda's calendar of this index looks here; neighbours differ."""
        styles = inks.styles_of(self.inks)
        return styles[calendar % len(styles)]

    def paint(self, x: int, y: int, width: int, height: int, style: Style) -> None:
        """An area in a calendar's style, over white; from 4 × 4 pixels up."""
        box = self._box(x, y, width, height)
        mask = inks.mask_of(style.pattern, width, height)
        self._image.paste(self.white, box)
        self._image.paste(style.ink, box, mask)
        if style.outline is not None:
            right_bottom = (box.right - 1, box.bottom - 1)
            self._draw.rectangle((*box[:2], *right_bottom), outline=style.outline)

    def shade(self, x: int, y: int, width: int, height: int, grey: Grey) -> None:
        """Ink `grey` per cent of the pixels, on a grid fixed to the canvas."""
        box = self._box(x, y, width, height)
        rows = _PATTERNS[grey]
        tile = Image.new("1", (4, 4))
        for row, bits in enumerate(rows):
            for column, bit in enumerate(bits):
                tile.putpixel(((column - box.left) % 4, (row - box.top) % 4), int(bit))
        mask = Image.new("1", (width, height))
        for top in range(0, height, 4):
            for left in range(0, width, 4):
                mask.paste(tile, (left, top))
        self._image.paste(self.black, box, mask)

    def dots(self, x: int, y: int, width: int, height: int, step: int = 4) -> None:
        """A pixel at every `step`-th place of an area, from its start and top on: quiet lines."""
        columns = range(x, x + width, step)
        if self.rtl:
            columns = range(self.width_px - 1 - x, self.width_px - 1 - x - width, -step)
        points = [(column, row) for row in range(y, y + height, step) for column in columns]
        self._draw.point(points, fill=self.black)

    def hline(self, x: int, y: int, length: int, thickness: int = 1) -> None:
        self.fill(x, y, length, thickness)

    def vline(self, x: int, y: int, length: int, thickness: int = 1) -> None:
        self.fill(x, y, thickness, length)

    def rounded(
        self,
        x: int,
        y: int,
        width: int,
        height: int,
        radius: int,
        *,
        line: int = 0,
        colour: int | None = None,
    ) -> None:
        """A rounded box: outlined `line` pixels thick, or filled when `line` is 0."""
        left, top, right, bottom = self._box(x, y, width, height)
        ink = self.black if colour is None else colour
        self._draw.rounded_rectangle(
            (left, top, right - 1, bottom - 1),
            radius,
            fill=None if line else ink,
            outline=ink if line else None,
            width=line or 1,
        )

    def polygon(self, points: Sequence[tuple[int, int]], colour: int | None = None) -> None:
        mapped = [(self.width_px - 1 - x if self.rtl else x, y) for x, y in points]
        self._draw.polygon(mapped, fill=self.black if colour is None else colour)

    def _set(self, text: str, style: Type, max_width: int | None) -> Line:
        if max_width is None:
            return set_line(text, style, self.language)
        return fit_line(text, style, max_width, self.language)

    def _paint(self, line: Line, pen: int, baseline: int, ink: int) -> Box:
        """Print a line, and note text that would not be seen; returns where its ink is."""
        left, top, right, bottom = line.ink
        box = Box(pen + left, baseline + top, pen + right, baseline + bottom)
        if line.mask:
            if self._watch and self._image.crop(box).histogram(line.mask)[ink]:
                self.hidden.append(line.text)
            self._image.paste(ink, box[:2], line.mask)
        return box

    def _note(self, line: Line, whole: str, ink: Box) -> None:
        self.missing.update(line.missing)
        self.placed.append(PlacedText(line.text, whole, ink))
        within = ink.left >= 0 and ink.top >= 0
        if not (within and ink.right <= self.width_px and ink.bottom <= self.height_px):
            self.clipped.append(line.text)

    def _box(self, x: int, y: int, width: int, height: int) -> Box:
        left = self.width_px - x - width if self.rtl else x
        return Box(left, y, left + width, y + height)
