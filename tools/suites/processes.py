"""The processes that a run starts: what they inherit, and those that it did not end (Linux: /proc)."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MEASURING = ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")
"""How coverage follows into the processes that a test starts."""
_EVERY_S = 0.1
_OURS = b"multiprocessing.resource_tracker"
"""Python's own, one a process, which ends with it."""


def marked(variable: str, mark: str) -> list[str]:
    """`PID command` of every other process in whose environment `variable` has `mark`."""
    wanted, found = mark.encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) == os.getpid():
            continue
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes()
        except OSError:  # it has ended, or is another user's
            continue
        has = any(
            line.startswith(variable.encode() + b"=") and wanted in line for line in environment
        )
        if has and command and _OURS not in command:
            text = command.replace(b"\0", b" ").decode(errors="replace").strip()
            found.append(f"{folder.name} {text[:300]}")
    return sorted(found)


def wait_for_end(running: Callable[[], list[str]], patience_s: float) -> list[str]:
    """What still runs after `patience_s`; at once when nothing does."""
    until = time.monotonic() + patience_s
    while (left := running()) and time.monotonic() < until:
        time.sleep(_EVERY_S)
    return left
