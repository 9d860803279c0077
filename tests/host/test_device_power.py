"""Watchdog and crashes of a board, with a stand-in for MicroPython's `machine`."""

# ruff: noqa: N802  # MicroPython's names

from __future__ import annotations

import importlib
import runpy
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

MAIN = Path(__file__).parents[2] / "firmware" / "main.py"
PWRON, WDT, DEEPSLEEP = 1, 3, 4
SCRATCH4, CTRL_CLEAR = 0x4005801C, 0x4005B000
STARTED = 0x6AB73121


class Slept(SystemExit):
    """The board went to deep sleep, for args[0] milliseconds."""


class Chip:
    """What `machine` is asked of."""

    PWRON_RESET, WDT_RESET, DEEPSLEEP_RESET = PWRON, WDT, DEEPSLEEP

    def __init__(self) -> None:
        self.now_ms = 0
        self.cause = PWRON
        self.timeouts: list[int] = []
        self.fed_at: list[int] = []
        self.period_ms = 0
        self.mem32 = {SCRATCH4: 0}
        self._callback: Any = None

    def WDT(self, timeout: int) -> Chip:
        self.timeouts.append(timeout)
        return self

    def feed(self) -> None:
        self.fed_at.append(self.now_ms)

    def Timer(self, _number: int) -> Chip:
        return self

    def init(self, period: int, callback: Any) -> None:
        self.period_ms, self._callback = period, callback

    def deinit(self) -> None:
        self._callback = None

    class Pin:
        IN = OUT = 0

        def __init__(self, _number: int, _mode: int = IN, value: int | None = None) -> None:
            pass

    def SPI(self, _number: int, **_settings: int) -> Chip:
        return self

    def RTC(self) -> Chip:
        return self

    def reset_cause(self) -> int:
        return self.cause

    def deepsleep(self, duration_ms: int) -> None:
        raise Slept(duration_ms)

    def run(self, duration_ms: int) -> None:
        """Time passes, and the timer calls."""
        for _ in range(duration_ms // 1000):
            self.now_ms += 1000
            if self._callback:
                self._callback(self)


@pytest.fixture
def chip(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chip]:
    chip = Chip()
    monkeypatch.setitem(sys.modules, "machine", chip)  # type: ignore[arg-type]  # as good as a module
    monkeypatch.setattr(time, "ticks_ms", lambda: chip.now_ms, raising=False)
    monkeypatch.setattr(time, "ticks_add", lambda a, b: a + b, raising=False)
    monkeypatch.setattr(time, "ticks_diff", lambda a, b: a - b, raising=False)
    _forget_device()
    yield chip
    _forget_device()


def _forget_device() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "device"]:
        del sys.modules[name]


@pytest.fixture
def watchdog(chip: Chip) -> Any:
    return importlib.import_module("device.watchdog")


def test_a_long_wait_within_the_radio_is_not_bitten(chip: Chip, watchdog: Any) -> None:
    watchdog.start()
    chip.run(120_000)
    gaps = [b - a for a, b in zip(chip.fed_at, chip.fed_at[1:], strict=False)]
    assert max(gaps) < chip.timeouts[0] // 2


def test_a_wake_that_never_ends_is_fed_no_more_however_busy_it_is(
    chip: Chip, watchdog: Any
) -> None:
    watchdog.start()
    chip.run(watchdog.LONGEST_WAKE_S * 1000 + 60_000)
    watchdog.feed()
    assert chip.fed_at[-1] <= watchdog.LONGEST_WAKE_S * 1000


def test_an_rp2040_is_not_asked_for_more_than_it_can_count(
    chip: Chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "rp2")
    watchdog = importlib.import_module("device.watchdog")
    watchdog.start()
    assert chip.timeouts == [8000]
    watchdog.stop()
    assert chip.mem32[CTRL_CLEAR] == 1 << 30


def test_a_long_sleep_begins_without_a_watchdog(chip: Chip, watchdog: Any) -> None:
    power = importlib.import_module("device.power")
    power.start_watchdog()
    with pytest.raises(Slept, match="3600000"):
        power.sleep(3600)
    fed = len(chip.fed_at)
    chip.run(60_000)
    assert len(chip.fed_at) == fed
    assert chip.timeouts[-1] >= 86_400_000, "an ESP32's cannot be stopped, only put off"


@pytest.mark.parametrize(
    ("platform", "cause", "mark", "bitten"),
    [
        ("esp32", WDT, 0, True),
        ("esp32", DEEPSLEEP, 0, False),
        ("rp2", WDT, STARTED, True),
        ("rp2", WDT, 0, False),  # machine.reset(), which is a bite to the chip
        ("rp2", PWRON, STARTED, False),
    ],
)
def test_a_bite_is_told_from_other_restarts(
    chip: Chip,
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    cause: int,
    mark: int,
    *,
    bitten: bool,
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    chip.cause, chip.mem32[SCRATCH4] = cause, mark
    watchdog = importlib.import_module("device.watchdog")
    assert watchdog.has_bitten() == bitten
    if platform == "rp2" and bitten:
        assert not watchdog.has_bitten(), "a soft reset would be told for a bite again"


# Whole wakes of main.py


@pytest.fixture
def flash(chip: Chip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A board with a configuration whose panel's driver is missing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(MAIN.parent)
    (tmp_path / "config.json").write_text(
        '{"display": "d", "server": "http://h", "key": null, "panel": "none", "wifi": {},'
        ' "pins": {"cs": 1, "dc": 2, "reset": 3, "busy": 4}, "spi": {"id": 1, "baud_hz": 1},'
        ' "longest_sleep_s": 60}'
    )
    monkeypatch.setattr(sys, "print_exception", lambda _: None, raising=False)
    return tmp_path


def _wakes() -> int:
    """One run of main.py; the seconds it sleeps."""
    _forget_device()
    with pytest.raises(Slept) as slept:
        runpy.run_path(str(MAIN))
    milliseconds: int = slept.value.args[0]
    return milliseconds // 1000


def test_a_crash_is_kept_and_the_next_try_comes_soon_then_later(flash: Path) -> None:
    first, second = _wakes(), _wakes()
    assert first < 80 < second
    assert (flash / "crash").read_text().startswith("2 ModuleNotFoundError@device/board.py:")


def test_a_board_that_hung_sleeps_before_it_tries_again_and_says_so(
    flash: Path, chip: Chip
) -> None:
    chip.cause = WDT
    assert 60 <= _wakes() < 80
    assert (flash / "crash").read_text() == "1 watchdog"


def test_a_person_who_interrupts_a_wake_is_not_thrown_out_by_the_watchdog(
    flash: Path, chip: Chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(chip, "SPI", interrupted)
    with pytest.raises(KeyboardInterrupt):
        runpy.run_path(str(MAIN))
    assert chip.timeouts[-1] >= 86_400_000
    assert not (flash / "crash").exists()


def test_a_fresh_board_without_a_configuration_keeps_no_crash(
    flash: Path, chip: Chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    (flash / "config.json").unlink()
    monkeypatch.setattr(time, "sleep", lambda _: None)
    assert _wakes() == 3600
    assert not (flash / "crash").exists()
