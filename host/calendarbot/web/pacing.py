"""Not too much at once for any one host."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AT_ONCE: Final = 4
"""Requests to one host under way at the same time."""
SPACING_S: Final = 0.1
"""From the beginning of one request to a host to that of the next."""


class Pace:
    """Gives every host its turns. Shared by all threads of a process."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next_start: dict[str, float] = {}
        self._slots: defaultdict[str, threading.BoundedSemaphore] = defaultdict(
            lambda: threading.BoundedSemaphore(AT_ONCE)
        )

    @contextmanager
    def turn(self, host: str, patience_s: float) -> Iterator[None]:
        """Wait for a turn with this host. Raises TimeoutError when none comes in time."""
        with self._lock:
            slot = self._slots[host]
        if not slot.acquire(timeout=patience_s):
            raise TimeoutError
        try:
            wait_s = self._book(host)
            if wait_s > patience_s:
                raise TimeoutError
            if wait_s > 0:
                self._sleep(wait_s)
            yield
        finally:
            slot.release()

    def _book(self, host: str) -> float:
        """How long from now the next free start is, which is then taken."""
        with self._lock:
            now = self._clock()
            start = max(now, self._next_start.get(host, now))
            self._next_start[host] = start + SPACING_S
            return start - now
