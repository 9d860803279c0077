"""What a board prints, line by line, across its sleeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from calendarbot.device_extra import device_extra
from calendarbot.errors import DeviceError
from calendarbot.ports import port_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BAUD_HZ: Final = 115_200
_RETRY_S: Final = 0.5
_READ_S: Final = 0.2
_ASLEEP: Final = "(the port is gone: asleep, or unplugged)"


def follow(port: str, sleep: Callable[[float], None]) -> Iterator[str]:
    """Lines without their ends, for ever. A board with a USB port of its own takes it along when it sleeps:
    then its return is awaited. Raises DeviceError when the port cannot be opened at first.
    """
    with device_extra():
        import serial
    try:
        connection = _open(serial, port)
    except (OSError, ValueError) as error:
        raise port_error(port, error) from None
    while True:
        yield from _lines(connection)
        yield _ASLEEP
        connection = _reopened(serial, port, sleep)


def _open(serial: Any, port: str) -> Any:
    connection = serial.serial_for_url(
        port, do_not_open=True, baudrate=_BAUD_HZ, timeout=_READ_S, exclusive=True
    )
    # On boards with a USB bridge these lines reset the chip: listening must not.
    connection.dtr = False
    connection.rts = False
    connection.open()
    return connection


def _reopened(serial: Any, port: str, sleep: Callable[[float], None]) -> Any:
    while True:
        sleep(_RETRY_S)
        try:
            return _open(serial, port)
        except OSError as error:
            problem = port_error(port, error)
            if "in use" in problem.message:
                raise DeviceError(problem.message, problem.hint) from None


def _lines(connection: Any) -> Iterator[str]:
    """Until the port goes away."""
    waiting = b""
    try:
        while True:
            waiting += connection.read(max(1, connection.in_waiting))
            *whole, waiting = waiting.split(b"\n")
            for line in whole:
                yield line.rstrip(b"\r").decode(errors="replace")
    except OSError:
        if waiting:
            yield waiting.decode(errors="replace")
    finally:
        connection.close()
