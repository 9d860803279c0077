"""A text that is too long, shortened by meaning: what says least goes first.

Asides in brackets go, then parts at the end that a dash, a bar or a dot sets off, then words. A word is cut
only when it alone is too long. What goes must leave a good part of the room filled; otherwise words are cut
off the whole text.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING

from calendarbot.render import breaks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_ASIDE = re.compile(r"\s*(\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）|【[^【】]*】)")
_SET_OFF = re.compile(r"\s+[–—|·•/-]\s+|\s*[;；]\s*")
_TRAILING = " ,;:–—-(（[|·•/、,&+"
_MOSTLY = 0.5
_HALF = 0.4


def shortened(
    text: str,
    width_of: Callable[[str], int],
    room_px: int,
    clusters: Sequence[tuple[int, int]],
) -> str:
    """The beginning of `text` to print before an ellipsis; empty if not even one cluster fits.

    `width_of` gives the width of what is kept, ellipsis included; `clusters` are where a text may be torn.
    """
    for kept in _by_meaning(text):
        width = width_of(kept)
        if width <= room_px:
            if width >= _MOSTLY * room_px:
                return kept
            break
    ends = list(accumulate(map(len, breaks.units(text))))
    at_word = _longest(text, ends[:-1], width_of, room_px)
    if at_word and width_of(at_word) >= _HALF * room_px:
        return at_word
    return _longest(text, [end for _, end in clusters], width_of, room_px)


def _by_meaning(text: str) -> Iterator[str]:
    """`text` with less and less in it, the least said first."""
    for aside in reversed(list(_ASIDE.finditer(text))):
        text = _kept(text[: aside.start()] + text[aside.end() :])
        if text:
            yield text
    for separator in reversed(list(_SET_OFF.finditer(text))):
        if kept := _kept(text[: separator.start()]):
            yield kept


def _longest(text: str, ends: Sequence[int], width_of: Callable[[str], int], room_px: int) -> str:
    """The longest beginning that fits and ends at one of `ends`."""
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        fits = width_of(_kept(text[: ends[middle]])) <= room_px
        low, high = (middle + 1, high) if fits else (low, middle)
    return _kept(text[: ends[low - 1]]) if low else ""


def _kept(text: str) -> str:
    return text.strip().rstrip(_TRAILING)
