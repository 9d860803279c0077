"""Every board that can be flashed is described so that flashing it can work."""

from __future__ import annotations

import json
import re
import subprocess
import textwrap
from pathlib import Path

import pytest
from chips import host

from calendarbot.boards import board_names, load_board, panel_names
from calendarbot.emulator.unix_port import micropython
from calendarbot.flash.image import TABLE_OFFSET
from calendarbot.flash.partitions import TABLE_BYTES, partition_table

ROOT = Path(__file__).parents[2]
STAND_INS = Path(__file__).parent / "stand-ins"
ESP32 = [name for name in board_names() if load_board(name).chip.startswith("esp32")]
HARDWARE = [name for name in board_names() if load_board(name).chip != "unix"]


def test_boards_are_listed_with_where_they_were_exercised() -> None:
    table, data = host("boards"), host("boards", "--json")

    listed = {entry["board"]: entry for entry in json.loads(data.stdout)["boards"]}
    assert set(listed) == set(board_names())
    assert listed["trmnl_og"]["exercised"] == "not yet"
    assert listed["simulated"]["exercised"] == "emulator"
    assert listed["pico_usb"]["transport"] == "usb"
    for name in board_names():
        assert name in table.stdout


@pytest.mark.parametrize("name", HARDWARE)
def test_a_board_names_its_micropython_its_port_and_its_panel(name: str) -> None:
    board = load_board(name)
    assert board.micropython
    assert board.usb
    assert board.flash
    assert board.panel is None or board.panel in panel_names()
    if board.battery:
        assert board.battery.adc not in board.pins.values()


@pytest.mark.parametrize("name", ESP32)
def test_partitions_follow_one_another_within_the_flash(name: str) -> None:
    flash = load_board(name).flash
    assert flash
    end = TABLE_OFFSET + 0x1000
    for partition in flash.partitions:
        assert partition.offset >= end, partition.name
        end = partition.offset + partition.size
    assert end <= min(flash.size_bytes, 0x400000)  # what MicroPython's generic images are made for
    assert flash.partition("factory").offset == 0x10000
    assert flash.bootloader_offset == {"esp32": 0x1000}.get(load_board(name).chip, 0)


def test_the_partition_table_is_what_the_chips_tools_write() -> None:
    """Rows, MD5 and padding as ESP-IDF documents them; the rows' own bytes were worked out by hand."""
    flash = load_board("trmnl_og").flash
    assert flash
    table = partition_table(flash.partitions)
    assert len(table) == TABLE_BYTES
    assert table[:32] == bytes.fromhex("aa50 01 02 00900000 00600000") + b"nvs".ljust(
        16, b"\0"
    ) + bytes(4)
    assert table[3 * 32 :][:12] == bytes.fromhex("aa50 01 81 00002400 00001c00")
    assert table[4 * 32 :][:16] == b"\xeb\xeb" + b"\xff" * 14
    assert set(table[5 * 32 :]) == {0xFF}


def test_every_key_of_a_board_file_is_explained() -> None:
    explained = (ROOT / "boards" / "README.md").read_text(encoding="utf-8")
    for file in (ROOT / "boards").glob("*/board.toml"):
        for key in re.findall(r"^(?!    )([a-z_]+) = ", file.read_text(), re.MULTILINE):
            assert re.search(rf"[`.]{key}`", explained), (file, key)


def test_busy_behind_a_shift_register_is_read_from_its_bit(tmp_path: Path) -> None:
    """Inputs 7 to 0 come out one a clock after the latch; bit 2 alone is high here."""
    (tmp_path / "machine.py").write_text(
        textwrap.dedent("""
            class Pin:
                IN = OUT = 0
                at = 0
                def __init__(self, number, mode, value=1):
                    self.number = number
                def __call__(self, level=None):
                    if self.number == 9 and level == 0:
                        Pin.at = 7
                    if self.number == 8 and level == 1:
                        Pin.at -= 1
                    return int(Pin.at == 2)
        """)
    )
    script = "from device.shift_register import ShiftRegisterInput as R\n" + (
        "print([R(8, 9, 10, bit)() for bit in range(8)])"
    )
    printed = subprocess.run(
        [micropython(), "-c", script],
        env={"MICROPYPATH": f"{tmp_path}:{ROOT / 'firmware'}:.frozen"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.strip() == "[0, 0, 1, 0, 0, 0, 0, 0]"
