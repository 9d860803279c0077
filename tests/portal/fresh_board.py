"""A board without a configuration, on MicroPython's unix port, with a radio made up."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from calendarbot.boards import load_board
from calendarbot.emulator.unix_port import micropython
from calendarbot.flash.plan import board_file

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
FIRMWARE = HERE.parents[1] / "firmware"
HEAP = "320K"
"""As in `calendarbot.emulator.unix_port`: it stands for 200 KiB of a microcontroller."""
AIR = [["home", "swordfish"], ["guests", ""]]


@dataclass
class Board:
    """`flash` is its flash; `url` where its page is; `process` the firmware, running."""

    flash: Path
    url: str
    dns_port: int
    process: subprocess.Popen[str]

    def ended(self) -> str:
        """What it printed, once it is done."""
        printed, _ = self.process.communicate(timeout=30)
        return printed


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def started(flash: Path, *ports: int) -> subprocess.Popen[str]:
    """The firmware, from a start by hand."""
    return subprocess.Popen(
        [micropython(), "-X", f"heapsize={HEAP}", str(HERE / "start.py"), *map(str, ports)],
        cwd=flash,
        env={**os.environ, "MICROPYPATH": f"{HERE / 'stand-ins'}:{FIRMWARE}:.frozen"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def fresh_board(flash: Path) -> Iterator[Board]:
    """A simulated board without a configuration, with an access point on loopback."""
    if not (flash / "board.json").exists():
        (flash / "board.json").write_bytes(board_file(load_board("simulated"), None))
    (flash / "air.json").write_text(json.dumps(AIR))
    ports = _free_port(socket.SOCK_STREAM), _free_port(socket.SOCK_DGRAM)
    process = started(flash, *ports)
    try:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("portal: "):
                break
        assert "portal: join the network calendar-4f2a" in said, said
        yield Board(flash, f"http://127.0.0.1:{ports[0]}/", ports[1], process)
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
