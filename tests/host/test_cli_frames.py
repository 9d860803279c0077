"""build-frames, preview, simulate, inspect and provision, as a user types them."""

from __future__ import annotations

import hashlib
import json
import socket
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from calendarbot.cli import cli
from calendarbot.render.preview import frame_from_png
from inkframe.portal.code import unpack

REFERENCE = Path(__file__).parents[1] / "reference"
ROOM = f"--calendar={REFERENCE / 'room.ics'}"
DAY = ["--tz=Europe/Berlin", "--locale=en_GB", "--at=2026-11-24T06:00"]


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def host(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def host_json(*arguments: str) -> Any:
    result = host(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_build_frames_without_a_configuration_describes_what_it_published() -> None:
    (display,) = host_json("build-frames", ROOM, *DAY, "--hours=6")["displays"]
    assert set(display) == {"name", "panel", "layout", "bundle", "bundle_bytes", "frames"}
    assert (display["panel"], display["layout"]) == ("waveshare_7in5_v2", "agenda")
    assert Path("out", display["bundle"]).stat().st_size == display["bundle_bytes"]
    first = display["frames"][0]
    assert set(first) == {"shown_from", "kind", "bytes", "preview", "sha256"}
    assert first["shown_from"] == "2026-11-24T06:00:00+01:00"
    assert [frame["kind"] for frame in display["frames"]][:2] == ["key", "delta"]
    for frame in display["frames"]:
        pixels = frame_from_png(Path("out", frame["preview"]).read_bytes()).data
        assert hashlib.sha256(pixels).hexdigest() == frame["sha256"]
        assert datetime.fromisoformat(frame["shown_from"]).utcoffset() is not None


def test_a_bundle_is_sealed_unless_it_is_left_open_on_purpose() -> None:
    host("build-frames", ROOM, *DAY, "--hours=2")
    assert host_json("inspect", "out/display/bundle.ink")["sealed"]
    host("build-frames", ROOM, *DAY, "--hours=2", "--unsealed", "--out=open")
    assert not host_json("inspect", "open/display/bundle.ink")["sealed"]


def test_the_key_made_on_first_use_is_readable_by_its_owner_alone(own_state_dir: Path) -> None:
    result = host("build-frames", ROOM, *DAY, "--hours=2")
    (key,) = own_state_dir.rglob("*.key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_text().strip() not in result.output


def test_building_again_says_that_nothing_changed() -> None:
    assert "(unchanged)" not in host("build-frames", ROOM, *DAY, "--hours=6").output
    assert "(unchanged)" in host("build-frames", ROOM, *DAY, "--hours=6").output


def test_inspect_lists_the_operations_of_every_frame() -> None:
    host("build-frames", ROOM, *DAY, "--hours=6")
    listed = host("inspect", "out/display/bundle.ink", "--operations")
    assert listed.exit_code == 0
    assert "MOVE" in listed.output
    data = host_json("inspect", "out/display/bundle.ink", "--operations")
    assert data["frames"][0]["base"] is None
    assert data["frames"][1]["operations"]


def test_inspect_refuses_what_is_not_a_bundle(tmp_path: Path) -> None:
    (tmp_path / "x.ink").write_bytes(b"\x89PNG" + bytes(200))
    result = host("inspect", "x.ink")
    assert result.exit_code == 5
    assert "x.ink: not a bundle" in result.output
    assert host("inspect", "missing.ink").exit_code == 5


def test_inspect_with_another_displays_key_says_so() -> None:
    host("build-frames", ROOM, *DAY, "--hours=2")
    result = host("inspect", "out/display/bundle.ink", "--display=other")
    assert result.exit_code == 3
    assert "changed on the way, or is for another device" in result.output


def test_preview_draws_the_page_of_a_moment() -> None:
    (drawn,) = host_json("preview", ROOM, *DAY)["displays"]
    frame = frame_from_png(Path(drawn["preview"]).read_bytes())
    assert (frame.width_px, frame.height_px) == (800, 480)
    assert frame.id.hex() == drawn["frame"]
    shown = host("preview", ROOM, *DAY, "--terminal")
    assert len(shown.output.splitlines()) > 20


def test_simulate_shows_what_the_device_did_and_leaves_a_picture_per_wake() -> None:
    (display,) = host_json("simulate", ROOM, *DAY, "--hours=4")["displays"]
    assert display["totals"]["wakes"] == len(display["wakes"])
    assert display["totals"]["requests"] >= 1
    assert display["totals"]["flash_writes"] > 0
    for wake in display["wakes"]:
        assert frame_from_png(Path("out", wake["panel"]).read_bytes()).id.hex() == wake["frame"]
    last = Path("out", display["wakes"][-1]["panel"]).read_bytes()
    assert Path("out/panel.png").read_bytes() == last
    assert "bit for bit" in host("simulate", ROOM, *DAY, "--hours=2").output


CONFIG = """
[calendars.room]
path = "{path}"

[displays.kitchen]
panel = "waveshare_7in5_v2"
key = "file:kitchen.key"

[displays.hall]
panel = "waveshare_7in5_v2"
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "calendarbot.toml").write_text(CONFIG.format(path=REFERENCE / "room.ics"))
    (tmp_path / "kitchen.key").write_text("ab" * 32 + "\n")
    return "calendarbot.toml"


def test_every_display_of_a_configuration_is_built_and_one_can_be_chosen(config: str) -> None:
    everything = host_json("build-frames", config, "--at=2026-11-24T06:00", "--hours=2")
    assert [display["name"] for display in everything["displays"]] == ["kitchen", "hall"]
    one = host_json("build-frames", config, "--display=hall", "--hours=2")
    assert [display["name"] for display in one["displays"]] == ["hall"]


def test_provision_shows_no_secret_and_writes_them_only_where_the_owner_reads(
    config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIFI", "hunter2")
    arguments = ["provision", config, "--display=kitchen", "--server=http://192.168.1.2:8080"]
    arguments += ["--ssid=home", "--wifi-password=env:WIFI"]
    shown = host(*arguments, "--dry-run")
    assert shown.exit_code == 0
    assert "ab" * 32 not in shown.output
    assert "hunter2" not in shown.output
    assert host(*arguments, "--out=device.json").exit_code == 0
    file = tmp_path / "device.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["key"] == "ab" * 32
    again = host(*arguments, "--out=device.json")
    assert again.exit_code == 5
    assert "never overwritten" in again.output


def test_provision_says_what_it_lacks(config: str) -> None:
    kitchen = ("provision", config, "--display=kitchen", "--server=http://h")
    boardless = host(*kitchen)
    assert boardless.exit_code == 3
    assert "--board NAME" in boardless.output
    unset = host(*kitchen, "--dry-run", "--wifi-password=env:NOT_SET_ANYWHERE")
    assert unset.exit_code == 3
    in_the_open = host(*kitchen, "--dry-run", "--wifi-password=hunter2")
    assert in_the_open.exit_code == 2
    assert "hunter2" not in in_the_open.output
    both = host(*kitchen, "--portal", "--dry-run")
    assert both.exit_code == 2


def test_a_pairing_code_is_all_that_goes_to_standard_output(config: str) -> None:
    result = host("provision", config, "--display=kitchen", "--server=http://h:8080", "--portal")
    assert result.exit_code == 0, result.output
    pairing = unpack(result.stdout)
    assert (pairing.display, pairing.panel) == ("kitchen", "waveshare_7in5_v2")
    assert (pairing.server, pairing.key) == ("http://h:8080", bytes.fromhex("ab" * 32))
    assert "calendar-XXXX" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        (["build-frames", "--calendar=missing.ics"], 4, "missing.ics"),
        (["build-frames", "--calendar=page.html"], 4, "page.html"),
        (["build-frames", ROOM, "--tz=Europe/Berln"], 3, "Europe/Berlin"),
        (["build-frames", ROOM, "--panel=waveshare_7in5"], 3, "waveshare_7in5_v2"),
        (["build-frames", ROOM, "--layout=agend"], 3, "agenda"),
        (["build-frames", ROOM, "--out=page.html"], 5, "page.html"),
        (["build-frames", ROOM, "--hours=0"], 2, "--hours"),
        (["build-frames"], 3, "host init"),
        (["preview", ROOM, "--out=page.html/x"], 5, "page.html"),
        (["simulate", ROOM, "--out=page.html"], 5, "page.html"),
        (["serve", "--calendar=missing.ics"], 4, "missing.ics"),
        (["serve", ROOM, "--every=often"], 2, "often"),
    ],
)
def test_bad_input_is_one_clear_line_and_the_documented_exit_code(
    arguments: list[str], exit_code: int, says: str, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text("<!DOCTYPE html><title>Sign in</title>")
    result = host(*arguments)
    assert result.exit_code == exit_code, result.output
    assert says in result.output
    assert "Traceback" not in result.output
    if exit_code != 2:
        assert result.output.startswith("error: ")
        assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_port_that_is_taken_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = host("serve", ROOM, f"--port={port}")
    assert result.exit_code == 6
    assert f"port {port}" in result.output
