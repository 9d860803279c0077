"""An end to everything a server can do to waste time."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


class Alarm(Protocol):
    """What `threading.Timer` is."""

    daemon: bool

    def start(self) -> None: ...

    def cancel(self) -> None: ...


class Deadline:
    """Cuts all connections it was shown when the time is up.

    A timeout of a socket begins anew with every byte, so a server that sends one now and then (in its TLS
    handshake, its headers or its body) holds a reader for ever. What is blocked in a read finds its
    connection shut down instead.
    """

    def __init__(
        self,
        seconds: float,
        alarm: Callable[[float, Callable[[], None]], Alarm] = threading.Timer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.seconds = seconds
        self.expired = False
        self._clock = clock
        self._ends = clock() + seconds
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self._alarm = alarm(seconds, self.expire)
        self._alarm.daemon = True

    def __enter__(self) -> Self:
        self._alarm.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._alarm.cancel()
        with self._lock:
            for connection in self._watched:
                connection.close()
            self._watched.clear()

    @property
    def remaining_s(self) -> float:
        """At least a moment, since 0 means something else to a socket."""
        return max(0.001, 0 if self.expired else self._ends - self._clock())

    def watch(self, connection: socket.socket) -> None:
        # A descriptor of its own: TLS takes the socket's away, and a closed one's number is used again.
        twin = socket.socket(fileno=os.dup(connection.fileno()))
        with self._lock:
            self._watched.append(twin)
        if self.expired:
            self.expire()

    def expire(self) -> None:
        with self._lock:
            self.expired = True
            for connection in self._watched:
                with suppress(OSError):  # the other side was faster
                    connection.shutdown(socket.SHUT_RDWR)
