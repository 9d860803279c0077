"""`host doctor` with a real MicroPython behind a terminal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from chips import host
from terminals import KEY, board, kitchen

from calendarbot.boards import load_board
from calendarbot.link.connection import connect
from calendarbot.link.doctor import Finding, examine
from inkframe.slots import Slots

if TYPE_CHECKING:
    from pathlib import Path


def examined(folder: Path, board_name: str = "pico_w_epaper", **does: object) -> list[Finding]:
    now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    with board(folder, **does) as port, connect(port) as connection:
        return examine(connection, load_board(board_name), now)


def found(findings: list[Finding], check: str) -> Finding:
    (finding,) = (finding for finding in findings if finding.check == check)
    return finding


@pytest.fixture
def healthy(tmp_path: Path) -> Path:
    for folder in ("device", "inkframe"):
        (tmp_path / folder).mkdir()
    (tmp_path / "main.py").touch()
    kitchen(tmp_path)
    return tmp_path


def test_a_healthy_board_passes_every_check_but_its_chip(healthy: Path) -> None:
    """The chip is this computer, and the server's address answers nobody."""
    kitchen(healthy, server="http://127.0.0.1:1")
    findings = examined(healthy, adc_mv=1300)

    states = {finding.check: finding.state for finding in findings}
    assert states == {
        **dict.fromkeys(("application", "configuration", "wiring", "busy line"), "good"),
        **dict.fromkeys(("battery", "clock", "Wi-Fi"), "good"),
        "chip": "bad",
        "server": "bad",
    }
    assert found(findings, "battery").says == "3,900 mV"
    assert "host serve" in found(findings, "server").todo


@pytest.mark.parametrize(
    ("does", "check", "state", "says", "todo"),
    [
        ({"busy": None}, "busy line", "bad", "nobody drives GPIO13", "seat the panel's cable"),
        ({"busy": 0}, "busy line", "bad", "waveshare_7in5_v2 is busy at level 0", "that panel"),
        ({"shorted": list(range(30))}, "wiring", "note", "cannot be told", ""),
        ({"shorted": [8]}, "wiring", "bad", "dc (GPIO8)", "short"),
        ({"shorted": [10]}, "wiring", "bad", "sck (GPIO10)", "short"),
        ({"adc_mv": 1050}, "battery", "bad", "3,150 mV", "charge it"),
        ({"adc_mv": 1150}, "battery", "note", "3,450 mV", "charge it soon"),
        ({"adc_mv": 10}, "battery", "note", "no cell", ""),
        ({"utc": [2021, 1, 1, 4, 0, 0, 9, 0]}, "clock", "note", "not set", ""),
        ({"utc": [2026, 11, 24, 1, 10, 0, 0, 0]}, "clock", "note", "+3,600 s off", "sets it"),
        ({"wifi": False}, "Wi-Fi", "bad", "has no Wi-Fi", "RPI_PICO_W"),
        ({"joins": False, "status": -3}, "Wi-Fi", "bad", "password was refused", "2.4 GHz"),
        ({"joins": False, "status": 77}, "Wi-Fi", "bad", "status 77", "2.4 GHz"),
        ({"rssi_dbm": -88}, "Wi-Fi", "note", "-88 dBm", "closer"),
    ],
)
def test_each_thing_that_may_be_wrong_is_found_and_says_what_to_do(
    healthy: Path, does: dict[str, object], check: str, state: str, says: str, todo: str
) -> None:
    kitchen(healthy, server="http://127.0.0.1:1")
    finding = found(examined(healthy, **does), check)
    assert finding.state == state
    assert says in finding.says
    assert todo in finding.todo


@pytest.mark.parametrize(
    ("kept", "says", "todo"),
    [
        ("3 ValueError@inkframe/cycle.py:70", "ValueError@inkframe/cycle.py:70, 3 times", "logs"),
        ("1 watchdog", "hung, and was restarted by its watchdog, once", "where it stops"),
    ],
)
def test_a_crash_that_no_server_has_heard_of_is_told(
    healthy: Path, kept: str, says: str, todo: str
) -> None:
    (healthy / "crash").write_text(kept)
    finding = found(examined(healthy), "crash")
    assert says in finding.says
    assert todo in finding.todo


@pytest.mark.parametrize(
    ("crashes", "state", "says"),
    [(False, "good", "in a/"), (True, "note", "own application; the last update: taken back")],
)
def test_what_an_update_came_to_is_told(
    healthy: Path, crashes: bool, state: str, says: str
) -> None:
    class OnBoard(Slots):
        def save(self) -> None:
            (healthy / "slots").write_bytes(self.pack())

    slots = OnBoard(raw=b"")
    slots.activate(1_795_510_800)
    slots.start()
    if crashes:
        slots.distrust()
    finding = found(examined(healthy), "update")
    assert finding.state == state
    assert says in finding.says


@pytest.mark.parametrize(
    ("changes", "state", "says"),
    [
        ({"pins": {"cs": 1}}, "bad", "made for another board"),
        ({"wifi": {"ssid": "", "password": ""}}, "bad", "no Wi-Fi network"),
        ({"key": None}, "note", "no key"),
        ({"spi": None}, "bad", "made for another board"),
    ],
)
def test_a_configuration_that_does_not_fit_is_found(
    healthy: Path, changes: dict[str, object], state: str, says: str
) -> None:
    kitchen(healthy, **{"server": "http://127.0.0.1:1", **changes})
    finding = found(examined(healthy), "configuration")
    assert (finding.state, says in finding.says) == (state, True)
    assert "host deploy" in finding.todo


def test_an_empty_board_is_told_to_be_deployed_to(tmp_path: Path) -> None:
    findings = examined(tmp_path)
    assert found(findings, "application").todo == "run `host deploy`"
    assert found(findings, "configuration").state == "bad"


def test_the_doctor_prints_findings_and_fails_when_one_is_bad(healthy: Path) -> None:
    with board(healthy, busy=None, joins=False) as port:
        people = host("doctor", "pico_w_epaper", "--port", port)
    with board(healthy, busy=None, joins=False) as port:
        programs = host("doctor", "pico_w_epaper", "--port", port, "--json")

    assert people.exit_code == programs.exit_code == 7
    assert "nobody drives GPIO13" in people.stdout
    assert "→ seat the panel's cable" in people.stdout
    assert "checks found a problem" in people.stderr
    checks = {finding["check"] for finding in json.loads(programs.stdout)["findings"]}
    assert {"chip", "busy line", "battery", "clock", "Wi-Fi"} <= checks
    assert (healthy / "joined").read_text() == "home hunter2"
    for secret in ("hunter2", KEY.hex()):
        assert secret not in people.output + programs.output
    assert (healthy / "restarted").exists()
