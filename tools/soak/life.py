"""Lives a device's days, fault after fault, and judges every wake. SystemExit says what was wrong."""

from __future__ import annotations

import logging
import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from calendarbot.boards import load_board, load_panel
from calendarbot.config import config_from_options
from calendarbot.emulator.board import ALL_WELL, Air, VirtualClock
from calendarbot.emulator.device import SimulatedDevice
from calendarbot.emulator.flash_files import FlashFiles
from calendarbot.emulator.nor_flash import erases_by_sector
from calendarbot.emulator.pico import files_image
from calendarbot.keys import display_key
from calendarbot.provision import device_config
from calendarbot.publish import publish_display
from calendarbot.server.app import create_app
from calendarbot.server.run import background
from calendarbot.serving import served_display
from calendarbot.status_pages import low_battery_page
from calendarbot.store.folder import FolderStore
from inkframe import schedule, wire
from inkframe.drift import SteadyClock
from inkframe.mark import Mark
from inkframe.memory import LOW_PAGE, Memory
from tools.bench.bench_energy import refresh_of, wake_mc
from tools.soak.faults import DAY_S, OUTAGES, Fault, Spell, outages, spells
from tools.soak.web import Spoilt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from calendarbot.config import Config
    from calendarbot.emulator.board import Board
    from calendarbot.emulator.device import Woke
    from calendarbot.emulator.nor_flash import Operation
    from inkframe.memory import HeldBundle, State

ROOT = Path(__file__).resolve().parents[2]
BOARD = "trmnl_og"
PANEL = "waveshare_2in9_v2"
"""Small, and drawn in no time; the board and all else does not know the difference."""
DISPLAY = "display"
FIRST_DAY = datetime(2026, 11, 2, tzinfo=ZoneInfo("Europe/Berlin"))
PUBLISHED_AT_H = 4
"""When a day's pages are drawn."""
COVERED_H = 28
FULL_MV = 4000
CLOCK_OFF_S = 120
"""A device's clock and the world's, where nobody set it wrong. Drift learned from whole seconds may be off by
280 ppm, which makes a minute of three days offline.
"""
LONGEST_RECOVERY_S = 27_000
"""Six hours, and a quarter of them: the longest wait between two tries."""
MOST_REQUESTS_A_DAY = 40


class SoakError(AssertionError):
    """What must hold did not."""


@dataclass
class Day:
    """A day's figures."""

    faults: str
    wakes: int = 0
    requests: int = 0
    radio_s: float = 0.0
    refreshes: int = 0
    flash_writes: int = 0
    flash_bytes: int = 0
    erases: int = 0
    charge_mc: float = 0.0


