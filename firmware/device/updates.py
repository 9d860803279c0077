"""What this board is, as an update asks it, and its parts for one."""

import os
import sys

from device.images import image
from inkframe.slots import Slots
from inkframe.update import Board
from inkframe.updating import Updates


def chip():
    """As in a board's description: "rp2040", "esp32c3"."""
    if sys.platform == "linux":
        return "unix"
    # "NAME with CHIP", MicroPython's documentation, sys.implementation; "ESP32-C3" on some ports' boards.
    machine_name = getattr(sys.implementation, "_machine", "")
    return machine_name.rpartition(" with ")[2].lower().replace("-", "")


def this_board(battery_mv=0):
    return Board(chip(), getattr(sys.implementation, "_mpy", 0) & 0xFFFF, battery_mv)


def after(cycle, config, memory, transport, status, battery_mv=0):
    """What `inkframe.updating` does after a cycle."""
    updates = Updates(config, Slots(), memory, transport, this_board(battery_mv), print, image())
    return updates.after(cycle, status, os.urandom)


def take_file(path):
    """Install an update that lies on the flash, as one that was offered: for a host on the cable."""
    from inkframe.config import Config
    from inkframe.memory import Memory

    with open("config.json") as file:
        config = Config(file.read())
    Updates(config, Slots(), Memory(), None, this_board(), print, image()).take_file(path)
