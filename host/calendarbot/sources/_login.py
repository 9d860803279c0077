"""A calendar's address and how to log in there, its secrets looked up."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from calendarbot.config.secrets import is_address
from calendarbot.errors import ConfigError, SourceError
from calendarbot.web.places import named

if TYPE_CHECKING:
    from pathlib import Path

    from calendarbot.config import CalendarConfig


@dataclass(frozen=True, slots=True)
class Login:
    """Where to ask, and as whom."""

    address: str = field(repr=False)
    """With its scheme in lower case, and without a name or a password."""
    where: str
    """What to call it in a message."""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @property
    def authorization(self) -> str:
        """RFC 7617 §2.1 (Basic, in UTF-8) or RFC 6750 §2.1 (Bearer); empty without a login."""
        if self.token:
            return f"Bearer {self.token}"
        if self.user:
            return "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode("ascii")
        return ""


def login_of(calendar: CalendarConfig, base_dir: Path) -> Login:
    """Raises SourceError when a secret is not to be had, or is no address."""
    if calendar.url is None:
        raise SourceError(
            f"source {calendar.source!r} reads from an address, and this calendar has no url",
            "give it a url, or another source",
        )
    try:
        address = calendar.url.read_text(base_dir)
        password = calendar.password.read_text(base_dir) if calendar.password else ""
        token = calendar.token.read_text(base_dir) if calendar.token else ""
    except ConfigError as error:
        raise SourceError(error.message, error.hint) from None
    if not is_address(address):
        raise SourceError(
            f"{calendar.url} holds no address", "an address begins with https:// or webcal://"
        )
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise SourceError(f"{calendar.url}: this address is not valid") from None
    if not parts.hostname:
        raise SourceError(f"{calendar.url}: this address names no host")
    bare = urlunsplit(
        (parts.scheme, parts.netloc.rpartition("@")[2], parts.path or "/", parts.query, "")
    )
    user = calendar.user or unquote(parts.username or "")
    password = password or ("" if calendar.user else unquote(parts.password or ""))
    return Login(bare, named(address), user, password, token)
