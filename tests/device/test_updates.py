"""An update from the host to the wall: a real server, MicroPython's unix port, the real application."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from calendarbot import updates
from calendarbot.application import application_files
from calendarbot.boards import load_board, load_panel
from calendarbot.config import SecretRef, config_from_options
from calendarbot.emulator.board import VirtualClock
from calendarbot.emulator.device import SimulatedDevice
from calendarbot.keys import display_key
from calendarbot.provision import device_config
from calendarbot.publish import publish_display
from calendarbot.server.app import create_app
from calendarbot.server.run import background
from calendarbot.serving import served_display
from calendarbot.store.folder import FolderStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calendarbot.config import Config
    from calendarbot.emulator.device import Woke

OFFICE = Path(__file__).resolve().parents[1] / "reference" / "office.ics"
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
NOW = int(NINE.timestamp())
VERSION = NOW + 7
NAME = "display"
SAYS = 'print("the new application")'


@cache
def application() -> tuple[dict[str, bytes], int]:
    return updates.application("unix")


def application_with(path: str, line: str) -> dict[str, bytes]:
    """The application with one more line in one of its files."""
    changed, _ = updates.compiled(
        {path: application_files()[path] + f"\n{line}\n".encode()}, "unix"
    )
    return {**application()[0], **changed}


@dataclass
class Life:
    """A device that fetches from a server, and what it is offered there."""

    config: Config
    store: FolderStore
    flash: Path
    wakes: Iterator[Woke]

    def __post_init__(self) -> None:
        self.key = display_key(self.config, NAME)

    def offer(self, files: dict[str, bytes], chip: str = "unix", key: bytes | None = None) -> None:
        raw = updates.pack(files, application()[1], VERSION, chip, key or self.key)
        self.store.offer(NAME, raw)

    def until(self, text: str, at_most: int = 12) -> str:
        """Wake until the device says so; what it said in that wake."""
        said = []
        for _ in range(at_most):
            said.append(next(self.wakes).log)
            if text in said[-1]:
                return said[-1]
        raise AssertionError(f"it never said {text!r}\n" + "\n--\n".join(said))

    def reported(self, update: str) -> bool:
        """Whether the host hears that within the next wakes."""
        for _ in range(8):
            if self.store.device(NAME).get("update") == update:
                return True
            next(self.wakes)
        return False

    def runs(self) -> str:
        """The version that the host knows to run."""
        return self.store.device(NAME)["app"]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Path]:
    """The office's morning, drawn once."""
    folder = tmp_path_factory.mktemp("published")
    (folder / "key").write_text(bytes(range(32)).hex())
    config = config_from_options([OFFICE], layout="agenda", tz="Europe/Berlin", locale="en_GB")
    display = config.display(NAME).model_copy(
        update={"key": SecretRef("file", str(folder / "key"))}
    )
    config = config.model_copy(update={"displays": {NAME: display}})
    publish_display(FolderStore(folder / "out"), config, NAME, NINE, 3)
    return config, folder / "out"


@pytest.fixture
def life(published: tuple[Config, Path], tmp_path: Path) -> Iterator[Life]:
    config, out = published
    shutil.copytree(out, tmp_path / "out")
    store = FolderStore(tmp_path / "out")
    clock = VirtualClock(NOW * 1000)
    served = served_display(config, NAME, store)
    flash = tmp_path / "flash"
    flash.mkdir()
    with background(create_app({NAME: served}, lambda: clock.now_ms / 1000)) as url:
        on_flash = device_config(config, NAME, url, display_key(config, NAME), board="simulated")
        (flash / "config.json").write_text(on_flash)
        panel = load_panel(config.display(NAME).panel)
        device = SimulatedDevice(panel, load_board("simulated").pins, flash, clock)
        with closing(device.live(NOW + 30 * 86400)) as wakes:
            yield Life(config, store, flash, wakes)


def test_an_update_is_fetched_started_and_confirmed_and_the_page_stays(life: Life) -> None:
    next(life.wakes)
    life.offer(application_with("device/board.py", SAYS))
    life.until("starts now, on trial")
    woke = next(life.wakes)
    assert "the new application" in woke.log
    assert f"update: application {VERSION} is good" in woke.log
    manifest = life.store.current(NAME)
    assert manifest
    assert woke.picture.id == manifest.due(woke.at_s).id
    assert (life.flash / "a" / "device" / "board.mpy").exists()
    assert "the new application" in next(life.wakes).log
    assert life.reported(f"good.{VERSION}")
    assert life.runs() == str(VERSION)


@pytest.mark.parametrize(
    ("path", "line", "why"),
    [
        ("inkframe/cycle.py", "raise ValueError('on import')", "crash"),
        ("device/board.py", "def wake(config): raise ValueError('in its first wake')", "crash"),
        ("device/board.py", "import machine\ndef wake(config): machine.reset()", "hang"),
    ],
)
def test_an_application_that_does_not_start_is_taken_back_and_the_host_is_told_why(
    life: Life, path: str, line: str, why: str
) -> None:
    next(life.wakes)
    life.offer(application_with(path, line))
    life.until("starts now, on trial")
    assert life.reported(f"{why}.{VERSION}")
    assert life.runs() == "0"
    assert next(life.wakes).picture


def cut_short(life: Life) -> None:
    life.offer(application()[0])
    raw = life.store.update(NAME)
    assert raw
    life.store.offer(NAME, raw[: len(raw) // 2])


def damaged(life: Life) -> None:
    life.offer(application()[0])
    raw = life.store.update(NAME)
    assert raw
    life.store.offer(NAME, raw[:-1] + b"!")


@pytest.mark.parametrize(
    ("offer", "why"),
    [
        (cut_short, "cut"),
        (damaged, "wire"),
        (lambda life: life.offer(application()[0], chip="rp2040"), "board"),
    ],
    ids=["cut short", "damaged", "another board"],
)
def test_an_update_that_is_not_right_is_refused_and_the_host_is_told_why(
    life: Life, offer: Callable[[Life], None], why: str
) -> None:
    next(life.wakes)
    offer(life)
    assert life.reported(f"{why}.{VERSION}")
    assert life.runs() == "0"


def test_one_under_another_key_is_not_even_offered(life: Life) -> None:
    next(life.wakes)
    life.offer(application()[0], key=bytes(32))
    for _ in range(4):
        assert "update" not in next(life.wakes).log
    assert life.store.device(NAME) == {"app": "0", "at": life.store.device(NAME)["at"]}


def test_an_application_for_a_micropython_that_is_gone_makes_place_for_the_boards_own(
    life: Life,
) -> None:
    next(life.wakes)
    life.offer(application_with("device/board.py", SAYS))
    life.until("is good")
    (life.flash / "a" / "device" / "board.mpy").write_bytes(b"M\x05\0\0")
    assert "incompatible .mpy" in next(life.wakes).log
    assert life.reported(f"crash.{VERSION}")
    assert life.runs() == "0"
