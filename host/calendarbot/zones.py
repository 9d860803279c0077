"""Time zones by name: the machine's own, a checked one, and what a zone is called.

Names are those of the IANA time zone database ("Europe/Berlin").
"""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from calendarbot.errors import ConfigError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo


def load_zone(name: str) -> ZoneInfo:
    """The zone of that IANA name. Raises ConfigError with the closest name as its hint."""
    try:
        return ZoneInfo(name)
    # "Europe" is a folder of the database, "../x" a path out of it: OSError and ValueError.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = available_timezones()
        hint = nearest(_likely(name, known), known)
        if hint.startswith("known: "):
            hint = "zones have names like 'Europe/Berlin', 'America/New_York' or 'UTC'"
        raise ConfigError(f"unknown time zone {name!r}", hint) from None


def machine_zone(etc: Path = Path("/etc"), environ: Mapping[str, str] = os.environ) -> str:
    """The name of this machine's zone, "UTC" when it does not say.

    TZ is asked first (tzset(3)), then /etc/timezone (Debian), then where /etc/localtime
    points (localtime(5)).
    """
    for name in (environ.get("TZ", "").removeprefix(":"), _written(etc), _linked(etc)):
        if name and name in available_timezones():
            return name
    return "UTC"


def zone_name(zone: tzinfo) -> str | None:
    """The zone's IANA name, "UTC", or the name its calendar gave it; None when it has none."""
    if zone is UTC:
        return "UTC"
    key = getattr(zone, "key", None)
    # A zone that only the calendar defines carries its TZID here (dateutil's own attribute).
    name = key if key is not None else getattr(zone, "_tzid", None)
    return str(name) if name else None


def real_time(moment: datetime, zone: tzinfo) -> datetime:
    """`moment` as a clock in `zone` shows it.

    By way of UTC, since arithmetic inside one zone can name a time that the clock skips in
    spring; RFC 5545 §3.3.5 reads such a time with the offset before the change.
    """
    return moment.astimezone(UTC).astimezone(zone)


def _likely(name: str, known: set[str]) -> str:
    """The name as it is, or the zone of the city alone ("berlin" → "Europe/Berlin")."""
    city = name.rpartition("/")[2].replace(" ", "_").casefold()
    same_city = sorted(zone for zone in known if zone.rpartition("/")[2].casefold() == city)
    return same_city[0] if same_city else name


def _written(etc: Path) -> str:
    try:
        return (etc / "timezone").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _linked(etc: Path) -> str:
    try:
        target = str((etc / "localtime").readlink())
    except OSError:
        return ""
    return target.partition("zoneinfo/")[2]
