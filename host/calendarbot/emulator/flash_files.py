"""Files on an emulated flash chip: littlefs as MicroPython's rp2 port mounts it."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from calendarbot.emulator.nor_flash import PAGE_BYTES, SECTOR_BYTES, do, erase, programs
from calendarbot.emulator.pico import optional
from calendarbot.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calendarbot.emulator.nor_flash import Operation

_READ_BYTES: Final = 32
_CACHE_BYTES: Final = 4 * PAGE_BYTES
_LOOKAHEAD_BYTES: Final = 32
"""What os.VfsLfs2 asks littlefs for with `progsize=256` (MicroPython: extmod/vfs_lfsx.c, rp2's _boot.py)."""


class FlashFiles:
    """As `inkframe.memory.Memory` and `inkframe.slots.Slots` want files.

    `flash` is changed in place; `heard` is told each operation.

    DeviceError when there is no file system on it: a board would make a new one, and lose all it held.
    """

    def __init__(
        self, flash: bytearray, heard: Callable[[Operation], None] = lambda _: None
    ) -> None:
        self.flash = flash
        littlefs = optional("littlefs")
        self._error = littlefs.LittleFSError
        self._fs = littlefs.LittleFS(
            context=_Chip(flash, heard),
            mount=False,
            block_size=SECTOR_BYTES,
            block_count=len(flash) // SECTOR_BYTES,
            prog_size=PAGE_BYTES,
            read_size=_READ_BYTES,
            cache_size=_CACHE_BYTES,
            lookahead_size=_LOOKAHEAD_BYTES,
        )
        try:
            self._fs.mount()
        except self._error as error:
            raise DeviceError(f"the file system does not mount: {error}") from None

    def open(self, path: str, mode: str) -> _File:
        with self._errors():
            return _File(self._fs.open(path, mode), self._errors)

    def rename(self, old: str, new: str) -> None:
        with self._errors():
            self._fs.rename(old, new)

    def remove(self, path: str) -> None:
        with self._errors():
            self._fs.remove(path)

    def mkdir(self, path: str) -> None:
        with self._errors():
            self._fs.mkdir(path)

    def listdir(self, path: str) -> list[str]:
        with self._errors():
            return list(self._fs.listdir(path))

    def content(self) -> dict[str, bytes]:
        """Every file, by path. OSError when one cannot be read."""
        found = {}
        with self._errors():
            for folder, _, names in self._fs.walk("/"):
                for name in names:
                    path = f"{folder}/{name}".lstrip("/")
                    found[path] = self.read(path)
        return found

    def read(self, path: str) -> bytes:
        with self.open(path, "rb") as file:
            return file.read()

    def write(self, path: str, data: bytes) -> None:
        with self.open(path, "wb") as file:
            file.write(data)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """littlefs's errors as MicroPython raises them."""
        try:
            yield
        except self._error as error:
            number = errno.EIO if error.code == self._error.Error.LFS_ERR_CORRUPT else -error.code
            raise OSError(number, str(error)) from None


class _File:
    """A file of littlefs whose errors are OSErrors."""

    def __init__(self, file: Any, errors: Any) -> None:
        self._file = file
        self._errors = errors

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, size: int = -1) -> bytes:
        with self._errors():
            return bytes(self._file.read(size))

    def readinto(self, buffer: bytearray | memoryview) -> int:
        with self._errors():
            return int(self._file.readinto(buffer))

    def write(self, data: bytes | bytearray | memoryview) -> int:
        with self._errors():
            return int(self._file.write(data))

    def seek(self, offset: int, whence: int = 0) -> int:
        with self._errors():
            return int(self._file.seek(offset, whence))

    def close(self) -> None:
        with self._errors():
            self._file.close()


class _Chip:
    """What littlefs-python asks of a block device: its UserContext."""

    def __init__(self, flash: bytearray, heard: Callable[[Operation], None]) -> None:
        self.buffer = flash
        self._heard = heard

    def read(self, config: Any, block: int, offset: int, size: int) -> bytearray:
        begin = block * config.block_size + offset
        return self.buffer[begin : begin + size]

    def prog(self, config: Any, block: int, offset: int, data: bytes) -> int:
        for operation in programs(block * config.block_size + offset, bytes(data)):
            self._heard(operation)
            do(self.buffer, operation)
        return 0

    def erase(self, config: Any, block: int) -> int:
        operation = erase(block * config.block_size)
        self._heard(operation)
        do(self.buffer, operation)
        return 0

    def sync(self, _config: Any) -> int:
        return 0
