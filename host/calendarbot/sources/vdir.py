"""Calendars in a vdir, the folders that vdirsyncer and khal keep: one item a file.

https://vdirsyncer.pimutils.org/en/stable/vdir.html: a collection is a folder whose `.ics` files hold one item
each (with its overrides), with its name in the file `displayname` and its colour, "#RRGGBB", in `color`. A
file that ends in `.tmp` is being written. `path` names one collection, or the folder of several.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from calendarbot.errors import SourceError, nearest
from calendarbot.sources import CalendarText, SourceData
from calendarbot.sources._local import path_of, read_texts
from calendarbot.sources.ics_folder import files_of

if TYPE_CHECKING:
    from pathlib import Path

    from calendarbot.config import CalendarConfig
    from calendarbot.sources import Given

_LONGEST_NAME: Final = 200
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")


def read(calendar: CalendarConfig, given: Given) -> SourceData:
    """All items of the collections. Raises SourceError for a folder or a collection that is not there."""
    root = path_of(calendar, given.base_dir)
    collections = _chosen(calendar, root)
    texts: list[CalendarText] = []
    left_out: list[str] = []
    for collection in collections:
        found, unread = read_texts(files_of(collection), collection)
        texts += found
        left_out += unread
    only = collections[0] if len(collections) == 1 else None
    return SourceData(
        tuple(texts),
        str(root),
        title=_line(only / "displayname") if only else "",
        color=_color(only / "color") if only else "",
        left_out=tuple(left_out),
    )


def watched(calendar: CalendarConfig, base_dir: Path) -> list[Path]:
    root = path_of(calendar, base_dir)
    try:
        collections = _chosen(calendar, root)
        return [root, *collections, *(path for folder in collections for path in files_of(folder))]
    except SourceError:
        return [root]


def _chosen(calendar: CalendarConfig, root: Path) -> list[Path]:
    """The collections: the folder itself when it holds items, else its subfolders."""
    if files_of(root) and not calendar.collections:
        return [root]
    folders = sorted(
        path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")
    )
    if not calendar.collections:
        return folders or [root]
    by_name = {_line(folder / "displayname"): folder for folder in folders}
    by_name |= {folder.name: folder for folder in folders}
    by_name.pop("", None)
    for name in calendar.collections:
        if name not in by_name:
            raise SourceError(f"{root}: there is no collection {name!r}", nearest(name, by_name))
    return [by_name[name] for name in calendar.collections]


def _color(path: Path) -> str:
    found = _COLOR.match(_line(path))
    return found[0].lower() if found else ""


def _line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return " ".join(file.read(_LONGEST_NAME).split())
    except (OSError, UnicodeDecodeError):
        return ""
