"""A littlefs image of a board's file system, as MicroPython's ports mount it."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING, Final

from calendarbot.boards import SECTOR_BYTES
from calendarbot.device_extra import device_extra
from calendarbot.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Mapping

_DISK_VERSION: Final = 0x0002_0000
"""littlefs 2.0, which every MicroPython with littlefs 2 reads; 2.1 needs one of 2023 or later."""


def littlefs_image(files: Mapping[str, bytes], size_bytes: int) -> bytes:
    """All of a partition of `size_bytes`. The superblock says how many blocks there are, so it must fit
    exactly. DeviceError when the files do not.
    """
    with device_extra():
        from littlefs import LittleFS, LittleFSError
    fs = LittleFS(
        mount=False,
        block_size=SECTOR_BYTES,
        block_count=size_bytes // SECTOR_BYTES,
        disk_version=_DISK_VERSION,
    )
    try:
        fs.format()
        fs.mount()
        for path, content in files.items():
            if dirname(path):
                fs.makedirs(dirname(path), exist_ok=True)
            with fs.open(path, "wb") as file:
                file.write(content)
        fs.unmount()
    except LittleFSError as error:
        raise DeviceError(f"the file system of {size_bytes:,} bytes: {error}") from None
    return bytes(fs.context.buffer)
