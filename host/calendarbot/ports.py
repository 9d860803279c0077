"""Which serial port a board is on, and why one cannot be opened. Raises DeviceError alone."""

from __future__ import annotations

import errno
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from calendarbot.device_extra import device_extra
from calendarbot.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from calendarbot.boards import Board, UsbId

_BUSY: Final = {errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK}
_DENIED: Final = {errno.EACCES, errno.EPERM}


@dataclass(frozen=True, slots=True)
class Port:
    """A serial port of this computer. `usb` is (vendor, product), None for one that is not on USB."""

    device: str
    description: str
    usb: tuple[int, int] | None
    serial_number: str = ""


def ports() -> list[Port]:
    with device_extra():
        from serial.tools import list_ports
    found = (
        Port(
            info.device,
            info.description or "",
            None if info.vid is None else (info.vid, info.pid),
            info.serial_number or "",
        )
        for info in list_ports.comports()
    )
    return sorted(found, key=lambda port: port.device)


def find_port(boards: Sequence[Board], available: Sequence[Port] | None = None) -> str:
    """The one port a board of these may be on, by its USB ids. DeviceError when none or several are."""
    available = ports() if available is None else available
    wanted = {(usb.vendor, usb.product) for board in boards for usb in board.usb}
    matching = [port for port in available if port.usb in wanted]
    name = boards[0].name if len(boards) == 1 else "a known board"
    if not matching:
        raise DeviceError(f"found no serial port of {name}", _none_hint(boards, available))
    if len(matching) > 1:
        listed = ", ".join(_described(port) for port in matching)
        raise DeviceError(f"{name} may be on several ports: {listed}", "say which: --port DEVICE")
    return matching[0].device


def _none_hint(boards: Sequence[Board], available: Sequence[Port]) -> str:
    ids = sorted({_usb_id(usb) for board in boards for usb in board.usb})
    looked = f" (looked for USB {', '.join(ids)})" if len(boards) == 1 and ids else ""
    others = ", ".join(_described(port) for port in available)
    return (
        "plug it in with a cable that carries data and wake it (press RESET), "
        f"or say --port DEVICE{looked}" + (f"; there are {others}" if others else "")
    )


def _usb_id(usb: UsbId) -> str:
    return f"{usb.vendor:04x}:{usb.product:04x}"


def _described(port: Port) -> str:
    shown = "" if port.description in ("", "n/a") else f" ({port.description})"
    return port.device + shown


@contextmanager
def open_port(device: str) -> Iterator[Any]:
    """pyserial's object; DeviceError when the port is missing, busy or forbidden."""
    with device_extra():
        import serial
    try:
        port = serial.serial_for_url(device, exclusive=True, do_not_open=True)
        # Raised while opening, these lines reset a chip or start its ROM loader (esptool's reset circuit).
        port.rts = False
        port.dtr = False
        port.open()
    except (OSError, ValueError) as error:  # SerialException is an OSError
        raise port_error(device, error) from None
    try:
        yield port
    finally:
        with suppress(OSError):  # unplugged: there is nothing left to close
            port.close()


def port_error(device: str, error: Exception) -> DeviceError:
    """What an exception of pyserial means to a user."""
    number = getattr(error, "errno", None)
    text = str(error)
    if number in _BUSY or "exclusively lock" in text:
        return DeviceError(
            f"{device} is in use by another program",
            "close what has it open (a serial monitor, `host logs`, an IDE) and try again",
        )
    if number in _DENIED or "PermissionError" in text:
        return DeviceError(
            f"{device} may not be opened by you",
            "on Linux, join its group: sudo usermod -aG dialout $USER, then log in again; "
            "on Windows another program has it open",
        )
    if number == errno.ENOENT or "FileNotFoundError" in text or "could not open" in text:
        listed = ", ".join(port.device for port in ports()) or "none"
        return DeviceError(f"there is no port {device}", f"ports of this computer: {listed}")
    return DeviceError(f"{device}: {text.splitlines()[0] if text else type(error).__name__}")
