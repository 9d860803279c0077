"""Memory and time of decoding, on MicroPython's unix port.

Memory is what decoding allocates with collection switched off: an upper bound of its peak, beside the two
frame buffers. Objects here are twice the size they have on a 32-bit microcontroller. Times are of this
machine, so only the ratios between the ways to compile the inner loop mean something.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from calendarbot.emulator.unix_port import firmware_dir, micropython
from tools.bench import Row, reference_day

if TYPE_CHECKING:
    from collections.abc import Iterator

BENCH = "device"
TARGET_BYTES = 24 * 1024
_SCRIPT = Path(__file__).parent / "on-device" / "decode.py"


def rows() -> Iterator[Row]:
    built = reference_day("office")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "body").write_bytes(built.body)
        (Path(folder) / "bundle").write_bytes(built.sealed(1, bytes(32)))
        result = subprocess.run(
            [micropython(), "-X", "heapsize=1M", str(_SCRIPT)],
            cwd=folder,
            env={"MICROPYPATH": f"{firmware_dir()}:.frozen"},
            capture_output=True,
            text=True,
            check=False,
        )
    if result.returncode:
        raise SystemExit(result.stdout + result.stderr)
    measured = json.loads(result.stdout)
    for case in ("receiving a bundle", "key frame", "largest delta"):
        ours = measured["memory"][case]
        yield Row(BENCH, case, "heap taken", "B", ours, "target", TARGET_BYTES)
    times = measured["times_us"]
    for way in ("native", "bytecode"):
        for case in ("key frame", "day of deltas"):
            ours, theirs = times["viper"][case], times[way][case]
            yield Row(BENCH, f"{case}, inner loop in viper", "time", "µs", ours, way, theirs)
