"""Chips without hardware: a ROM loader that only talks, and a cable that gets pulled."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner

from calendarbot.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

ESP32_BOARDS = ("waveshare_esp32_driver", "trmnl_og", "reterminal_e1001")
"""One for each chip."""
ROM_LOADER = Path(__file__).with_name("rom_loader.py")


def host(*args: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(cli, list(args), prog_name="host", input=answer)


@contextmanager
def chip(name: str) -> Iterator[str]:
    """A ROM loader of that chip; the address of its port."""
    command = [sys.executable, ROM_LOADER, name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        listening = process.stdout.readline().split()
        try:
            yield f"socket://{listening[-1]}"
        finally:
            process.terminate()


@contextmanager
def cut_after(url: str, most_bytes: int) -> Iterator[str]:
    """A cable to `url` that is pulled when the host has sent that many bytes; the address of its end."""
    chip_host, _, chip_port = url.removeprefix("socket://").partition(":")
    server = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def carry(near: socket.socket, far: socket.socket) -> None:
        left = most_bytes
        with suppress(OSError):
            while left > 0 and (data := near.recv(4096)):
                left -= len(data)
                far.sendall(data)
        _hang_up(far)
        with suppress(OSError):
            near.shutdown(socket.SHUT_WR)
            # Unread bytes would turn the end of the connection into an error.
            while near.recv(4096):
                pass
        _hang_up(near)

    def answer(far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while data := far.recv(4096):
                near.sendall(data)

    def accept() -> None:
        with suppress(OSError):
            while True:
                near, _ = server.accept()
                far = socket.create_connection((chip_host, int(chip_port)))
                for target, ends in ((carry, (near, far)), (answer, (far, near))):
                    threads.append(threading.Thread(target=target, args=ends))
                    threads[-1].start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield f"socket://127.0.0.1:{server.getsockname()[1]}"
    finally:
        _hang_up(server)
        acceptor.join()
        for thread in threads:
            thread.join()


def _hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)  # wakes whoever waits on it; closing alone does not
    end.close()
