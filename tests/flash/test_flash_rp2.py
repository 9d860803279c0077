"""`host flash` on RP2 boards: a UF2 file on their BOOTSEL drive, then the application over serial."""

from __future__ import annotations

import errno
import os
import struct
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chips import host

from calendarbot.boards import load_board
from calendarbot.errors import DeviceError
from calendarbot.flash.rp2 import copy_uf2, find_drive, mounted_drives
from calendarbot.flash.uf2 import read_uf2
from calendarbot.ports import Port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PICO = load_board("pico_usb")
RP2040, RP2350 = 0xE48BFF56, 0xE48BFF59
TEXT = b"MicroPython v1.29 on 2026-07-05; Raspberry Pi Pico with RP2040"


def uf2(text: bytes = TEXT, family: int = RP2040, blocks: int = 8) -> bytes:
    """Microsoft's specification: 512 bytes a block, 256 of them payload."""
    content = (text * 40).ljust(blocks * 256, b"\0")[: blocks * 256]
    made = b""
    for number in range(blocks):
        head = (0x0A324655, 0x9E5D5157, 0x2000, 0x10000000 + number * 256, 256, number, blocks)
        payload = content[number * 256 :][:256].ljust(476, b"\0")
        made += struct.pack("<8I", *head, family) + payload + struct.pack("<I", 0x0AB16F30)
    return made


def drive(folder: Path, board_id: str = "RPI-RP2") -> Path:
    folder.mkdir()
    (folder / "INFO_UF2.TXT").write_text(
        f"UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: {board_id}\r\n"
    )
    return folder


@pytest.fixture
def firmware(tmp_path: Path) -> str:
    (tmp_path / "pico.uf2").write_bytes(uf2())
    return str(tmp_path / "pico.uf2")


