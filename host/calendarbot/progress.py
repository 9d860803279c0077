"""How slow work on a board tells how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told what is being done, and how far: bytes of bytes, 0 of 0 where that is not known."""

    def __call__(self, doing: str, done: int, total: int) -> None: ...
