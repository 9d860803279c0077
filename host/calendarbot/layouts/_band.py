"""Text in bands: stretches of a page's height that one line of text has to itself.

The baseline puts capitals in the middle of the band, whatever the text is; what reaches higher or
lower (accents, descenders, the marks of many scripts) makes the type smaller before it leaves the
band. Bands that do not overlap hold texts that do not either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from calendarbot.render.type import cap_height_px, set_line

if TYPE_CHECKING:
    from calendarbot.render import Canvas, Type
    from calendarbot.render.canvas import Anchor

_ANY_PX = 10_000
_LEAST_TYPE_PX = 8
_HUGE_PX = 40
LEAST_PX = 12
"""What type a page chooses; a font's tall marks may ask for less."""


@dataclass(frozen=True, slots=True)
class Band:
    """`left` and `right` in pixels from the start of lines, `top` and `bottom` from the top."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    def baseline(self, style: Type) -> int:
        return (self.top + self.bottom + cap_height_px(style)) // 2


def draw_in_band(
    canvas: Canvas,
    band: Band,
    text: str,
    style: Type,
    *,
    anchor: Anchor = "start",
    ink: int | None = None,
    least_px: int | None = None,
) -> int:
    """Draw one line; returns its width. Smaller where it is long: to `least_px`, then shortened."""
    style = style_in_band(canvas, band, text, style, least_px=least_px)
    indent = _bearing(canvas, text, style) if anchor == "start" else 0
    x = {"start": band.left - indent, "middle": (band.left + band.right) // 2, "end": band.right}[
        anchor
    ]
    return canvas.text(
        x, band.baseline(style), text, style, max_width=band.width, anchor=anchor, ink=ink
    )


def style_in_band(
    canvas: Canvas, band: Band, text: str, style: Type, *, least_px: int | None = None
) -> Type:
    """The type that `draw_in_band` would use."""
    least = min(style.size_px, max(LEAST_PX, style.size_px // 2 if least_px is None else least_px))
    style = canvas.fitting(text, style, band.width, least)
    while style.size_px > _LEAST_TYPE_PX:
        baseline = band.baseline(style)
        above, below = baseline - band.top, band.bottom - baseline
        fits = canvas.fitting(text, style, _ANY_PX, style.size_px - 1, above=above, below=below)
        if fits.size_px == style.size_px:
            return style
        style = fits
    return style


def _bearing(canvas: Canvas, text: str, style: Type) -> int:
    """The white before the first letter, which in huge type would look like an indent."""
    if style.size_px < _HUGE_PX:
        return 0
    line = set_line(text, style, canvas.language)
    return max(0, line.width_px - line.ink[2] if canvas.rtl else line.ink[0])
