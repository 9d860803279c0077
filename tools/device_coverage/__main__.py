"""python -m tools.device_coverage [PYTEST OPTIONS]: see the package.

Exit codes: pytest's own; 1 without an interpreter; 2 below FLOOR.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from coverage import Coverage, CoverageData

from calendarbot.emulator.unix_port import INTERPRETER
from tools.firmware import FirmwareError, image

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT: Final = Path(__file__).resolve().parents[2]
OUT: Final = ROOT / "out" / "coverage" / "device"
FIRMWARE: Final = ROOT / "firmware"
TRACER: Final = Path(__file__).with_name("on-device") / "tracer.py"
SUITES: Final = (
    "tests/device/test_moving.py",
    "tests/device/test_reference_days.py",
    "tests/device/test_updates.py",
    "tests/flash/test_board_descriptions.py",
    "tests/host/test_boards.py",
    "tests/host/test_cli_frames.py",
    "tests/host/test_device_life.py",
    "tests/pairs",
)
# The sources' release has no ssl module, and its sockets no `sendall`: without tests/portal, too.
LEFT_OUT: Final = (
    "tests/device/test_moving.py::test_a_device_moves_to_a_new_server_and_its_authority",
)
FLOOR: Final = 60
"""Percent."""
_HEAP: Final = "256M"
"""What a trace takes is no measure of what the firmware takes."""


def main(options: list[str]) -> int:
    try:
        interpreter = image("unix-trace", print).path
    except FirmwareError as error:
        print(f"error: {error.message}\nhint: {error.hint}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        traces = Path(folder, "traces")
        traces.mkdir()
        status = _tests(wrapped(interpreter, Path(folder), traces), options)
        percent = report(traces.iterdir())
    return status or (2 if percent < FLOOR else 0)


def wrapped(interpreter: Path, folder: Path, traces: Path) -> Path:
    """A program that is called as MicroPython is, and traces."""
    command = (interpreter, "-X", f"heapsize={_HEAP}", TRACER, traces)
    wrapper = folder / "micropython"
    wrapper.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, command))} "$@"\n')
    wrapper.chmod(0o755)
    return wrapper


def _tests(interpreter: Path, options: list[str]) -> int:
    patient = {"CALENDARBOT_PATIENCE": "3", INTERPRETER: str(interpreter)}
    command = [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "worksteal", *SUITES]
    command += [f"--deselect={test}" for test in LEFT_OUT]
    return subprocess.run([*command, *options], cwd=ROOT, env={**os.environ, **patient}).returncode


def report(traces: Iterable[Path]) -> float:
    """Percent of all lines; reports are in OUT."""
    OUT.mkdir(parents=True, exist_ok=True)
    file = OUT / "data"
    file.unlink(missing_ok=True)
    data = CoverageData(str(file))
    data.add_lines({str(module): [] for module in _modules()})
    for trace in traces:
        data.add_lines(lines_of(trace))
    data.write()
    coverage = Coverage(data_file=str(file), include=[str(m) for m in _modules()])
    coverage.load()
    coverage.xml_report(outfile=str(OUT / "coverage.xml"))
    coverage.json_report(outfile=str(OUT / "coverage.json"))
    coverage.html_report(directory=str(OUT / "html"))
    return coverage.report(skip_covered=False)


def _modules() -> list[Path]:
    return [FIRMWARE / "main.py", *sorted((FIRMWARE / "device").rglob("*.py"))]


def lines_of(trace: Path) -> dict[str, list[int]]:
    """Those of a process that was killed while it wrote may lack the end."""
    wanted = {str(module) for module in _modules()}
    rows = (line.split("\t") for line in trace.read_text().splitlines())
    return {row[0]: list(map(int, row[1:])) for row in rows if row[0] in wanted}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
