"""An image for a target: looked up by content, or built."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calendarbot.emulator.pico import firmware_digest
from tools.firmware.cache import CACHE, digest, locked, new_folder, prune
from tools.firmware.errors import FirmwareError
from tools.firmware.sources import sources, sources_key
from tools.firmware.targets import FIRMWARE, TARGETS, Build
from tools.firmware.toolchains import require

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tools.firmware.targets import Target

IMAGES = CACHE / "images"
LATEST = IMAGES / "latest"


@dataclass(frozen=True, slots=True)
class Image:
    """A finished image: the file to run or to flash, and how long it took (0: it was there)."""

    target: str
    path: Path
    seconds: float

    @property
    def elf(self) -> Path:
        return self.path.with_suffix(".elf")


def quiet(_: str) -> None:
    pass


def image(name: str, progress: Callable[[str], None] = quiet, *, to_run: bool = False) -> Image:
    """The image for target `name`, built if it has to be. `progress` takes lines. FirmwareError.

    `to_run` makes sure of the emulator, too.
    """
    target = TARGETS.get(name)
    if target is None:
        raise FirmwareError(f"unknown target {name!r}", f"known: {', '.join(TARGETS)}")
    with locked():
        began = time.monotonic()
        folder = IMAGES / f"{name}-{_key(target)}"
        seconds = 0.0
        if to_run:
            require(target.emulator_tools, progress)
        if not (folder / target.output).exists():
            _build(target, folder, progress)
            seconds = time.monotonic() - began
        folder.touch()
        _point_latest(name, folder)
        prune(IMAGES, name)
        return Image(name, folder / target.output, seconds)


def _key(target: Target) -> str:
    return digest({*target.frozen(), *target.recipe()}, target.name)


def _build(target: Target, folder: Path, progress: Callable[[str], None]) -> None:
    require(("host", *target.tools), progress)
    micropython = sources(progress)
    progress(f"compiling MicroPython for {target.name} …")
    log = CACHE / "logs" / f"{target.name}.log"
    log.unlink(missing_ok=True)
    work = _work_folder(target)
    result = new_folder(folder.with_name(folder.name + ".new"))
    target.build(Build(micropython, work, result, log))
    # What the application was when this was frozen, for whoever runs the image later.
    (result / "firmware.digest").write_text(firmware_digest(FIRMWARE))
    result.rename(folder)


def _work_folder(target: Target) -> Path:
    """Where earlier builds left their objects. It fits one state of the sources and of how they are built.

    What is frozen in is compiled anew each time: make goes by the time of a file, and a file that was
    brought back from elsewhere may be older than what was made of another.
    """
    folder = CACHE / "build"
    work = folder / f"{target.name}-{digest(target.recipe(), sources_key())}"
    for other in folder.glob(f"{target.name}-*"):
        if other != work:
            shutil.rmtree(other)
    work.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(work / "build" / "frozen_mpy", ignore_errors=True)
    return work


def _point_latest(name: str, folder: Path) -> None:
    """A path that stays the same, for people and programs outside: .cache/firmware/images/latest/TARGET."""
    LATEST.mkdir(parents=True, exist_ok=True)
    link, beside = LATEST / name, LATEST / f".{name}.new"
    beside.unlink(missing_ok=True)
    beside.symlink_to(os.path.relpath(folder.resolve(), LATEST.resolve()))
    beside.rename(link)
