"""What can go wrong on the host, as a user meets it.

    CalendarBotError           exit code 1: anything below is more precise
    ├── ConfigError            3  the configuration, or a name in it
    ├── SourceError            4  a calendar cannot be read
    ├── StoreError             5  the output cannot be written or read
    ├── NetworkError           6  a port or an address
    └── DeviceError            7  a device, real or simulated, did not do its part

Exit code 0 is success and 2 is click's own: wrong usage of the command line.
`docs/cli.md` documents these for users; the CLI is the only code that exits.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class CalendarBotError(Exception):
    """One clear line: what was wrong and where; `hint` is what to try (may be empty)."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(CalendarBotError):
    exit_code = 3


class SourceError(CalendarBotError):
    exit_code = 4


class StoreError(CalendarBotError):
    exit_code = 5


class NetworkError(CalendarBotError):
    exit_code = 6


class DeviceError(CalendarBotError):
    exit_code = 7


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the closest known name, or all of them when none is close."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]!r}?"
    return "known: " + ", ".join(names)
