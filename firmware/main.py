"""One wake: start the application whose turn it is, run a cycle, always end asleep.

What runs here is the board's own copy, whatever was installed since. `inkframe.slots` says how it chooses.
"""

import sys
import time

import machine

# MicroPython looks for its own modules on the flash first, at every import of each that is not in this table:
# some 100 ms of a wake. Two may be an emulator's there; the others are never anywhere but in the port.
sys.modules["machine"], sys.modules["time"] = machine, time
everywhere, sys.path[:] = sys.path[:], [".frozen"]
for name in ("array", "binascii", "hashlib", "io", "json", "os", "struct"):
    sys.modules[name] = __import__(name)
sys.path[:] = everywhere

from inkframe.slots import Slots  # noqa: E402  # it imports some of them

_SAFE_SLEEP_S = 3600

slots = Slots()
watchdog = None
try:
    if slots.on_trial:
        from device import watchdog

        watchdog.start()
        if slots.image:
            from device import images

            images.start(slots)
        else:
            slots.start()
except (
    Exception
) as error:  # a flash that takes no writes: rather a start that is not counted than none
    sys.print_exception(error)
slots.enter()
try:
    from device import board, power
    from inkframe.crash import describe
except Exception as error:  # most of all: compiled for a MicroPython that this is not any more
    sys.print_exception(error)
    if not slots.folder:
        machine.deepsleep(_SAFE_SLEEP_S * 1000)
    slots.distrust()
    machine.reset()

sleep_s = power.SAFE_SLEEP_S
config = None
on_cable = False
crashed = False
try:
    config = board.load_config()
    on_cable = config.on_cable
    sleep_s = board.wake(config)
except KeyboardInterrupt:
    power.stop_watchdog()  # it would end the session of whoever took over
    if watchdog:
        watchdog.stop()
    raise
except Exception as error:  # whatever it is, a device that stays awake is a dead battery
    sys.print_exception(error)
    crashed = True
    if config:
        sleep_s = board.crashed(describe(error))
if watchdog and crashed:
    slots.crashed()
    machine.reset()
slots.load()
if slots.is_new:
    machine.reset()
if config is None:
    from device import portal  # of no use to a device that has one

    sleep_s = portal.wait_for_config()
if watchdog:
    watchdog.stop()
power.sleep(sleep_s, on_cable)
