"""Under which names the pages answer.

A page from anywhere may let a browser reach this server under its own name (DNS rebinding), and then reads
the calendars. So the pages answer only to names that nobody else can own: addresses, names without a dot,
domains kept for private networks (RFC 6762, RFC 8375, RFC 6761, .internal), and those the user gave. Devices
need no such care: what they are sent is sealed.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_PRIVATE = (".local", ".localhost", ".internal", ".home.arpa")


def answers_to(authority: str, names: Collection[str]) -> bool:
    """Whether a request with this Host header is for us; `names` are the user's own."""
    host = _host(authority)
    if host in {name.lower() for name in names} or host.endswith(_PRIVATE):
        return True
    if host.isidentifier() or host.replace("-", "").isalnum():  # no dot in it
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _host(authority: str) -> str:
    authority = authority.strip().lower()
    if authority.startswith("["):
        return authority.partition("]")[0] + "]"
    return authority.partition(":")[0].removesuffix(".")
