"""The policy put to work: names resolved, addresses judged, and connections made to what was judged."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Any

from niquests.packages.urllib3.contrib.resolver import BaseResolver, ProtocolResolver

from calendarbot.web.policy import ForbiddenAddressError, Policy, plain

if TYPE_CHECKING:
    from collections.abc import Callable


class GuardedResolver(BaseResolver):  # type: ignore[misc]  # its module has an alias for a name
    """Resolves names for an HTTP session and hands on only addresses the policy allows.

    Connections are made to what this returns, so what was judged is what is connected to. `opened` hears of
    every socket, before anything is sent.
    """

    protocol = ProtocolResolver.CUSTOM
    implementation = "calendarbot"

    def __init__(
        self,
        policy: Policy,
        opened: Callable[[socket.socket], None] = lambda _: None,
        getaddrinfo: Callable[..., list[Any]] | None = None,
        trusted: frozenset[tuple[str, int]] = frozenset(),
    ) -> None:
        super().__init__(None, None)
        self._policy = policy
        self._opened = opened
        self._lookup = getaddrinfo or socket.getaddrinfo
        self._trusted = trusted
        """Proxies of this machine's own settings, (host, port)."""

    def close(self) -> None:
        pass

    def is_available(self) -> bool:
        return True

    def recycle(self) -> BaseResolver:
        return self

    def getaddrinfo(
        self,
        host: bytes | str | None,
        port: str | int | None,
        family: socket.AddressFamily,
        type: socket.SocketKind,  # noqa: A002  the name socket.getaddrinfo has
        proto: int = 0,
        flags: int = 0,
        *,
        quic_upgrade_via_dns_rr: bool = False,  # noqa: ARG002  theirs has it
    ) -> list[Any]:
        name = host.decode("ascii") if isinstance(host, bytes) else host or "localhost"
        found = self._lookup(name, port, family, type, proto, flags)
        if (plain(name), int(port or 0)) in self._trusted:
            return found
        allowed, refused = [], None
        for record in found:
            try:
                self._policy.check(name, ipaddress.ip_address(str(record[4][0]).partition("%")[0]))
            except ForbiddenAddressError as error:
                refused = error
            else:
                allowed.append(record)
        if refused is not None and not allowed:
            raise refused
        return allowed

    def create_connection(self, *args: Any, **kwargs: Any) -> socket.socket:
        connection: socket.socket = super().create_connection(*args, **kwargs)
        self._opened(connection)
        return connection
