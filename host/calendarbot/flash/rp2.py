"""MicroPython on an RP2 board: its boot ROM shows a drive (BOOTSEL); a UF2 file copied there is flashed."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from calendarbot.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendarbot.boards import Board
    from calendarbot.progress import Progress

_INFO: Final = "INFO_UF2.TXT"
_BOARD_IDS: Final = {"rp2040": "RPI-RP2", "rp2350": "RP2350"}
"""Board-ID in INFO_UF2.TXT: RP2040 datasheet, section "UF2 format details"; likewise RP2350's."""
_MOUNTED_IN: Final = ("/media/*/*", "/run/media/*/*", "/media/*", "/mnt/*", "/Volumes/*")
_CHUNK_BYTES: Final = 32 * 1024
_GONE: Final = {errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOENT}
_HOW: Final = (
    "hold BOOTSEL while plugging the board in; it shows as a drive named RPI-RP2, "
    "which must be mounted (or say --drive FOLDER)"
)


def mounted_drives() -> list[Path]:
    """Folders that may be drives, on Linux, macOS and Windows."""
    found = [path for pattern in _MOUNTED_IN for path in Path("/").glob(pattern[1:])]
    if os.name == "nt":
        found += [Path(f"{letter}:/") for letter in "DEFGHIJKLMNOPQRSTUVWXYZ"]
    return found


def find_drive(board: Board, drives: Iterable[Path]) -> Path:
    """The one drive of a board in BOOTSEL mode. DeviceError when there is none, several, or another's."""
    found = {drive: text for drive in drives if (text := _info(drive))}
    wanted = _BOARD_IDS[board.chip]
    matching = [drive for drive, text in found.items() if f"Board-ID: {wanted}" in text]
    if len(matching) > 1:
        listed = ", ".join(str(drive) for drive in matching)
        raise DeviceError(f"several boards are in BOOTSEL mode: {listed}", "say --drive FOLDER")
    if matching:
        return matching[0]
    if found:
        other = next(iter(found))
        raise DeviceError(
            f"the board at {other} is no {board.chip}; nothing was changed",
            "`host boards` lists the boards with their chips",
        )
    raise DeviceError(f"found no {board.name} in BOOTSEL mode", _HOW)


def _info(drive: Path) -> str:
    try:
        return (drive / _INFO).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def copy_uf2(uf2: bytes, drive: Path, progress: Progress) -> None:
    """Copy the file; the board restarts with the last block. DeviceError says what state it is in."""
    try:
        descriptor = os.open(drive / "firmware.uf2", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    except OSError as error:
        raise DeviceError(f"{drive}: {error.strerror}; nothing was changed", _HOW) from None
    done = 0
    try:
        while done < len(uf2):
            done += os.write(descriptor, uf2[done : done + _CHUNK_BYTES])
            progress("writing MicroPython", done, len(uf2))
        os.fsync(descriptor)
    except OSError as error:
        if done < len(uf2) or error.errno not in _GONE:
            raise DeviceError(
                f"{drive}: {error.strerror} after {done:,} of {len(uf2):,} bytes; MicroPython is not "
                "whole: the board does not start, and is not damaged",
                "unplug it, hold BOOTSEL while plugging it in, and run the same command again",
            ) from None
        # The drive goes with its last block, often before it has answered: that is success.
    finally:
        with suppress(OSError):  # the drive may be gone; what had to arrive was synced above
            os.close(descriptor)
