"""bench.toml: what is wrong with one is said, with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calendarbot.errors import ConfigError, DeviceError
from calendarbot.hil.bench import BenchBoard, load_bench
from calendarbot.hil.rig import find_port, power_cycle_command, powered, switch
from calendarbot.ports import Port

if TYPE_CHECKING:
    from pathlib import Path

VIRTUAL = '[boards.v]\nboard = "pico_usb"\npanel = "waveshare_1in54_v2"\nvirtual = true\n'
REAL = '[boards.r]\nboard = "trmnl_og"\npanel = "waveshare_7in5_v2"\nusb_serial = "123"\n'


def write(folder: Path, text: str) -> Path:
    file = folder / "bench.toml"
    file.write_text(text)
    return file


def test_a_bench_says_which_boards_it_has_and_where_its_files_are(tmp_path: Path) -> None:
    text = '[bench]\nfirmware = { trmnl_og = "c3.bin" }\n' + VIRTUAL + REAL
    bench = load_bench(write(tmp_path, text))
    assert bench.chosen((), ()) == ["v", "r"]
    assert bench.chosen((), ("trmnl_og",)) == ["r"]
    assert bench.chosen(("v",), ()) == ["v"]
    assert bench.firmware("trmnl_og") == tmp_path / "c3.bin"
    assert bench.firmware("pico_usb") is None
    assert bench.state_dir == tmp_path / "bench-state"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (VIRTUAL.replace("pico_usb", "pico_usbb"), "unknown board 'pico_usbb'"),
        (VIRTUAL.replace("1in54", "9in99"), "unknown panel"),
        (REAL.replace('usb_serial = "123"\n', ""), "found by its usb_serial"),
        (REAL + "virtual = true\n", "only 'pico_usb' can be emulated"),
        (REAL + 'power_off = ["x"]\n', "go together"),
        (VIRTUAL + "colour = 1\n", "colour"),
        (VIRTUAL.replace("boards.v", 'boards."a/b"'), "is no name"),
        ("", "boards"),
        ("[boards", "bench.toml"),
    ],
)
def test_what_is_wrong_with_a_bench_is_said_with_its_file(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_bench(write(tmp_path, text))
    assert says in caught.value.message
    assert "bench.toml" in caught.value.message


def test_a_board_that_the_bench_does_not_have_is_named(tmp_path: Path) -> None:
    bench = load_bench(write(tmp_path, VIRTUAL))
    with pytest.raises(ConfigError, match="no board 'w'"):
        bench.chosen(("w",), ())
    with pytest.raises(ConfigError, match="no board of the bench"):
        bench.chosen((), ("trmnl_og",))


def test_a_real_board_is_found_by_the_serial_number_of_its_port(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = [Port("/dev/ttyACM0", "", None, "9"), Port("/dev/ttyACM1", "", None, "123")]
    monkeypatch.setattr("calendarbot.hil.rig.ports", lambda: there)
    assert find_port("r", "123") == "/dev/ttyACM1"
    with pytest.raises(DeviceError, match="r: no port has the serial number 7"):
        find_port("r", "7")


def test_a_hub_switches_a_board_off_and_on_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    board = BenchBoard(
        board="trmnl_og",
        panel="waveshare_7in5_v2",
        usb_serial="1",
        power_off=("sh", "-c", f"echo off >> {log}"),
        power_on=("sh", "-c", f"echo on >> {log}"),
    )
    switch("r", power_cycle_command(board))
    assert log.read_text().split() == ["off", "on"]
    with pytest.raises(DeviceError, match="r: its power cannot be switched: no hub"):
        switch("r", ["sh", "-c", "echo no hub >&2; exit 3"])
    with pytest.raises(DeviceError, match="r: /no/such"):
        switch("r", ["/no/such"])


def test_an_emulated_board_whose_image_is_missing_says_so(tmp_path: Path) -> None:
    bench = load_bench(write(tmp_path, VIRTUAL + 'image = "none.uf2"\n'))
    with pytest.raises(DeviceError, match=r"v: .*none\.uf2"), powered(bench, "v"):
        pass