class _Connection:
    """Stands for the serial link: what is deployed over it, is kept."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.restarted = False

    def restart(self) -> None:
        self.restarted = True


def test_a_pico_gets_micropython_by_its_drive_and_the_application_by_its_port(
    tmp_path: Path, firmware: str, configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = drive(tmp_path / "RPI-RP2")
    link = _Connection()

    @contextmanager
    def connect(port: str) -> Iterator[_Connection]:
        assert port == "/dev/ttyACM0"
        yield link

    def deploy(connection: _Connection, files: Mapping[str, bytes], _progress: object) -> None:
        connection.files.update(files)

    monkeypatch.setattr("calendarbot.cli.flash.connect", connect)
    monkeypatch.setattr("calendarbot.cli.flash.deploy", deploy)
    monkeypatch.setattr("calendarbot.cli.flash.mounted_drives", lambda: [folder])
    for module in ("calendarbot.ports", "calendarbot.cli.flash"):
        monkeypatch.setattr(
            f"{module}.ports", lambda: [Port("/dev/ttyACM0", "Board in FS mode", (0x2E8A, 5))]
        )

    result = host(
        *("flash", "pico_w_epaper", "--firmware", firmware, "--display", "kitchen"),
        *("--server", "http://192.168.1.10:8080"),
        answer="y\n",
    )

    assert result.exit_code == 0, result.output
    assert (folder / "firmware.uf2").read_bytes() == Path(firmware).read_bytes()
    assert {"main.py", "config.json"} < set(link.files)
    assert link.restarted
    assert "without --ssid the board joins no network" in result.stderr
    assert bytes(range(32)).hex() not in result.output


def test_nothing_is_written_without_consent(tmp_path: Path, firmware: str) -> None:
    folder = drive(tmp_path / "RPI-RP2")
    args = ("flash", "pico_usb", "--firmware", firmware, "--drive", str(folder))

    refused = host(*args, answer="n\n")
    dry = host("flash", "pico_usb", "--firmware", firmware, "--dry-run")

    assert (refused.exit_code, dry.exit_code) == (130, 0)
    assert "over the program on its flash" in refused.stdout
    assert not (folder / "firmware.uf2").exists()


def test_a_board_that_does_not_come_back_is_one_line_that_says_how_far_it_is(
    tmp_path: Path, firmware: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = drive(tmp_path / "RPI-RP2")
    monkeypatch.setattr("calendarbot.cli.flash._RESTART_S", 0)
    monkeypatch.setattr("calendarbot.ports.ports", list)

    result = host("flash", "pico_usb", "--firmware", firmware, "--drive", str(folder), "--yes")

    assert result.exit_code == 7
    assert "MicroPython is written, the application is not yet" in result.stderr
    assert "host deploy" in result.stderr


WRONG = {
    "an ESP32's": (b"\xe9" + bytes(1000), "is no UF2 file"),
    "empty": (b"", "is no UF2 file"),
    "for another chip": (uf2(family=RP2350), "is not for the rp2040"),
    "half downloaded": (uf2()[:-512], "is damaged or incomplete"),
    "cut within a block": (uf2()[:-100], "is damaged or incomplete"),
    "spoiled": (uf2()[:1024] + bytes(512) + uf2()[1536:], "is damaged or incomplete"),
    "another program": (uf2(b"CircuitPython 10"), "is not MicroPython"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_refused_before_the_drive_is_looked_for(kind: str, tmp_path: Path) -> None:
    content, problem = WRONG[kind]
    (tmp_path / "x.uf2").write_bytes(content)
    with pytest.raises(DeviceError) as caught:
        read_uf2(tmp_path / "x.uf2", PICO)
    assert caught.value.message == f"{tmp_path / 'x.uf2'} {problem}; nothing was changed"
    assert "https://micropython.org/download/RPI_PICO/" in caught.value.hint


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="No such file"):
        read_uf2(tmp_path / "x.uf2", PICO)


def test_the_drive_is_the_one_of_the_boards_chip(tmp_path: Path) -> None:
    usb_stick = tmp_path / "stick"
    usb_stick.mkdir()
    pico, pico2 = drive(tmp_path / "a"), drive(tmp_path / "b", "RP2350")

    assert find_drive(PICO, [usb_stick, pico2, pico]) == pico
    with pytest.raises(DeviceError, match="in BOOTSEL mode") as caught:
        find_drive(PICO, [usb_stick])
    assert "hold BOOTSEL" in caught.value.hint
    with pytest.raises(DeviceError, match="is no rp2040; nothing was changed"):
        find_drive(PICO, [pico2])
    with pytest.raises(DeviceError, match="several boards"):
        find_drive(PICO, [pico, drive(tmp_path / "c")])


def test_drives_are_looked_for_where_systems_mount_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pico = drive(tmp_path / "RPI-RP2")
    monkeypatch.setattr("calendarbot.flash.rp2._MOUNTED_IN", (f"{tmp_path}/*",))
    assert find_drive(PICO, mounted_drives()) == pico


def test_a_drive_that_goes_with_its_last_block_is_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", gone)
    seen: list[tuple[int, int]] = []
    copy_uf2(uf2(), drive(tmp_path / "a"), lambda _, done, total: seen.append((done, total)))
    assert seen[-1] == (4096, 4096)


def test_a_cable_pulled_while_copying_says_what_state_the_board_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def half(descriptor: int, data: bytes) -> int:
        if len(data) < 4096:
            raise OSError(errno.EIO, "Input/output error")
        return write(descriptor, data[:1024])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(DeviceError) as caught:
        copy_uf2(uf2(), drive(tmp_path / "a"), lambda *_: None)
    assert "after 1,024 of 4,096 bytes" in caught.value.message
    assert caught.value.message.endswith("the board does not start, and is not damaged")
    assert "BOOTSEL" in caught.value.hint


def test_a_drive_that_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="nothing was changed"):
        copy_uf2(uf2(), tmp_path / "not there", lambda *_: None)
