"""Calendars on a CalDAV server (RFC 4791): found from any address of the account, kept in step item by item.

`url` may be the server, its /.well-known/caldav, the account's principal or home, or one calendar. What is
there is remembered for a day; then each calendar costs one request while nothing changes.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from calendarbot.errors import SourceError, nearest
from calendarbot.sources import CalendarText, NotNowError, SourceData
from calendarbot.sources._login import login_of
from calendarbot.web.refusal import Refusal

if TYPE_CHECKING:
    from caldav.davclient import DAVClient

    from calendarbot.config import CalendarConfig
    from calendarbot.sources import Given
    from calendarbot.sources._davsync import Items
    from calendarbot.sources._discovery import Collection
    from calendarbot.sources._login import Login
    from calendarbot.web.client import Session

REMEMBER: Final = timedelta(days=1)
"""How long it is remembered which calendars an account has, and what `since` found."""
MOST_ITEMS: Final = 50_000
_WAIT_S: Final = 15 * 60
"""After "too many requests" without a time."""


def read(calendar: CalendarConfig, given: Given) -> SourceData:
    """Every item with an event in it, each a text of its own. Raises SourceError."""
    login = login_of(calendar, given.base_dir)
    if urlsplit(login.address).scheme.lower() not in ("http", "https"):
        raise SourceError(f"{login.where}: a CalDAV address begins with https:// or http://")
    if find_spec("caldav") is None:
        raise SourceError(
            "source 'caldav' needs the Python package 'caldav'", "pip install 'calendarbot[caldav]'"
        )
    # It logs addresses and answers; what a user needs to know of them is raised below.
    logging.getLogger("caldav").setLevel(logging.CRITICAL + 1)
    ca_file = given.base_dir / calendar.ca_file.expanduser() if calendar.ca_file else None
    try:
        with given.open_web().session(login.address, ca_file) as session:
            return _Account(_client(session, login), login, calendar, given).read()
    except (SourceError, Refusal) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"{login.where}: {error.why}", error.hint) from None
    # The library asserts and parses what a server sends; whatever that leads to is the server's doing.
    except Exception as error:
        raise _meaning(error, login, given) from None


def _meaning(error: Exception, login: Login, given: Given) -> SourceError:
    from caldav.lib import error as of_dav

    if isinstance(error, of_dav.RateLimitError):
        wait_s = error.retry_after_seconds or _WAIT_S
        message = f"{login.where}: is asked too often (429)"
        return NotNowError(message, given.now + timedelta(seconds=wait_s))
    if isinstance(error, of_dav.AuthorizationError):
        return SourceError(
            f"{login.where}: asks for a login, or refuses this one",
            "check user and password; many servers want a password made for one app",
        )
    if isinstance(error, of_dav.NotFoundError):
        return SourceError(
            f"{login.where}: there is no CalDAV account at this address",
            "the server's own address, or that of the account, is enough",
        )
    return SourceError(
        f"{login.where}: does not answer as a CalDAV server does ({type(error).__name__})",
        "for the address of a feed, leave `source` out",
    )


def _client(session: Session, login: Login) -> DAVClient:
    from caldav.davclient import DAVClient

    client = DAVClient(
        login.address,
        username=login.user or None,
        password=login.token or login.password or None,
        auth_type="bearer" if login.token else None,
        enable_rfc6764=False,  # it would go out to addresses of its own choice
    )
    client.session.close()
    client.session = session
    return client


class _Account:
    """One reading of an account, and what was known before."""

    def __init__(
        self, client: DAVClient, login: Login, calendar: CalendarConfig, given: Given
    ) -> None:
        self._client = client
        self._login = login
        self._calendar = calendar
        self._given = given
        self._notes = dict(given.kept.data.notes) if given.kept else {}

    def read(self) -> SourceData:
        from caldav.lib import error

        if self._is_fresh("found_at"):
            try:
                return self._read(self._remembered_collections())
            except error.NotFoundError:
                pass  # one of them is gone: look again
        self._notes["found_at"] = self._given.now.timestamp()
        return self._read(self._found())

    def _read(self, found: list[Collection]) -> SourceData:
        chosen = self._chosen(found)
        before = self._remembered_items()
        host = self._login.where.partition("/")[0]
        texts: list[CalendarText] = []
        listed: list[list[str]] = []
        states: dict[str, str] = {}
        for collection in chosen:
            items = self._items(collection, before)
            states[collection.url] = items.state
            for href, content in sorted(items.texts.items()):
                name = unquote(href.rstrip("/").rpartition("/")[2])
                texts.append(CalendarText(content, f"{host}: {collection.name}, {name}"))
                listed.append([collection.url, href, items.etags.get(href, "")])
            if len(texts) > MOST_ITEMS:
                raise SourceError(f"{self._login.where}: more than {MOST_ITEMS:,} items")
        only = chosen[0] if len(chosen) == 1 else None
        return SourceData(
            tuple(texts),
            self._login.where,
            title=only.name if only else "",
            color=only.color if only else "",
            notes={
                "found": [[each.url, each.name, each.color] for each in found],
                "found_at": self._notes["found_at"],
                "asked_at": self._asked_at,
                "states": states,
                "items": listed,
            },
        )

    def _items(self, collection: Collection, before: dict[str, Items]) -> Items:
        from caldav.collection import Calendar

        from calendarbot.sources._davsync import Items, changed, in_time

        there = Calendar(self._client, url=collection.url)
        known = before.get(collection.url) or Items()
        if self._calendar.since is None:
            return changed(there, known)
        start = self._given.now - self._calendar.since
        return in_time(there, known, start, fresh=self._is_fresh("asked_at"))

    @property
    def _asked_at(self) -> float:
        """When everything was last asked for by time, whatever had changed."""
        fresh = self._is_fresh("asked_at")
        return float(self._notes["asked_at"]) if fresh else self._given.now.timestamp()

    def _is_fresh(self, note: str) -> bool:
        age_s = self._given.now.timestamp() - float(self._notes.get(note, 0))
        return 0 <= age_s < REMEMBER.total_seconds()

    def _remembered_collections(self) -> list[Collection]:
        from calendarbot.sources._discovery import Collection

        return [Collection(*each) for each in self._notes["found"]]

    def _remembered_items(self) -> dict[str, Items]:
        from calendarbot.sources._davsync import Items

        before = {url: Items(state) for url, state in self._notes.get("states", {}).items()}
        kept = self._given.kept.data.texts if self._given.kept else ()
        for (url, href, etag), text in zip(self._notes.get("items", ()), kept, strict=True):
            before[url].etags[href] = etag
            before[url].texts[href] = text.content
        return before

    def _found(self) -> list[Collection]:
        from calendarbot.sources._discovery import collections_at

        return collections_at(self._client, self._login.address)

    def _chosen(self, found: list[Collection]) -> list[Collection]:
        wanted = self._calendar.collections
        if not wanted:
            if not found:
                raise SourceError(f"{self._login.where}: this account has no calendars for events")
            return found
        by_name = {each.last_part: each for each in found} | {each.name: each for each in found}
        for name in wanted:
            if name not in by_name:
                hint = nearest(name, by_name)
                raise SourceError(f"{self._login.where}: there is no calendar {name!r}", hint)
        return [by_name[name] for name in wanted]
