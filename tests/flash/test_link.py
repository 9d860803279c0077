"""`host deploy`, `host provision` and `host logs` with a real MicroPython behind a terminal."""

from __future__ import annotations

import json
import os
import pty
import sys
import time
import tty
from typing import TYPE_CHECKING
from zlib import crc32

import pytest
from chips import host
from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport
from terminals import KEY, PICO, SERVER, appears, board, deployed, files_in, kitchen

from calendarbot import updates
from calendarbot.application import application_files
from calendarbot.errors import DeviceError
from calendarbot.hil.rig import Rig
from calendarbot.hil.state import restore
from calendarbot.link.connection import Connection, connect
from calendarbot.link.deploy import changed_files, deploy
from calendarbot.link.logs import follow
from calendarbot.link.update import push
from inkframe.config import Config as DeviceConfig
from inkframe.slots import Slots, own_application

if TYPE_CHECKING:
    from pathlib import Path


def test_a_fresh_board_gets_every_file_and_is_restarted(tmp_path: Path) -> None:
    with board(tmp_path) as port:
        result = host("deploy", "--port", port, "--json")
        restarted = appears(tmp_path / "restarted")

    assert result.exit_code == 0, result.output
    files = files_in(tmp_path)
    record = Slots(raw=files.pop("slots"))
    assert files == application_files()
    assert (record.folder, record.version > 1_700_000_000) == ("", True)
    assert json.loads(result.stdout) == {"written": list(application_files()), "unchanged": 0}
    assert restarted


def test_only_what_changed_is_copied_and_what_else_is_there_stays(tmp_path: Path) -> None:
    files = {"main.py": b"print(1)", "inkframe/wire.py": b"x = 1", "inkframe/panels/p.py": b""}
    assert set(deployed(tmp_path, files)) == set(files)
    (tmp_path / "state.bin").write_bytes(b"kept")

    assert deployed(tmp_path, files) == ()
    files["inkframe/wire.py"] = bytes(range(256)) * 9
    assert deployed(tmp_path, files) == ("inkframe/wire.py",)

    assert files_in(tmp_path) == {**files, "state.bin": b"kept"}


def test_what_is_deployed_takes_the_place_of_an_update_and_the_same_again_stays(
    tmp_path: Path,
) -> None:
    def deploys() -> Slots:
        with board(tmp_path) as port:
            assert host("deploy", "--port", port).exit_code == 0
        return Slots(raw=(tmp_path / "slots").read_bytes())

    version = deploys().version
    assert deploys().version == version
    updated = own_application(5)[:-4].replace(b"\1\0", b"\1\1", 1)
    (tmp_path / "slots").write_bytes(updated + crc32(updated).to_bytes(4, "little"))
    assert Slots(raw=(tmp_path / "slots").read_bytes()).folder == "a"
    assert deploys().folder == ""


@pytest.mark.parametrize(
    ("key", "says"),
    [(KEY, ""), (bytes(32), "for another device")],
    ids=["its key", "another key"],
)
def test_an_update_pushed_over_the_cable_is_taken_as_any_other(
    tmp_path: Path, key: bytes, says: str
) -> None:
    for path, content in application_files().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    kitchen(tmp_path)
    mpy = 0x0B06  # the unix port's
    raw = updates.pack({"inkframe/new.mpy": b"new"}, mpy, 7, "unix", key)
    with board(tmp_path) as port, connect(port) as connection:
        if says:
            with pytest.raises(DeviceError, match=says):
                push(connection, raw, lambda *_: None)
        else:
            push(connection, raw, lambda *_: None)
            assert appears(tmp_path / "restarted")
    slots = Slots(raw=(tmp_path / "slots").read_bytes())
    assert (slots.is_new, slots.outcome) == ((False, "auth") if says else (True, "trial"))
    assert (tmp_path / "a" / "inkframe" / "new.mpy").exists() is not bool(says)
    assert not (tmp_path / "update.ink").exists()


def test_a_dry_run_names_what_differs_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("old")
    with board(tmp_path) as port:
        result = host("deploy", "--port", port, "--dry-run")

    assert result.exit_code == 0, result.output
    assert "main.py\n" in result.stdout
    assert files_in(tmp_path) == {"main.py": b"old"}


def test_a_file_that_arrives_wrong_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "main.py").write_text("old")
    with board(tmp_path) as port, connect(port) as connection:
        write = connection.write_file
        monkeypatch.setattr(connection, "write_file", lambda path, data: write(path, data[:-1]))
        with pytest.raises(DeviceError, match="not what was sent; the old file stays"):
            deploy(connection, {"main.py": b"new"}, lambda *_: None)
    assert (tmp_path / "main.py").read_text() == "old"


