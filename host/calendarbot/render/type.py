"""Text to placed glyphs: `Type` says how it looks, `set_line()` sets one line of it.

A line is cut into clusters (what a reader takes for one character), the clusters get a direction
(`bidi`), a script and a font family, and every run of equal ones is shaped in one go.

Advances are whole pixels, glyph by glyph: a word has the same pixels wherever it stands, which is
even to the eye at one bit and copies well from frame to frame. Letters that join keep exact
positions.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from PIL import Image, ImageDraw

from calendarbot.render import bidi, families
from calendarbot.render.faces import Glyph, Shaped
from calendarbot.render.shorten import shortened

ELLIPSIS = "…"
_MOST_LINES = 2048
"""Kept set: some hundred bytes to some kilobytes each."""
_ZWJ = "\u200d"


@dataclass(frozen=True, slots=True)
class Type:
    """A size in pixels per em, and a weight."""

    size_px: int
    bold: bool = False
    tabular: bool = False
    """Digits of one width, for times and numbers that stand below each other."""


class PlacedGlyph(NamedTuple):
    """A glyph and its pen, in pixels from the start of the baseline (y downwards)."""

    x: int
    y: int
    glyph: Glyph


@dataclass(frozen=True)
class Line:
    """One line of set text."""

    text: str
    width_px: int
    """From pen to pen: what the line takes beside others."""
    glyphs: tuple[PlacedGlyph, ...]
    ink: tuple[int, int, int, int]
    """Left, top, right, bottom of the black pixels about the start of the baseline."""
    missing: tuple[str, ...] = ()
    """The characters no installed font has, by name."""
    shortened: bool = False

    @cached_property
    def mask(self) -> Image.Image | None:
        """The black pixels within `ink`, mode "1"; None for a blank. Not to be changed."""
        left, top, right, bottom = self.ink
        if right == left:
            return None
        mask = Image.new("1", (right - left, bottom - top))
        for x, y, glyph in self.glyphs:
            if glyph.mask:
                mask.paste(255, (x + glyph.left - left, y - glyph.top - top), glyph.mask)
        return mask

    @property
    def overhang_px(self) -> int:
        """How far the ink reaches to the left of the pen's start."""
        return max(0, -self.ink[0])

    @cached_property
    def extent_px(self) -> int:
        """What must fit: advances, and ink that reaches beyond them on either side."""
        return max(self.width_px, self.ink[2]) + self.overhang_px


class _Run(NamedTuple):
    start: int
    end: int
    level: int
    family: families.Family | None


@lru_cache(maxsize=_MOST_LINES)
def set_line(text: str, style: Type, language: str = "en", rtl: bool | None = None) -> Line:
    """Set `text` on one line. `rtl` None: the first strong character decides."""
    text = one_line(text)
    runs = _runs(text, language, rtl)
    codes = [ord(char) for char in text]
    pen_x, placed = 0, list[PlacedGlyph]()
    for index in bidi.visual_order([run.level for run in runs]):
        run = runs[index]
        glyphs, advance = _set_run(codes, run, style, language)
        placed += [PlacedGlyph(pen_x + x, y, glyph) for x, y, glyph in glyphs]
        pen_x += advance
    missing = tuple(
        dict.fromkeys(
            _name(char)
            for run in runs
            if run.family is None
            for char in text[run.start : run.end]
            if not families.is_ignorable(char)
        )
    )
    return Line(text, pen_x, tuple(placed), _ink(placed), missing)


@lru_cache(maxsize=_MOST_LINES)
def fit_line(
    text: str, style: Type, max_width_px: int, language: str = "en", rtl: bool | None = None
) -> Line:
    """Set `text`; where it does not fit, shortened by meaning (`shorten`) and with an ellipsis."""
    whole = set_line(text, style, language, rtl)
    if whole.extent_px <= max_width_px:
        return whole
    text = whole.text
    rtl = bidi.is_rtl(text) if rtl is None else rtl

    def with_ellipsis(kept: str) -> int:
        return width_of(kept + ELLIPSIS, style, language, rtl)

    kept = shortened(text, with_ellipsis, max_width_px, clusters(text))
    line = set_line(kept + ELLIPSIS, style, language, rtl)
    if line.extent_px > max_width_px:
        return Line("", 0, (), (0, 0, 0, 0), shortened=True)
    return Line(line.text, line.width_px, line.glyphs, line.ink, whole.missing, shortened=True)


@lru_cache(maxsize=4 * _MOST_LINES)
def width_of(text: str, style: Type, language: str = "en", rtl: bool | None = None) -> int:
    """What `text` takes on one line, in pixels: ink stays within it.

    For trying out: it does not push what is drawn again and again out of the lines that are kept set.
    """
    return set_line.__wrapped__(text, style, language, rtl).extent_px


def cap_height_px(style: Type) -> int:
    """The height of capitals and digits of the first family."""
    return -set_line("H", style).ink[1]


