"""One wake: run a cycle, always end asleep."""

import sys

from device import board, power

sleep_s = power.SAFE_SLEEP_S
config = None
on_cable = False
try:
    config = board.load_config()
    on_cable = config.on_cable
    sleep_s = board.wake(config)
except Exception as error:  # whatever it is, a device that stays awake is a dead battery
    sys.print_exception(error)
if config is None:
    from device import portal  # of no use to a device that has one

    sleep_s = portal.wait_for_config()
power.sleep(sleep_s, on_cable)
