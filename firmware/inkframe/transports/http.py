"""HTTP over a socket, with TLS under it or not, the device's half: one GET, one reply, then it closes.

What is asked and answered is in `inkframe.transports._message`. A static web server knows none of its
Ink- headers and serves the same files.
"""

import socket

from inkframe.compat import const
from inkframe.errors import TlsError, TransportError
from inkframe.transports._message import Reply, request_head

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from inkframe.parts import Radio, Request
    from inkframe.transports._tls import Tls


TIMEOUT_S = const(8)
"""With the radio on, every second of it costs as much as minutes asleep."""


class Transport:
    """`server` is "http://host[:port][/path]", or https with `tls`. `radio` is switched on for a fetch and
    off on its close. `timeout_s` is how long the host may be silent; 0 for TIMEOUT_S."""

    def __init__(
        self, server: str, radio: "Radio", timeout_s: int = 0, tls: "Tls | None" = None
    ) -> None:
        scheme, _, rest = server.partition("://")
        if scheme not in ("http", "https") or (scheme == "https" and tls is None):
            raise TransportError("server must begin with http:// or https://")
        authority, _, path = rest.partition("/")
        self._host, _, port = authority.partition(":")
        self._tls = tls if scheme == "https" else None
        self._port = int(port or (443 if self._tls else 80))
        self._path = "/" + path if path else ""
        self._authority = authority
        self._radio = radio
        self._timeout_s = timeout_s or TIMEOUT_S
        self.change = 0
        """The number of the newest change of the configuration, by the last reply."""

    def fetch(self, request: "Request") -> "Reply":
        """Ask once. TransportError when there is no reply, or not one that can be a bundle."""
        self._radio.on()
        opened: list[Any] = []
        try:
            connection, stream = self._open(request, opened)
            stream.write(request_head(self._path, self._authority, request))
            reply = Reply(connection, stream, self._radio)
        except (OSError, ValueError) as error:
            self._give_up(opened)
            raise TransportError("%s:%d: %s" % (self._host, self._port, error)) from None
        except TransportError:
            self._give_up(opened)
            raise
        self.change = reply.change
        return reply

    def _open(self, request: "Request", opened: "list[Any]") -> "tuple[Any, Any]":
        """(connection, stream); whatever is opened on the way is in `opened`, the newest last."""
        connection = self._connect()
        opened.append(connection)
        tls = self._tls
        if tls is None:
            # CPython's sockets are read through a file object; so are, without a copy, MicroPython's.
            return connection, connection.makefile("rwb", 0)
        try:
            secured = tls.wrap(connection, self._host, True)
        except TlsError as error:
            if tls.required:
                raise
            # What comes is sealed. That the certificate is wrong is for the host to know.
            request.note("tls=" + error.reason)
            opened.pop().close()
            opened.append(self._connect())
            secured = tls.wrap(opened[-1], self._host, False)
        opened.append(secured[0])
        return secured

    def _connect(self) -> "Any":
        address = socket.getaddrinfo(self._host, self._port, 0, socket.SOCK_STREAM)[0][-1]
        connection = socket.socket()
        try:
            connection.settimeout(self._timeout_s)
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection

    def _give_up(self, opened: "list[Any]") -> None:
        for connection in opened:
            connection.close()
        self._radio.off()
