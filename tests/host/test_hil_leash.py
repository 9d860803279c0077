"""A suite ends with the job that started it, and takes along what it started itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_STARTS_ANOTHER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def leashed(*command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "calendarbot.hil.leash", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_end_of_its_input_ends_a_command_and_what_it_started(tmp_path: Path) -> None:
    with leashed(sys.executable, "-c", _STARTS_ANOTHER) as process:
        assert process.stdout
        assert process.stdin
        child = int(process.stdout.readline())
        assert is_running(child)
        process.stdin.close()
        assert process.wait(30) != 0
    until = time.monotonic() + 10
    while is_running(child) and time.monotonic() < until:
        time.sleep(0.05)  # a killed process is there until somebody asks for it
    assert not is_running(child)


def test_its_exit_code_is_the_commands() -> None:
    with leashed(sys.executable, "-c", "raise SystemExit(3)") as process:
        assert process.wait(30) == 3
