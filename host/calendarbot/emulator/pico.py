"""A Raspberry Pi Pico without hardware: the real image on an emulated RP2040, a modelled panel on its SPI.

The chip runs instruction by instruction (rp2040py), and time is counted in its cycles: the same on every run,
whatever computer it runs on. Its flash holds the image and a littlefs file system; its USB serial port is a
pair of byte streams. Bytes leave the SPI peripheral at the rate the port set.
"""

from __future__ import annotations

import hashlib
from posixpath import dirname
from typing import TYPE_CHECKING, Any

from calendarbot.emulator import nor_flash
from calendarbot.emulator.controllers import ControllerError, controller_for
from calendarbot.emulator.unix_port import firmware_dir
from calendarbot.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from inkframe.parts import Panel

FLASH_BYTES = 2 * 1024 * 1024
FILES_BYTES = 1408 * 1024
"""MICROPY_HW_FLASH_STORAGE_BYTES of MicroPython's board RPI_PICO: the end of the flash holds files."""
_BLOCK_BYTES = 4096
_PROGRAM_BYTES = 256
"""The port mounts littlefs with this program size (modules/_boot.py)."""
_NS_PER_MS = 1_000_000
_BUSY_POLL_NS = 1_000_000
_LONGEST_BUSY_NS = 60e9
"""No panel refreshes for longer than this after the last thing it was told."""
_PACKET_US = 53
"""USB 2.0, table 5-9: at most 19 bulk packets of 64 bytes in a full-speed frame of 1 ms."""
_PERIPHERAL_HZ = 48_000_000
"""The rp2 port runs clk_peri from the USB PLL (clocks_extra.c); rp2040py takes the system clock."""
_BATCH = 1
"""Instructions between two looks at the clock's alarms; with more, no run is quite like another."""


def files_image(files: Mapping[str, bytes]) -> bytes:
    """A littlefs image of the Pico's size that holds `files`, by path."""
    littlefs = optional("littlefs")
    blocks = FILES_BYTES // _BLOCK_BYTES
    image = littlefs.LittleFS(
        block_size=_BLOCK_BYTES, block_count=blocks, prog_size=_PROGRAM_BYTES, read_size=32
    )
    for path, content in files.items():
        if dirname(path):
            image.makedirs(dirname(path), exist_ok=True)
        with image.open(path, "wb") as file:
            file.write(content)
    return bytes(image.context.buffer)


def image_path() -> Path:
    """The image that `make firmware` built of the firmware as it is now. DeviceError when there is none."""
    firmware = firmware_dir()
    folder = firmware.parent / ".cache" / "firmware" / "images" / "latest" / "pico"
    hint = "`make firmware` builds it in a checkout; --firmware FILE names another"
    if not (folder / "firmware.uf2").exists():
        raise DeviceError("there is no firmware image for the Pico", hint)
    if (folder / "firmware.digest").read_text() != firmware_digest(firmware):
        raise DeviceError("the Pico's image was built from other firmware files", hint)
    return folder / "firmware.uf2"


def firmware_digest(folder: Path) -> str:
    """What tells one state of the firmware's files from another; an image keeps that of its own."""
    whole = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        content = file.read_bytes()
        whole.update(f"{file.relative_to(folder)} {len(content)}\n".encode() + content)
    return whole.hexdigest()


def optional(name: str) -> Any:
    try:
        return __import__(name, fromlist=["_"])
    except ModuleNotFoundError:
        raise DeviceError(
            "the emulated Pico is not installed", "pip install 'calendarbot[pico]'"
        ) from None


