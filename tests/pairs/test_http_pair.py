"""The device's half of HTTP against real sockets: both runtimes must make the same of each reply."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
from check import KEY, NOON, Page, body, picture

from inkframe import seal

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
PATHS = (HERE.parents[1] / "firmware", HERE.parent / "portable")
MICROPYTHON = Path(sys.executable).with_name("micropython")

RAW = body([Page(NOON, picture(1, 256)), Page(NOON + 60, picture(2, 256), picture(1, 256))])
BUNDLE = seal.seal(RAW + picture(3, 0), 7, KEY)
LENGTH = b"Content-Length: %d\r\n" % len(BUNDLE)


@pytest.fixture(params=["cpython", "micropython"])
def interpreter(request: pytest.FixtureRequest) -> str:
    if request.param == "cpython":
        return sys.executable
    if not MICROPYTHON.exists():
        pytest.skip(f"no {MICROPYTHON.name} beside {sys.executable}")
    return str(MICROPYTHON)


class Server:
    """Answers one connection with the pieces it is given, each in a segment of its own."""

    def __init__(self, pieces: tuple[bytes, ...], *, hold: bool) -> None:
        self._pieces = pieces
        self._hold = hold
        self._done = Event()
        self.request = b""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = Thread(target=self._answer)
        self._thread.start()

    def _answer(self) -> None:
        with suppress(OSError):
            connection = self._accept()
            with connection:
                connection.settimeout(30)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while b"\r\n\r\n" not in self.request:
                    said = connection.recv(4096)
                    if not said:
                        return
                    self.request += said
                for piece in self._pieces:
                    connection.sendall(piece)
                if self._hold:
                    self._done.wait(30)

    def _accept(self) -> socket.socket:
        return self._listening.accept()[0]

    def close(self) -> None:
        self._done.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(30)


@contextmanager
def serving(*pieces: bytes, hold: bool = False) -> Iterator[Server]:
    server = Server(pieces, hold=hold)
    try:
        yield server
    finally:
        server.close()


def fetch(interpreter: str, url: str, timeout_s: int = 10, tls: str = "") -> dict[str, Any]:
    paths = ":".join((*map(str, PATHS), ".frozen"))
    done = subprocess.run(
        [interpreter, str(HERE / "fetch_once.py"), url, str(timeout_s)],
        env={**os.environ, "PYTHONPATH": paths, "MICROPYPATH": paths, "INK_TLS": tls},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["radio"] == "on off"
    return result


def fetch_from(interpreter: str, *pieces: bytes) -> dict[str, Any]:
    with serving(*pieces) as server:
        return fetch(interpreter, server.url)


def test_a_bundle_arrives_whole(interpreter: str) -> None:
    head = b'HTTP/1.1 200 OK\r\nETag: "new"\r\nInk-Clock: 5.6.ab\r\n' + LENGTH + b"\r\n"
    with serving(head + BUNDLE) as server:
        result = fetch(interpreter, server.url)
    assert (result["sequence"], result["crc32"]) == (7, crc32(RAW))
    assert (result["etag"], result["clock"]) == ('"new"', "5.6.ab")
    assert server.request.startswith(b"GET /kitchen/bundle.ink HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b'\r\nIf-None-Match: "held"\r\n' in server.request
    assert b"\r\nInk-Held: " + result["held"].encode() + b"\r\n" in server.request


def test_a_bundle_in_many_small_segments_arrives_whole(interpreter: str) -> None:
    reply = b"HTTP/1.1 200 OK\r\n" + LENGTH + b"\r\n" + BUNDLE
    pieces = [reply[at : at + 7] for at in range(0, len(reply), 7)]
    assert fetch_from(interpreter, *pieces)["crc32"] == crc32(RAW)


def test_what_follows_a_bundle_is_left_alone(interpreter: str) -> None:
    reply = b"HTTP/1.1 200 OK\r\n" + LENGTH + b"\r\n" + BUNDLE + b"HTTP/1.1 200 OK\r\n\r\n"
    assert fetch_from(interpreter, reply)["sequence"] == 7


def test_not_modified(interpreter: str) -> None:
    result = fetch_from(interpreter, b"HTTP/1.1 304 Not Modified\r\nInk-Clock: 5.6.ab\r\n\r\n")
    assert result["unchanged"]
    assert result["clock"] == "5.6.ab"


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "HTTP 500"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + BUNDLE, "no Content-Length"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nINK\r\n", "chunked"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000, "line too long"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000 + b"\r\n", "too many headers"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "cut short"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not an HTTP server"),
        (b"", "cut short"),
    ],
)
def test_a_reply_that_cannot_be_a_bundle(interpreter: str, reply: bytes, message: str) -> None:
    result = fetch_from(interpreter, reply)
    assert result["error"] == "transport"
    assert message in result["message"]


@pytest.mark.parametrize("missing", [1, 16, 17, len(BUNDLE) - 32, len(BUNDLE)])
def test_a_body_cut_short(interpreter: str, missing: int) -> None:
    result = fetch_from(interpreter, b"HTTP/1.1 200 OK\r\n" + LENGTH + b"\r\n" + BUNDLE[:-missing])
    assert result["error"] == "wire"


def test_a_host_that_falls_silent_is_given_up(interpreter: str) -> None:
    for said in (
        b"",
        b"HTTP/1.1 200 OK\r\n" + LENGTH,
        b"HTTP/1.1 200 OK\r\n" + LENGTH + b"\r\nINK",
    ):
        with serving(said, hold=True) as server:
            assert fetch(interpreter, server.url, 1)["error"] == "transport"


def test_nobody_listening(interpreter: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = fetch(interpreter, f"http://127.0.0.1:{port}", 2)
    assert result["error"] == "transport"
    assert f"127.0.0.1:{port}" in result["message"]
