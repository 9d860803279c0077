"""What a panel's inks are called and what they look like, from `palettes.toml`.

A panel's own palette has ideal colours: they say which ink is meant. Measured ones say what people see.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

Colour = tuple[int, int, int]

_READABLE = 4.5
"""Contrast of small text, WCAG 2.2, success criterion 1.4.3."""
_FAINT = 2.0
"""Below this contrast to white an area needs an outline."""


@dataclass(frozen=True)
class Palette:
    """A panel's inks, in the order of its palette."""

    name: str
    inks: tuple[str, ...]
    """Names; a colour that repeats another has the same one."""
    measured: tuple[Colour, ...]
    """sRGB, as seen on glass."""
    source: str
    """Who measured."""

    def index(self, ink: str) -> int | None:
        """Where an ink is; None if the panel does not have it."""
        return self.inks.index(ink) if ink in self.inks else None

    @property
    def accent(self) -> int:
        """The ink that catches the eye: red, else orange or yellow, else black."""
        found = (self.index(ink) for ink in _data()["accents"])
        return next((index for index in found if index is not None), self.inks.index("black"))

    @property
    def calendar_inks(self) -> tuple[int, ...]:
        """The inks that tell calendars apart, the most different first; never white."""
        found = (self.index(ink) for ink in _data()["calendars"])
        return tuple(index for index in found if index is not None)

    def text_on(self, ink: int) -> int:
        """Black or white: what reads better on an area of this ink."""
        ends = (self.inks.index("black"), self.inks.index("white"))
        return max(ends, key=lambda end: self.contrast(end, ink))

    def reads_on_white(self, ink: int) -> bool:
        """Whether small text in this ink can be read on paper."""
        return self.contrast(ink, self.inks.index("white")) >= _READABLE

    def is_faint(self, ink: int) -> bool:
        """Whether an area of this ink is hard to see on paper."""
        return self.contrast(ink, self.inks.index("white")) < _FAINT

    def contrast(self, one: int, other: int) -> float:
        """The contrast ratio of two inks as measured, 1 to 21 (WCAG 2.2)."""
        lights = sorted(luminance(self.measured[ink]) for ink in (one, other))
        return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour: Colour) -> float:
    """Relative luminance 0 to 1 of an sRGB colour (WCAG 2.2)."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@lru_cache(maxsize=64)
def palette_of(colours: tuple[Colour, ...]) -> Palette:
    """The inks of a panel with these ideal colours.

    Inks that no measured palette has together keep their ideal colours.
    """
    ideal: dict[str, Colour] = {name: _rgb(value) for name, value in _data()["ideal"].items()}
    inks = tuple(min(ideal, key=lambda name: _distance(ideal[name], colour)) for colour in colours)
    for entry in _data()["palette"]:
        if set(entry["measured"]) == set(inks):
            seen = {name: _rgb(value) for name, value in entry["measured"].items()}
            measured = tuple(seen[ink] for ink in inks)
            return Palette(entry["name"], inks, measured, entry["source"])
    return Palette(", ".join(dict.fromkeys(inks)), inks, colours, "ideal colours")


def known_palettes() -> dict[str, tuple[Colour, ...]]:
    """The name of every palette that was measured, and its ideal colours; black first, white second."""
    data = _data()
    found = {}
    for entry in data["palette"]:
        inks = [
            "black",
            "white",
            *(ink for ink in entry["measured"] if ink not in ("black", "white")),
        ]
        found[entry["name"]] = tuple(_rgb(data["ideal"][ink]) for ink in inks)
    return found


@cache
def _data() -> dict[str, Any]:
    file = resources.files("calendarbot.render") / "palettes.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _rgb(value: list[int]) -> Colour:
    red, green, blue = value
    return red, green, blue


def _distance(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
