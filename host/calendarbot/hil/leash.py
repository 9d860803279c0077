"""Runs a command for as long as whoever started it lives: a killed job must not leave its suite at a board.

    python -m calendarbot.hil.leash COMMAND…

The end of its standard input ends the command: asked first, then made to. Its exit code is the command's.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Final

_LET_GO_S: Final = 10


def main(command: list[str]) -> int:
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:  # noqa: S603  our own
        threading.Thread(target=_end_with_input, args=(process,), daemon=True).start()
        return process.wait()


def _end_with_input(process: subprocess.Popen[bytes]) -> None:
    sys.stdin.buffer.read()
    process.terminate()
    try:
        process.wait(_LET_GO_S)
    except subprocess.TimeoutExpired:
        process.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
