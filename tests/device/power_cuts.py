"""What a device is doing when its power fails, as data, and what must hold whenever it does.

A scenario is lived through once, with every operation that reaches the flash written down. What a cut leaves
is made from that, without living it again: all operations before it, and of the one that was cut nothing,
some torn form of it, or all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from random import Random
from typing import TYPE_CHECKING

from calendarbot.application import application_files
from calendarbot.boards import load_panel
from calendarbot.emulator.board import VirtualClock
from calendarbot.emulator.flash_device import CONFIG_FILE, FlashDevice
from calendarbot.emulator.flash_files import FlashFiles
from calendarbot.emulator.nor_flash import do, tear
from calendarbot.emulator.pico import files_image
from calendarbot.keys import display_key
from calendarbot.model import Frame
from calendarbot.provision import device_config
from calendarbot.publish import publish_display
from calendarbot.serving import served_display
from calendarbot.store.folder import FolderStore
from calendarbot.tether import Tether
from calendarbot.updates import pack
from inkframe import wire
from inkframe.config import Config as DeviceConfig
from inkframe.memory import Memory
from inkframe.slots import Slots
from inkframe.update import read_manifest, write_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from calendarbot.config import Config
    from calendarbot.emulator.nor_flash import Operation
    from inkframe.memory import State

BOARD = "pico_usb"
DISPLAY = "display"
HOURS = 2
UPDATE_KEY = bytes(range(32))
OLD_VERSION, NEW_VERSION = 1_790_000_000, 1_790_000_001
UPDATED = ("device/board.py", "inkframe/cycle.py", "inkframe/errors.py")
"""As much of the application as tells something: its files are as good as any."""
PIECE_BYTES = 512
"""What `host deploy` writes of a file at once."""


class World:
    """A host with a day published, and the clock that it shares with the device."""

    def __init__(self, config: Config, folder: Path, began: datetime) -> None:
        self.config = config
        self.panel = load_panel(config.display(DISPLAY).panel)
        self.store = FolderStore(folder)
        self.manifest = publish_display(self.store, config, DISPLAY, began, HOURS).manifest
        self.clock = VirtualClock(self.manifest.frames[0].shown_from * 1000)
        self.tether = self.new_tether()
        parts = {path: raw for path, raw in application_files().items() if path in UPDATED}
        self.old_application = parts
        self.new_application = {path: raw + b"# new\n" for path, raw in parts.items()}

    def new_tether(self) -> Tether:
        served = served_display(self.config, DISPLAY, self.store)
        return Tether({DISPLAY: served}, lambda: self.clock.now_ms / 1000, lambda _: None)

    def publish_anew(self) -> None:
        """Another page from now on."""
        display = self.config.displays[DISPLAY].model_copy(update={"layout": "day"})
        self.config = self.config.model_copy(update={"displays": {DISPLAY: display}})
        now = datetime.fromtimestamp(self.clock.now_ms // 1000, UTC)
        self.manifest = publish_display(self.store, self.config, DISPLAY, now, HOURS).manifest

    def at_frame(self, number: int, later_s: int = 1) -> None:
        """Let it be the time of that frame."""
        self.clock.now_ms = (self.manifest.frames[number].shown_from + later_s) * 1000

    def is_due(self, picture: bytes) -> bool:
        """Whether these are the pixels that the panel is to show now."""
        panel = self.panel
        shown = Frame(panel.width_px, panel.height_px, panel.bpp, panel.planes, picture)
        return shown.id == self.manifest.due(self.clock.now_ms // 1000).id

    def device_config(self, server: str = "usb:") -> bytes:
        key = display_key(self.config, DISPLAY)
        return device_config(self.config, DISPLAY, server, key, board=BOARD).encode()

    def power_on(self, flash: bytearray, glass: bytes | None, **kwargs: object) -> FlashDevice:
        return FlashDevice(flash, self.tether, self.clock, glass, **kwargs)  # type: ignore[arg-type]  # a stand-in


@dataclass(frozen=True)
class Before:
    """A device before the scenario: its files' part of the flash, and what its panel shows."""

    flash: bytes
    glass: bytes | None = None


@dataclass(frozen=True)
class Recording:
    """A scenario lived through: each operation, and what the panel showed when it came."""

    before: Before
    operations: list[tuple[Operation, bytes]] = field(repr=False)

    def after(self) -> bytes:
        flash = bytearray(self.before.flash)
        for operation, _ in self.operations:
            do(flash, operation)
        return bytes(flash)


