"""When to show the next frame, when to ask the host, how long to sleep. Seconds, integers."""

from inkframe.compat import const
from inkframe.wire import FIRST_KEPT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.wire import Table

SHORTEST_SLEEP_S = const(5)
"""A wake costs more than it can gain below this, and a clock that runs late must not spin."""
NONE_DUE = const(-1)
FARTHEST_ASK_S = const(777600)
"""Nine days: no host plans a request further ahead, so a clock that says so is wrong."""


def ask_due(now: int, ask_at: int) -> bool:
    """Whether to ask the host: it is time, or the clock (0 when never set) cannot be trusted."""
    return not now or now >= ask_at or ask_at - now > FARTHEST_ASK_S


def due(table: "Table", now: int) -> int:
    """The index of the frame to be seen at `now`; NONE_DUE before the first one's time."""
    index = NONE_DUE
    for candidate in range(table.head.frames):
        if table.shown_from(candidate) > now:
            break
        index = candidate
    return index


def kept(table: "Table", shown_from: int) -> int:
    """The index of the frame kept for a state (`wire.LOW_BATTERY`); NONE_DUE when there is none."""
    for index in range(table.head.frames):
        if table.shown_from(index) == shown_from:
            return index
    return NONE_DUE


def next_change(table: "Table", now: int) -> int:
    """When the next frame becomes due; 0 when none will."""
    for index in range(table.head.frames):
        if now < table.shown_from(index) < FIRST_KEPT:
            return table.shown_from(index)
    return 0


def sleep_s(now: int, next_change_at: int, ask_at: int) -> int:
    """How long to sleep from `now` until there is something to do; `ask_at` 0 means soon.

    It may be longer than the chip can: that is the business of who puts it to sleep.
    """
    wake_at = ask_at
    if next_change_at and next_change_at < wake_at:
        wake_at = next_change_at
    return min(max(wake_at - now, SHORTEST_SLEEP_S), FARTHEST_ASK_S)
