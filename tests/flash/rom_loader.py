"""Talks like a chip's ROM loader: `python rom_loader.py CHIP`; its first line ends with its address.

The stand-in ends a connection three seconds after a region was written, even while the next one is being
written: on a busy computer that is a cable pulled at random. Here whoever called ends it, as on a chip.
"""

import math
import sys

from esp32_mock_bootloader import server

server._FLASH_END_IDLE_SEC = math.inf
server.run_server(0, None, sys.argv[1])
