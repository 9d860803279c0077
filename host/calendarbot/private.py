"""Files that never overwrite, and whose mode is right from the first byte on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ONLY_MINE = 0o600
FOLDER_ONLY_MINE = 0o700


def create(path: Path, text: str, mode: int = ONLY_MINE) -> None:
    """Raises OSError; FileExistsError when there is something already."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
