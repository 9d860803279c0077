"""The parts a device cycle is handed, as types. For readers and type checkers; never on a device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Bytes = bytes | bytearray | memoryview


class Source(Protocol):
    def readinto(self, buffer: memoryview, /) -> int | None: ...


class Sink(Protocol):
    def write(self, data: Bytes, /) -> object: ...


class AnyPlace(Protocol):
    def read(self, offset: int, view: memoryview, /) -> None:
        """Fill `view` with a frame's bytes from `offset` on. StateError when they cannot be read."""
        ...


class Pixels(Protocol):
    """The bytes of a frame, wherever they are kept. StateError when they cannot be read."""

    length: int

    def pieces(self, begin: int, end: int, /) -> Iterator[memoryview]:
        """The bytes from `begin` to before `end`, in order; each piece good until the next is asked for."""
        ...


class Digest(Protocol):
    def update(self, data: Bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class Spi(Protocol):
    def write(self, data: Bytes, /) -> object: ...


class Pin(Protocol):
    def __call__(self, level: int = ..., /) -> int | None: ...


class File(Protocol):
    """A binary file, as far as both runtimes agree."""

    def __enter__(self) -> File: ...
    def __exit__(self, *error: object) -> bool | None: ...
    def read(self, size: int = ..., /) -> bytes: ...
    def readinto(self, buffer: bytearray | memoryview, /) -> int | None: ...
    def write(self, data: Bytes, /) -> object: ...
    def seek(self, offset: int, whence: int = ..., /) -> int: ...
    def close(self) -> None: ...


class Files(Protocol):
    """Where a device keeps its files; tests put one here whose power fails."""

    def open(self, path: str, mode: str, /) -> File: ...
    def rename(self, old: str, new: str, /) -> None: ...
    def remove(self, path: str, /) -> None: ...


class Tree(Files, Protocol):
    """The same with folders: where an update's files go."""

    def mkdir(self, path: str, /) -> None: ...
    def listdir(self, path: str, /) -> list[str]: ...


class Clock(Protocol):
    def now(self) -> int:
        """Epoch seconds; 0 when the clock was never set."""
        ...

    def set(self, seconds: int, /) -> None: ...


class Panel(Protocol):
    width_px: int
    height_px: int
    bpp: int
    planes: int
    palette: tuple[tuple[int, int, int], ...]
    rotation: int
    refresh_ms: tuple[int, int, int]
    most_quick_refreshes: int
    busy_level: int

    def show(
        self,
        new: Pixels,
        held: Pixels | None,
        refresh: int,
        window: tuple[int, int, int, int],
        /,
    ) -> None: ...


class Response(Protocol):
    """What came back: `size` bytes of a bundle to read, or `unchanged`."""

    unchanged: bool
    size: int
    etag: bytes
    clock: str
    """The Ink-Clock header: "seconds.ask_at.tag", or empty."""
    date: int
    """The Date header in epoch seconds, or 0. Not authenticated."""
    update: str
    """The Ink-Update header, or empty: see `inkframe.update`."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...
    def close(self) -> None: ...


class Transport(Protocol):
    def fetch(self, request: Request, /) -> Response:
        """Raises TransportError. Whatever radio it needs is on from here until close()."""
        ...


class Changing(Transport, Protocol):
    """A transport that also hears of changes of the configuration; see `inkframe.change`."""

    @property
    def change(self) -> int:
        """The number of the newest one, by the last reply; 0 for none."""
        ...


class Request(Protocol):
    """What goes up in the one request of a wake."""

    display: str
    file: str
    """What is asked for: "bundle.ink"."""
    etag: bytes
    held: bytes
    nonce: bytes
    status: str
    tag: bytes

    def note(self, pair: str, /) -> None:
        """Add "key=value" to the status, authenticated like the rest of it."""
        ...


class Radio(Protocol):
    def on(self) -> None:
        """Raises TransportError when there is no connection to be had."""
        ...

    def off(self) -> None: ...


Network: TypeAlias = tuple[str, int, bool]
"""A Wi-Fi network: its name, how strong it is in dBm, whether it takes a password."""


class AccessPoint(Protocol):
    """A device's own Wi-Fi network, from which it looks at others and tries one out."""

    def networks(self) -> list[Network]:
        """What is in reach, the strongest first."""
        ...

    def join(self, name: str, password: str, /) -> None:
        """Be in that network for a moment. TransportError, with the reason, when that cannot be done."""
        ...


class Image(Protocol):
    """Where a full image of the firmware goes: see `inkframe.image`."""

    def write(self, source: Source, length: int, sha256: bytes, /) -> int: ...
    def start_next(self) -> None: ...
    def confirm(self) -> None: ...


class Partition(Protocol):
    """As much of MicroPython's esp32.Partition as an update needs."""

    def info(self) -> tuple[int, int, int, int, str, bool]: ...
    def get_next_update(self) -> Partition: ...
    def ioctl(self, command: int, argument: int, /) -> int | None: ...
    def readblocks(self, block: int, buffer: memoryview, offset: int = ..., /) -> object: ...
    def writeblocks(self, block: int, buffer: memoryview, offset: int = ..., /) -> object: ...
    def set_boot(self) -> None: ...


class Cable(Protocol):
    """A serial link. `on` and `off` stand around one exchange, as with a radio."""

    def on(self) -> None: ...
    def off(self) -> None: ...
    def write(self, data: bytes, /) -> object: ...
    def readinto(self, buffer: memoryview, timeout_ms: int, /) -> int:
        """Fill `buffer`; fewer bytes when none came for `timeout_ms`."""
        ...
