"""`host update`, as a user types it, and what the server makes of what is then on offer."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from served import KEY, NOW, displays, publish

from calendarbot import updates
from calendarbot.cli import cli
from calendarbot.server.device import parse_status
from calendarbot.server.display import Desk, Report
from calendarbot.server.page import card
from calendarbot.store.folder import FolderStore
from calendarbot.update_reports import OUTCOMES
from inkframe import slots, update

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIG = """
tz = "Europe/Berlin"
[calendars.room]
path = "room.ics"
[displays.kitchen]
panel = "waveshare_7in5_v2"
board = "pico_usb"
key = "file:key"
[displays.hall]
panel = "waveshare_7in5_v2"
board = "trmnl_og"
"""
FILES = {"inkframe/cycle.mpy": b"one", "device/board.mpy": b"two"}
VERSION = NOW + 100


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("calendarbot.toml").write_text(CONFIG)
    Path("room.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    Path("key").write_text(KEY.hex())
    return tmp_path


@pytest.fixture
def few_files(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """An application of two files, so that nothing has to be compiled."""
    files = dict(FILES)
    monkeypatch.setattr(updates, "application", lambda _chip: (files, 0x1306))
    return files


def host(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def host_json(*arguments: str) -> Any:
    result = host(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_build_compiles_the_application_for_the_displays_board_and_signs_it_for_the_display(
    folder: Path,
) -> None:
    (offer,) = host_json("update", "build", "--display", "kitchen")["offers"]
    raw = Path("out/kitchen/update.ink").read_bytes()
    manifest = update.read_manifest(io.BytesIO(raw), KEY)
    assert (offer["chip"], offer["size_bytes"], offer["version"]) == (
        "rp2040",
        len(raw),
        manifest.version,
    )
    paths = {row.path for row in manifest.rows}
    assert {"device/board.mpy", "inkframe/cycle.mpy", "inkframe/slots.mpy"} <= paths
    assert not any("main" in path for path in paths), "what chooses is no part of an update"
    assert manifest.mpy == 0x1306, "MicroPython 1.25 on an RP2040: sys.implementation._mpy"
    assert len(raw) < 110_000, "two slots and the frames share a Pico's flash"


def test_the_same_application_again_is_the_same_offer_and_another_one_is_newer(
    folder: Path, few_files: dict[str, bytes]
) -> None:
    first = host_json("update", "build", "--display", "kitchen")["offers"][0]
    raw = Path("out/kitchen/update.ink").read_bytes()
    again = host_json("update", "build", "--display", "kitchen")["offers"][0]
    assert (again["version"], again["changed"]) == (first["version"], False)
    assert Path("out/kitchen/update.ink").read_bytes() == raw
    few_files["device/board.mpy"] = b"three"
    newer = host_json("update", "build", "--display", "kitchen")["offers"][0]
    assert newer["version"] > first["version"]


def test_each_display_has_an_update_that_no_other_takes(
    folder: Path, few_files: dict[str, bytes]
) -> None:
    host_json("update", "build")
    raw = Path("out/hall/update.ink").read_bytes()
    with pytest.raises(Exception, match="another device"):
        update.read_manifest(io.BytesIO(raw), KEY)
    assert Path("out/hall/update.ink").stat().st_mode & 0o777 == 0o644
    assert KEY not in raw


def test_status_says_what_is_on_offer_what_runs_and_what_became_of_it(
    folder: Path, few_files: dict[str, bytes]
) -> None:
    offered = host_json("update", "build", "--display", "kitchen")["offers"][0]["version"]
    FolderStore(Path("out")).note_device(
        "kitchen", {"app": "0", "update": f"crash.{offered}", "at": "5"}
    )
    kitchen, hall = host_json("update", "status")["displays"]
    assert kitchen == {
        "display": "kitchen",
        "offered": offered,
        "runs": 0,
        "outcome": "crash",
        "outcome_of": offered,
        "heard_at": 5,
    }
    assert (hall["offered"], hall["runs"]) == (None, None)
    printed = host("update", "status").stdout
    assert "taken back" in printed
    assert "not heard of" in printed


def test_what_is_withdrawn_is_not_on_offer_any_more(
    folder: Path, few_files: dict[str, bytes]
) -> None:
    host_json("update", "build")
    assert host("update", "withdraw").exit_code == 0
    assert not Path("out/kitchen/update.ink").exists()
    assert host("update", "withdraw").exit_code == 0


def test_a_full_image_is_for_the_esp32_family_alone(
    folder: Path, few_files: dict[str, bytes]
) -> None:
    Path("image.bin").write_bytes(b"\xe9" + bytes(5000))
    refused = host("update", "build", "--display", "kitchen", "--image", "image.bin")
    assert refused.exit_code == 3
    assert "BOOTSEL" in refused.stderr
    offer = host_json("update", "build", "--display", "hall", "--image", "image.bin")["offers"][0]
    assert (offer["kind"], offer["chip"]) == ("image", "esp32c3")


def test_nothing_on_offer_cannot_be_pushed(folder: Path) -> None:
    refused = host("update", "push", "kitchen")
    assert refused.exit_code == 5
    assert "host update build" in refused.stderr


# What the server makes of it


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    store = FolderStore(tmp_path / "out")
    publish(store, 1)
    store.offer("kitchen", updates.pack(FILES, 0x1306, VERSION, "rp2040", KEY))
    return Desk(displays(store)["kitchen"])


def offered_to(desk: Desk, status: str) -> str:
    return desk.update_for(parse_status(status), b"12345678", KEY)


def test_a_device_is_offered_an_update_that_it_can_tell_to_be_ours(desk: Desk) -> None:
    offer = update.Offer(offered_to(desk, "app=0"), KEY, b"12345678")
    raw = desk.display.store.update("kitchen") or b""
    assert (offer.version, offer.size, offer.battery_mv) == (VERSION, len(raw), 3600)


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("v=1", False),  # a firmware from before there were updates
        ("app=x", False),
        (f"app={VERSION}", False),
        (f"app={VERSION + 1}", False),
        (f"app={VERSION - 1}", True),
        (f"app=0;update=cut.{VERSION}", True),
        (f"app=0;update=battery.{VERSION}", True),
        (f"app=0;update=crash.{VERSION}", False),
        (f"app=0;update=hang.{VERSION}", False),
        (f"app=0;update=silent.{VERSION}", False),
        (f"app=0;update=crash.{VERSION - 1}", True),
    ],
)
def test_it_is_offered_to_those_who_may_take_it(desk: Desk, status: str, offered: bool) -> None:
    assert bool(offered_to(desk, status)) is offered


def test_what_no_device_would_take_is_not_offered(desk: Desk) -> None:
    store = desk.display.store
    store.offer("kitchen", updates.pack(FILES, 0x1306, VERSION, "rp2040", bytes(32)))
    assert not offered_to(desk, "app=0")
    store.offer("kitchen", b"no update")
    assert not offered_to(desk, "app=0")
    store.offer("kitchen", None)
    assert not offered_to(desk, "app=0")


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("app=0", ["Application: as it was flashed"]),
        (
            f"app={VERSION};update=good.{VERSION}",
            ["Application: ", "Update: installed, and it works"],
        ),
        (f"app=0;update=auth.{VERSION}", ["Update: refused: not signed with this display’s key"]),
        (f"app=0;update=hang.{VERSION}", ["Update: taken back: it did not come to an end"]),
    ],
)
def test_the_page_says_what_runs_and_what_became_of_an_update(
    desk: Desk, status: str, says: list[str]
) -> None:
    desk.note(Report(NOW, parse_status(status), NOW + 60), "")
    facts = [f"{fact.label}: {fact.text}" for fact in card(desk, NOW).device]
    for line in says:
        assert line in facts


def test_what_a_device_says_of_itself_is_kept_and_written_only_when_it_is_news(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = desk.display.store
    written: list[object] = []
    keep: Callable[..., None] = store.note_device
    monkeypatch.setattr(store, "note_device", lambda *a: (written.append(a), keep(*a)))
    for at in range(3):
        desk.note(Report(NOW + at, parse_status(f"app=0;wakes={at}"), NOW), "")
    assert store.device("kitchen") == {"app": "0", "at": str(NOW)}
    desk.note(Report(NOW + 9, parse_status(f"app={VERSION}"), NOW), "")
    assert store.device("kitchen") == {"app": str(VERSION), "at": str(NOW + 9)}
    assert len(written) == 2


def test_every_outcome_of_a_device_has_words_for_people() -> None:
    assert set(OUTCOMES) == set(slots.OUTCOMES) - {""}
