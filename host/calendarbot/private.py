"""Files for their owner alone, whose mode is right from the first byte on, and where they are kept."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import IO

ONLY_MINE = 0o600
FOLDER_ONLY_MINE = 0o700


def create(path: Path, text: str, mode: int = ONLY_MINE) -> None:
    """Raises OSError; FileExistsError when there is something already."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def replace(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """What `write` puts into a file, under this name in one step and for good. Raises OSError."""
    # mkstemp makes files that are readable by their owner alone.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def cache_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this program keeps what can be made again (XDG Base Directory Specification, which has relative
    paths ignored). Raises RuntimeError where there is no home."""
    base = Path(environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / "calendarbot"
