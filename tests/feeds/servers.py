"""Servers as feeds have them, on 127.0.0.1; an answer is the bytes a handler writes, so it can be wrong."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//feed//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    b"DTSTAMP:20261101T000000Z\r\nDTSTART:20261124T090000Z\r\nDTEND:20261124T100000Z\r\n"
    b"SUMMARY:Assembly\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)

TLS_HANDSHAKE = 22
"""The first byte of a TLS connection (RFC 8446 §5.1), at which a plain server hangs up."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)


def answer(
    status: str = "200 OK", body: bytes = CALENDAR, length: int | None = None, **headers: str
) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


@dataclass
class Server:
    """Answers one request per connection with what `handler` gives, or lets it write itself."""

    handler: Callable[[Asked, socket.socket], bytes | None] = lambda _asked, _connection: answer()
    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/calendar.ics"

    def answers(self, *replies: bytes) -> None:
        """These, one after the other; the last for ever."""
        waiting = list(replies)
        self.handler = lambda _a, _c: waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def serve(self, connection: socket.socket) -> None:
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                asked = _request(connection)
                if asked is None:
                    return
                self.asked.append(asked)
                reply = self.handler(asked, connection)
                if reply is not None:
                    connection.sendall(reply)
        except OSError:  # who asked has hung up
            connection.close()


@contextmanager
def running(server: Server) -> Iterator[Server]:
    listening = socket.create_server(("127.0.0.1", 0))
    server.port = listening.getsockname()[1]
    workers: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            connection.settimeout(30)
            worker = threading.Thread(target=server.serve, args=(connection,))
            workers.append(worker)
            worker.start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield server
    finally:
        # Closing alone does not wake who waits in accept().
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        acceptor.join()
        for worker in workers:
            worker.join()


def _request(connection: socket.socket) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data:
        received = connection.recv(65536)
        if not received or received[0] == TLS_HANDSHAKE:
            return None
        data += received
    first, *lines = data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    return Asked(method, path, headers)
