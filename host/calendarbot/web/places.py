"""What to call an address in a message: its host, and the end of its path where that gives nothing away.

The address of a shared calendar is its password: whoever has it reads the calendar.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

# What servers call a calendar's file when the secret stands before it.
_HARMLESS: Final = {"basic.ics", "calendar.ics", "reachcalendar.ics", "feed.ics", "webcal.ics"}
_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "webcal": 80, "webcals": 443}


def named(address: str) -> str:
    """ "calendar.google.com/…/basic.ics" for an address; never a path, a query, a name or a password."""
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "the address"
    if not host:
        return "the address"
    if ":" in host:
        host = f"[{host}]"
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{port}"
    path = parts.path.strip("/")
    if not path:
        return host
    last = path.rpartition("/")[2]
    if last not in _HARMLESS:
        return f"{host}/…"
    return f"{host}/{last}" if path == last else f"{host}/…/{last}"
