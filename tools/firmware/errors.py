"""Why there is no image, in one line, and what would help in another."""

from __future__ import annotations


class FirmwareError(Exception):
    """`hint` is what to try; it may be empty."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.message = message
        self.hint = hint
