"""A parsed calendar on disk, asked for a window: a calendar is parsed when its bytes change.

One file per content, named after a hash of the calendar's bytes and of everything its parsing depends
on, so a file is never updated: it is written aside and moved into place, and two processes do not
meet. A file is a SQLite database with a checksum behind it; one that is damaged is made anew. The
folder is the user's alone, since calendars are private. Without a folder to write to, a calendar is
parsed every time, and a line in the log says so.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import mmap
import os
import sqlite3
import time
import zlib
from typing import TYPE_CHECKING, Final

from tzdata import IANA_VERSION  # type: ignore[import-untyped]  # it ships no types

from calendarbot.events.records import packed, unpacked
from calendarbot.events.vtimezone import Transition
from calendarbot.events.zones import OwnZone
from calendarbot.private import FOLDER_ONLY_MINE, cache_dir, replace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from calendarbot.events.parsing import Parsed
    from calendarbot.events.records import Event
    from calendarbot.events.series import Window
    from calendarbot.events.texts import Text

ENGINE: Final = 3
"""Raised with every change of what is kept or how it is read: older files are then not found."""

KEPT_S: Final = 30 * 24 * 3600
MOST_KEPT: Final = 2000

_CHECKSUM_BYTES: Final = 4
_TOUCHED_AFTER_S: Final = 24 * 3600
_OTHERS_WRITE: Final = 0o022
_SCHEMA: Final = """
    CREATE TABLE zone (name TEXT NOT NULL, transitions TEXT NOT NULL);
    CREATE TABLE left_out (line TEXT NOT NULL);
    CREATE TABLE happening (last_s INTEGER NOT NULL, first_s INTEGER NOT NULL, events TEXT NOT NULL);
"""
_INDEX: Final = "CREATE INDEX by_time ON happening (last_s, first_s)"

_log = logging.getLogger(__name__)


class Index:
    """The events of one calendar, by the time in which they can be."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self.zones = [
            OwnZone(name, [Transition(*pair) for pair in json.loads(transitions)])
            for name, transitions in database.execute("SELECT name, transitions FROM zone")
        ]
        self.left_out = [line for (line,) in database.execute("SELECT line FROM left_out")]

    def groups(self, window: Window) -> Sequence[Sequence[Event]]:
        """The events of every UID that may touch the window, in the order of the file."""
        rows = self._database.execute(
            "SELECT events FROM happening WHERE last_s >= ? AND first_s < ? ORDER BY rowid",
            (window.start_s, window.end_s),
        )
        # All at once: quicker than one by one, and they are fewer than were parsed at once.
        return unpacked(text for (text,) in rows)

    def close(self) -> None:
        self._database.close()


def open_index(texts: Sequence[Text], folder: Path | None = None) -> Index:
    """The index of a calendar that is read from these texts, out of `folder` or made now.

    Raises SourceError as `parse` does.
    """
    with contextlib.suppress(RuntimeError):  # there is no home
        folder = folder or cache_dir()
    path = folder / "events" / f"{_name(texts)}.index" if folder else None
    found = _load(path) if path else None
    if found:
        return found
    from calendarbot.events.parsing import parse

    image = _image(parse(texts))
    if path:
        _store(path, image)
    database = sqlite3.connect(":memory:")
    database.deserialize(image)
    return Index(database)


def _name(texts: Sequence[Text]) -> str:
    """Of the texts and of what decides how they are read."""
    name = hashlib.sha256(f"{ENGINE} {IANA_VERSION}".encode())
    for text in texts:
        name.update(b"%d %s\n" % (len(text.content), text.where.encode(errors="replace")))
        name.update(text.content)
    return name.hexdigest()


def _image(parsed: Parsed) -> bytes:
    database = sqlite3.connect(":memory:")
    database.executescript(_SCHEMA)
    database.executemany(
        "INSERT INTO zone VALUES (?, ?)",
        ((zone.name, json.dumps(zone.transitions)) for zone in parsed.zones),
    )
    database.executemany("INSERT INTO left_out VALUES (?)", ((line,) for line in parsed.left_out))
    database.executemany(
        "INSERT INTO happening VALUES (?, ?, ?)",
        ((group.last_s, group.first_s, packed(group.events)) for group in parsed.groups),
    )
    database.execute(_INDEX)
    database.commit()
    image = database.serialize()
    database.close()
    return image


def _load(path: Path) -> Index | None:
    """What the file holds; None when there is none, or none to be trusted."""
    try:
        if not _is_mine_alone(path.parent):
            return None
        if not _is_whole(path):
            _log.warning("a damaged calendar index is made anew: %s", path)
            return None
        # Read where it lies: a window needs few of its pages.
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        index = Index(sqlite3.connect(address, uri=True))
        if time.time() - path.stat().st_mtime > _TOUCHED_AFTER_S:
            os.utime(path)  # it is used, so it is kept
    except FileNotFoundError:
        return None
    except (OSError, sqlite3.Error, ValueError, TypeError):
        _log.warning("a calendar index that cannot be read is made anew: %s", path)
        return None
    return index


def _is_whole(path: Path) -> bool:
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        memoryview(content) as whole,
        whole[:-_CHECKSUM_BYTES] as image,
    ):
        return whole[-_CHECKSUM_BYTES:] == _checksum(image)


def _checksum(image: bytes | memoryview) -> bytes:
    # Nobody else can write there, and the calendar's own hash is the file's name.
    return zlib.crc32(image).to_bytes(_CHECKSUM_BYTES, "big")


def _is_mine_alone(folder: Path) -> bool:
    """Whether nobody else can have put something there."""
    status = folder.stat()
    return status.st_uid == os.geteuid() and not status.st_mode & _OTHERS_WRITE


def _store(path: Path, image: bytes) -> None:
    try:
        path.parent.mkdir(mode=FOLDER_ONLY_MINE, parents=True, exist_ok=True)
        if not _is_mine_alone(path.parent):
            raise PermissionError(0, "others can write there")
        replace(path, lambda file: file.writelines((image, _checksum(image))))
        _prune(path)
    except OSError as error:
        _log.warning("calendars are parsed every time: %s: %s", path.parent, error.strerror)


def _prune(just_written: Path) -> None:
    """Remove what has not been used for long, or is too much; the newest stays."""
    files = []
    for file in just_written.parent.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process removes, too
            files.append((file.stat().st_mtime, file))
    files.sort(reverse=True)
    oldest = time.time() - KEPT_S
    for position, (modified, file) in enumerate(files):
        if file != just_written and (position >= MOST_KEPT or modified < oldest):
            file.unlink(missing_ok=True)
