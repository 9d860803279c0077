"""The firmware's start on MicroPython, on ports that need no privilege: start.py HTTP_PORT DNS_PORT

A button has to be held for a tenth of a second only.
"""

import sys

from device import portal
from inkframe import reset

reset.HOLD_MS = 100
portal.HTTP_PORT, portal.DNS_PORT = int(sys.argv[1]), int(sys.argv[2])
import main  # noqa: E402, F401  # importing it is the start
