"""Scenarios of `power_cuts` on an emulated Pico: its own littlefs, its own boot, its own REPL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpremote.transport_serial import SerialTransport
from power_cuts import DISPLAY, Before, Recording, provision

from calendarbot.emulator.flash_device import CONFIG_FILE
from calendarbot.emulator.flash_files import FlashFiles
from calendarbot.emulator.pico import FILES_BYTES, FLASH_BYTES
from calendarbot.emulator.pico_device import PicoDevice
from calendarbot.link.connection import Connection
from calendarbot.link.deploy import deploy

if TYPE_CHECKING:
    from pathlib import Path

    from power_cuts import Cut, Scenario, World

    from calendarbot.emulator.nor_flash import Operation
    from calendarbot.emulator.pico import VirtualPico

FILES_AT = FLASH_BYTES - FILES_BYTES
ASKS_MS = 20_000
ANSWER_MS = 5_000


def pico_in(world: World, image: Path, flash: bytes, glass: bytes | None) -> PicoDevice:
    """Power on, with these files on its flash and this picture on its panel."""
    device = PicoDevice(world.config, DISPLAY, world.store, image, world.clock.now_ms)
    whole = device.pico.flash()[:FILES_AT] + flash
    device.pico.restore_flash(whole, world.clock.now_ms)
    if glass:
        device.pico.panel.controller.set_picture(glass)
    return device


def files_of(device: PicoDevice) -> bytes:
    return device.pico.flash()[FILES_AT:]


def recorded_on_pico(scenario: Scenario, world: World, image: Path) -> Recording:
    """The scenario lived through by the real image."""
    before: Before = scenario.begin(world)
    device = pico_in(world, image, before.flash, before.glass)
    operations: list[tuple[Operation, bytes]] = []
    controller = device.pico.panel.controller

    def heard(operation: Operation) -> None:
        assert operation.address >= FILES_AT, "the image was written to"
        operations.append((operation.moved(-FILES_AT), controller.picture()))

    if scenario.act is provision:
        # A device that finds no host writes that down: the scenario begins at its prompt.
        connection = prompt(device.pico)
        before = Before(files_of(device), before.glass)
        device.pico.on_flash = heard
        deploy(connection, {CONFIG_FILE: world.device_config()}, lambda *_: None)
    else:
        device.pico.on_flash = heard
        next(device.live(world.clock.now_ms // 1000 + 1))
    recording = Recording(before, operations)
    assert recording.after() == files_of(device)
    return recording


def asks_after(world: World, image: Path, cut: Cut) -> PicoDevice:
    """Started after a cut, until it has asked its host; TimeoutError when it does not."""
    device = pico_in(world, image, cut.flash, cut.glass)
    if not device.pico.run(lambda: device.tether.requests > 0, ASKS_MS):
        raise TimeoutError(str(cut))
    return device


def check_on_pico(world: World, image: Path, cut: Cut) -> None:
    """Started after a cut it shows the page that is due, and holds its configuration."""
    given = cut.flash
    if CONFIG_FILE not in FlashFiles(bytearray(given)).content():
        flash = bytearray(given)
        provision(world, flash, None, lambda *_: None)
        given = bytes(flash)
    device = pico_in(world, image, given, cut.glass)
    config = FlashFiles(bytearray(given)).read(CONFIG_FILE)
    wakes = device.live(world.clock.now_ms // 1000 + 90)
    woke = next(wakes)
    if not world.is_due(woke.picture.data):
        woke = next(wakes)
    assert world.is_due(woke.picture.data), f"{cut}: {woke.log}"
    assert FlashFiles(bytearray(files_of(device))).read(CONFIG_FILE) == config


class _Serial:
    """A Pico's serial port as pyserial has them, the chip running whenever something is waited for."""

    def __init__(self, pico: VirtualPico) -> None:
        self._pico = pico
        self._came = bytearray()
        self.timeout = 1
        pico.host = self._hear

    def _hear(self, data: bytes) -> bytes:
        self._came += data
        return b""

    def is_idle(self) -> bool:
        """Whether the firmware said that it waits: for a configuration, or for its next wake."""
        return b"listening" in self._came or b"sleep=" in self._came

    def inWaiting(self) -> int:  # noqa: N802  # pyserial's name
        if not self._came:
            self._pico.run(lambda: bool(self._came), 5)
        return len(self._came)

    def read(self, size: int = 1) -> bytes:
        self._pico.run(lambda: len(self._came) >= size, ANSWER_MS)
        data = bytes(self._came[:size])
        del self._came[:size]
        return data

    def write(self, data: bytes) -> int:
        self._pico.type(bytes(data))
        return len(data)


def prompt(pico: VirtualPico) -> Connection:
    """Whatever it does interrupted, as `host deploy` does it."""
    serial = _Serial(pico)
    # It looks for its host first, and an exchange with that is not to be interrupted.
    assert pico.run(serial.is_idle, ASKS_MS)
    transport: Any = SerialTransport.__new__(SerialTransport)  # its own way in opens a port by name
    transport.serial = serial
    transport.device_name = "an emulated Pico"
    transport.is_pty = transport.in_raw_repl = transport.mounted = False
    transport.use_raw_paste = True
    transport.enter_raw_repl(soft_reset=False)
    return Connection(transport, transport.device_name)
