"""Runs a server: in the foreground until it is interrupted, or beside other work."""

from __future__ import annotations

import errno
import socket
import ssl
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING

import uvicorn

from calendarbot.errors import NetworkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from starlette.types import ASGIApp

HOST = "127.0.0.1"
PORT = 8080
_START_TIMEOUT_S = 30
_LAST_PORT = 65_535


def serve(
    app: ASGIApp,
    host: str = HOST,
    port: int = PORT,
    ready: Callable[[str], None] = lambda _: None,
    tls: tuple[Path, Path] | None = None,
) -> None:
    """Serve until interrupted. `ready` hears the address once it answers. `tls` is a certificate's file, with
    what leads to its authority, and its key's, both PEM.

    Raises NetworkError when the port is taken, the address is not this machine's, or `tls` cannot be used.
    """
    with listen(host, port) as listener:
        server = _Server(app, lambda: ready(address(listener, secure=tls is not None)), tls)
        with suppress(KeyboardInterrupt):  # raised once more after an orderly end
            server.run(sockets=[listener])


@contextmanager
def background(
    app: ASGIApp, host: str = HOST, tls: tuple[Path, Path] | None = None
) -> Iterator[str]:
    """Serve on a free port in a thread, for as long as the context lasts. Yields "http://host:port"."""
    started = Event()
    with listen(host, 0) as listener:
        server = _Server(app, started.set, tls)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            if not started.wait(_START_TIMEOUT_S):
                raise NetworkError(f"the server on {host} did not start")
            yield address(listener, secure=tls is not None)
        finally:
            server.should_exit = True
            thread.join()


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address. Raises NetworkError."""
    if not 0 <= port <= _LAST_PORT:  # the C library would take its lower 16 bits
        raise NetworkError(f"there is no port {port}", f"ports go up to {_LAST_PORT}")
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError):
        raise NetworkError(
            f"{host!r} is not an address of this machine",
            "127.0.0.1 serves this machine alone, 0.0.0.0 the whole network",
        ) from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
    except OSError as error:
        listener.close()
        raise _refusal(host, port, error) from None
    return listener


def _refusal(host: str, port: int, error: OSError) -> NetworkError:
    number = error.errno
    if number == errno.EADDRINUSE:
        return NetworkError(
            f"port {port} on {host} is taken",
            f"stop the program that uses it, or choose another port, such as {port + 1}",
        )
    if number in (errno.EACCES, errno.EPERM):
        return NetworkError(
            f"port {port} on {host}: permission denied", "choose a port of 1024 or above"
        )
    if number == errno.EADDRNOTAVAIL:
        return NetworkError(
            f"{host} is not an address of this machine",
            "127.0.0.1 serves this machine alone, 0.0.0.0 the whole network",
        )
    return NetworkError(f"port {port} on {host}: {error}")


def address(listener: socket.socket, *, secure: bool = False) -> str:
    host, port = listener.getsockname()[:2]
    scheme = "https" if secure else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class _Server(uvicorn.Server):
    """Says when it answers. Its log holds no request lines: `device` writes one per request instead."""

    def __init__(
        self, app: ASGIApp, ready: Callable[[], None], tls: tuple[Path, Path] | None = None
    ) -> None:
        config = uvicorn.Config(
            app,
            access_log=False,
            lifespan="off",
            log_config=None,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=5,
            ssl_certfile=tls[0] if tls else None,
            ssl_keyfile=tls[1] if tls else None,
        )
        if tls:
            _load(config, tls)
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _load(config: uvicorn.Config, tls: tuple[Path, Path]) -> None:
    """Read certificate and key. Raises NetworkError."""
    for file in tls:
        try:
            file.read_bytes()
        except OSError as error:
            raise NetworkError(f"{file}: {error.strerror}") from None
    try:
        config.load()
    except (ssl.SSLError, OSError):
        raise NetworkError(
            f"{tls[0]} and {tls[1]} are not a certificate and its key",
            "both are PEM; the certificate's file begins with the server's own",
        ) from None
