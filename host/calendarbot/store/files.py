"""The few file operations a folder store is made of. Tests put one here that fails at any step.

Every method is one step that a cut of the power can come before, within or after.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Files:
    """Plain files of this machine. Raises OSError."""

    def make_folder(self, path: Path, mode: int) -> None:
        """One folder, if it is not there; the folders above it too."""
        path.mkdir(mode=mode, parents=True, exist_ok=True)

    def create(self, path: Path, mode: int) -> int:
        """A new, empty file, open to write; its descriptor."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)

    def write(self, descriptor: int, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def sync(self, descriptor: int) -> None:
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def replace(self, old: Path, new: Path) -> None:
        """Give `old` the name `new`, in place of what had it, in one step."""
        old.replace(new)

    def sync_folder(self, path: Path) -> None:
        """Make the names in a folder survive a cut of the power."""
        if sys.platform == "win32":
            return  # folders cannot be opened there
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    @contextmanager
    def locked(self, path: Path) -> Iterator[None]:
        """Wait until no other process holds this lock; it ends with its process, however that ends."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if sys.platform != "win32":  # there, two writers are not kept apart
                import fcntl

                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
