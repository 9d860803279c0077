"""BUSY behind a shift register (74HC165), as on boards that save pins for buttons."""

from machine import Pin

_BITS = 8


class ShiftRegisterInput:
    """Called like an input pin: the level of one of the register's eight inputs, the first out being 7."""

    def __init__(self, clock, latch, out, bit):
        self._clock = Pin(clock, Pin.OUT, value=1)
        self._latch = Pin(latch, Pin.OUT, value=1)
        self._out = Pin(out, Pin.IN)
        self._skip = _BITS - 1 - bit

    def __call__(self):
        self._latch(0)
        self._latch(1)
        for _ in range(self._skip):
            self._clock(0)
            self._clock(1)
        return self._out()
