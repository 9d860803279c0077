"""A device on its wall moves to another server, over TLS, or to another key, by a sealed word of its host."""

from __future__ import annotations

import urllib.request
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import trustme
from click.testing import CliRunner

from calendarbot.boards import load_board, load_panel
from calendarbot.bundle import read_body
from calendarbot.cli import cli
from calendarbot.config import config_from_options
from calendarbot.emulator.board import VirtualClock
from calendarbot.emulator.device import SimulatedDevice
from calendarbot.keys import display_key, display_keys
from calendarbot.provision import device_config
from calendarbot.publish import publish_display
from calendarbot.server.app import create_app
from calendarbot.server.run import background
from calendarbot.serving import served_display
from calendarbot.store.folder import FolderStore
from inkframe import seal
from inkframe.config import Config as DeviceConfig
from inkframe.errors import AuthError

if TYPE_CHECKING:
    from collections.abc import Iterator

OFFICE = Path(__file__).resolve().parents[1] / "reference" / "office.ics"
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
AT_S = int(NINE.timestamp())


class Wall:
    """A display's device, its old server, and a new one that speaks TLS."""

    def __init__(self, tmp_path: Path, stack: ExitStack) -> None:
        config = config_from_options([OFFICE], layout="agenda", tz="Europe/Berlin", locale="en_GB")
        self.store = FolderStore(tmp_path / "out")
        self.config_here = config
        publish_display(self.store, config, "display", NINE, 1)
        self.ca = trustme.CA()
        leaf = self.ca.issue_cert("127.0.0.1")
        chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
        chain.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
        key.write_bytes(leaf.private_key_pem.bytes())
        clock = VirtualClock(AT_S * 1000)
        app = create_app(
            {"display": served_display(config, "display", self.store)}, lambda: clock.now_ms / 1000
        )
        self.old = stack.enter_context(background(app))
        self.new = stack.enter_context(background(app, tls=(chain, key)))
        self.flash = tmp_path / "flash"
        self.flash.mkdir()
        (self.flash / "config.json").write_text(
            device_config(config, "display", self.old, display_key(config, "display"))
        )
        device = SimulatedDevice(
            load_panel("waveshare_7in5_v2"), load_board("simulated").pins, self.flash, clock
        )
        self.wakes = stack.enter_context(closing(device.live(AT_S + 12 * 3600)))

    def config(self) -> DeviceConfig:
        return DeviceConfig((self.flash / "config.json").read_text())

    def live_until(self, reached: str) -> None:
        """Wakes, until one of its files is there, or, with a "-", is gone."""
        for _ in self.wakes:
            if (self.flash / reached.lstrip("-")).exists() != reached.startswith("-"):
                return
        raise AssertionError(reached)


@pytest.fixture
def wall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wall]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "calendarbot.toml").write_text(
        f'[calendars.office]\npath = "{OFFICE}"\n[displays.display]\npanel = "waveshare_7in5_v2"\n'
    )
    with ExitStack() as stack:
        yield Wall(tmp_path, stack)


def change(*arguments: str) -> None:
    result = CliRunner().invoke(cli, ["change", "--display=display", "--out=out", *arguments])
    assert result.exit_code == 0, result.output


def test_a_device_moves_to_a_new_server_and_its_authority(wall: Wall, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(wall.ca.cert_pem.bytes())
    change(f"--server={wall.new}", "--ca=ca.pem", "--tls=required")
    wall.live_until("config.next")
    assert wall.config().server == wall.old
    wall.live_until("-config.next")
    assert wall.config().server == wall.new
    assert wall.config().tls_required
    assert wall.config().change > 0


def test_a_device_that_cannot_reach_the_new_server_stays_with_the_old_one(
    wall: Wall, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_bytes(trustme.CA().cert_pem.bytes())
    change(f"--server={wall.new}", "--ca=ca.pem", "--tls=required")
    wall.live_until("config.next")
    wall.live_until("-config.next")
    assert wall.config().server == wall.old
    assert wall.config().change < 0


def test_a_device_takes_a_new_key_and_the_old_one_then_opens_nothing(wall: Wall) -> None:
    old = display_key(wall.config_here, "display")
    assert old is not None
    change("--new-key")
    new = display_key(wall.config_here, "display")
    assert new not in (None, old)
    publish_display(wall.store, wall.config_here, "display", NINE, 1)
    assert asked(wall.old, old, opens_with=old)
    wall.live_until("config.next")
    assert wall.config().key == old
    wall.live_until("-config.next")
    assert wall.config().key == new
    assert wall.config().change > 0
    assert display_keys(wall.config_here, "display").before is None
    assert wall.store.change("display") is None
    assert asked(wall.old, new, opens_with=new)
    assert not asked(wall.old, old, opens_with=old)


def test_a_key_is_not_replaced_while_the_device_has_yet_to_take_the_last_one(wall: Wall) -> None:
    change("--new-key")
    new = display_key(wall.config_here, "display")
    first = wall.store.change("display")
    change("--new-key")
    assert display_key(wall.config_here, "display") == new
    assert first != wall.store.change("display"), (
        "a device that gave the first up is offered it anew"
    )
    wall.live_until("config.next")
    wall.live_until("-config.next")
    assert wall.config().key == new


def asked(server: str, key: bytes, *, opens_with: bytes) -> bool:
    """Whether the answer to a request under `key` opens."""
    nonce = "0011223344556677"
    tag = seal.mac(seal.derive(key, "request"), f"|||{nonce}".encode())
    request = urllib.request.Request(f"{server}/display/bundle.ink")
    request.add_header("Ink-Nonce", nonce)
    request.add_header("Ink-Tag", tag.hex())
    with urllib.request.urlopen(request) as answer:
        bundle = answer.read()
    try:
        read_body(bundle, opens_with)
    except AuthError:
        return False
    return True
