"""Updates on an emulated Raspberry Pi Pico: the real image, its flash and its watchdog, over the cable."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from calendarbot import updates
from calendarbot.application import application_files
from calendarbot.config import SecretRef, config_from_options, overridden
from calendarbot.emulator import pico_device
from calendarbot.emulator.flash_device import CONFIG_FILE
from calendarbot.emulator.flash_files import FlashFiles
from calendarbot.emulator.nor_flash import do, tear
from calendarbot.emulator.pico import FILES_BYTES, FLASH_BYTES
from calendarbot.emulator.pico_device import PicoDevice
from calendarbot.keys import display_key
from calendarbot.publish import publish_display
from calendarbot.store.folder import FolderStore
from inkframe.slots import RECORD, Slots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pytest

    from calendarbot.emulator.device import Woke
    from calendarbot.emulator.nor_flash import Operation

OFFICE = Path(__file__).resolve().parents[1] / "reference" / "office.ics"
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
NOW = int(NINE.timestamp())
NAME = "display"
VERSION = NOW + 7
CUTS = 5
FILES_AT = FLASH_BYTES - FILES_BYTES


class Life:
    """A Pico on its cable. `installed`: the changed application is on its flash already, and starts next."""

    def __init__(
        self, folder: Path, image: Path, changed: Mapping[str, bytes], *, installed: bool
    ) -> None:
        (folder / "key").write_text(bytes(range(32)).hex())
        config = config_from_options([OFFICE], layout="agenda", tz="Europe/Berlin", locale="en_GB")
        config = overridden(config, panel="waveshare_2in9_v2")
        display = config.display(NAME).model_copy(
            update={"key": SecretRef("file", str(folder / "key"))}
        )
        config = config.model_copy(update={"displays": {NAME: display}})
        self.store = FolderStore(folder / "out")
        self.manifest = publish_display(self.store, config, NAME, NINE, 2).manifest
        files, mpy = updates.application("rp2040")
        files.update(updates.compiled(changed, "rp2040")[0])
        raw = updates.pack(files, mpy, VERSION, "rp2040", display_key(config, NAME))
        self.store.offer(NAME, raw)
        on_flash = on_trial(files) if installed else {}
        self.config, self.image = config, image
        self.device = PicoDevice(config, NAME, self.store, image, NOW * 1000, on_flash)
        self.wakes: Iterator[Woke] = self.device.live(NOW + 7 * 86400)

    def operations(self) -> list[tuple[Operation, bytes]]:
        """Each operation of the flash from now on, and what the panel showed when it came."""
        heard: list[tuple[Operation, bytes]] = []
        controller = self.device.pico.panel.controller
        self.device.pico.on_flash = lambda operation: heard.append(
            (operation, controller.picture())
        )
        return heard

    def lives_on(self, flash: bytes, done: Sequence[tuple[Operation, bytes]], torn: int) -> int:
        """Power on after a cut in the last of the operations: it shows the page that is due, and has its
        configuration. The version that it then runs."""
        left = bytearray(flash)
        *whole, (last, shown) = done
        for operation, _ in whole:
            do(left, operation)
        tear(left, last, Random(torn))
        device = PicoDevice(self.config, NAME, self.store, self.image, NOW * 1000)
        device.pico.restore_flash(bytes(left), NOW * 1000)
        device.pico.panel.controller.set_picture(shown)
        wakes = device.live(NOW + 7 * 86400)
        for _ in range(2):
            woke = next(wakes)
        # Its clock has the host's seconds: it may be one ahead.
        assert woke.picture.id == self.manifest.due(woke.at_s + 2).id, woke.log
        files = [FlashFiles(bytearray(raw[FILES_AT:])) for raw in (flash, device.pico.flash())]
        assert files[0].read(CONFIG_FILE) == files[1].read(CONFIG_FILE)
        return int(self.store.device(NAME)["app"])

    def reported(self, update: str, most: int = 8) -> str:
        """Wake until the host hears that; all that the device said meanwhile."""
        said = []
        for _ in range(most):
            said.append(next(self.wakes).log)
            if self.store.device(NAME).get("update") == update:
                return "\n".join(said)
        raise AssertionError(f"it never reported {update}\n" + "\n--\n".join(said))


def on_trial(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """A flash onto which an update was just written: its first start is next."""

    class Kept(Slots):
        def save(self) -> None:
            record[RECORD] = self.pack()

    record: dict[str, bytes] = {}
    Kept(raw=b"").activate(VERSION)
    return {**{f"a/{path}": content for path, content in files.items()}, **record}


def with_line(path: str, line: str) -> dict[str, bytes]:
    return {path: application_files()[path] + f"\n{line}\n".encode()}


def test_a_pico_fetches_an_update_over_its_cable_and_runs_it(
    tmp_path: Path, firmware_image: Callable[[str], Path]
) -> None:
    new = with_line("device/board.py", 'print("the new application")')
    life = Life(tmp_path, firmware_image("pico"), new, installed=False)
    before, operations = life.device.pico.flash(), life.operations()
    assert "starts now, on trial" in next(life.wakes).log
    started = next(life.wakes).log
    assert "the new application" in started
    assert f"update: application {VERSION} is good" in started
    done = len(operations)
    woke = next(life.wakes)
    assert woke.picture.id == life.manifest.due(woke.at_s).id
    assert "the new application" in woke.log

    life.store.offer(NAME, None)  # or each of those below would fetch it again
    cut_at = [done * part // CUTS for part in range(1, CUTS)] + [done - 1]
    ran = {life.lives_on(before, operations[:number], number) for number in cut_at}
    assert ran == {0, VERSION}, "no cut before, or none after the new application was active"
    print(f"\nan update in {done} operations of the flash; started after {cut_at}")  # noqa: T201  # what was sampled is part of the result


def test_a_pico_confirms_a_new_application_by_its_first_answer(
    tmp_path: Path, firmware_image: Callable[[str], Path]
) -> None:
    new = with_line("device/board.py", 'print("the new application")')
    life = Life(tmp_path, firmware_image("pico"), new, installed=True)
    woke = next(life.wakes)
    assert "the new application" in woke.log
    assert f"update: application {VERSION} is good" in woke.log
    assert woke.picture.id == life.manifest.due(NOW).id


def test_a_pico_whose_new_application_crashes_goes_back(
    tmp_path: Path, firmware_image: Callable[[str], Path]
) -> None:
    new = with_line("inkframe/cycle.py", "raise ValueError('on import')")
    life = Life(tmp_path, firmware_image("pico"), new, installed=True)
    said = life.reported(f"crash.{VERSION}")
    assert "ValueError: on import" in said
    assert life.store.device(NAME)["app"] == "0"


def test_a_pico_whose_new_application_hangs_is_bitten_by_its_watchdog_and_goes_back(
    tmp_path: Path, firmware_image: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pico_device, "_LONGEST_WAKE_MS", 1_200_000)  # two hangs, and a wake
    hangs = "def wake(config):\n    print('hangs')\n    while True:\n        sleep_ms(60000)"
    new = with_line("device/board.py", hangs)
    life = Life(tmp_path, firmware_image("pico"), new, installed=True)
    said = life.reported(f"hang.{VERSION}")
    assert said.count("hangs") == 2
    assert life.store.device(NAME)["app"] == "0"
