"""CalDAV servers as they are, each a process of its own on 127.0.0.1."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import caldav

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USER, PASSWORD = "ann", "opensesame"
_LONGEST_START_S = 60


@dataclass(frozen=True, slots=True)
class DavServer:
    """A running server with an account; `home` is where a user would be told to look."""

    home: str
    login: dict[str, str]

    def client(self) -> caldav.DAVClient:
        return caldav.DAVClient(
            self.home,
            username=self.login.get("user"),
            password=self.login.get("password"),
            enable_rfc6764=False,
        )


@contextmanager
def radicale(folder: Path) -> Iterator[DavServer]:
    """Logs in with a password; keeps collections as files."""
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
    port = _free_port()
    options = {
        "server-hosts": f"127.0.0.1:{port}",
        "auth-type": "htpasswd",
        "auth-htpasswd-filename": str(folder / "users"),
        "auth-htpasswd-encryption": "plain",
        "auth-delay": "0",
        "storage-filesystem-folder": str(folder / "collections"),
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    with _process(["radicale", "--config", "", *arguments], port, folder / "log"):
        yield DavServer(f"http://127.0.0.1:{port}/", {"user": USER, "password": PASSWORD})


@contextmanager
def xandikos(folder: Path) -> Iterator[DavServer]:
    """Knows one user, without a login; keeps collections as git repositories."""
    port = _free_port()
    arguments = ["serve", "-d", str(folder), "-l", "127.0.0.1", "-p", str(port)]
    with _process(["xandikos", *arguments, "--defaults"], port, folder / "log"):
        yield DavServer(f"http://127.0.0.1:{port}/", {})


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def _process(module: list[str], port: int, log: Path) -> Iterator[None]:
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", *module], stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            _wait_for(process, port, log)
            yield
        finally:
            process.terminate()


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until it accepts connections, since no server says when it does."""
    give_up = time.monotonic() + _LONGEST_START_S
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise RuntimeError(log.read_text())
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError
