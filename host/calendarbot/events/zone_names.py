"""Which zone a TZID means: an IANA name, or one of the many other ways to say it.

RFC 5545 §3.2.19 leaves names to the program that writes them. Met in the wild: Windows names ("W.
Europe Standard Time"), what Windows shows for them ("(UTC+01:00) Amsterdam, Berlin, …"), addresses
("tzone://Microsoft/Utc"), IANA names behind a prefix ("/freeassociation.sourceforge.net/Europe/
Berlin"), in quotes or in lower case, and plain offsets ("GMT+0200").
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

_UTC_NAMES: Final = ("utc", "gmt", "z", "zulu", "coordinated universal time", "universal time")
_OFFSET: Final = re.compile(r"(?:utc|gmt)?\s*([+-])(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)
_DISPLAYED: Final = re.compile(r"\((?:utc|gmt)\s*([+-]\d{1,2}:\d{2})?\)\s*(.*)", re.IGNORECASE)
_LARGEST_OFFSET_HOURS: Final = 15
# A winter and a summer day, either side of the equator.
_OFFSET_DAYS: Final = (datetime(2024, 1, 1), datetime(2024, 7, 1))  # noqa: DTZ001  made aware there


@lru_cache(maxsize=1024)
def known_zone(name: str) -> str | None:
    """The zone that is meant, as a name that `load` takes; None when nobody knows it."""
    name = name.strip().strip('"').strip()
    if not name or len(name) > 200:
        return None
    for meaning in (_iana, _windows, _inside_path, _offset, _displayed):
        found = meaning(name)
        if found:
            return found
    return None


@lru_cache(maxsize=1024)
def load(name: str) -> tzinfo:
    """The zone of a name that `known_zone` gave. Raises KeyError when it is gone since."""
    match = _OFFSET.fullmatch(name)
    if match:
        return timezone(_offset_of(match), name)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise KeyError(name) from None


def _iana(name: str) -> str | None:
    if name.casefold() in _UTC_NAMES:
        return "UTC"
    try:
        return ZoneInfo(name).key
    # "Europe" is a folder of the database, "../x" a path out of it: OSError and ValueError.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _iana_names().get(name.casefold().replace(" ", "_"))


@lru_cache(maxsize=1)
def _iana_names() -> Mapping[str, str]:
    try:
        names = files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
    except (ImportError, OSError):
        names = sorted(available_timezones())
    return {name.casefold(): name for name in names}


@lru_cache(maxsize=1)
def _windows_names() -> Mapping[str, str]:
    # Few calendars have such a name, and none that is parsed already.
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}


def _windows(name: str) -> str | None:
    """A key of Windows' registry, by CLDR's windowsZones."""
    found = _windows_names().get(name.casefold().replace(" daylight ", " standard "))
    return "UTC" if found == "Etc/UTC" else found


def _inside_path(name: str) -> str | None:
    """The end of a path: IANA names have up to three parts."""
    parts = name.split("/")
    for count in (3, 2, 1):
        if len(parts) > count:
            end = "/".join(parts[-count:])
            found = _iana(end) or _windows(end)
            if found:
                return found
    return None


def _offset(name: str) -> str | None:
    match = _OFFSET.fullmatch(name)
    if not match or int(match[2]) > _LARGEST_OFFSET_HOURS:
        return None
    return f"UTC{match[1]}{int(match[2]):02}:{match[3] or '00'}" if _offset_of(match) else "UTC"


def _offset_of(match: re.Match[str]) -> timedelta:
    size = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return size if match[1] == "+" else -size


def _displayed(name: str) -> str | None:
    """What Windows shows for a zone: an offset in winter, then cities, a region or a zone."""
    match = _DISPLAYED.fullmatch(name)
    if not match:
        return None
    offset = _offset(match[1] or "+00:00")
    if offset is None:
        return None
    for place in _places(match[2]):
        found = _windows(f"{place} Standard Time") or _windows(place) or _of_city(place)
        if found and _has_offset(found, offset):
            return found
    return offset


def _places(text: str) -> Iterator[str]:
    """ "Eastern Time (US & Canada)" → "Eastern"; "Amsterdam, Berlin" → each."""
    for part in text.split(","):
        place = part.partition("(")[0].strip()
        yield place.removesuffix(" Time")


def _of_city(place: str) -> str | None:
    if place.casefold() in _UTC_NAMES:
        return "UTC"
    end = "/" + place.casefold().replace(" ", "_").replace(".", "").replace("'", "")
    return next((zone for name, zone in _iana_names().items() if name.endswith(end)), None)


def _has_offset(zone: str, offset: str) -> bool:
    """Whether the zone has that offset at some time of the year."""
    wanted, found = load(offset).utcoffset(None), load(zone)
    return any(day.replace(tzinfo=found).utcoffset() == wanted for day in _OFFSET_DAYS)
