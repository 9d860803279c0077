"""What devices say of updates, in words for people."""

from __future__ import annotations

from typing import Final

OUTCOMES: Final = {
    "trial": "installed, not confirmed yet",
    "good": "installed, and it works",
    "auth": "refused: not signed with this display’s key",
    "old": "refused: older than what it runs",
    "wire": "refused: damaged",
    "cut": "refused: it did not arrive whole",
    "board": "refused: made for another board",
    "battery": "waits for a charged battery",
    "state": "its flash did not take it",
    "crash": "taken back: it crashed",
    "hang": "taken back: it did not come to an end",
    "silent": "taken back: it never reached this server",
}
"""By the code in Ink-Status; those of `inkframe.slots.OUTCOMES`."""
WORKS: Final = ("trial", "good", "battery")
"""Outcomes that nobody needs to do anything about."""


def outcome_in_words(code: str | None) -> str:
    return OUTCOMES.get(code, code) if code else "none"