@dataclass(frozen=True)
class Scenario:
    """`begin` brings a device to where it starts; `act` does what the power may fail in, to a flash whose
    operations are heard. Whatever else a device may be doing is another row of SCENARIOS: an update is an
    `act` that applies one, and the files whose old or new form must be there, whole, after any cut.
    """

    name: str
    begin: Callable[[World], Before]
    act: Callable[[World, bytearray, bytes | None, Callable[[Operation, bytes], None]], None]
    whole: tuple[str, ...] = (CONFIG_FILE, "bundle")
    """Files that are old or new after any cut, byte for byte."""
    holds: Callable[[World, FlashFiles], None] = lambda _world, _files: None
    """What else must be so after any cut. AssertionError."""


# How a device gets to where a scenario begins


def bare(world: World) -> Before:
    """With the application, and without a configuration."""
    world.at_frame(0)
    return Before(files_image({}))


def provisioned(world: World) -> Before:
    world.at_frame(0)
    return Before(files_image({CONFIG_FILE: world.device_config()}))


def in_service(world: World) -> Before:
    """It shows the first page of the day."""
    flash = bytearray(provisioned(world).flash)
    device = world.power_on(flash, None)
    device.wake()
    assert world.is_due(device.picture)
    return Before(bytes(flash), device.picture)


def before_the_next_frame(world: World) -> Before:
    before = in_service(world)
    world.at_frame(1)
    return before


def before_a_new_bundle(world: World) -> Before:
    before = before_the_next_frame(world)
    world.publish_anew()
    return before


def provisioned_for_another_server(world: World) -> Before:
    before = in_service(world)
    flash = bytearray(before.flash)
    old = json.loads(world.device_config())
    FlashFiles(flash).write(CONFIG_FILE, json.dumps(old | {"trust_date": True}).encode())
    return replace(before, flash=bytes(flash))


# What it does when the power fails


def wake(
    world: World,
    flash: bytearray,
    glass: bytes | None,
    heard: Callable[[Operation, bytes], None],
) -> None:
    device: FlashDevice
    device = world.power_on(flash, glass, heard=lambda operation: heard(operation, device.picture))
    device.wake()


def provision(
    world: World,
    flash: bytearray,
    glass: bytes | None,
    heard: Callable[[Operation, bytes], None],
) -> None:
    """As `host deploy` does over a board's REPL: written beside the old file, then renamed over it."""
    files = FlashFiles(flash, lambda operation: heard(operation, glass or b""))
    config = world.device_config()
    with files.open(CONFIG_FILE + ".new", "wb") as file:
        for at in range(0, len(config), PIECE_BYTES):
            file.write(config[at : at + PIECE_BYTES])
    files.rename(CONFIG_FILE + ".new", CONFIG_FILE)


def update(
    world: World,
    flash: bytearray,
    glass: bytes | None,
    heard: Callable[[Operation, bytes], None],
) -> None:
    """The new application into the slot that does not run, its name, its first start, its confirmation."""
    files = FlashFiles(flash, lambda operation: heard(operation, glass or b""))
    slots = Slots(files)
    if slots.version < NEW_VERSION:
        install(world.new_application, NEW_VERSION, files, slots)
    slots.start()
    slots.confirm()


def install(application: dict[str, bytes], version: int, files: FlashFiles, slots: Slots) -> None:
    source = BytesIO(pack(application, 0, version, "rp2040", UPDATE_KEY))
    manifest = read_manifest(source, UPDATE_KEY)
    write_files(source, manifest, files, slots.spare_folder)
    slots.activate(version)


def updated_before(world: World) -> Before:
    """It runs an update already; the other slot holds what was there before that."""
    before = in_service(world)
    flash = bytearray(before.flash)
    files = FlashFiles(flash)
    slots = Slots(files)
    for version in (OLD_VERSION - 1, OLD_VERSION):
        install(world.old_application, version, files, slots)
        slots.start()
        slots.confirm()
    return replace(before, flash=bytes(flash))


def runs_a_whole_application(world: World, files: FlashFiles) -> None:
    slots = Slots(files)
    running = {OLD_VERSION: world.old_application, NEW_VERSION: world.new_application}
    for path, content in running[slots.version].items():
        assert files.read(f"{slots.folder}/{path}") == content
    # Whatever was cut, the next time it is taken whole.
    update(world, files.flash, None, lambda *_: None)
    after = Slots(FlashFiles(files.flash))
    assert (after.version, after.on_trial) == (NEW_VERSION, False)


