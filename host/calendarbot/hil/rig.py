"""A board that has power and a port: the real one on its cable, or an emulated one's process."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from calendarbot.emulator import virtual_board
from calendarbot.emulator.pico import image_path
from calendarbot.errors import DeviceError
from calendarbot.ports import ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from calendarbot.hil.bench import Bench, BenchBoard

    T = TypeVar("T")

_APPEARS_S: Final = 30
"""For a port after power came: enumeration takes seconds, an emulator's start on a busy computer more."""
_POLL_S: Final = 0.1
_OFF_S: Final = 2
_SWITCH_S: Final = 60


@dataclass(frozen=True, slots=True)
class Rig:
    """`power_cycle` is a command, empty where there is no way; `picture` a file that shows the panel now."""

    name: str
    board: BenchBoard
    port: str
    power_cycle: tuple[str, ...] = ()
    picture: Path | None = None


@contextmanager
def powered(bench: Bench, name: str) -> Iterator[Rig]:
    """The board, freshly switched on where that can be done. DeviceError when its port does not appear."""
    board = bench.board(name)
    with _virtual(bench, name) if board.virtual else _real(name, board) as rig:
        yield rig


@contextmanager
def _virtual(bench: Bench, name: str) -> Iterator[Rig]:
    board = bench.board(name)
    folder = bench.state_dir / "virtual" / name
    folder.mkdir(parents=True, exist_ok=True)
    port = folder / virtual_board.PORT
    port.unlink(missing_ok=True)
    image = bench.image(name) or image_path()
    command = [sys.executable, "-m", virtual_board.__name__, str(image), board.panel, str(folder)]
    log = folder / "emulator.log"
    with (
        log.open("w") as said,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=said) as process,  # noqa: S603  ours
    ):
        try:
            _await_start(name, process, port, log)
            cycle = ("kill", "-USR1", str(process.pid))
            yield Rig(name, board, str(port), cycle, folder / virtual_board.PICTURE)
        finally:
            if process.stdin:
                process.stdin.close()  # the end of its power: it saves its flash and goes
            try:
                process.wait(_APPEARS_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _await_start(name: str, process: subprocess.Popen[bytes], port: Path, log: Path) -> None:
    end = time.monotonic() + _APPEARS_S
    while process.poll() is None and not port.exists() and time.monotonic() < end:
        time.sleep(_POLL_S)
    if process.poll() is not None or not port.exists():
        last = (log.read_text().strip().splitlines() or ["it says nothing"])[-1]
        raise DeviceError(f"{name}: the emulated board did not start: {last}")


@contextmanager
def _real(name: str, board: BenchBoard) -> Iterator[Rig]:
    cycle = power_cycle_command(board)
    if cycle:
        switch(name, cycle)
    yield Rig(name, board, soon(lambda: find_port(name, board.usb_serial)), cycle)


def find_port(name: str, usb_serial: str) -> str:
    """The port of the board with that serial number. DeviceError while there is none."""
    for port in ports():
        if port.serial_number == usb_serial:
            return port.device
    raise DeviceError(
        f"{name}: no port has the serial number {usb_serial}",
        "`host hil list --usb` shows those that are there; is it plugged in, and its hub on?",
    )


def soon(found: Callable[[], T]) -> T:
    """What `found` returns once it raises no DeviceError any more; its last one when time is over."""
    end = time.monotonic() + _APPEARS_S
    while True:
        try:
            return found()
        except DeviceError:
            if time.monotonic() > end:
                raise
        time.sleep(_POLL_S)


def power_cycle_command(board: BenchBoard) -> tuple[str, ...]:
    """Off, a moment, on, as one command; empty where the bench has no switch for the board."""
    if not board.power_off:
        return ()
    off, on = shlex.join(board.power_off), shlex.join(board.power_on)
    return ("sh", "-c", f"{off} && sleep {_OFF_S} && {on}")


def switch(name: str, command: Sequence[str]) -> None:
    """Run a command of the bench. DeviceError when it fails."""
    try:
        done = subprocess.run(  # noqa: S603  the bench's owner wrote it
            command, capture_output=True, text=True, timeout=_SWITCH_S, check=False, env=os.environ
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DeviceError(f"{name}: {command[0]}: {error}") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise DeviceError(f"{name}: its power cannot be switched: {last}")
