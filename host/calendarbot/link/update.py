"""An update for a board on a cable: sent as a file, then taken by the board itself as any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from calendarbot.link.connection import Connection
    from calendarbot.progress import Progress

_FILE: Final = "update.ink"
_LONGEST_SILENCE_S: Final = 60
"""A slow flash takes a while to be emptied and written."""
_TAKE: Final = f"""
from inkframe.slots import Slots
Slots().enter()
from device import updates
updates.take_file({_FILE!r})
"""


def push(connection: Connection, update: bytes, progress: Progress) -> None:
    """DeviceError with the board's own word for why it does not take it; it then runs what it ran."""
    progress("copying the update", 0, len(update))
    connection.write_file(_FILE, update)
    progress("installing", len(update), len(update))
    connection.run(_TAKE, _LONGEST_SILENCE_S)
    connection.restart()
