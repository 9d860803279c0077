"""Compilers and emulators: found, installed where that may be done unasked, or named with what brings them.

As root on Debian, apt installs what is missing: such a machine is a container or a fresh test machine. No one
else's machine is changed.
"""

from __future__ import annotations

import os
import shutil
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.firmware.cache import CACHE
from tools.firmware.commands import run
from tools.firmware.errors import FirmwareError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PACKAGES_FILE = Path(__file__).with_name("packages.toml")
PACKAGES: dict[str, Any] = tomllib.loads(PACKAGES_FILE.read_text())


def require(tools: Iterable[str], progress: Callable[[str], None]) -> None:
    """Make sure of the groups of tools named in packages.toml. FirmwareError when one cannot be had."""
    missing: dict[str, list[str]] = {
        command: packages
        for group in tools
        for command, packages in PACKAGES["tools"][group].items()
        if not shutil.which(command)
    }
    if not missing:
        return
    wanted = [package for packages in missing.values() for package in packages]
    if not may_install():
        raise FirmwareError(
            f"{', '.join(missing)} not found", f"on Debian: sudo apt install {' '.join(wanted)}"
        )
    progress(f"installing {' '.join(wanted)} …")
    log = CACHE / "logs" / "apt.log"
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update"], log, None, quiet)
    run(["apt-get", "install", "--yes", "--no-install-recommends", *wanted], log, None, quiet)


def may_install() -> bool:
    on_debian = Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None
    return on_debian and os.geteuid() == 0
