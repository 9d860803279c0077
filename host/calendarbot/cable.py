"""A serial port of this computer, through pulled cables and boards that restart."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from calendarbot.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any

_BAUD = 115_200
_WAIT_S = 0.2
_AGAIN_S = 1.0


class Port:
    """Opens at once. DeviceError when that cannot be done; later failures are waited out."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._link = self._open()

    def __enter__(self) -> Port:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def serve(
        self,
        feed: Callable[[bytes], bytes],
        say: Callable[[str], None],
        until: Callable[[], bool] = lambda: False,
    ) -> None:
        """Hand what comes to `feed` and send what it returns, until `until`. `say` takes lines."""
        while not until():
            try:
                self._pass_on(feed)
            except OSError:  # what pyserial raises is one, too
                self._close()
                say(f"{self._name}: gone; waiting for it to come back")
                self._reopen(until)
                say(f"{self._name}: back")

    def _pass_on(self, feed: Callable[[bytes], bytes]) -> None:
        came = self._link.read(max(1, self._link.in_waiting))
        if came:
            self._link.write(feed(came))

    def _reopen(self, until: Callable[[], bool]) -> None:
        while not until():
            try:
                self._link = self._open()
            except DeviceError:
                time.sleep(_AGAIN_S)
            else:
                return

    def _open(self) -> Any:
        try:
            import serial
        except ModuleNotFoundError:
            raise DeviceError(
                "a board on a cable needs pyserial", "pip install 'calendarbot[device]'"
            ) from None
        try:
            return serial.serial_for_url(self._name, _BAUD, timeout=_WAIT_S, write_timeout=5)
        except (OSError, ValueError) as error:
            raise DeviceError(
                f"cannot open the serial port {self._name}: {_reason(error)}",
                "is the board plugged in, and is no other program using the port?",
            ) from None

    def _close(self) -> None:
        self._link.close()


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
