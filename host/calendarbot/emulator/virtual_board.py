"""An emulated Raspberry Pi Pico as a thing on a bench: a process with a serial port and a panel to look at.

    python -m calendarbot.emulator.virtual_board IMAGE PANEL FOLDER

In FOLDER it keeps `flash` (what the chip's flash holds, from one start to the next), `port` (a link to its
serial port, a pseudo-terminal) and `panel.png` (what its panel shows). SIGUSR1 takes its power away and gives
it back; it ends, its flash saved, when its standard input is closed. Where a real board's port would go away
with its power, this one's stays.

Its time is this computer's. What it lost while it computed, which takes an emulator ten times as long, it
makes up for in its sleep, but not while its port is in use: what waits there for an answer would not wait
long enough.
"""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
import tty
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from calendarbot.boards import load_board, load_panel
from calendarbot.emulator.pico import VirtualPico, files_image
from calendarbot.errors import DeviceError
from calendarbot.model import Frame
from calendarbot.render.preview import png_bytes

if TYPE_CHECKING:
    from types import FrameType

BOARD: Final = "pico_usb"
FLASH, PORT, PICTURE = "flash", "port", "panel.png"
_SLICE_MS: Final = 20
"""How long the chip runs before its port and its power switch are looked at again."""
_QUIET_S: Final = 3
"""So long after the last byte, nobody waits for one any more."""
_LOOK_MS: Final = 200
_MOST_UNREAD: Final = 65_536
"""A port that nobody reads keeps no more than this of what the board says."""


class VirtualBoard:
    """Runs until `stop`. `folder` is there already. Raises DeviceError for an image that is none."""

    def __init__(self, image: Path, panel_name: str, folder: Path) -> None:
        self._folder = folder
        self._panel = load_panel(panel_name)
        board = load_board(BOARD)
        if image.stat().st_size % 512:
            raise DeviceError(f"{image}: not a UF2 file", "`make firmware` builds one")
        self._pico = VirtualPico(
            image, files_image({}), self._panel, board.pins, board.spi["id"], _wall_ms()
        )
        self._began = (_wall_ms(), 0.0)
        self._talked_ms = 0
        self._unread = bytearray()
        self._pico.host = self._said
        self._drawn = b""
        self._looked_ms = 0
        self._off_for_a_moment = self._stopped = False
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        with suppress(FileNotFoundError):
            self._pico.restore_flash((folder / FLASH).read_bytes(), _wall_ms())
        port = folder / PORT
        port.unlink(missing_ok=True)
        port.symlink_to(os.ttyname(self._slave))

    def power_cycle(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self._off_for_a_moment = True

    def stop(self) -> None:
        self._stopped = True

    def run(self, switch: int) -> None:
        """`switch`: a file descriptor whose end is the end."""
        while not self._stopped:
            if self._off_for_a_moment:
                self._off_for_a_moment = False
                self._unread.clear()
                self._pico.power_cycle(_wall_ms())
                self._began = (_wall_ms(), 0.0)
            slice_began = (_wall_ms(), self._pico.elapsed_ns / 1e6)
            self._pico.run(lambda: False, _SLICE_MS)
            self._draw()
            is_quiet = _wall_ms() - self._talked_ms > _QUIET_S * 1000
            self._exchange(switch, self._ahead_s(self._began if is_quiet else slice_began))
        self._save()

    def _ahead_s(self, since: tuple[int, float]) -> float:
        """How much more time passed for the chip than for this computer since a moment of both, in ms."""
        wall_ms, chip_ms = since
        return max(0, self._pico.elapsed_ns / 1e6 - chip_ms - (_wall_ms() - wall_ms)) / 1000

    def _said(self, data: bytes) -> bytes:
        self._talked_ms = _wall_ms()
        self._unread += data
        del self._unread[:-_MOST_UNREAD]
        return b""

    def _exchange(self, switch: int, wait_s: float) -> None:
        """Bytes to and from the port; waits for them, but no longer than that."""
        writers = [self._master] if self._unread else []
        ready, writable, _ = select.select([self._master, switch], writers, [], wait_s)
        if writable:
            with suppress(BlockingIOError):
                del self._unread[: os.write(self._master, self._unread)]
        if self._master in ready:
            self._talked_ms = _wall_ms()
            self._pico.type(os.read(self._master, 4096))
        if switch in ready and not os.read(switch, 1):
            self.stop()

    def _draw(self) -> None:
        """The picture, when it is another one; a controller that is asleep cannot be asked whether it is."""
        if _wall_ms() - self._looked_ms < _LOOK_MS:
            return
        self._looked_ms = _wall_ms()
        picture = self._pico.panel.controller.picture()
        if picture == self._drawn:
            return
        self._drawn = picture
        panel = self._panel
        frame = Frame(panel.width_px, panel.height_px, panel.bpp, panel.planes, picture)
        _replace(self._folder / PICTURE, png_bytes(frame, panel.palette, panel.rotation))

    def _save(self) -> None:
        _replace(self._folder / FLASH, self._pico.flash())


def _replace(file: Path, content: bytes) -> None:
    new = file.with_name(file.name + ".new")
    new.write_bytes(content)
    new.replace(file)


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


def main(arguments: list[str]) -> None:
    image, panel, folder = arguments
    board = VirtualBoard(Path(image), panel, Path(folder))
    signal.signal(signal.SIGUSR1, board.power_cycle)
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # a terminal's ctrl-C is for whoever holds the switch
    board.run(sys.stdin.fileno())


if __name__ == "__main__":
    main(sys.argv[1:])
