"""Where things are kept, named by what went into them, and one builder at a time."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "firmware"
_KEPT_IMAGES = 6


@contextmanager
def locked() -> Iterator[None]:
    """Keeps builders apart: test processes ask for the same image at the same moment."""
    CACHE.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(CACHE / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def digest(files: Iterable[Path], *texts: str) -> str:
    """16 hexadecimal digits over names (relative to the checkout), contents and `texts`."""
    whole = hashlib.sha256()
    for text in texts:
        whole.update(text.encode() + b"\0")
    for file in sorted(files):
        content = file.read_bytes()
        whole.update(f"{file.relative_to(ROOT)}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()[:16]


def new_folder(folder: Path) -> Path:
    """`folder`, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def prune(folder: Path, prefix: str) -> None:
    """Remove all but the newest images of a target."""
    found = sorted(folder.glob(f"{prefix}-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in found[_KEPT_IMAGES:]:
        shutil.rmtree(old)
