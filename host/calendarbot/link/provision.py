"""A board's configuration, over its cable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from calendarbot.link.deploy import changed_files, deploy
from inkframe.reset import REMEMBERED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calendarbot.link.connection import Connection
    from calendarbot.progress import Progress

_FORGET: Final = f"""
import os
for _path in {REMEMBERED!r}:
    try:
        os.remove(_path)
    except OSError:
        pass
"""


def provision(
    connection: Connection, files: Mapping[str, bytes], progress: Progress
) -> tuple[str, ...]:
    """Write what differs; the paths of it. A cable pulled at any moment leaves the old or the new one.

    What the board remembers of its old one is forgotten first: a start in between finds its old display anew,
    but none finds the new one with the old one's sequence, which could refuse all that comes. DeviceError.
    """
    if changed_files(connection, files):
        connection.run(_FORGET)
    return deploy(connection, files, progress).written
