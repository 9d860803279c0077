"""Runs a command for as long as whoever started it lives: a killed job must not leave its suite at a board.

    python -m calendarbot.hil.leash COMMAND…

The end of its standard input ends the command and all that it started: interrupted first, so that a suite can
clean up, then killed. Its exit code is the command's.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Final

_LET_GO_S: Final = 10


def main(command: list[str]) -> int:
    with subprocess.Popen(  # noqa: S603  our own
        command, stdin=subprocess.DEVNULL, start_new_session=True
    ) as process:
        threading.Thread(target=_end_with_input, args=(process,), daemon=True).start()
        code = process.wait()
    # What it started and left behind: the session is theirs alone.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return code


def _end_with_input(process: subprocess.Popen[bytes]) -> None:
    while os.read(sys.stdin.fileno(), 4096):  # not its buffer: whose lock would be held at the end
        pass
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_LET_GO_S)
    except subprocess.TimeoutExpired:
        process.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
