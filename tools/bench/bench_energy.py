"""Charge per wake and days per battery, from counted work and other people's currents (energy.toml).

Modelled, since no board was measured. What a wake does is counted: the radio's time, the refreshes and the
naps meanwhile on the unix port over a reference day, computing time in cycles on the emulated Pico (an RP2040
at 125 MHz, which stands in for an ESP32-C3 at 160 MHz). docs/energy.md says what each figure means.
"""

from __future__ import annotations

import tempfile
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self

from calendarbot.boards import load_panel
from calendarbot.config import config_from_options
from calendarbot.config.model import PolicyConfig
from calendarbot.emulator.nor_flash import erases_by_sector
from calendarbot.emulator.simulation import simulate, simulate_pico
from calendarbot.publish import publish_display
from calendarbot.store.folder import FolderStore
from inkframe import backoff
from tools.bench import DAY, ROOT, Row, wear
from tools.firmware import image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from calendarbot.config import Config
    from calendarbot.emulator.device import Woke
    from calendarbot.emulator.simulation import Step
    from inkframe.parts import Panel

BENCH = "energy"
PANEL = "waveshare_7in5_v2"
_DAY_S = 86_400
_INPUTS = tomllib.loads((Path(__file__).parent / "energy.toml").read_text())


def given(name: str) -> float:
    return float(_INPUTS[name]["value"])


@dataclass(frozen=True, slots=True)
class Profile:
    """A display, and how often its day wants the host asked."""

    name: str
    calendar: str
    policy: dict[str, str]


PROFILES = (
    Profile("kitchen", "family", {"sync_every": "2h", "quiet_hours": "22:00-06:00"}),
    Profile("room", "room", {"sync_every": "30min", "quiet_hours": "19:00-07:00"}),
)


@dataclass(frozen=True, slots=True)
class Refresh:
    """How long the panel takes, and how the chip spends that: awake but for its naps."""

    ms: float = 0
    naps: int = 0
    napped_ms: float = 0

    def charge_mc(self) -> float:
        # What is napped while the panel's power comes and goes is counted with the computing.
        asleep_ms = min(self.napped_ms, self.ms) - self.naps * given("nap_wake_ms")
        return (
            self.ms * given("panel_ma")
            + asleep_ms * given("nap_ma")
            + (self.ms - asleep_ms) * given("cpu_ma")
        ) / 1000


NONE = Refresh()


@dataclass(frozen=True, slots=True)
class Computing:
    """How long the emulated Pico is awake for a wake of each kind, but for the refresh."""

    received_ms: float
    """A bundle came, and its key frame was shown."""
    shown_ms: float
    """The next frame was shown, without asking."""
    unchanged_ms: float
    """Nothing new, and nothing to show."""
    both_ms: float
    """Nothing new, and the next frame was shown."""

    @classmethod
    def counted(cls) -> Self:
        nine = DAY + timedelta(hours=3)
        received, shown = islice(_on_pico(_config("office", {}), nine), 2)
        asking = _on_pico(_profile_config(PROFILES[1]), nine)
        next(asking)
        of_kind: dict[bool, Step] = {}
        while len(of_kind) < 2:
            step = next(asking)
            of_kind[bool(step.woke.refresh)] = step
        steps = (received, shown, of_kind[False], of_kind[True])
        return cls(*(_computing_ms(step) for step in steps))

    def of(self, step: Step) -> float:
        if step.received_bytes:
            return self.received_ms
        if not step.requests:
            return self.shown_ms
        return self.both_ms if step.woke.refresh else self.unchanged_ms


def wake_mc(computing_ms: float, radio_ms: float, refresh: Refresh = NONE) -> float:
    """The charge of one wake in mC (mA x s)."""
    cpu = given("cpu_ma")
    active = computing_ms * cpu + radio_ms * max(cpu, given("radio_ma"))
    return active / 1000 + refresh.charge_mc()


def rows() -> Iterator[Row]:
    computing = Computing.counted()
    lived = {profile.name: _lived(profile) for profile in PROFILES}
    refreshes = {
        step.woke.refresh: refresh_of(step.woke, load_panel(PANEL))
        for steps in lived.values()
        for step in steps
    }
    radio_ms = given("connect_ms")
    trmnl_wake = given("trmnl_wake_mc")
    for case, charge in (
        ("asked, unchanged", wake_mc(computing.unchanged_ms, radio_ms)),
        ("timed frame, partial refresh", wake_mc(computing.shown_ms, 0, refreshes["partial"])),
        ("timed frame, fast refresh", wake_mc(computing.shown_ms, 0, refreshes["fast"])),
        (
            "asked, new bundle, full refresh",
            wake_mc(computing.received_ms, radio_ms, refreshes["full"]),
        ),
        ("no network", wake_mc(0, given("outage_ms"))),
    ):
        yield Row(BENCH, case, "charge of a wake", "mC", charge, "TRMNL, published", trmnl_wake)
    trmnl_day = given("trmnl_wakes") * trmnl_wake + _asleep_mc()
    for profile in PROFILES:
        steps = lived[profile.name]
        day = sum(_charge_mc(step, computing) for step in steps)
        total = day + _asleep_mc()
        yield Row(BENCH, profile.name, "wakes a day", "", len(steps), "TRMNL", given("trmnl_wakes"))
        asked = sum(1 for step in steps if step.requests)
        yield Row(
            BENCH,
            profile.name,
            "wakes with the radio a day",
            "",
            asked,
            "TRMNL",
            given("trmnl_wakes"),
        )
        yield Row(
            BENCH, profile.name, "charge awake a day", "mC", day, "TRMNL", trmnl_day - _asleep_mc()
        )
        yield Row(BENCH, profile.name, "charge a day", "mC", total, "TRMNL", trmnl_day)
        yield Row(BENCH, profile.name, "days per battery", "d", _days(total))
        quick = total - asked * _saved_mc()
        yield Row(
            BENCH, profile.name, "charge a day, network known", "mC", quick, "TRMNL", trmnl_day
        )
        yield Row(BENCH, profile.name, "days, network known", "d", _days(quick))
        yield from _wear(profile, steps)
        offline = _tries_in_a_day() * wake_mc(0, given("outage_ms"))
        yield Row(
            BENCH,
            profile.name,
            "first day without network, awake",
            "mC",
            offline,
            "a normal day",
            day,
        )
    yield Row(BENCH, "TRMNL", "days per battery", "d", _days(trmnl_day))


