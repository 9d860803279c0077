"""Where a line of text may break: UAX #14 (`uniseg`), and phrases of Thai and Japanese (`budoux`).

Thai has no spaces and UAX #14 leaves it to a dictionary; Japanese may break almost anywhere, but reads better
between phrases. Khmer, Lao and Burmese break between clusters only where a word is wider than the line.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import budoux
from uniseg.linebreak import line_break_units  # type: ignore[import-untyped]  # ships no types

if TYPE_CHECKING:
    from collections.abc import Iterator

_THAI = re.compile("[\u0e00-\u0e7f]+")
_KANA = re.compile("[\u3041-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_PLAIN_WORD = re.compile("[0-9A-Za-z\u00c0-\u058f]+")
# A space between two letters always parts; the rules about others need both sides of it.
_BETWEEN_WORDS = re.compile(r"(?<=\w) (?=\w)")


@lru_cache(maxsize=2048)
def units(text: str) -> tuple[str, ...]:
    """`text` cut where a line may break; spaces stay at the end of what precedes them."""
    found: list[str] = []
    pieces = _BETWEEN_WORDS.split(text)
    for piece in pieces[:-1]:
        found += _piece(piece + " ")
    return (*found, *_piece(pieces[-1]))


@lru_cache(maxsize=2048)
def phrases(text: str) -> tuple[str, ...]:
    """The same, but Japanese only between phrases, and Korean only at spaces."""
    if _KANA.search(text):
        return _unspaced(_japanese().parse(text))
    if _HANGUL.search(text):
        return tuple(re.findall(r"\S+\s*|\s+", text))
    return units(text)


@lru_cache(maxsize=4096)
def _piece(piece: str) -> tuple[str, ...]:
    if _PLAIN_WORD.fullmatch(piece.rstrip(" ")):
        return (piece,)
    return tuple(part for unit in line_break_units(piece) for part in _words(unit))


def _words(unit: str) -> Iterator[str]:
    """Thai within a unit cut into words; what is beside it stays with its neighbour."""
    if not _THAI.search(unit):
        yield unit
        return
    yield from _unspaced(_thai().parse(unit))


def _unspaced(parts: list[str]) -> tuple[str, ...]:
    """Parts that are only spaces or punctuation go to the one before."""
    found: list[str] = []
    for part in parts:
        if found and not any(char.isalnum() for char in part):
            found[-1] += part
        else:
            found.append(part)
    return tuple(found)


@cache
def _thai() -> budoux.Parser:
    return budoux.load_default_thai_parser()


@cache
def _japanese() -> budoux.Parser:
    return budoux.load_default_japanese_parser()
