"""The benchmark times what a wake runs: functions move on, and a stopwatch stays where they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.bench.bench_pico import APPLIED_AND_SENT, ONE_PLANE, SHARES, day_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_every_phase_of_a_first_wake_takes_time(firmware_image: Callable[[str], Path]) -> None:
    firmware_image("pico")
    (wake,) = day_on(ONE_PLANE, 0)
    phases = {*APPLIED_AND_SENT, *(phase for _, phases in SHARES for phase in phases)}
    idle = {phase for phase in phases if not wake.phases[phase]}
    assert idle == {"covers"}, "a first frame has none before it"
    assert wake.sent_bytes > 48_000
