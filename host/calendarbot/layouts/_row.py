"""One event on the agenda page: time, title, and details under it or at the line's end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from calendarbot.layouts._entry_texts import EntryTexts, split_clock
from calendarbot.render.type import cap_height_px

if TYPE_CHECKING:
    from calendarbot.layouts import View
    from calendarbot.layouts._dates import LocalDates
    from calendarbot.layouts._days import Entry
    from calendarbot.layouts._sheet import Density
    from calendarbot.render import Canvas, Type

GAP_PX = 8
_SUFFIX_GAP_PX = 4
_ANY_PX = 10_000
_LEAST_TYPE_PX = 8
_SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where a row is, and how it is set."""

    left: int
    top: int
    width: int
    time_width: int
    density: Density
    today: bool
    """Today's rows carry the marks: the bar of what is going on, the box of what fills the day."""


def row_height(entry: Entry, density: Density) -> int:
    """Pixels the row takes; a multiple of the grid."""
    if entry.fills_day and density.two_lines:
        return -(-(density.pitch_px * 3 // 4) // 8) * 8
    return density.pitch_px


def clock_width(canvas: Canvas, clock: str, style: Type, detail: Type) -> int:
    """What a time takes, in pixels: its digits in `style`, what follows them in `detail`."""
    digits, suffix = split_clock(clock)
    width = canvas.measure(digits, style)
    return width + _SUFFIX_GAP_PX + canvas.measure(suffix, detail) if suffix else width


def draw_row(canvas: Canvas, place: RowPlace, entry: Entry, dates: LocalDates, view: View) -> None:
    """Draw one event."""
    running = place.today and entry.is_running(view.now)
    _Row(canvas, place, entry, EntryTexts(entry, dates, view), running).draw()


@dataclass(frozen=True)
class _Row:
    canvas: Canvas
    place: RowPlace
    entry: Entry
    texts: EntryTexts
    running: bool

    def draw(self) -> None:
        place = self.place
        if self._marked:
            self.canvas.rounded(
                place.left - GAP_PX,
                place.top + self._inset,
                place.width + 2 * GAP_PX,
                self._height - 2 * self._inset,
                min(8, self._height // 4),
                line=self._line,
            )
        left, room = place.left, place.width
        if not self._boxed:
            self._draw_time()
            left, room = left + place.time_width, room - place.time_width
        parts = self.texts.details(with_end=self.running or place.density.two_lines)
        if self._two_lines:
            self._draw_two_lines(left, room, parts)
        else:
            self._draw_one_line(left, room, parts)

    @cached_property
    def _boxed(self) -> bool:
        return self.place.today and self.entry.fills_day

    @cached_property
    def _marked(self) -> bool:
        return self.running or self._boxed

    @cached_property
    def _two_lines(self) -> bool:
        return self.place.density.two_lines and not self.entry.fills_day

    @cached_property
    def _height(self) -> int:
        return row_height(self.entry, self.place.density)

    @cached_property
    def _inset(self) -> int:
        """White above and below a bar or box; small rows have none to spare."""
        return 2 if self._height >= 32 else 1 if self._height >= 24 else 0

    @cached_property
    def _line(self) -> int:
        return 0 if not self._boxed else 2 if self._height >= 32 else 1

    @cached_property
    def _ink(self) -> int:
        return self.canvas.white if self.running else self.canvas.black

    @cached_property
    def _title_style(self) -> Type:
        return replace(self.place.density.title, bold=self.running or self.entry.fills_day)

    @cached_property
    def _second_line(self) -> int:
        """From the title's baseline to the details'."""
        density = self.place.density
        return density.pitch_px // 7 + cap_height_px(density.detail) if self._two_lines else 0

    @cached_property
    def _baseline(self) -> int:
        cap = cap_height_px(self.place.density.title)
        lift = 1 if self._height < 32 else 0  # small rows need the room for descenders
        return self.place.top + (self._height + cap - self._second_line) // 2 - lift

    @cached_property
    def _edge(self) -> int:
        """What letters keep away from the row's top and bottom: its mark, and a little air."""
        if not self._marked:
            return 0
        return self._inset + self._line + (2 if self._height >= 40 else 0)

    def _inside(self, text: str, style: Type, down: int = 0, clear: int = 0) -> Type:
        """`style`, smaller where marks above or below the letters would leave the row.

        `clear` is what the line above reaches below its own baseline.
        """
        baseline = self._baseline + down
        above = down - clear if down else baseline - self.place.top - self._edge
        below = self.place.top + self._height - self._edge - baseline
        if self._two_lines and not down:
            below = self._second_line - cap_height_px(self.place.density.detail)
        return self.canvas.fitting(text, style, _ANY_PX, _LEAST_TYPE_PX, above=above, below=below)

    def _text(
        self, x: int, text: str, style: Type, room: int, *, down: int = 0, clear: int = 0
    ) -> int:
        style = self._inside(text, style, down, clear)
        baseline = self._baseline + down
        return self.canvas.text(x, baseline, text, style, max_width=room, ink=self._ink)

    def _draw_time(self) -> None:
        place, detail = self.place, self.place.density.detail
        room = place.time_width - GAP_PX
        if self.entry.fills_day:
            self._text(place.left, self.texts.all_day, detail, room)
            return
        digits, suffix = split_clock(self.texts.clock)
        used = self._text(place.left, digits, replace(self._title_style, tabular=True), room)
        if suffix:
            used += _SUFFIX_GAP_PX
            self._text(place.left + used, suffix, detail, room - used)

    def _draw_two_lines(self, left: int, room: int, parts: list[str]) -> None:
        title, style, detail = self.texts.title, self._title_style, self.place.density.detail
        style = self.canvas.fitting(title, style, room, style.size_px * 5 // 6)
        style = self._inside(title, style)
        self._text(left, title, style, room)
        details = _SEPARATOR.join(self._that_fit(parts, room) or parts[:1])
        clear = self.canvas.depth(title, style)
        self._text(left, details, detail, room, down=self._second_line, clear=clear)

    def _draw_one_line(self, left: int, room: int, parts: list[str]) -> None:
        """Title, then as many details as leave the title whole; the first may shorten it a bit."""
        canvas, detail, title = self.canvas, self.place.density.detail, self.texts.title
        style = self._inside(title, self._title_style)
        details = self._that_fit(parts, room - 2 * GAP_PX - canvas.measure(title, style))
        if parts and not details:
            style = replace(style, bold=style.bold and self.entry.fills_day)
            fits_plain = canvas.measure(title, style) + self._needed(parts[:1]) <= room
            if fits_plain or self._needed(parts[:1]) <= room // 3:
                details = parts[:1]
        needed = self._needed(details)
        self._text(left, title, style, room - needed)
        if details:
            text = _SEPARATOR.join(details)
            self._text(left + room - needed + 2 * GAP_PX, text, detail, needed - 2 * GAP_PX)

    def _that_fit(self, parts: list[str], room: int) -> list[str]:
        """As many of the parts as fit whole."""
        for count in range(len(parts), 0, -1):
            text = _SEPARATOR.join(parts[:count])
            if self.canvas.measure(text, self.place.density.detail) <= room:
                return parts[:count]
        return []

    def _needed(self, parts: list[str]) -> int:
        """What details at the end of a line take, with the gap before them."""
        if not parts:
            return 0
        text = _SEPARATOR.join(parts)
        return self.canvas.measure(text, self.place.density.detail) + 2 * GAP_PX