class _PanelOnWires:
    """The modelled controller behind the chip's pins, as rp2040py's external device."""

    def __init__(
        self, panel: type[Panel], pins: Mapping[str, int], spi: int, now_ms: Callable[[], int]
    ) -> None:
        self.controller = controller_for(panel, now_ms)
        self.spi_bytes = 0
        self.wire_ns = 0
        self.error: ControllerError | None = None
        self.on_error: Callable[[], None] = lambda: None
        self._pins = pins
        self._spi_number = spi
        self._selected = self._is_data = False
        self._quiet_at_ns = 0.0
        self._busy_level = -1
        self._data = bytearray()

    def attach(self, rp2040: Any) -> None:
        self._spi = rp2040.spi[self._spi_number]
        self._chip_hz = rp2040.clk_peri
        self._clock = rp2040.clock
        self._spi.on_transmit = self._transmit
        self._sent = rp2040.clock.create_alarm(self._complete)
        self._look = rp2040.clock.create_alarm(self._drive_busy)
        self._busy = rp2040.gpio[self._pins["busy"]]
        for name, heard in (
            ("cs", self._on_select),
            ("dc", self._on_data_line),
            ("reset", self._on_reset),
        ):
            rp2040.gpio[self._pins[name]].add_listener(_edges(heard))
        self._drive_busy()

    def _transmit(self, byte: int) -> None:
        self.spi_bytes += 1
        if self._selected:
            if self._is_data:
                self._data.append(byte)
            else:
                self._flush()
                self._tell(self.controller.command, byte)
                self._drive_busy()
        clock_hz = self._spi.clock_frequency * _PERIPHERAL_HZ / self._chip_hz
        byte_ns = round(self._spi.data_bits * 1e9 / clock_hz)
        self.wire_ns += byte_ns
        self._sent.schedule(byte_ns)

    def _complete(self) -> None:
        self._spi.complete_transmit(0)

    def _flush(self) -> None:
        if self._data:
            data, self._data = bytes(self._data), bytearray()
            self._tell(self.controller.data, data)
            self._drive_busy()

    def _on_select(self, level: int) -> None:
        self._flush()
        self._selected = not level

    def _on_data_line(self, level: int) -> None:
        self._flush()
        self._is_data = bool(level)

    def _on_reset(self, level: int) -> None:
        if not level:
            self._flush()
            self._tell(self.controller.reset)
        self._drive_busy()

    def _drive_busy(self) -> None:
        """The model's busy line on the pin, now and for as long as it may still move by itself."""
        self._busy.set_input_value(bool(self.controller.busy_level()))
        if self._clock.nanos < self._quiet_at_ns:
            self._look.schedule(_BUSY_POLL_NS)

    def _tell(self, action: Callable[..., None], *arguments: Any) -> None:
        self._quiet_at_ns = self._clock.nanos + _LONGEST_BUSY_NS
        # An exception would be lost on its way through the emulator's compiled code.
        try:
            action(*arguments)
        except ControllerError as error:
            self.error = self.error or error
            self.on_error()


def _edges(heard: Callable[[int], None]) -> Callable[[Any, Any], None]:
    """A listener of rp2040py's pins, whose states are low, high, and two kinds of input."""
    return lambda state, _: heard(int(state == 1))


class _SerialLine:
    """The other end of the chip's USB serial port.

    A device that asks when there is nothing is left waiting (NAK): rp2040py itself would send empty packets
    instead, and keep the chip busy with them.
    """

    def __init__(self, controller: Any, heard: Callable[[bytes], bytes]) -> None:
        cdc = optional("rp2040py.usb.cdc").USBCDC(controller)
        cdc.on_serial_data = self._hear
        self._heard = heard
        self._controller = controller
        self._of_control = controller.on_endpoint_read
        controller.on_endpoint_read = self._wanted
        self._waiting: tuple[int, int] | None = None
        self._queue = bytearray()

    def send(self, data: bytes) -> None:
        self._queue += data
        if self._waiting and self._queue:
            (endpoint, size), self._waiting = self._waiting, None
            self._hand_over(endpoint, size)

    def _hear(self, data: bytes) -> None:
        self.send(self._heard(bytes(data)))

    def _wanted(self, endpoint: int, size: int) -> None:
        if endpoint == 0:
            self._of_control(endpoint, size)
        elif self._queue:
            self._hand_over(endpoint, size)
        else:
            self._waiting = (endpoint, size)

    def _hand_over(self, endpoint: int, size: int) -> None:
        piece = bytes(self._queue[:size])
        del self._queue[:size]
        self._controller.endpoint_read_done(endpoint, piece, _PACKET_US)


