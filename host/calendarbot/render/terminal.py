"""Pages in a terminal: Braille dots anywhere, the very pixels where the terminal takes pictures."""

from __future__ import annotations

import base64
from collections import Counter
from typing import TYPE_CHECKING, Final, Literal

from PIL import Image

from calendarbot.render.palettes import palette_of
from calendarbot.render.pixels import BLACK_WHITE, brightest, unpack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from calendarbot.model import Frame
    from calendarbot.render.pixels import Colour

Kind = Literal["dots", "coloured dots", "kitty", "iterm"]

# The dots of a Braille cell (U+2800 + bits), by column and row.
_BRAILLE = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_BLANK = "\u2800"
_FIFTH = 51
_CHUNK_BYTES: Final = 4096


def kind_for(environ: Mapping[str, str], is_terminal: bool) -> Kind:
    """What a terminal can show, by what it says of itself.

    Kitty and what speaks its protocol (Ghostty, WezTerm) and iTerm2 show pictures; others that promise 24-bit
    colour (COLORTERM) get coloured dots, unless NO_COLOR is set (https://no-color.org).
    """
    if not is_terminal:
        return "dots"
    program, term = environ.get("TERM_PROGRAM", ""), environ.get("TERM", "")
    multiplexed = "TMUX" in environ or term.startswith("screen")
    if not multiplexed:
        if "KITTY_WINDOW_ID" in environ or program in ("ghostty", "WezTerm"):
            return "kitty"
        if program == "iTerm.app":
            return "iterm"
    if not environ.get("NO_COLOR") and environ.get("COLORTERM") in ("truecolor", "24bit"):
        return "coloured dots"
    return "dots"


def inline_picture(png: bytes, kind: Kind) -> str:
    """The escape sequence that shows a PNG, for "kitty" (its graphics protocol) or "iterm" (OSC 1337)."""
    text = base64.b64encode(png).decode()
    if kind == "iterm":
        return f"\x1b]1337;File=inline=1;size={len(png)}:{text}\x07"
    chunks = [text[at : at + _CHUNK_BYTES] for at in range(0, len(text), _CHUNK_BYTES)]
    parts = []
    for index, chunk in enumerate(chunks):
        more = int(index < len(chunks) - 1)
        control = f"f=100,a=T,m={more}" if index == 0 else f"m={more}"
        parts.append(f"\x1b_G{control};{chunk}\x1b\\")
    return "".join(parts)


def terminal_picture(
    frame: Frame,
    columns: int = 80,
    palette: Sequence[Colour] = BLACK_WHITE,
    rotation: int = 0,
    *,
    coloured: bool = False,
) -> str:
    """A rough picture in Braille dots, `columns` characters wide; ink is dots.

    Every dot covers a block of pixels and is set where at least a fifth of it is ink, so that
    thin type survives. Lines are joined by newlines. `coloured`: characters over red, yellow, green or blue
    ink are of that colour, as measured, in 24-bit SGR sequences.
    """
    page = unpack(frame, palette, rotation)
    white = brightest(palette)
    ink = page.point([255 * (index != white) for index in range(256)])
    dots_wide = max(2, min(columns * 2, ink.width))
    dots_high = max(4, round(dots_wide * ink.height / ink.width))
    small = ink.resize((dots_wide, dots_high), Image.Resampling.BOX)
    lines = []
    for row in range(-(-dots_high // 4)):
        cells = [_cell(small, column, row) for column in range(-(-dots_wide // 2))]
        line = "".join(cells).rstrip(_BLANK)
        lines.append(_coloured(line, row, page, small.size, palette) if coloured else line)
    return "\n".join(lines)


def _cell(small: Image.Image, column: int, row: int) -> str:
    code = 0
    for across, dots in enumerate(_BRAILLE):
        for down, dot in enumerate(dots):
            x, y = column * 2 + across, row * 4 + down
            if x < small.width and y < small.height and _level(small, x, y) >= _FIFTH:
                code |= dot
    return chr(ord(_BLANK) + code)


def _level(image: Image.Image, x: int, y: int) -> int:
    value = image.getpixel((x, y))
    return value if isinstance(value, int) else 0


def _coloured(
    line: str, row: int, page: Image.Image, dots: tuple[int, int], palette: Sequence[Colour]
) -> str:
    inks = palette_of(tuple(palette))
    plain = {"black", "white", "dark grey", "light grey"}
    wide, high = page.width / dots[0], page.height / dots[1]
    parts = []
    for column, cell in enumerate(line):
        left, top = column * 2 * wide, row * 4 * high
        box = tuple(map(round, (left, top, left + 2 * wide, top + 4 * high)))
        found = Counter(page.crop(box).tobytes())  # type: ignore[arg-type]  # four numbers
        colour = next((i for i, _ in found.most_common() if inks.inks[i] not in plain), None)
        if colour is None or cell == _BLANK:
            parts.append(cell)
            continue
        red, green, blue = inks.measured[colour]
        parts.append(f"\x1b[38;2;{red};{green};{blue}m{cell}\x1b[39m")
    return "".join(parts)
