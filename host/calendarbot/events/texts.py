"""The texts that a calendar is read from, and how to speak of what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from calendarbot.events.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_NAMED: Final = 100
"""So many events that are left out are named; of more, the number is said."""

_NAME_LENGTH: Final = 60


class Text(NamedTuple):
    """One of the texts that a calendar is read from: most have one, a folder has many."""

    content: bytes
    where: str
    """What to call the place in a message; holds no secret."""


def named(summary: str, uid: str, line: int) -> str:
    """What to call an event in a message."""
    place = f" (line {line})" if line else ""
    if summary:
        return f"event {one_line(summary, _NAME_LENGTH)!r}{place}"
    return f"event without a summary{place}" + (f" ({one_line(uid, _NAME_LENGTH)})" if uid else "")


def shortened(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines, or the first of them and how many more there are."""
    if len(lines) <= MOST_NAMED:
        return tuple(lines)
    return (*lines[:MOST_NAMED], f"and {len(lines) - MOST_NAMED} more")
