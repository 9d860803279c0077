"""What bands cost over the air, and what a device without room for two frames works in.

The office day on panels whose frames do not fit in RAM, in the bands a board without PSRAM gets, against the
same day in whole frames. Memory is counted on MicroPython's unix port, whose objects are twice the size they
have on a 32-bit microcontroller: the two buffers, and what making a frame allocates beside them with
collection switched off, an upper bound of its peak.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from calendarbot.bundle import encode_frame
from calendarbot.emulator.unix_port import firmware_dir, micropython
from inkframe.config import FRAME_RAM_BYTES
from tools.bench import Row, reference_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calendarbot.build import Built

BENCH = "bands"
PANELS = ("waveshare_7in3e", "waveshare_5in65f", "waveshare_7in5b_v2")
_SCRIPT = Path(__file__).parent / "on-device" / "bands.py"


def rows() -> Iterator[Row]:
    for panel in PANELS:
        built = reference_day("office", panel=panel)
        key, *deltas = (len(encoded.payload) for encoded in built.encoded)
        whole_key, *whole_deltas = _whole(built)
        yield Row(BENCH, panel, "key frame", "B", key, "whole", whole_key)
        yield Row(
            BENCH, panel, f"{len(deltas)} deltas", "B", sum(deltas), "whole", sum(whole_deltas)
        )
        measured = _measure(built, panel)
        frame_bytes = len(built.timeline.frames[0].frame.data)
        yield Row(
            BENCH, panel, "two buffers", "B", measured["buffers"], "two frames", 2 * frame_bytes
        )
        yield Row(BENCH, panel, "made beside them, key frame", "B", measured["key"])
        yield Row(BENCH, panel, "made beside them, largest delta", "B", measured["delta"])


def _whole(built: Built) -> list[int]:
    frames = [timed.frame for timed in built.timeline.frames]
    pairs = [(None, frames[0]), *pairwise(frames)]
    return [len(encode_frame(new, held, 0).payload) for held, new in pairs]


def _measure(built: Built, panel: str) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "body").write_bytes(built.body)
        result = subprocess.run(
            [micropython(), "-X", "heapsize=2M", str(_SCRIPT), panel, str(FRAME_RAM_BYTES)],
            cwd=folder,
            env={"MICROPYPATH": f"{firmware_dir()}:.frozen"},
            capture_output=True,
            text=True,
            check=False,
        )
    if result.returncode:
        raise SystemExit(result.stdout + result.stderr)
    measured: dict[str, int] = json.loads(result.stdout)
    return measured
