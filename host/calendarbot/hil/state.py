"""How a board is found and left: today's application on it, and nothing of anybody's."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from calendarbot.application import CONFIG_FILE, application_files
from calendarbot.boards import load_board
from calendarbot.errors import DeviceError
from calendarbot.flash.esp32 import flash_esp32
from calendarbot.flash.plan import plan_esp32
from calendarbot.flash.rp2 import copy_uf2, find_drive, mounted_drives
from calendarbot.flash.uf2 import read_uf2
from calendarbot.hil.rig import find_port, soon
from calendarbot.link.connection import connect
from calendarbot.link.deploy import deploy

if TYPE_CHECKING:
    from pathlib import Path

    from calendarbot.hil.rig import Rig

_KEPT: Final = ("main.py", "boot.py")
"""Files at the top that are no trace of anybody: the application's own, and what MicroPython makes."""
_FORGET: Final = """
import os
_FILE = 0x8000
_found = [(_entry[0], _entry[1]) for _entry in os.ilistdir()]
for _name, _kind in _found:
    if _kind == _FILE and _name not in {kept!r}:
        os.remove(_name)
try:
    import inkframe
    print('files' if ('inkframe', 0x4000) in _found else 'frozen')
except ImportError:
    print('none')
"""
"""Whatever the firmware keeps lies at the top, so nothing here has to know its names."""


def flash(rig: Rig, firmware: Path) -> None:
    """MicroPython anew: all of an ESP32, the program of an RP2. Raises DeviceError."""
    board = load_board(rig.board.board)
    if board.chip.startswith("esp32"):
        flash_esp32(plan_esp32(board, firmware, None), rig.port, _quietly)
        return
    uf2 = read_uf2(firmware, board)
    with suppress(DeviceError), connect(rig.port) as connection:
        # The port goes with this line, so that no answer comes is no error.
        connection.run("import machine; machine.bootloader()")
    copy_uf2(uf2, soon(lambda: find_drive(board, mounted_drives())), _quietly)
    soon(lambda: find_port(rig.name, rig.board.usb_serial))


def restore(rig: Rig) -> None:
    """Keys, pages and settings off it, today's application on it. DeviceError when that cannot be done."""
    with connect(rig.port) as connection:
        application = connection.run(_FORGET.format(kept=_KEPT)).strip()
        if application != "frozen":
            deploy(connection, application_files(), _quietly)


def provision(rig: Rig, device_config: str) -> None:
    """Give it its config.json. Raises DeviceError."""
    with connect(rig.port) as connection:
        connection.write_file(CONFIG_FILE, device_config.encode())


def _quietly(doing: str, done: int, total: int) -> None:
    """A bench's jobs run side by side: their bars would be one mess."""
