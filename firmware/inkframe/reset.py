"""Factory reset: a device forgets whose display it was. The application stays, and so does how it is wired.

Asked for with a button that is held when the device starts (switched on, or reset) for HOLD_MS, and then let
go within LET_GO_MS: one that is stuck never is, and must not take a configuration away.
"""

import json

from inkframe.compat import sleep_ms, ticks_diff, ticks_ms
from inkframe.memory import FRAME, MIDDLE_FRAME, NEXT_FRAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from inkframe.memory import Memory

HOLD_MS = 10000
LET_GO_MS = 20000
_POLL_MS = 50
_CONFIG = "config.json"
_BOARD = "board.json"
# Whose display it is, and where its host is; all else of a configuration is the board's.
_WHOSE = ("display", "server", "key", "wifi", "trust_date")
_HOW_TO_ASK = ("time_floor", "tls", "ca", "change", "tries")
REMEMBERED = ("config.next", "state", "bundle", "radio", "crash", FRAME, NEXT_FRAME, MIDDLE_FRAME)
"""What a device keeps of a display beside its configuration."""


def is_asked_for(is_held: "Callable[[], object]", feed: "Callable[[], object]") -> bool:
    """Whether the button is held from now on for long enough, and let go. Back at once when it is not held.

    `feed` keeps a watchdog quiet.
    """
    began_ms = ticks_ms()
    while is_held():
        feed()
        if ticks_diff(ticks_ms(), began_ms) > HOLD_MS + LET_GO_MS:
            return False
        sleep_ms(_POLL_MS)
    return ticks_diff(ticks_ms(), began_ms) >= HOLD_MS


def forget(memory: "Memory") -> None:
    """Take the configuration away, and what was remembered under it. StateError.

    The configuration goes last: after a power cut, a device either still has it, and finds its display anew,
    or has nothing of the old one.
    """
    text = memory.read_text(_CONFIG)
    wiring = _wiring(text or "")
    if wiring:
        memory.replace(_BOARD, wiring.encode())
    for name in REMEMBERED + (_CONFIG,):  # noqa: RUF005  # MicroPython has no (*a, b)
        memory.forget(name)


def _wiring(text: str) -> str:
    try:
        raw = json.loads(text)
        return json.dumps({name: raw[name] for name in raw if name not in _WHOSE + _HOW_TO_ASK})
    except (ValueError, TypeError):
        return ""