def _wear(profile: Profile, steps: list[Step]) -> Iterator[Row]:
    yield Row(
        BENCH, profile.name, "flash writes a day", "", sum(step.woke.flash_writes for step in steps)
    )
    written = sum(step.woke.flash_bytes for step in steps)
    yield Row(BENCH, profile.name, "flash written a day", "B", written)
    config = _profile_config(profile)
    with tempfile.TemporaryDirectory() as out:
        store = FolderStore(Path(out))
        publish_display(store, config, "display", DAY, 26)
        start_s = int(DAY.timestamp())
        operations = wear.operations_of(config, "display", store, start_s, start_s + _DAY_S)
    by_sector = erases_by_sector(operations)
    yield Row(BENCH, profile.name, "flash sectors erased a day", "", sum(by_sector.values()))
    yield Row(BENCH, profile.name, "of these, the most of one", "", max(by_sector.values()))
    lasts = wear.years(operations, given("erase_cycles"))
    yield Row(BENCH, profile.name, "life of that sector", "years", lasts)


def _saved_mc() -> float:
    """By a wake that joins with the last one's channel, access point and address, as it first tries to."""
    return (given("connect_ms") - given("known_ms")) * given("radio_ma") / 1000


def _asleep_mc() -> float:
    return given("sleep_ua") * _DAY_S / 1000


def _days(mc_a_day: float) -> float:
    return given("battery_mah") * 3600 / mc_a_day


def _charge_mc(step: Step, computing: Computing) -> float:
    refresh = refresh_of(step.woke, load_panel(PANEL))
    return wake_mc(computing.of(step), step.woke.radio_ms, refresh)


def refresh_of(woke: Woke, panel: type[Panel]) -> Refresh:
    kinds = ("", "full", "fast", "partial")
    refresh_ms = (0, *panel.refresh_ms)[kinds.index(woke.refresh)]
    return Refresh(refresh_ms, woke.naps, woke.napped_ms)


def _tries_in_a_day() -> int:
    """Requests of the first day without a host, by the firmware's own back-off."""
    waited = tries = 0
    while waited < _DAY_S:
        tries += 1
        waited += backoff.after(tries, 120, 0)
    return tries


def _lived(profile: Profile) -> list[Step]:
    """A day of the simulated device, from its second wake on: the first is the day before's.

    With the first its power came, so it looks for a network and waits awake for the panel; no other does. The
    bundle it gets is at its end in the morning: each day brings a new one.
    """
    config = _profile_config(profile)
    before = DAY - timedelta(hours=1)
    with tempfile.TemporaryDirectory() as out, tempfile.TemporaryDirectory() as flash:
        store = FolderStore(Path(out))
        publish_display(store, config, "display", before, 2)
        until_s = int(DAY.timestamp()) + _DAY_S
        life = simulate(config, "display", store, int(before.timestamp()), until_s, Path(flash))
        next(life)
        publish_display(store, config, "display", DAY, 26)
        return list(life)


def _on_pico(config: Config, begins: datetime) -> Iterator[Step]:
    with tempfile.TemporaryDirectory() as out:
        store = FolderStore(Path(out))
        publish_display(store, config, "display", begins, 6)
        start_s = int(begins.timestamp())
        path = image("pico", to_run=True).path
        yield from simulate_pico(config, "display", store, start_s, start_s + 6 * 3600, path)


def _computing_ms(step: Step) -> float:
    return step.woke.awake_ms - refresh_of(step.woke, load_panel(PANEL)).ms


def _profile_config(profile: Profile) -> Config:
    return _config(profile.calendar, profile.policy)


def _config(calendar: str, policy: dict[str, str]) -> Config:
    file = ROOT / "tests" / "reference" / f"{calendar}.ics"
    config = config_from_options([file], panel=PANEL, tz="Europe/Berlin", locale="en_GB")
    display = config.displays["display"].model_copy(
        update={"policy": PolicyConfig.model_validate(policy)}
    )
    return config.model_copy(update={"displays": {"display": display}}).with_place(Path(), "bench")
