"""What every board does, real or emulated: the same suite for each, one board at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from calendarbot.store import Manifest
    from conftest import BoardUnderTest

_WAKE_S = 120
"""An emulated board on a busy computer is ten times slower than a real one."""


def test_a_board_lives_through_first_page_next_page_and_lost_power(
    board: BoardUnderTest, manifest: Manifest, looks_like: Callable[[BoardUnderTest, bytes], None]
) -> None:
    first, second = manifest.frames[:2]

    board.restart()
    woke = board.wakes(_WAKE_S)
    assert woke["painted"] == 1
    assert time.time() < second.shown_from, "the board was too slow for its first page"
    looks_like(board, first.id)
    asked = board.requests

    woke = board.wakes(round(second.shown_from - time.time()) + _WAKE_S)
    assert woke["painted"] == 1
    assert time.time() >= second.shown_from, "the page came before its time"
    assert board.requests == asked, "it asked for what it already held"
    looks_like(board, second.id)

    board.restart()
    woke = board.wakes(_WAKE_S)
    assert woke["painted"] == 0, "it refreshed the panel with what the panel shows"
    looks_like(board, second.id)
