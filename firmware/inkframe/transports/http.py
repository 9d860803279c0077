"""HTTP over a socket, the device's half: one GET, one reply, then the connection closes.

What is asked and answered is in `inkframe.transports._message`. A static web server knows none of its
Ink- headers and serves the same files.
"""

import socket

from inkframe.errors import TransportError
from inkframe.transports._message import Reply, request_head

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from inkframe.parts import Radio, Request


class Transport:
    """`server` is "http://host[:port][/path]". `radio` is switched on for a fetch and off on its close."""

    def __init__(self, server: str, radio: "Radio", timeout_s: int = 15) -> None:
        if not server.startswith("http://"):
            raise TransportError("server must begin with http://")
        authority, _, path = server[len("http://") :].partition("/")
        self._host, _, port = authority.partition(":")
        self._port = int(port or 80)
        self._path = "/" + path if path else ""
        self._authority = authority
        self._radio = radio
        self._timeout_s = timeout_s

    def fetch(self, request: "Request") -> "Reply":
        """Ask once. TransportError when there is no reply, or not one that can be a bundle."""
        self._radio.on()
        connection = None
        try:
            connection = self._connect()
            # CPython's sockets are read through a file object; so are, without a copy, MicroPython's.
            stream = connection.makefile("rwb", 0)
            stream.write(request_head(self._path, self._authority, request))
            return Reply(connection, stream, self._radio)
        except (OSError, ValueError) as error:
            self._give_up(connection)
            raise TransportError("%s:%d: %s" % (self._host, self._port, error)) from None
        except TransportError:
            self._give_up(connection)
            raise

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

    def _give_up(self, connection: "Any") -> None:
        if connection is not None:
            connection.close()
        self._radio.off()
