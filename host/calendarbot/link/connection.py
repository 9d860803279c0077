"""A board's raw REPL (MicroPython's documentation, "The MicroPython Interactive Interpreter Mode")."""

from __future__ import annotations

import contextlib
import io
import struct
from typing import TYPE_CHECKING, Any, Final

from calendarbot.device_extra import device_extra
from calendarbot.errors import DeviceError
from calendarbot.ports import open_port

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOST: Final = "check the cable and the USB port, then run the same command again"
_SILENT: Final = (
    "it may be asleep or not run MicroPython: press RESET and try again within a few seconds; "
    "`host flash` puts MicroPython on it"
)
_ATTEMPTS: Final = 3
_SILENCE_S: Final = 10
_ANSWER_S: Final = 4
_READ_S: Final = 2
_WRITE_BYTES: Final = 512


class Connection:
    """Code and files go to the board, answers come back. Every failure is a DeviceError."""

    def __init__(self, transport: Any, port: str) -> None:
        self._transport = transport
        self.port = port

    def run(self, code: str, longest_silence_s: int = _SILENCE_S) -> str:
        """What the code printed. DeviceError with the last line of the board's traceback."""
        with _errors(self.port), _quiet():
            printed, complaint = self._transport.exec_raw(code, longest_silence_s)
        if complaint:
            last = complaint.decode(errors="replace").strip().splitlines()[-1]
            raise DeviceError(f"{self.port}: the board says {last}")
        return str(printed, errors="replace")

    def write_file(self, path: str, content: bytes) -> None:
        with _errors(self.port), _quiet():
            self._transport.fs_writefile(path, content, _WRITE_BYTES)

    def restart(self) -> None:
        """A hard reset; the board's program runs after it, and this connection is over."""
        with _errors(self.port), _quiet():
            self._transport.exec_raw_no_follow("import machine\nmachine.reset()")


@contextlib.contextmanager
def connect(port: str) -> Iterator[Connection]:
    """Interrupts what the board does and enters its raw REPL; leaves it on the way out.

    Raises DeviceError: the port is missing, busy or forbidden, or nothing there speaks MicroPython.
    """
    with open_port(port):
        pass  # mpremote does not say why a port cannot be opened
    with device_extra():
        from mpremote.transport_serial import SerialTransport
    with _errors(port):
        transport = SerialTransport(port)
        transport.serial.timeout = _READ_S  # mpremote would wait for ever for some answers
    try:
        with _errors(port):
            _enter(transport, port)
        yield Connection(transport, port)
    finally:
        with contextlib.suppress(OSError):  # unplugged, or restarted: nobody listens any more
            if transport.in_raw_repl:
                transport.exit_raw_repl()
        with contextlib.suppress(OSError):
            transport.close()


def _enter(transport: Any, port: str) -> None:
    from mpremote.transport import TransportError

    for _ in range(_ATTEMPTS):
        # What a board was asked before may still be answered: only code that ran proves the prompt.
        with contextlib.suppress(TransportError, struct.error), _quiet():
            transport.use_raw_paste = True
            transport.enter_raw_repl(soft_reset=False, timeout_overall=_ANSWER_S)
            transport.exec("pass")
            return
    raise DeviceError(f"{port}: no MicroPython answers", _SILENT)


def _quiet() -> contextlib.redirect_stdout[io.StringIO]:
    """mpremote prints what it did not expect, which may be an echo of what was sent."""
    return contextlib.redirect_stdout(io.StringIO())


@contextlib.contextmanager
def _errors(port: str) -> Iterator[None]:
    """mpremote's and pyserial's exceptions. What was sent is never quoted: it may hold a key."""
    from mpremote.transport import TransportError, TransportExecError

    try:
        yield
    except TransportExecError as error:
        last = error.error_output.strip().splitlines()[-1]
        raise DeviceError(f"{port}: the board says {last}") from None
    except (TransportError, OSError, struct.error):  # the last from an answer cut short
        raise DeviceError(f"{port}: the connection was lost", _LOST) from None
