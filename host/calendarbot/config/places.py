"""What a person gives as a calendar: a file, a folder, an address, or where that is kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from calendarbot.config.secrets import REFERENCE_PATTERN, is_address

if TYPE_CHECKING:
    from collections.abc import Sequence


def place_key(place: Path | str) -> str:
    """The key that it stands under in a configuration: "url" or "path"."""
    is_url = isinstance(place, str) and (is_address(place) or re.match(REFERENCE_PATTERN, place))
    return "url" if is_url else "path"


def calendar_name(place: Path | str) -> str:
    """A file's stem or an address's host, where that is harmless to show."""
    if place_key(place) == "path":
        return Path(place).stem or "calendar"
    try:
        return (urlsplit(str(place)).hostname if is_address(str(place)) else "") or "calendar"
    except ValueError:
        return "calendar"


def calendar_names(places: Sequence[Path | str]) -> list[str]:
    """A name for each, numbered when two are alike."""
    names: list[str] = []
    for place in places:
        stem = name = calendar_name(place)
        number = 2
        while name in names:
            name, number = f"{stem}-{number}", number + 1
        names.append(name)
    return names