def test_the_configuration_goes_with_the_application_and_is_never_shown(
    configured: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    flash = tmp_path_factory.mktemp("flash")
    with board(flash) as port:
        result = host(
            *("deploy", "--port", port, "--board", "pico_w_epaper", "--ssid", "home"),
            *("--display", "kitchen", "--server", SERVER),
        )

    assert result.exit_code == 0, result.output
    config = json.loads((flash / "config.json").read_text())
    assert (config["key"], config["server"]) == (KEY.hex(), SERVER)
    assert KEY.hex() not in result.output


PROVISION = ("provision", "--display", "kitchen", "--server", SERVER, "--board", "pico_w_epaper")


def test_one_command_provisions_a_connected_board_and_shows_no_secret(
    configured: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIFI", "hunter2!")
    flash = tmp_path_factory.mktemp("flash")
    for path in ("state", "bundle", "main.py"):
        (flash / path).write_bytes(b"of before")
    with board(flash) as port:
        result = host(*PROVISION, "--port", port, "--ssid=home", "--wifi-password=env:WIFI")
        restarted = appears(flash / "restarted")

    assert result.exit_code == 0, result.output
    assert restarted
    given = DeviceConfig((flash / "config.json").read_text())
    assert (given.display, given.server, given.key) == ("kitchen", SERVER, KEY)
    assert given.wifi == {"ssid": "home", "password": "hunter2!"}
    assert abs(given.time_floor - time.time()) < 60
    assert json.loads((flash / "board.json").read_text())["pins"] == given.pins
    assert set(files_in(flash)) == {"board.json", "config.json", "main.py"}
    for secret in (KEY.hex(), "hunter2!"):
        assert secret not in result.output


def test_a_configuration_that_arrives_wrong_leaves_the_old_one(
    configured: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    flash = tmp_path_factory.mktemp("flash")
    kitchen(flash)
    before = (flash / "config.json").read_bytes()
    write = Connection.write_file
    monkeypatch.setattr(
        Connection, "write_file", lambda to, path, data: write(to, path, data[:-1] + b"?")
    )
    with board(flash) as port:
        result = host(*PROVISION, "--port", port)
    assert result.exit_code == 7
    assert "the old file stays" in result.stderr
    assert (flash / "config.json").read_bytes() == before


def test_a_cable_pulled_while_copying_is_one_line_and_leaves_files_old_or_new(
    tmp_path: Path,
) -> None:
    old = dict.fromkeys(application_files(), b"old")
    for path, content in old.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)

    def pull(_doing: str, done: int, _total: int) -> None:
        if done > 10_000:
            port.pull()

    with board(tmp_path) as port, pytest.raises(DeviceError) as caught, connect(port) as link:
        deploy(link, application_files(), pull)
    assert caught.value.message == f"{port}: the connection was lost"
    assert "run the same command again" in caught.value.hint

    for path, content in application_files().items():
        assert (tmp_path / path).read_bytes() in (b"old", content)


def test_what_the_board_complains_of_is_its_last_line(tmp_path: Path) -> None:
    with board(tmp_path) as port, connect(port) as connection:
        with pytest.raises(DeviceError, match="the board says ValueError: too cold"):
            connection.run("raise ValueError('too cold')")
        with pytest.raises(DeviceError, match="makes no sense"):
            changed_files(_Babbling(), {"main.py": b""})  # type: ignore[arg-type]  # a stand-in


class _Babbling:
    port = "x"

    def run(self, _code: str) -> str:
        return "(((\n"


def test_a_port_where_nothing_answers_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calendarbot.link.connection._ANSWER_S", 0.1)
    monkeypatch.setattr("calendarbot.link.connection._READ_S", 0.1)
    near, far = pty.openpty()
    tty.setraw(far)
    try:
        silent = host("deploy", "--port", os.ttyname(far))
    finally:
        os.close(near)
        os.close(far)
    missing = host("doctor", "pico_usb", "--port", "/dev/ttyNONE9")

    assert (silent.exit_code, missing.exit_code) == (7, 7)
    assert "no MicroPython answers" in silent.stderr
    assert "press RESET" in silent.stderr
    assert "there is no port /dev/ttyNONE9" in missing.stderr


def test_a_board_that_answers_something_else_at_first_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = SerialTransport.exec
    asked: list[str] = []

    def exec_(transport: SerialTransport, command: str) -> bytes:
        asked.append(command)
        if len(asked) == 1:
            sys.stdout.write("an echo of what was sent")
            raise TransportError("could not enter raw repl")
        return run(transport, command)

    monkeypatch.setattr(SerialTransport, "exec", exec_)
    with board(tmp_path) as port:
        result = host("deploy", "--port", port, "--dry-run")
    assert result.exit_code == 0
    assert "an echo" not in result.output


def test_logs_are_lines_until_the_board_sleeps_and_again_when_it_wakes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wakes = [_Port([b"wake: pain", b"ted=1\r\nsleep=60\nbye"]), _Port([b"awake\n"])]
    opened = iter([wakes[0], OSError(2, "could not open port"), wakes[1]])

    def serial_for_url(*_: object, **__: object) -> _Port:
        port = next(opened)
        if isinstance(port, OSError):
            raise port
        return port

    monkeypatch.setattr("serial.serial_for_url", serial_for_url)
    slept: list[float] = []
    lines = follow("/dev/ttyACM0", slept.append)

    assert [next(lines) for _ in range(5)] == [
        *("wake: painted=1", "sleep=60", "bye"),
        *("(the port is gone: asleep, or unplugged)", "awake"),
    ]
    assert len(slept) == 2
    lines.close()
    assert not any(port.reset_lines for port in wakes)


class _Port:
    """A serial port that gives these pieces, and is gone then."""

    in_waiting = 0

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self.dtr = self.rts = True
        self.reset_lines = False

    def open(self) -> None:
        self.reset_lines = self.dtr or self.rts

    def read(self, _size: int) -> bytes:
        if not self._pieces:
            raise OSError(6, "Device not configured")
        return self._pieces.pop(0)

    def close(self) -> None:
        pass


def test_logs_of_a_port_that_is_not_there_are_one_line() -> None:
    result = host("logs", "--port", "/dev/ttyNONE9")
    assert result.exit_code == 7
    assert "there is no port /dev/ttyNONE9" in result.stderr


@pytest.mark.parametrize(
    "before", [(), ("config.json", "state", "frame.mid", "bundle.new", "radio")]
)
def test_a_bench_leaves_a_board_with_todays_application_and_nothing_of_anybody(
    tmp_path: Path, before: tuple[str, ...]
) -> None:
    for name in before:
        (tmp_path / name).write_text("somebody's")
    with board(tmp_path) as port:
        restore(Rig("bench", PICO, port))
        restore(Rig("bench", PICO, port))
    assert files_in(tmp_path) == application_files()
