"""MicroPython's sources with the libraries it wants, and mpy-cross, by the packages' versions.

Fetched by apt under a configuration of its own: it knows one release, keeps its lists here and has no idea
what is installed. So a machine that runs another release is not touched.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tools.firmware.cache import CACHE, digest, new_folder
from tools.firmware.commands import run
from tools.firmware.errors import FirmwareError
from tools.firmware.toolchains import PACKAGES, PACKAGES_FILE, require

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG = CACHE / "logs" / "sources.log"


def sources_key() -> str:
    pinned = {key: PACKAGES[key] for key in ("release", "source", "binary", "links")}
    return digest([], str(pinned))


def sources(progress: Callable[[str], None]) -> Path:
    """MicroPython's folder, with mpy-cross built in it. FirmwareError."""
    folder = CACHE / f"sources-{sources_key()}"
    micropython = folder / "micropython"
    if (folder / "complete").exists():
        return micropython
    require(("host",), progress)
    unpacked = new_folder(folder / "packages")
    _unpack(_download(progress), unpacked)
    _arrange(unpacked, micropython)
    progress("compiling mpy-cross …")
    run(["make", "-C", "mpy-cross", "-j2"], _LOG, micropython, fixed_version())
    (folder / "complete").touch()
    for other in CACHE.glob("sources-*"):
        if other != folder:
            shutil.rmtree(other)
    return micropython


def fixed_version() -> dict[str, str]:
    """Environment that makes an image say which MicroPython it is, not which commit of this project."""
    version = PACKAGES["source"]["micropython"].partition("+")[0]
    return {"MICROPY_GIT_TAG": f"v{version}", "SOURCE_DATE_EPOCH": "1744675200"}


def _download(progress: Callable[[str], None]) -> Path:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise FirmwareError(
            "the sources come from Debian, and there is no apt-get here",
            "build the images on Debian or in a container of it",
        )
    if not Path(PACKAGES["keyring"]).exists():
        raise FirmwareError(
            f"{PACKAGES['keyring']} not found", "apt install debian-archive-keyring"
        )
    folder = new_folder(CACHE / "download")
    options = _own_apt(new_folder(CACHE / "apt"))
    progress(f"fetching the sources of {', '.join(PACKAGES['source'])} from Debian …")
    try:
        run(["apt-get", *options, "update"], _LOG)
        run(["apt-get", *options, "source", "--download-only", *_pinned("source")], _LOG, folder)
        run(["apt-get", *options, "download", *_pinned("binary")], _LOG, folder)
    except FirmwareError as error:
        raise FirmwareError(
            f"cannot fetch the pinned sources ({PACKAGES_FILE.name}): {error.message}", error.hint
        ) from None
    finally:
        shutil.rmtree(CACHE / "apt")
    return folder


def _pinned(kind: str) -> list[str]:
    return [f"{name}={version}" for name, version in PACKAGES[kind].items()]


def _own_apt(folder: Path) -> list[str]:
    etc, state = folder / "etc", folder / "state"
    for place in (etc / "preferences.d", state / "lists" / "partial", folder / "cache"):
        place.mkdir(parents=True)
    (etc / "sources.list").write_text(
        "".join(
            f"{kind} [signed-by={PACKAGES['keyring']}] {PACKAGES['mirror']} {PACKAGES['release']} main\n"
            for kind in ("deb", "deb-src")
        )
    )
    settings = {
        "Dir::Etc": etc,
        "Dir::Etc::SourceList": etc / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State": state,
        "Dir::State::Lists": state / "lists",
        "Dir::State::status": "/dev/null",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",
    }
    return [f"-o{key}={value}" for key, value in settings.items()]


def _unpack(downloaded: Path, into: Path) -> None:
    for archive in sorted(downloaded.glob("*.orig.tar.*")):
        run(["tar", "--extract", "--file", str(archive), "--directory", str(into)], _LOG)
    for package in sorted(downloaded.glob("*.deb")):
        run(["dpkg-deb", "--extract", str(package), str(into)], _LOG)
    shutil.rmtree(downloaded)


def _arrange(unpacked: Path, micropython: Path) -> None:
    """Debian's tarball has empty folders where other projects' sources go."""
    found = next(unpacked.glob("micropython-*"))
    shutil.rmtree(micropython, ignore_errors=True)
    found.rename(micropython)
    for name, pattern in PACKAGES["links"].items():
        link = micropython / "lib" / name
        link.rmdir()
        # Relative: a cache may be copied to another checkout.
        link.symlink_to(os.path.relpath(next(unpacked.glob(pattern)), link.parent))
    # Its build looks for this file to know that the libraries are there.
    (micropython / "lib" / "micropython-lib" / "README.md").touch()
