"""The items of one CalDAV collection, kept in step with what a server says has changed.

`there` is the library's `Calendar`, whose methods are typed as coroutines, too, which they are for
another client.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from caldav.elements import dav
from caldav.lib import error

if TYPE_CHECKING:
    from datetime import datetime

_ITEMS_AT_ONCE: Final = 200
_ETAG: Final = "{DAV:}getetag"
_EVENT: Final = re.compile(r"^BEGIN:VEVENT", re.MULTILINE | re.IGNORECASE)


@dataclass(slots=True)
class Items:
    """What is known of one collection."""

    state: str = ""
    """Its sync token when this was read; empty when the server has none."""
    etags: dict[str, str] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)
    """Of the items that hold an event, by address like the ETags."""

    def take(self, href: str, etag: str, data: str | None) -> None:
        self.etags[href] = etag
        self.texts.pop(href, None)
        if data and _EVENT.search(data):
            self.texts[href] = data.encode("utf-8", "surrogateescape")

    def drop(self, href: str) -> None:
        self.etags.pop(href, None)
        self.texts.pop(href, None)


def changed(there: Any, known: Items) -> Items:
    """`known`, brought up to date: by sync token (RFC 6578), or by comparing ETags with a list of everything
    where there is no token, or the server has forgotten it. Raises what the library does."""
    items = replace(known, etags=dict(known.etags), texts=dict(known.texts))
    changes = _since_token(there, known.state)
    if changes is None:
        changes = there.get_objects_by_sync_token()
        for href in items.etags.keys() - {_href(each) for each in changes}:
            items.drop(href)
    deleted = {str(url) for url in changes.deleted_urls or ()}
    for href in deleted:
        items.drop(href)
    unread = []
    for each in changes:
        href, etag = _href(each), _etag(each)
        if href in deleted or (etag and items.etags.get(href) == etag):
            continue
        if each.is_loaded():
            items.take(href, etag, each.data)
        else:
            unread.append(each.url)
    for start in range(0, len(unread), _ITEMS_AT_ONCE):
        for each in there.multiget(unread[start : start + _ITEMS_AT_ONCE]):
            items.take(_href(each), _etag(each), each.data)
    token = str(changes.sync_token or "")
    # The library makes up tokens for servers that have none.
    items.state = "" if token.startswith("fake-") else token
    return items


def _since_token(there: Any, token: str) -> Any:
    if not token:
        return None
    try:
        return there.get_objects_by_sync_token(token, disable_fallback=True)
    except error.DAVError:
        return None


def in_time(there: Any, known: Items, start: datetime, *, fresh: bool) -> Items:
    """The items that touch the time from `start` on (RFC 4791 §9.9).

    `known` as it is, when it is `fresh` enough and the calendar has not changed since. Raises what the
    library does.
    """
    token = there.get_properties([dav.SyncToken()], depth=0).get(dav.SyncToken.tag)
    state = str(token or "")
    if fresh and state and state == known.state:
        return known
    items = Items(state)
    for each in there.search(event=True, start=start, expand=False):
        items.take(_href(each), _etag(each), each.data)
    return items


def _href(item: Any) -> str:
    return str(item.url.canonical())


def _etag(item: Any) -> str:
    return str((item.props or {}).get(_ETAG) or "")
