"""Runs what builds: quiet, with a log, and with the end of that log when it fails."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from tools.firmware.errors import FirmwareError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_TAIL_LINES = 12


def run(
    command: Sequence[str],
    log: Path,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """FirmwareError with the last lines of the output when `command` fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        file.write(f"\n$ {' '.join(command)}\n".encode())
        file.flush()
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**os.environ, "LC_ALL": "C", **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        tail = log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
        raise FirmwareError(
            f"{command[0]} ended with status {done.returncode}", "\n".join([f"see {log}:", *tail])
        )
