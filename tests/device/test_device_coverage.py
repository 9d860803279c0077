"""Lines that MicroPython runs are counted as coverage.py counts Python's."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tools.device_coverage.__main__ import FIRMWARE, lines_of, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_line_counts_when_the_firmware_has_run_it(
    firmware_image: Callable[[str], Path], tmp_path: Path
) -> None:
    traces = tmp_path / "traces"
    traces.mkdir()
    interpreter = wrapped(firmware_image("unix-trace"), tmp_path, traces)
    subprocess.run(
        [interpreter, "-X", "heapsize=320K", "-c", "from device.font import letters"],
        env={"MICROPYPATH": f"{FIRMWARE}:.frozen"},
        check=True,
    )
    subprocess.run(
        [interpreter, "-c", "from device.font import letters; list(letters('L'))"],
        env={"MICROPYPATH": f"{FIRMWARE}:.frozen"},
        check=True,
    )
    imported, called = (lines_of(trace) for trace in sorted(traces.iterdir()))
    module = FIRMWARE / "device" / "font.py"
    inside = 1 + next(
        number
        for number, line in enumerate(module.read_text().splitlines(), 1)
        if line.startswith("def letters")
    )
    assert max(imported[str(module)]) < inside
    assert max(called[str(module)]) >= inside
