"""One wake: run a cycle, always end asleep."""

import sys

from device import board, power
from inkframe.crash import describe

sleep_s = power.SAFE_SLEEP_S
config = None
on_cable = False
try:
    config = board.load_config()
    on_cable = config.on_cable
    sleep_s = board.wake(config)
except KeyboardInterrupt:
    power.stop_watchdog()  # it would end the session of whoever took over
    raise
except Exception as error:  # whatever it is, a device that stays awake is a dead battery
    sys.print_exception(error)
    if config:
        sleep_s = board.crashed(describe(error))
if config is None:
    power.listen()
power.sleep(sleep_s, on_cable)
