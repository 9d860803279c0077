"""The firmware's start on MicroPython, on ports that need no privilege: start.py HTTP_PORT DNS_PORT"""

import sys

from device import portal

portal.HTTP_PORT, portal.DNS_PORT = int(sys.argv[1]), int(sys.argv[2])
import main  # noqa: E402, F401  # importing it is the start
