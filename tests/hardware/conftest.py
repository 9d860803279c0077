"""A board under test: its serial port, its power, its panel, and the other end of its cable.

`host hil run` gives all of it. By hand, on a board that was provisioned for a job's folder:

    pytest tests/hardware --embedded-services serial --port /dev/ttyACM0 --hil-job FOLDER
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from calendarbot.boards import load_board
from calendarbot.config import load_config
from calendarbot.hil.job import CONFIG, DISPLAY
from calendarbot.serving import served_display
from calendarbot.store.folder import FolderStore
from calendarbot.tether import Tether

if TYPE_CHECKING:
    from collections.abc import Callable

    from calendarbot.config import Config
    from calendarbot.store import Manifest


_LOOK_S = 10


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--hil-job", metavar="FOLDER", help="the folder of a job of `host hil run`")


class _Wire:
    """A serial port whose other end is a host: requests are answered, text is passed on."""

    def __init__(self, port: Any, tether: Tether, said: bytearray) -> None:
        self._port = port
        self._tether = tether
        self._said = said

    def read_all(self) -> bytes:
        came = self._port.read_all()
        if came:
            self._port.write(self._tether.feed(came))
        said = bytes(self._said)
        self._said.clear()
        return said

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)


@pytest.fixture
def job(request: pytest.FixtureRequest) -> Path:
    folder = request.config.getoption("--hil-job")
    if not folder:
        pytest.skip("no board: `host hil run --bench bench.toml` runs this on a bench's boards")
    return Path(folder)


@pytest.fixture
def config(job: Path) -> Config:
    return load_config(job / CONFIG)


@pytest.fixture
def manifest(job: Path) -> Manifest:
    found = FolderStore(job / "out").current(DISPLAY)
    assert found
    return found


@pytest.fixture
def board(job: Path, config: Config, dut: Any) -> BoardUnderTest:
    """The board, its cable answered where it has one. It runs since before this test."""
    said = bytearray()
    store = FolderStore(job / "out")
    served = served_display(config, DISPLAY, store)
    tether = Tether({DISPLAY: served}, time.time, lambda line: said.extend(line.encode() + b"\r\n"))
    on_cable = load_board(config.display(DISPLAY).board or "").transport == "usb"
    with dut.serial.disable_redirect_thread():
        if on_cable:
            dut.serial.proc = _Wire(dut.serial.proc, tether, said)
    return BoardUnderTest(dut, tether if on_cable else None, job / "out")


class BoardUnderTest:
    def __init__(self, dut: Any, tether: Tether | None, out: Path) -> None:
        self.dut = dut
        self._tether = tether
        self._store = FolderStore(out)

    @property
    def requests(self) -> int:
        """How often it asked, as far as that can be seen from here: over its cable."""
        return self._tether.requests if self._tether else 0

    def restart(self) -> None:
        """Take its power away and give it back; by the console where the bench cannot switch it."""
        command = os.environ.get("HIL_POWER_CYCLE", "")
        if command:
            subprocess.run(command.split("\n"), check=True)
        else:
            self.dut.write(b"\x03\x03\x04")

    def wakes(self, timeout_s: int) -> dict[str, int]:
        """What it says at the end of its next wake."""
        found = self.dut.expect(rb"wake: ([^\r\n]+)\r?\n", timeout=timeout_s)
        return {key: int(value) for key, value in (p.split("=") for p in found[1].decode().split())}

    def shows(self) -> bytes | None:
        """The picture on its panel as PNG; None where nothing can look at it bit by bit."""
        file = os.environ.get("HIL_PICTURE")
        return Path(file).read_bytes() if file else None

    def preview(self, frame_id: bytes) -> bytes:
        found = self._store.preview(DISPLAY, frame_id)
        assert found
        return found


@pytest.fixture
def looks_like() -> Callable[[BoardUnderTest, bytes], None]:
    def check(board: BoardUnderTest, frame_id: bytes) -> None:
        wanted = board.preview(frame_id)
        until = time.monotonic() + _LOOK_S
        shown = board.shows()
        while shown not in (None, wanted) and time.monotonic() < until:
            time.sleep(0.1)  # a picture is taken now and then
            shown = board.shows()
        assert shown in (None, wanted), "the panel shows another picture"

    return check
