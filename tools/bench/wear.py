"""What a display's day does to the flash of its board: every operation, counted as a NOR chip would see it.

The firmware's cycle on this computer's Python, over littlefs. Recorded on the emulated Pico, the same wakes
give the same operations (tests/device/test_flash_power_cuts.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calendarbot.emulator.board import VirtualClock
from calendarbot.emulator.flash_device import CONFIG_FILE, FlashDevice
from calendarbot.emulator.nor_flash import erases_by_sector
from calendarbot.emulator.pico import files_image
from calendarbot.keys import display_key
from calendarbot.provision import device_config
from calendarbot.serving import served_display
from calendarbot.tether import Tether

if TYPE_CHECKING:
    from calendarbot.config import Config
    from calendarbot.emulator.nor_flash import Operation
    from calendarbot.store import Store

BOARD = "pico_usb"


def operations_of(
    config: Config, name: str, store: Store, start_s: int, until_s: int
) -> list[Operation]:
    """Of a device that lives from one moment to the other."""
    clock = VirtualClock(start_s * 1000)
    served = served_display(config, name, store)
    tether = Tether({name: served}, lambda: clock.now_ms / 1000, lambda _: None)
    given = device_config(config, name, "usb:", display_key(config, name), board=BOARD)
    operations: list[Operation] = []
    flash = bytearray(files_image({CONFIG_FILE: given.encode()}))
    device = FlashDevice(flash, tether, clock, heard=operations.append)
    while clock.now_ms < until_s * 1000:
        clock.now_ms += device.wake() * 1000
        # A wake mounts anew, and littlefs then begins elsewhere to look for free sectors.
        rtc_ms = device.board.rtc_ms()
        device = FlashDevice(flash, tether, clock, device.picture, operations.append)
        device.board.set_rtc(rtc_ms)
    return operations


def years(operations: list[Operation], cycles: float) -> float:
    """Of days like that, until the sector erased most is worn out, were it always the same."""
    erased = erases_by_sector(operations)
    return cycles / max(erased.values()) / 365 if erased else 0.0
