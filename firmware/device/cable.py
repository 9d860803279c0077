"""The console's serial link, lent to an exchange with the host."""

import select
import sys

import micropython

_CTRL_C = 3
_QUIET_MS = 50


class Cable:
    def __init__(self):
        self._poll = select.poll()
        self._poll.register(sys.stdin, select.POLLIN)
        self._one = bytearray(1)

    def on(self):
        # What comes is no keyboard: a byte 3 must not interrupt.
        micropython.kbd_intr(-1)

    def off(self):
        # An answer that was asked for twice may still be coming, and any byte of it may be a 3.
        one = memoryview(self._one)
        while self.readinto(one, _QUIET_MS):
            pass
        micropython.kbd_intr(_CTRL_C)

    def write(self, data):
        sys.stdout.buffer.write(data)

    def readinto(self, view, timeout_ms):
        """Fill `view`; fewer bytes when none came for `timeout_ms`."""
        ipoll, read, one = self._poll.ipoll, sys.stdin.buffer.readinto, self._one
        for at in range(len(view)):
            # The console blocks until it has all it was asked for: only one byte is known to be there.
            ready = False
            for _ in ipoll(timeout_ms):
                ready = True
            if not ready:
                return at
            read(one)
            view[at] = one[0]
        return len(view)
