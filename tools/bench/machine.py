"""What kind of machine a figure was measured on, and the ratios that were first on each kind.

Ours and a peer do not gain the same by another processor or another build of Python: of two builds of 3.11
one had 30 % more as the ratio of an unchanged calendar to a peer. Only ratios of one kind are compared.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_CPUINFO: Final = Path("/proc/cpuinfo")
_FIELDS: Final = ("model name", "cpu family", "model", "stepping", "cpu cores")


def kind() -> str:
    """The processor, how many of it, and the build of Python, as one line."""
    text = _CPUINFO.read_text() if _CPUINFO.exists() else ""
    fields = dict(re.findall(r"^([a-z ]+?)\s*: (.*)$", text, re.MULTILINE))
    processor = "/".join(fields[name] for name in _FIELDS if name in fields)
    python = " ".join(sys.version.split())
    return f"{processor or platform.machine()}, {os.cpu_count()} processors, Python {python}"


def peak_mb() -> float:
    """The most memory this program had resident, by the kernel's VmHWM (proc(5), in KiB).

    getrusage(2) counts what the process was before execve, too.
    """
    status = Path("/proc/self/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) * 1024 / 1_000_000


class Firsts:
    """The ratios that were first on a kind of machine since the kept figures changed; a file outside git.

    Pipelines keep it in a cache, so that a night is compared with the first of its kind, not with the night
    before: many small steps would pass.
    """

    def __init__(self, file: Path, kept: str) -> None:
        """`kept` names the kept figures; the file's ratios beside others are forgotten."""
        self._file = file
        self._kept = kept
        read = json.loads(file.read_text()) if file.exists() else {}
        self._ratios: dict[str, dict[str, float]] = (
            read["ratios"] if read.get("kept") == kept else {}
        )

    def of(self, machine: str) -> Mapping[str, float]:
        return self._ratios.get(machine, {})

    def add(self, machine: str, ratios: Mapping[str, float]) -> None:
        """Of those that are not there yet."""
        self._ratios[machine] = {**ratios, **self.of(machine)}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(
            json.dumps({"kept": self._kept, "ratios": self._ratios}, indent=1) + "\n"
        )