def clusters(text: str) -> list[tuple[int, int]]:
    """(start, end) of what must not be torn apart: marks, joiners, flags, emoji sequences."""
    found: list[tuple[int, int]] = []
    for i, char in enumerate(text):
        if found and _continues(text, found[-1][0], i, char):
            found[-1] = (found[-1][0], i + 1)
        else:
            found.append((i, i + 1))
    return found


def _continues(text: str, start: int, i: int, char: str) -> bool:
    if text[i - 1] == _ZWJ and not char.isspace():
        return True
    if _is_flag_letter(char):
        return _is_flag_letter(text[start]) and i - start == 1
    return (
        unicodedata.category(char) in ("Mn", "Mc", "Me")
        or families.is_ignorable(char)
        or "\U0001f3fb" <= char <= "\U0001f3ff"
    )


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def one_line(text: str) -> str:
    """White space becomes single spaces, control characters go."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cs"))


@lru_cache(maxsize=4096)
def _script(cluster: str) -> str:
    return next(filter(None, map(families.script_of, cluster)), "")


def _runs(text: str, language: str, rtl: bool | None) -> list[_Run]:
    """Cut text where direction, script or family changes."""
    chain = families.chain_for(text, language)
    level_of = bidi.levels(text, rtl)
    segments: list[tuple[str, list[tuple[int, int]]]] = []
    for start, end in clusters(text):
        script = _script(text[start:end]) or (segments[-1][0] if segments else "")
        if segments and segments[-1][0] in (script, ""):
            segments[-1][1].append((start, end))
            segments[-1] = (script, segments[-1][1])
        else:
            segments.append((script, [(start, end)]))
    runs: list[_Run] = []
    for _, parts in segments:
        letters = "".join(text[s:e] for s, e in parts if _script(text[s:e]))
        whole = families.family_for(letters, chain) if letters else None
        preferred = (whole, *chain) if whole else chain
        for start, end in parts:
            family = families.family_for(text[start:end], preferred)
            run = _Run(start, end, level_of[start], family)
            last = runs[-1] if runs else None
            joins = last and (last.level, last.family) == (run.level, family) and family
            if last and joins and (start, end) != parts[0]:
                runs[-1] = last._replace(end=end)
            else:
                runs.append(run)
    return runs


def _set_run(
    codes: list[int], run: _Run, style: Type, language: str
) -> tuple[list[PlacedGlyph], int]:
    if run.family is None:
        return _missing_mark(style.size_px)
    face = families.face_of(run.family, bold=style.bold)
    size_px = max(1, round(style.size_px * run.family.scale))
    shaped = face.shape(
        codes,
        run.start,
        run.end,
        size_px=size_px,
        rtl=bool(run.level % 2),
        language=run.family.language or language.replace("_", "-"),
        tabular=style.tabular,
    )
    pen, placed = 0, []
    for item in shaped:
        glyph, hinted_px = face.glyph(item.glyph, size_px)
        placed.append(PlacedGlyph(_whole(pen + item.x_offset), -_whole(item.y_offset), glyph))
        pen += item.advance if run.family.joined else 64 * _advance_px(item, glyph, hinted_px)
    return placed, _whole(pen)


def _advance_px(item: Shaped, glyph: Glyph, hinted_px: int) -> int:
    """A whole advance: the hinted one, with kerning; spaces round up, so words stay apart."""
    if not item.advance:
        return 0
    if glyph.mask is None:
        return -(-item.advance // 64)
    return hinted_px + _whole(item.advance - item.nominal_advance)


@lru_cache(maxsize=64)
def _missing_mark(size_px: int) -> tuple[list[PlacedGlyph], int]:
    """A black diamond with a question mark, as U+FFFD looks: never a silent box."""
    side = max(7, size_px * 7 // 8) | 1
    half = side // 2
    image = Image.new("1", (side, side))
    draw = ImageDraw.Draw(image)
    draw.polygon([(half, 0), (side - 1, half), (half, side - 1), (0, half)], fill=1)
    mark = set_line("?", Type(max(6, side * 5 // 8), bold=True))
    left, top, right, bottom = mark.ink
    for x, y, glyph in mark.glyphs:
        corner = (
            half - (right - left) // 2 - left + x + glyph.left,
            half - (bottom - top) // 2 - top + y - glyph.top,
        )
        image.paste(0, corner, glyph.mask)
    rise = side - max(1, side // 8)
    return [PlacedGlyph(1, 0, Glyph(0, rise, image))], side + 2


def _ink(placed: list[PlacedGlyph]) -> tuple[int, int, int, int]:
    boxes = [
        (x + g.left, y - g.top, x + g.left + g.size[0], y - g.top + g.size[1])
        for x, y, g in placed
        if g.mask
    ]
    if not boxes:
        return (0, 0, 0, 0)
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _whole(sixty_fourths: int) -> int:
    return (sixty_fourths + 32) >> 6


def _name(char: str) -> str:
    return f"U+{ord(char):04X} {unicodedata.name(char, 'unnamed')}"
