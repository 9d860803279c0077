"""Watchdog and crashes of a board, with a stand-in for MicroPython's `machine`."""

# ruff: noqa: N802  # MicroPython's names

from __future__ import annotations

import importlib
import json
import runpy
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from inkframe import compat
from inkframe.epoch import to_utc

if TYPE_CHECKING:
    from collections.abc import Iterator

MAIN = Path(__file__).parents[2] / "firmware" / "main.py"
PWRON, WDT, DEEPSLEEP = 1, 3, 4
SCRATCH4, CTRL_CLEAR = 0x4005801C, 0x4005B000
STARTED = 0x6AB73121


class Slept(SystemExit):
    """The board went to deep sleep, for args[0] milliseconds."""


class Restarted(SystemExit):
    """The board was reset."""


class Chip:
    """What `machine` is asked of."""

    PWRON_RESET, WDT_RESET, DEEPSLEEP_RESET = PWRON, WDT, DEEPSLEEP
    EXT0_WAKE, EXT1_WAKE, TIMER_WAKE = 2, 3, 4

    def __init__(self) -> None:
        self.now_ms = 0
        self.cause = PWRON
        self.timeouts: list[int] = []
        self.fed_at: list[int] = []
        self.period_ms = 0
        self.mem32 = {SCRATCH4: 0}
        self._callback: Any = None
        self.woken_by = self.TIMER_WAKE
        self.pressed: set[int] = set()
        self.naps_ms: list[int] = []
        self.presses_after_ms: dict[int, int] = {}
        """When which pin is pressed, in the light sleep of an RP2."""
        self.kept = b""
        """RTC memory."""
        self.armed: dict[str, list[int]] = {}
        self.told: list[tuple[object, object]] = []
        """Which pin was held or let go, and when it slept lightly, in order."""
        self.utc: tuple[int, ...] = (2021, 1, 1, 0, 0, 0, 0, 0)
        self.Pin, self.RTC = _pin(self), _rtc(self)

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

    def SPI(self, _number: int, **_settings: int) -> Chip:
        return self

    def wake_reason(self) -> int:
        return self.woken_by

    def lightsleep(self, duration_ms: int) -> None:
        self.now_ms += duration_ms
        self.told.append(("sleeps", duration_ms))
        self.naps_ms.append(duration_ms)
        self.pressed = {pin for pin, at in self.presses_after_ms.items() if self.now_ms >= at}

    def reset(self) -> None:
        self.cause = WDT
        raise Restarted

    def reset_cause(self) -> int:
        return self.cause

    def deepsleep(self, duration_ms: int) -> None:
        self.cause = DEEPSLEEP
        raise Slept(duration_ms)

    def run(self, duration_ms: int) -> None:
        """Time passes, and the timer calls."""
        for _ in range(duration_ms // 1000):
            self.now_ms += 1000
            if self._callback:
                self._callback(self)


def _pin(chip: Chip) -> Any:
    class Pin:
        IN, OUT, PULL_UP = 0, 1, 2

        def __init__(self, number: int, _mode: int = IN, *_: int, value: int | None = None) -> None:
            self.number = number

        def init(self, hold: bool) -> None:
            chip.told.append((self.number, hold))

        def __call__(self) -> int:
            return int(self.number not in chip.pressed)

    return Pin


def _rtc(chip: Chip) -> Any:
    class Rtc:
        """Runs on while an ESP32 sleeps; stands still, and starts anew, with an RP2."""

        def datetime(self, value: Any = None) -> Any:
            if value is None:
                return chip.utc
            chip.utc = value
            return None

        def memory(self, data: bytes | None = None) -> bytes:
            if data is not None:
                chip.kept = data
            return chip.kept

    return Rtc


def _esp32(chip: Chip) -> Any:
    return SimpleNamespace(
        WAKEUP_ALL_LOW=0,
        wake_on_ext0=lambda pin, level: chip.armed.update(ext0=[pin.number]),
        wake_on_ext1=lambda pins, level: chip.armed.update(ext1=[pin.number for pin in pins]),
        wake_on_gpio=lambda pins, level: chip.armed.update(gpio=[pin.number for pin in pins]),
    )


@pytest.fixture
def chip(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chip]:
    chip = Chip()
    monkeypatch.setitem(sys.modules, "machine", chip)  # type: ignore[arg-type]  # as good as a module
    monkeypatch.setitem(sys.modules, "esp32", _esp32(chip))
    monkeypatch.setattr(compat, "ticks_ms", lambda: chip.now_ms)
    monkeypatch.setattr(compat, "sleep_ms", lambda _: None)
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
    power.watchdog.start()
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


# Sleeps

NINE_S = 1_795_510_800
DAY_S = 86_400


def _power(chip: Chip, longest_s: int = DAY_S, buttons: dict[str, int] | None = None) -> Any:
    """The module as after a start of the board, with its sleeps planned."""
    _forget_device()
    power = importlib.import_module("device.power")
    power.plan(longest_s, buttons or {})
    return power


def _slept_s(function: Any, *arguments: Any) -> int:
    with pytest.raises(Slept) as slept:
        function(*arguments)
    milliseconds: int = slept.value.args[0]
    return milliseconds // 1000


def test_an_esp32_sleeps_longer_than_it_can_by_sleeping_again_before_anything_else(
    chip: Chip,
) -> None:
    first = _slept_s(_power(chip).sleep, 3 * DAY_S + 600)
    later = [_slept_s(_power(chip).begin) for _ in range(3)]
    assert [first, *later] == [DAY_S, DAY_S, DAY_S, 600]
    assert _power(chip).begin() == ("timer", 4)


def test_a_chain_of_naps_is_over_when_the_power_was_gone(chip: Chip) -> None:
    _slept_s(_power(chip).sleep, 3 * DAY_S)
    chip.cause, chip.kept = PWRON, b""
    assert _power(chip).begin() == ("power_on", 0)


def test_memory_that_holds_something_else_is_no_reason_to_sleep(chip: Chip) -> None:
    chip.cause = DEEPSLEEP
    for content in (b"", b"x" * 12, bytes(2048)):
        chip.kept = content
        assert _power(chip).begin() == ("timer", 0)


@pytest.mark.parametrize(("kind", "name"), [(2, "refresh"), (3, "next_page")])
def test_a_button_ends_the_sleep_of_an_esp32_and_says_which(
    chip: Chip, kind: int, name: str
) -> None:
    buttons = {"next_page": 4, "refresh": 3}
    _slept_s(_power(chip, buttons=buttons).sleep, 3 * DAY_S)
    assert chip.armed == {"ext0": [3], "ext1": [4]}
    chip.woken_by = kind
    assert _power(chip, buttons=buttons).begin() == (name, 1)


def test_an_esp32_c3_is_woken_by_any_of_its_low_pins(
    chip: Chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sys.implementation, "_machine", "ESP32C3 module with ESP32C3", raising=False
    )
    buttons = {"refresh": 2, "next_page": 3}
    _slept_s(_power(chip, buttons=buttons).sleep, 600)
    assert chip.armed == {"gpio": [2, 3]}
    chip.woken_by, chip.pressed = 7, {3}
    assert _power(chip, buttons=buttons).begin() == ("next_page", 1)


def test_a_button_that_is_stuck_does_not_keep_the_board_awake(chip: Chip) -> None:
    chip.pressed = {3}
    _slept_s(_power(chip, buttons={"refresh": 3, "next_page": 4}).sleep, 600)
    assert chip.armed == {"ext1": [4]}


@pytest.fixture
def rp2(chip: Chip, monkeypatch: pytest.MonkeyPatch) -> Chip:
    monkeypatch.setattr(sys, "platform", "rp2")
    chip.mem32.update({0x4005800C + 4 * index: 0 for index in range(3)})
    chip.utc = (*to_utc(NINE_S)[:3], 0, *to_utc(NINE_S)[3:], 0)
    return chip


def _restarts(rp2: Chip, seconds: int, buttons: dict[str, int] | None = None) -> Any:
    with pytest.raises(Restarted):
        _power(rp2, 4200, buttons).sleep(seconds)
    rp2.utc = (2021, 1, 1, 0, 0, 0, 0, 0)
    return _power(rp2, 4200, buttons)


def test_an_rp2_naps_within_its_limit_and_knows_the_time_afterwards(rp2: Chip) -> None:
    power = _restarts(rp2, 9000)
    assert [nap // 1000 for nap in rp2.naps_ms] == [4200, 4200, 600]
    assert power.begin() == ("timer", 3)
    assert importlib.import_module("device.clock").RtcClock().now() == NINE_S + 9000


def test_an_rp2_is_woken_by_a_button_within_a_second(rp2: Chip) -> None:
    rp2.presses_after_ms = {12: 60_000}
    power = _restarts(rp2, 9000, {"refresh": 12})
    assert 60_000 <= rp2.now_ms < 61_000
    assert power.begin()[0] == "refresh"
    assert importlib.import_module("device.clock").RtcClock().now() == NINE_S + 60


def test_a_button_held_from_before_does_not_wake_an_rp2(rp2: Chip) -> None:
    rp2.presses_after_ms = {12: 0}
    _restarts(rp2, 600, {"refresh": 12})
    assert rp2.now_ms >= 600_000


def test_an_rp2_that_had_no_time_has_none_afterwards(rp2: Chip) -> None:
    rp2.utc = (2021, 1, 1, 0, 0, 0, 0, 0)
    power = _restarts(rp2, 600)
    power.begin()
    assert importlib.import_module("device.clock").RtcClock().now() == 0


# The battery


def test_a_battery_is_measured_with_its_divider_on_and_single_wrong_readings_do_not_count(
    chip: Chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = iter([1_900_000, 1_902_000] * 6 + [3_100_000, 0, 2_900_000, 100_000])
    enabled: list[int] = []

    class Enable(chip.Pin):  # type: ignore[misc, name-defined]  # a class made when the test runs
        def __init__(self, number: int, *_: int, value: int | None = None) -> None:
            if value is not None:
                enabled.append(number)

        def __call__(self, level: int) -> None:
            assert level == 0
            enabled.clear()

    class Adc:
        ATTN_11DB = 3

        def __init__(self, _pin: Any, atten: int) -> None:
            pass

        def read_uv(self) -> int:
            assert enabled == [21], "read without its divider"
            return next(readings)

    monkeypatch.setattr(chip, "Pin", Enable)
    monkeypatch.setattr(chip, "ADC", Adc, raising=False)
    battery = importlib.import_module("device.battery")
    measured = battery.measure({"adc": 1, "divider_permille": 2010, "enable": 21})
    assert measured.mv == 1_901_000 * 2010 // 1_000_000
    assert enabled == []


# Naps


def test_a_nap_holds_what_the_panel_must_not_see_float(
    chip: Chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    nap = importlib.import_module("device.nap").Nap(50, {"cs": 6, "reset": 10, "busy": 4})
    released = [(6, False), (10, False)]
    assert chip.told == released, "a restart within a nap may have left them held"
    assert nap() == 50
    assert chip.told[2:] == [(6, True), (10, True), ("sleeps", 50), *released]
    monkeypatch.setattr(chip, "lightsleep", lambda _: None)
    assert nap() == 0, "it was refused"


# Whole wakes of main.py


@pytest.fixture
def flash(chip: Chip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A board with a configuration whose panel's driver is missing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(MAIN.parent)
    (tmp_path / "config.json").write_text(
        '{"display": "d", "server": "http://h", "key": null, "panel": "none", "wifi": {},'
        ' "pins": {"cs": 1, "dc": 2, "reset": 3, "busy": 4}, "spi": {"id": 1, "baud_hz": 1},'
        ' "longest_sleep_s": 86400}'
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


@pytest.mark.parametrize(
    ("cause", "changed", "naps"),
    [
        (DEEPSLEEP, {"nap_ms": 50}, True),
        (PWRON, {"nap_ms": 50}, False),
        (DEEPSLEEP, {"nap_ms": 50, "server": "usb:"}, False),
        (DEEPSLEEP, {}, False),
    ],
)
def test_only_a_board_that_may_naps_and_never_one_whose_cable_may_be_in_use(
    flash: Path, chip: Chip, cause: int, changed: dict[str, object], naps: bool
) -> None:
    chip.cause = cause
    file = flash / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changed))
    board: Any = importlib.import_module("device.board")
    buses: list[Any] = []

    def wired(bus: Any) -> None:
        buses.append(bus)
        raise Slept(0)

    board.load_panel = lambda _: wired
    with pytest.raises(Slept):
        board.wake(board.load_config())
    assert bool(buses[0].nap) is naps


def test_a_fresh_board_without_a_configuration_keeps_no_crash(
    flash: Path, chip: Chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    (flash / "config.json").unlink()
    monkeypatch.setattr(time, "sleep", lambda _: None)
    assert _wakes() == 3600
    assert not (flash / "crash").exists()
