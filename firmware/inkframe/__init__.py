"""The portable half of Calendar Bot: runs unchanged on CPython and on MicroPython."""