SCENARIOS = (
    Scenario("provisioning", bare, provision),
    Scenario("provisioning anew", provisioned_for_another_server, provision),
    Scenario("first wake", provisioned, wake),
    Scenario("state", in_service, wake),
    Scenario("frame", before_the_next_frame, wake),
    Scenario("bundle and frame", before_a_new_bundle, wake),
    Scenario("update", updated_before, update, (CONFIG_FILE, "bundle"), runs_a_whole_application),
)


def recorded(scenario: Scenario, world: World) -> Recording:
    """The scenario lived through, on this computer's littlefs."""
    before = scenario.begin(world)
    operations: list[tuple[Operation, bytes]] = []
    now_ms = world.clock.now_ms
    scenario.act(
        world,
        bytearray(before.flash),
        before.glass,
        lambda operation, glass: operations.append((operation, glass)),
    )
    world.clock.now_ms = now_ms
    return Recording(before, operations)


@dataclass(frozen=True)
class Cut:
    """`number` of the operation that was cut, and what was left of it."""

    scenario: str
    number: int
    left: str
    flash: bytes = field(repr=False)
    glass: bytes | None = field(repr=False)


def cuts(name: str, recording: Recording, torn: int) -> Iterator[Cut]:
    """Each operation not done, torn in so many ways, and done.

    Done is what the next one has when it was not done; so that there is only once, and at the end.
    """
    flash = bytearray(recording.before.flash)
    for number, (operation, glass) in enumerate(recording.operations):
        shown = glass or None
        yield Cut(name, number, "not done", bytes(flash), shown)
        for way in range(torn):
            left = bytearray(flash)
            tear(left, operation, Random(f"{name} {number} {way}"))
            yield Cut(name, number, f"torn {way}", bytes(left), shown)
        do(flash, operation)
    yield Cut(name, len(recording.operations), "all done", bytes(flash), shown)


class Judge:
    """What must hold after a cut anywhere in a scenario. AssertionError says what did not, and where."""

    def __init__(self, scenario: Scenario, recording: Recording, world: World) -> None:
        self._world = world
        self._now_ms = world.clock.now_ms
        old = FlashFiles(bytearray(recording.before.flash)).content()
        new = FlashFiles(bytearray(recording.after())).content()
        self._allowed = {name: {old.get(name), new.get(name)} for name in scenario.whole}
        self._holds = scenario.holds
        self._known = _state(recording.before.flash)
        self.second_wakes = 0
        """How many needed more than the next wake."""

    def at_the_cut(self) -> None:
        """Let it be the time of the cut again."""
        self._world.clock.now_ms = self._now_ms

    def judge(self, cut: Cut) -> bool:
        world = self._world
        self.at_the_cut()
        flash = bytearray(cut.flash)
        held = FlashFiles(flash).content()
        for name, allowed in self._allowed.items():
            assert held.get(name) in allowed, f"{cut}: {name} is neither old nor new"
        if CONFIG_FILE not in held:
            # It was to be given one, and is as before: it listens, and is given it again.
            provision(world, flash, None, lambda *_: None)
        DeviceConfig(FlashFiles(flash).read(CONFIG_FILE).decode())
        self._believes(cut, flash)
        self._holds(self._world, FlashFiles(bytearray(flash)))
        self._recovers(cut, flash)
        return True

    def _believes(self, cut: Cut, flash: bytearray) -> None:
        """What was accepted is remembered, so that nothing is replayed; and no picture but the one shown."""
        device = self._world.power_on(flash, cut.glass)
        state = device.memory.load()
        assert state.sequence >= self._known.sequence, f"{cut}: forgot what it had accepted"
        if state.held == wire.NO_FRAME:
            return
        buffer = bytearray(len(device.picture))
        if device.memory.read_frame(state, buffer, len(buffer)):
            assert buffer == device.picture, f"{cut}: believes in a picture that is not shown"

    def _recovers(self, cut: Cut, flash: bytearray) -> None:
        world = self._world
        device = world.power_on(flash, cut.glass)
        asleep_s = device.wake()
        if not world.is_due(device.picture):
            # Asked before the damage was found: asked again soon.
            assert asleep_s < 90, f"{cut}: sleeps {asleep_s} s with another page than the one due"
            self.second_wakes += 1
            world.clock.now_ms += asleep_s * 1000
            device.wake()
        assert world.is_due(device.picture), f"{cut}: does not recover: {device.log}"
        state = device.memory.load()
        assert state.failures == 0, f"{cut}: {device.log}"


def _state(flash: bytes) -> State:
    return Memory("", FlashFiles(bytearray(flash))).load()
