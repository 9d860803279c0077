"""Picture files that commands leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calendarbot.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path


def write_picture(file: Path, data: bytes) -> None:
    """Write it, with its folder. Raises StoreError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    except OSError as error:
        raise StoreError(f"cannot write {file}: {error.strerror}", "choose another --out") from None
