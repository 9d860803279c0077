"""Boards on a cable: a real MicroPython behind a pseudo-terminal, with a folder for its flash."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import threading
import time
import tty
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from calendarbot.boards import load_board
from calendarbot.emulator.unix_port import micropython
from calendarbot.hil.bench import BenchBoard
from calendarbot.link.connection import connect
from calendarbot.link.deploy import deploy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


STAND_INS = Path(__file__).parent / "stand-ins"
"""`machine` and `network` of a board that does what its file does.json says."""
KEY = bytes(range(32))
SERVER = "http://192.168.1.10:8080"


PICO = BenchBoard(board="pico_usb", panel="waveshare_7in5_v2", usb_serial="1")


@contextmanager
def board(folder: Path, **does: object) -> Iterator[Terminal]:
    """MicroPython's REPL on a pseudo-terminal, `folder` being its flash; the terminal's name."""
    (folder / "does.json").write_text(json.dumps(does))
    near, far = pty.openpty()
    tty.setraw(far)
    process = subprocess.Popen(
        [micropython(), "-i"],
        stdin=far,
        stdout=far,
        stderr=far,
        cwd=folder,
        env={**os.environ, "MICROPYPATH": f"{STAND_INS}:.frozen"},
    )
    prompt = b""
    while not prompt.endswith(b">>> "):
        prompt += os.read(near, 100)
    with _Cable(near) as port:
        try:
            yield port
        finally:
            process.kill()
            process.wait()
            os.close(far)


class Terminal(str):
    """A port's name, and a way to pull its cable."""

    __slots__ = ("pull",)
    pull: Callable[[], None]


class _Cable:
    """A second terminal before the board's: mpremote opens one side, bytes are carried to the other.

    The board keeps its terminal open itself, so that the user's end may be opened and closed.
    """

    def __init__(self, board_end: int) -> None:
        self._board = board_end
        self._near, self._far = pty.openpty()
        tty.setraw(self._far)
        self._threads = [
            threading.Thread(target=self._carry, args=ends, daemon=True)
            for ends in ((self._board, self._near), (self._near, self._board))
        ]

    def _carry(self, source: int, sink: int) -> None:
        try:
            while data := os.read(source, 4096):
                os.write(sink, data)
        except OSError:
            pass

    def __enter__(self) -> Terminal:
        for thread in self._threads:
            thread.start()
        terminal = Terminal(os.ttyname(self._far))
        terminal.pull = self.pull
        return terminal

    def pull(self) -> None:
        os.close(self._near)
        self._near = -1

    def __exit__(self, *_: object) -> None:
        for end in (self._far, self._near, self._board):
            if end >= 0:
                os.close(end)


def kitchen(folder: Path, board_name: str = "pico_w_epaper", **changes: object) -> None:
    """config.json as `host deploy --display kitchen` would have made it."""
    described = load_board(board_name)
    config = {
        "display": "kitchen",
        "server": SERVER,
        "key": KEY.hex(),
        "panel": "waveshare_7in5_v2",
        "pins": described.pins,
        "spi": described.spi,
        "wifi": {"ssid": "home", "password": "hunter2"},
        "longest_sleep_s": described.longest_sleep_s,
        "trust_date": False,
        **changes,
    }
    (folder / "config.json").write_text(json.dumps(config))


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("does.json", "restarted")
    }


def deployed(folder: Path, files: Mapping[str, bytes]) -> tuple[str, ...]:
    with board(folder) as port, connect(port) as connection:
        return deploy(connection, files, lambda *_: None).written


def appears(file: Path) -> bool:
    """The board is told to restart and left alone: it does so in its own time."""
    until = time.monotonic() + 20
    while not file.exists() and time.monotonic() < until:
        time.sleep(0.05)
    return file.exists()
