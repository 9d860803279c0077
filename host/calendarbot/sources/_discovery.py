"""Which calendars a CalDAV account has, from any address of it (RFC 4791 §6, RFC 5397, RFC 6764 §5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urljoin

from caldav.collection import Principal
from caldav.davobject import DAVObject
from caldav.elements import cdav, dav, ical
from caldav.lib import error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from caldav.davclient import DAVClient

_WELL_KNOWN: Final = "/.well-known/caldav"
_CALENDAR: Final = "{urn:ietf:params:xml:ns:caldav}calendar"
_HOME: Final = "{urn:ietf:params:xml:ns:caldav}calendar-home-set"
_PRINCIPAL: Final = "{DAV:}current-user-principal"
_TYPE: Final = "{DAV:}resourcetype"
_NAME: Final = "{DAV:}displayname"
_COLOR: Final = "{http://apple.com/ns/ical/}calendar-color"
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Collection:
    """One calendar of the account."""

    url: str
    name: str
    color: str = ""

    @property
    def last_part(self) -> str:
        return unquote(self.url.rstrip("/").rpartition("/")[2])


def collections_at(client: DAVClient, address: str) -> list[Collection]:
    """The calendars with events that an address leads to. Raises what the library does."""
    try:
        properties = _look(client, address)
    except (error.NotFoundError, error.PropfindError):
        properties = {}
    if _CALENDAR in (properties.get(_TYPE) or ()):
        return [_collection(address, properties)]
    principal = properties.get(_PRINCIPAL) or (address if properties.get(_HOME) else None)
    if principal is None:
        principal = _look(client, urljoin(address, _WELL_KNOWN)).get(_PRINCIPAL)
    if principal is None:
        raise error.NotFoundError
    # Typed as a coroutine, too, which it is for another client.
    account: Any = Principal(client, url=urljoin(address, principal))
    return [
        _collection(str(each.url), _look(client, str(each.url)))
        for each in account.get_calendars()
        if "VEVENT" in (each.get_supported_components() or ["VEVENT"])
    ]


def _look(client: DAVClient, address: str) -> dict[str, Any]:
    wanted = [
        dav.ResourceType(),
        dav.DisplayName(),
        dav.CurrentUserPrincipal(),
        cdav.CalendarHomeSet(),
        ical.CalendarColor(),
    ]
    found: Any = DAVObject(client, url=address).get_properties(wanted, depth=0)
    return dict(found)


def _collection(address: str, properties: Mapping[str, Any]) -> Collection:
    nameless = Collection(address, "")
    color = _HEX.match(str(properties.get(_COLOR) or ""))
    name = str(properties.get(_NAME) or "").strip() or nameless.last_part
    return Collection(address, name, color[0].lower() if color else "")
