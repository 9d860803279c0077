"""Benchmarks run: what they measure moves on, and nobody looks until the night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tools.bench import bench_bands, bench_bytes, bench_device, bench_qemu, bench_render

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType


def test_decoding_is_measured_on_the_unix_port() -> None:
    rows = list(bench_device.rows())
    assert {row.unit for row in rows} == {"B", "µs"}
    assert [row for row in rows if row.ours <= 0] == []


def test_instructions_are_counted_on_qemu(firmware_image: Callable[[str], Path]) -> None:
    for counter in bench_qemu.COUNTERS:
        firmware_image(counter.target.name)
    rows = list(bench_qemu.rows())
    assert len(rows) == len(bench_qemu.COUNTERS) * len(bench_qemu.PARTS)
    assert [row for row in rows if row.ours <= 0] == []


@pytest.mark.parametrize("bench", [bench_bands, bench_bytes, bench_render])
def test_a_benchmark_that_takes_longer_begins_with_a_figure(bench: ModuleType) -> None:
    assert next(bench.rows()).ours > 0