@dataclass(frozen=True)
class Recovery:
    """After an outage: how long it lasted, and how long until the device was told anything new."""

    kind: str
    lasted_s: int
    took_s: int

    @property
    def allowed_s(self) -> int:
        """Waits triple, so the next is no longer than twice all before, and a quarter; the first is 2 min."""
        return min(LONGEST_RECOVERY_S, 300 + self.lasted_s * 5 // 2)


@dataclass(frozen=True)
class Soaked:
    days: list[Day]
    recoveries: list[Recovery]
    sectors: dict[int, int]
    """How often each sector was erased."""

    def as_json(self) -> dict[str, Any]:
        return {
            "days": [asdict(day) for day in self.days],
            "recoveries": [asdict(recovery) for recovery in self.recoveries],
            "most erased sector": max(self.sectors.values()),
        }


class Weather:
    """What is the matter at a moment."""

    def __init__(self, all_spells: list[Spell], clock: VirtualClock) -> None:
        self._spells = all_spells
        self._clock = clock

    @property
    def _now(self) -> int:
        return self._clock.now_ms // 1000

    def of(self, *kinds: str) -> Spell | None:
        for spell in self._spells:
            if spell.kind in kinds and spell.begins <= self._now < spell.ends:
                return spell
        return None

    def air(self) -> Air:
        air = ALL_WELL
        if self.of("no access point"):
            air &= ~Air.IN_REACH
        if self.of("no names"):
            air &= ~Air.NAMES
        if self.of("stalled"):
            air &= ~Air.PATIENCE
        return air

    def web(self) -> str:
        spell = self.of(*OUTAGES, "slow")
        return spell.kind if spell else ""

    def battery_mv(self) -> int:
        spell = self.of("battery")
        return spell.by if spell else FULL_MV

    def moments(self, kind: str, after_s: int, until_s: int) -> list[Spell]:
        return [s for s in self._spells if s.kind == kind and after_s < s.begins <= until_s]


class _Rtc:
    def __init__(self, board: Board) -> None:
        self._board = board

    def now(self) -> int:
        return self._board.rtc_ms() // 1000

    def set(self, seconds: int) -> None:
        raise NotImplementedError("the device sets it; this only reads")


class FlashMirror:
    """littlefs with the same files, for what the unix port's folder does not know: erasures."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._operations: list[Operation] = []
        self._files = FlashFiles(bytearray(files_image({})), self._operations.append)
        self._held: dict[str, bytes] = {}

    def follow(self, writes: int) -> int:
        """Write what a wake changed, and its state as often as it did. Returns how many erasures it took."""
        before = sum(operation.erases for operation in self._operations)
        changed = []
        for path in sorted(self._folder.iterdir()):
            content = path.read_bytes()
            if path.is_file() and self._held.get(path.name) != content:
                self._held[path.name] = content
                changed.append(path.name)
        changed += ["state"] * (writes - len(changed))
        for name in changed:
            self._files.write(name + ".new", self._held.get(name, b""))
            self._files.rename(name + ".new", name)
        return sum(operation.erases for operation in self._operations) - before

    def sectors(self) -> dict[int, int]:
        return erases_by_sector(self._operations)


class Life:
    def __init__(self, folder: Path, days: Sequence[tuple[Fault, ...]]) -> None:
        self._midnight_s = int(FIRST_DAY.timestamp())
        self._until_s = self._midnight_s + len(days) * DAY_S
        self._spells = spells(self._midnight_s, days)
        self._clock = VirtualClock((self._midnight_s + 60) * 1000)
        self._weather = Weather(self._spells, self._clock)
        self._config = _config()
        self._store = FolderStore(folder / "out")
        self._flash = folder / "flash"
        self._flash.mkdir()
        self._mirror = FlashMirror(self._flash)
        self._panel = load_panel(self._config.display(DISPLAY).panel)
        self._empty_page = low_battery_page(self._config.display(DISPLAY), DISPLAY)
        self._published_on: int | None = None
        self._days = [
            Day(_described(self._spells, self._midnight_s + day * DAY_S))
            for day in range(len(days))
        ]
        self._clock_is_off = False
        self._open = outages(self._spells)
        self._recoveries: list[Recovery] = []

    def live(self) -> Soaked:
        self._publish()
        with self._served() as (device, web):
            wakes = device.live(self._until_s)
            while True:
                device.board.battery_mv = self._weather.battery_mv() // 2
                before = (web.requests, web.answered)
                try:
                    woke = next(wakes)
                except StopIteration:
                    break
                answered = web.answered > before[1]
                self._judge(device, woke, answered=answered)
                self._count(woke, web.requests - before[0])
                self._pass(device, woke)
        self._check()
        return Soaked(self._days, self._recoveries, self._mirror.sectors())

    @contextmanager
    def _served(self) -> Iterator[tuple[SimulatedDevice, Spoilt]]:
        served = served_display(self._config, DISPLAY, self._store)
        app = create_app({DISPLAY: served}, lambda: self._clock.now_ms / 1000)
        web = Spoilt(app, self._weather.web)
        with _quiet(), background(web) as url:
            key = display_key(self._config, DISPLAY)
            text = device_config(self._config, DISPLAY, url, key, board=BOARD)
            (self._flash / "config.json").write_text(text)
            device = SimulatedDevice(self._panel, load_board(BOARD).pins, self._flash, self._clock)
            device.board.air = self._weather.air
            yield device, web

    def _publish(self) -> None:
        """Once a day, and before the first."""
        now = self._clock.now_ms // 1000
        day = (now - self._midnight_s - PUBLISHED_AT_H * 3600) // DAY_S
        if day == self._published_on:
            return
        self._published_on = day
        at = datetime.fromtimestamp(now, UTC)
        publish_display(self._store, self._config, DISPLAY, at, COVERED_H)

    def _pass(self, device: SimulatedDevice, woke: Woke) -> None:
        """What happens in the sleep that comes: a button, a jump of the clock, new pages."""
        now = self._clock.now_ms // 1000
        wakes_at = now + woke.sleep_s
        for press in self._weather.moments("button", now, wakes_at)[:1]:
            device.press_after_s = max(press.begins - now, 1)
            wakes_at = now + device.press_after_s
        for jump in self._weather.moments("clock", now, wakes_at):
            device.board.set_rtc(device.board.rtc_ms() + jump.by * 1000)
            self._clock_is_off = True
        before_ms, self._clock.now_ms = self._clock.now_ms, wakes_at * 1000
        self._publish()
        device.board.battery_mv = self._weather.battery_mv() // 2
        self._clock.now_ms = before_ms

    def _judge(self, device: SimulatedDevice, woke: Woke, *, answered: bool) -> None:
        now = self._clock.now_ms // 1000
        when = datetime.fromtimestamp(woke.at_s, FIRST_DAY.tzinfo)
        if answered:
            self._clock_is_off = False
        off_s = abs(self._device_s(device, Memory(f"{self._flash}/").load()) - now)
        if off_s > CLOCK_OFF_S and not self._clock_is_off:
            raise SoakError(f"{when}: the clock is {off_s} s off\n{woke.log}")
        self._is_right(device, woke, when)
        while self._open and self._open[0].ends <= now and answered:
            outage = self._open.pop(0)
            took_s = now - outage.ends
            self._recoveries.append(Recovery(outage.kind, outage.ends - outage.begins, took_s))

    def _is_right(self, device: SimulatedDevice, woke: Woke, when: datetime) -> None:
        """The panel shows what the device should, by all it can know; a mark covers some of it."""
        memory = Memory(f"{self._flash}/")
        state = memory.load()
        if state.over == LOW_PAGE:
            if woke.picture.id != self._empty_page.id:
                raise SoakError(f"{when}: no page for an empty battery\n{woke.log}")
            return
        bundle = memory.open_bundle()
        if not bundle:
            raise SoakError(f"{when}: it holds no bundle\n{woke.log}")
        due = self._due(bundle, self._device_s(device, state), woke)
        bundle.close()
        # By a clock that was set far back nothing is due: what was shown stays.
        if due and (state.held not in due or state.held == wire.NO_FRAME):
            raise SoakError(f"{when}: it shows {state.held.hex()}, not what is due\n{woke.log}")
        frame = bytearray(len(woke.picture.data))
        if not memory.read_frame(state, frame, len(frame)):
            raise SoakError(f"{when}: it does not hold what it shows\n{woke.log}")
        covered = self._covered(state.over)
        if any((a ^ b) & ~c for a, b, c in zip(frame, woke.picture.data, covered, strict=True)):
            raise SoakError(f"{when}: the panel shows another picture\n{woke.log}")

    def _due(self, bundle: HeldBundle, device_s: int, woke: Woke) -> list[bytes]:
        """The frame due when it looked, or now: a slow panel may take it past the next one's time."""
        looked = (device_s - woke.awake_ms // 1000 - 1, device_s)
        indices = [schedule.due(bundle.table, at) for at in looked]
        return [bundle.table.entry(i).id for i in indices if i != schedule.NONE_DUE]

    def _device_s(self, device: SimulatedDevice, state: State) -> int:
        """The time as the firmware has it."""
        return SteadyClock(_Rtc(device.board), state).now()

    def _covered(self, text: str) -> bytes:
        """A bit for each pixel that a mark of this text covers."""
        size = wire.frame_bytes(self._panel.width_px, self._panel.height_px, 1, 1)
        if not text:
            return bytes(size)
        panel: Any = self._panel
        mark = Mark("! " + text, lambda letters: bytes(8 * len(letters)), panel)
        over_black, over_white = (
            b"".join(mark.over(memoryview(bytearray([value]) * size), 0)) for value in (0, 255)
        )
        return bytes(~(a ^ b) & 255 for a, b in zip(over_black, over_white, strict=True))

    def _count(self, woke: Woke, requests: int) -> None:
        day = self._days[min((woke.at_s - self._midnight_s) // DAY_S, len(self._days) - 1)]
        day.wakes += 1
        day.requests += requests
        if day.requests > MOST_REQUESTS_A_DAY:
            raise SoakError(f"{day.requests} requests in a day ({day.faults})\n{woke.log}")
        day.radio_s += woke.radio_ms / 1000
        day.refreshes += bool(woke.refresh)
        day.flash_writes += woke.flash_writes
        day.flash_bytes += woke.flash_bytes
        day.erases += self._mirror.follow(woke.flash_writes)
        day.charge_mc += wake_mc(0, woke.radio_ms, refresh_of(woke, self._panel))

    def _check(self) -> None:
        for recovery in self._recoveries:
            if recovery.took_s > recovery.allowed_s:
                raise SoakError(f"recovery took longer than {recovery.allowed_s} s: {recovery}")
        still = [
            outage for outage in self._open if outage.ends < self._until_s - LONGEST_RECOVERY_S
        ]
        if still:
            raise SoakError(f"never recovered from {still}")


@contextmanager
def _quiet() -> Iterator[None]:
    """What breaks off here does so on purpose."""
    log = logging.getLogger("uvicorn.error")
    log.disabled = True
    try:
        yield
    finally:
        log.disabled = False


def _config() -> Config:
    file = ROOT / "tests" / "reference" / "office.ics"
    config = config_from_options([file], PANEL, tz="Europe/Berlin", locale="en_GB")
    display = config.displays[DISPLAY].model_copy(update={"board": BOARD})
    return config.model_copy(update={"displays": {DISPLAY: display}})


def _described(all_spells: list[Spell], midnight_s: int) -> str:
    kinds = Counter(s.kind for s in all_spells if midnight_s <= s.begins < midnight_s + DAY_S)
    return ", ".join(f"{count} x {kind}" if count > 1 else kind for kind, count in kinds.items())


def soak(days: Sequence[tuple[Fault, ...]]) -> Soaked:
    """Live so many days with those faults. SoakError."""
    with tempfile.TemporaryDirectory() as folder:
        return Life(Path(folder), days).live()