class VirtualPico:
    """One Pico. `host` is told what its serial port sends and returns what goes back.

    `now_ms` at start; the chip's cycles move it. Flash outlives `power_cycle`.
    """

    def __init__(
        self,
        image: Path,
        files: bytes,
        panel: type[Panel],
        pins: Mapping[str, int],
        spi: int,
        now_ms: int = 0,
    ) -> None:
        self._rp2040py = optional("rp2040py")
        self._start_ms = now_ms
        self._flash = bytearray(b"\xff" * FLASH_BYTES)
        self.host: Callable[[bytes], bytes] = lambda _: b""
        self.on_flash: Callable[[nor_flash.Operation], None] = lambda _: None
        """Told what reaches the flash, just before it is done."""
        self.panel = _PanelOnWires(panel, pins, spi, lambda: self.now_ms)
        self.panel.on_error = self._stop
        self._load(image)
        self._flash[-FILES_BYTES:] = files
        self._build()

    def _load(self, image: Path) -> None:
        uf2 = image.read_bytes()
        for at in range(0, len(uf2), 512):
            block = uf2[at : at + 512]
            to = int.from_bytes(block[12:16], "little") - 0x10000000
            size = int.from_bytes(block[16:20], "little")
            self._flash[to : to + size] = block[32 : 32 + size]

    def _build(self) -> None:
        boards = optional("rp2040py.boards")
        logging = optional("rp2040py.utils.logging")
        self._chip = chip = boards.build_rp2040_from_spec(boards.BoardSpec())
        chip.logger = logging.ConsoleLogger(logging.LogLevel.ERROR)
        chip.load_bootrom(optional("rp2040py.device.bootrom").BOOTROM_B1)
        chip.flash[: len(self._flash)] = self._flash
        nor_flash.listen(chip, lambda operation: self.on_flash(operation))
        self._simulator = optional("rp2040py.simulator").Simulator(rp2040=chip)
        self._simulator.stopped = False
        self._execute = optional("rp2040py.execute_batch").execute_batch
        self._line = _SerialLine(chip.usb_ctrl, self._heard)
        self._end = chip.clock.create_alarm(self._stop)
        self.panel.attach(chip)
        chip.core.pc = 0x10000000

    @property
    def elapsed_ns(self) -> float:
        """What the chip lived through since it has power."""
        ns: float = self._chip.clock.nanos
        return ns

    @property
    def now_ms(self) -> int:
        return (
            self._start_ms + int(self.elapsed_ns // _NS_PER_MS) if self._built else self._start_ms
        )

    @property
    def _built(self) -> bool:
        return hasattr(self, "_chip")

    def skip(self, duration_ms: int) -> None:
        """Let the world's clock move on while the chip's stands still."""
        self._start_ms += duration_ms

    def power_cycle(self, now_ms: int) -> None:
        """Off, and on again at `now_ms`: only the flash, and what the panel shows, stay."""
        self._flash[:] = self._chip.flash[:FLASH_BYTES]
        self._start_ms = now_ms
        del self._chip
        self._build()

    def flash(self) -> bytes:
        """What the flash holds now: image and files."""
        return bytes(self._chip.flash[:FLASH_BYTES])

    def restore_flash(self, content: bytes, now_ms: int) -> None:
        """Power on at `now_ms` with another flash, of the same size."""
        self._chip.flash[:FLASH_BYTES] = content
        self.power_cycle(now_ms)

    def run(self, until: Callable[[], bool], at_most_ms: int) -> bool:
        """Run until `until` is true, looked at when something was sent; False when time ran out.

        Raises ControllerError when the driver breaks a rule of its panel.
        """
        end_ns = self.elapsed_ns + at_most_ms * _NS_PER_MS
        self._end.schedule(at_most_ms * _NS_PER_MS)
        while not until():
            if self.elapsed_ns >= end_ns:
                return False
            self._simulator.stopped = False
            self._execute(self._simulator, _BATCH)
            if self.panel.error:
                raise self.panel.error
        return True

    def type(self, text: bytes) -> None:
        """Send bytes to the serial port."""
        self._line.send(text)

    def _heard(self, data: bytes) -> bytes:
        self._stop()
        return self.host(data)

    def _stop(self) -> None:
        self._simulator.stopped = True
