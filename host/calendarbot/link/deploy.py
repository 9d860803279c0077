"""The application's files on a board: changed ones only, each whole or not at all, verified."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from posixpath import dirname
from typing import TYPE_CHECKING, Final

from calendarbot.errors import DeviceError
from inkframe.slots import RECORD, own_application

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from calendarbot.link.connection import Connection
    from calendarbot.progress import Progress

_NEW: Final = ".new"

_HASHES: Final = """
import hashlib, binascii
def _sha256(path):
    h = hashlib.sha256()
    b = bytearray(512)
    try:
        with open(path, "rb") as f:
            while True:
                n = f.readinto(b)
                if not n:
                    break
                h.update(memoryview(b)[:n])
    except OSError:
        return None
    return binascii.hexlify(h.digest()).decode()
for _path in {paths!r}:
    print(repr((_path, _sha256(_path))))
"""
_MKDIR: Final = """
import os
for _path in {folders!r}:
    try:
        os.mkdir(_path)
    except OSError:
        pass
"""
_RENAME: Final = """
import os
os.rename({new!r}, {path!r})
"""

_ACTIVE: Final = f"""
try:
    with open({RECORD!r}, "rb") as f:
        print(f.read(2)[1])
except (OSError, IndexError):
    pass
"""


@dataclass(frozen=True, slots=True)
class Deployed:
    """Paths on the device."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]


def changed_files(connection: Connection, files: Mapping[str, bytes]) -> list[str]:
    """Those whose content on the board differs, or that are not there; in the order given."""
    held = _hashes(connection, files)
    return [path for path, content in files.items() if held[path] != _sha256(content)]


def deploy(connection: Connection, files: Mapping[str, bytes], progress: Progress) -> Deployed:
    """Write what differs. A file is written beside the old one, verified, then renamed over it: a cable
    pulled at any moment leaves every file old or new. DeviceError when the board holds something else after.
    """
    changed = changed_files(connection, files)
    connection.run(_MKDIR.format(folders=_folders(changed)))
    total = sum(len(files[path]) for path in changed)
    done = 0
    for path in changed:
        progress(f"copying {path}", done, total)
        _replace(connection, path, files[path])
        done += len(files[path])
    progress("copied", done, total)
    return Deployed(tuple(changed), tuple(path for path in files if path not in set(changed)))


def run_own(connection: Connection, version: int, *, changed: bool) -> None:
    """Have the board run its own application, the one deployed, and not an update it took before.

    `changed`: whether it is another one now, of that version. DeviceError.
    """
    if changed or connection.run(_ACTIVE).strip() not in ("", "0"):
        _replace(connection, RECORD, own_application(version))


def _replace(connection: Connection, path: str, content: bytes) -> None:
    connection.write_file(path + _NEW, content)
    if _hashes(connection, [path + _NEW])[path + _NEW] != _sha256(content):
        raise DeviceError(
            f"{path}: what the board holds is not what was sent; the old file stays",
            "its flash may be full or worn: try again, or `host flash` the board anew",
        )
    connection.run(_RENAME.format(new=path + _NEW, path=path))


def _hashes(connection: Connection, paths: Iterable[str]) -> dict[str, str | None]:
    printed = connection.run(_HASHES.format(paths=tuple(paths)))
    try:
        return dict(ast.literal_eval(line) for line in printed.split("\n") if line.strip())
    except (SyntaxError, ValueError):
        raise DeviceError(f"{connection.port}: the board's answer makes no sense") from None


def _folders(paths: Iterable[str]) -> tuple[str, ...]:
    """All folders above, parents first."""
    found = set()
    for path in paths:
        folder = dirname(path)
        while folder:
            found.add(folder)
            folder = dirname(folder)
    return tuple(sorted(found))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
