"""A device without hardware.

The firmware itself runs, on MicroPython's unix port; `unix-port/` holds the few modules that port lacks
(`machine`, `network`) and a `time` whose clock is ours. What the firmware does to its pins and its SPI
reaches a modelled board here, where a modelled panel controller (`controllers/`) turns bytes into what a
person would see.
"""
