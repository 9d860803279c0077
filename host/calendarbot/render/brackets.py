"""Which brackets of a line belong together (UAX #9, BD14 to BD16)."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEEPEST = 63
_CANONICAL = {"\u2329": "\u3008", "\u232a": "\u3009"}


def bracket_pairs(
    text: str, types: Sequence[str], sequence: Sequence[int]
) -> list[tuple[int, int]]:
    """The pairs among the characters text[i], i in `sequence`, whose class is in `types`.

    Positions are those in `sequence`, ordered by the opening bracket. A bracket counts while its
    class is still ON. More than 63 open at once: no pairs at all (BD16).
    """
    pairs: list[tuple[int, int]] = []
    open_brackets: list[tuple[str, int]] = []
    for position, i in enumerate(sequence):
        if types[position] != "ON" or not unicodedata.mirrored(text[i]):
            continue
        char = _CANONICAL.get(text[i], text[i])
        category = unicodedata.category(char)
        if category == "Ps":
            if len(open_brackets) == _DEEPEST:
                return []
            open_brackets.append((_closing(char), position))
        elif category == "Pe":
            for depth in range(len(open_brackets) - 1, -1, -1):
                if open_brackets[depth][0] == char:
                    pairs.append((open_brackets[depth][1], position))
                    del open_brackets[depth:]
                    break
    return sorted(pairs)


def _closing(opening: str) -> str:
    """The closing bracket; Unicode puts it one or two places after the opening one.

    The exceptions are the ticked square brackets, which cross (BidiBrackets.txt).
    """
    crossed = {"\u298d": "\u2990", "\u298f": "\u298e"}
    if opening in crossed:
        return crossed[opening]
    step = 1 if unicodedata.category(chr(ord(opening) + 1)) == "Pe" else 2
    return chr(ord(opening) + step)
