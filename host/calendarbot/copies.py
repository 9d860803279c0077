"""Last good copies of calendars, kept on this machine for when a source cannot be read.

In `$XDG_CACHE_HOME/calendarbot/calendars` (`~/.cache` without the variable), readable by their owner alone, a
folder for each calendar:

    meta.json     what was read, from where and when
    CONTENT.zip   the texts themselves, under the name of their content; stored, not compressed

Both are replaced whole, the texts first, so a copy is there or not, never half. What is damaged is not there.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import zipfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from calendarbot.private import FOLDER_ONLY_MINE, replace
from calendarbot.sources import CalendarText, Kept, SourceData

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

    from calendarbot.config import CalendarConfig

VERSION: Final = 1
UNUSED_FOR: Final = timedelta(days=90)
"""After which the copy of a calendar that nobody reads any more is removed."""

_META: Final = "meta.json"
_log = logging.getLogger(__name__)


def identity(calendar: CalendarConfig, source: str, place: str) -> str:
    """Names what is read: the same place, read in the same way. `place` may be a secret; this is not."""
    parts = (source, place, calendar.user or "", *calendar.collections, str(calendar.since))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


class Copies:
    """The copies in one folder. Never raises: a copy that cannot be kept or read is one less."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, name: str) -> Kept | None:
        try:
            return self._load(name)
        # Whatever a damaged file makes of the readers below.
        except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile):
            return None

    def _load(self, name: str) -> Kept | None:
        folder = self._folder / name
        meta = json.loads((folder / _META).read_text(encoding="utf-8"))
        if meta["version"] != VERSION:
            return None
        with zipfile.ZipFile(folder / f"{meta['content']}.zip") as texts:
            found = tuple(
                CalendarText(texts.read(str(number)), where)
                for number, where in enumerate(meta["texts"])
            )
        data = SourceData(
            found,
            meta["where"],
            title=meta["title"],
            color=meta["color"],
            left_out=tuple(meta["left_out"]),
            notes=meta["notes"],
        )
        return Kept(data, datetime.fromtimestamp(meta["checked_at"], UTC))

    def save(self, name: str, data: SourceData, checked_at: datetime) -> None:
        content = hashlib.sha256("".join(text.sha256 for text in data.texts).encode()).hexdigest()
        meta = {
            "version": VERSION,
            "content": content,
            "checked_at": checked_at.timestamp(),
            "where": data.where,
            "title": data.title,
            "color": data.color,
            "left_out": data.left_out,
            "notes": data.notes,
            "texts": [text.where for text in data.texts],
        }
        try:
            self._save(self._folder / name, f"{content}.zip", data, meta)
        except OSError as error:
            _log.warning(
                "no copies of calendars can be kept in %s: %s", self._folder, error.strerror
            )

    def _save(self, folder: Path, content: str, data: SourceData, meta: dict[str, Any]) -> None:
        folder.mkdir(mode=FOLDER_ONLY_MINE, parents=True, exist_ok=True)
        if not (folder / content).exists():
            replace(folder / content, lambda file: _write_texts(file, data))
        text = json.dumps(meta, ensure_ascii=False)
        replace(folder / _META, lambda file: file.write(text.encode()))
        for other in folder.iterdir():
            if other.name not in (content, _META):
                other.unlink(missing_ok=True)

    def forget_unused(self, now: datetime) -> None:
        """Remove what nobody has read for so long that its calendar is surely gone from here."""
        with suppress(OSError):
            for folder in self._folder.iterdir():
                written = (folder / _META).stat().st_mtime
                if now.timestamp() - written > UNUSED_FOR.total_seconds():
                    shutil.rmtree(folder, ignore_errors=True)


def _write_texts(file: IO[bytes], data: SourceData) -> None:
    with zipfile.ZipFile(file, "w") as texts:
        for number, text in enumerate(data.texts):
            texts.writestr(str(number), text.content)
