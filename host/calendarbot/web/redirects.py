"""Where a redirect leads, and what may go along."""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin, urlsplit

from calendarbot.web.refusal import Refusal

MOST_REDIRECTS: Final = 5
MOVED: Final = frozenset({301, 302, 303, 307, 308})
FOR_GOOD: Final = frozenset({301, 308})


def target(at: str, location: str) -> str:
    """The address that an answer from `at` sends to. Raises Refusal for one to stay away from."""
    try:
        onward = urljoin(at, location)
        parts = urlsplit(onward)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Refusal("redirects to an address that is not valid") from None
    if parts.scheme in ("webcal", "webcals"):
        onward = with_scheme(onward, "https")
    elif parts.scheme not in ("http", "https") or not host:
        raise Refusal(f"redirects to something that is no web address ({parts.scheme}:)")
    if urlsplit(at).scheme == "https" and urlsplit(onward).scheme == "http":
        raise Refusal("redirects to a connection that is not encrypted (http)")
    return onward


def too_many() -> Refusal:
    return Refusal(f"redirects more than {MOST_REDIRECTS} times")


def with_scheme(address: str, scheme: str) -> str:
    return f"{scheme}:{address.partition(':')[2]}"


def same_place(address: str, own: str) -> bool:
    """Whether a login for `own` may be shown to `address`: the same host, and not in the clear for once."""
    ours, theirs = urlsplit(own), urlsplit(address)
    if ours.hostname != theirs.hostname:
        return False
    if ours.port == theirs.port:
        return ours.scheme == theirs.scheme or ours.scheme == "webcal" or theirs.scheme == "https"
    return ours.port is None and theirs.port in (80, 443)
