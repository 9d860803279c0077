"""Text on several lines: `break_lines()` cuts it to a width, by the rules of its script."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from calendarbot.render import bidi, breaks
from calendarbot.render.type import Type, clusters, fit_line, one_line, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_HYPHEN = "-"


def break_lines(
    text: str, style: Type, width_px: int, max_lines: int, language: str = "en"
) -> list[str]:
    """`text` on at most `max_lines` lines of at most `width_px` pixels.

    Lines are filled one after the other. What does not fit on the last one is shortened by meaning and ends
    in an ellipsis (`calendarbot.render.shorten`). A word wider than a line is torn between clusters, with a
    hyphen where its script has them. White space becomes single spaces; no text gives no lines.
    """
    return list(_broken(one_line(text), style, width_px, max_lines, language))


@lru_cache(maxsize=2048)
def _broken(
    text: str, style: Type, width_px: int, max_lines: int, language: str
) -> tuple[str, ...]:
    rtl = bidi.is_rtl(text)
    lines: list[str] = []
    while text and len(lines) < max_lines - 1:
        if width_of(text, style, language, rtl) <= width_px:
            break
        line, text = _first_line(text, style, width_px, language, rtl)
        if not line:
            return tuple(lines)
        lines.append(line)
    if text and max_lines > 0:
        last = fit_line(text, style, width_px, language, rtl).text
        lines += [last] if last else []
    return tuple(lines)


def _first_line(text: str, style: Type, width_px: int, language: str, rtl: bool) -> tuple[str, str]:
    """What fits on one line, and the rest; nothing when not even a cluster does."""

    def fitting(units: Iterable[str], mark: str = "") -> int:
        length = 0
        for unit in units:
            line = text[: length + len(unit)].rstrip() + mark
            if width_of(line, style, language, rtl) > width_px:
                break
            length += len(unit)
        return length

    length = fitting(breaks.phrases(text)) or fitting(breaks.units(text))
    if length:
        return text[:length].rstrip(), text[length:].lstrip()
    torn = [text[start:end] for start, end in clusters(text)]
    mark = _HYPHEN if text[:2].isalpha() and text[0].upper() != text[0].lower() else ""
    length = fitting(torn, mark) or fitting(torn)
    return (text[:length] + (mark if length > 1 else "")) if length else "", text[length:]
