"""The tool that builds firmware images: what can be said of it without compiling anything."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.firmware import IMAGES, TARGETS, FirmwareError, image, require, toolchains, uf2
from tools.firmware.cache import digest
from tools.firmware.commands import run
from tools.firmware.targets import FIRMWARE


def test_a_uf2_file_holds_the_binary_in_order_and_says_for_which_chip() -> None:
    binary = bytes(range(256)) * 3 + b"end"
    packed = uf2.pack(binary, uf2.RP2040_FLASH, uf2.RP2040)
    blocks = [packed[at : at + 512] for at in range(0, len(packed), 512)]
    assert len(blocks) == 4
    held = b""
    for number, block in enumerate(blocks):
        *magic, flags, address, size, index, count, family = struct.unpack_from("<8I", block)
        assert magic == [0x0A324655, 0x9E5D5157]
        assert struct.unpack_from("<I", block, 508) == (0x0AB16F30,)
        assert (flags, family) == (0x2000, 0xE48BFF56)
        assert (address, size, index, count) == (0x10000000 + 256 * number, 256, number, 4)
        held += block[32 : 32 + size]
    assert held[: len(binary)] == binary
    assert not any(held[len(binary) :])


def test_a_missing_compiler_is_named_with_the_packages_that_bring_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(toolchains.shutil, "which", lambda _: None)
    with pytest.raises(FirmwareError) as raised:
        require(["arm"], pytest.fail)
    assert raised.value.message == "arm-none-eabi-gcc not found"
    assert raised.value.hint.startswith("on Debian: sudo apt install gcc-arm-none-eabi ")


def test_on_a_debian_machine_as_root_the_missing_compiler_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commands: list[list[str]] = []
    said: list[str] = []
    monkeypatch.setattr(toolchains.shutil, "which", lambda _: None)
    monkeypatch.setattr(toolchains, "may_install", lambda: True)
    monkeypatch.setattr(toolchains, "run", lambda command, *_: commands.append(command))
    require(["cmake"], said.append)
    assert commands[-1][:3] == ["apt-get", "install", "--yes"]
    assert commands[-1][-1] == "cmake"
    assert said == ["installing cmake …"]


def test_an_unknown_target_is_refused_with_the_known_ones() -> None:
    with pytest.raises(FirmwareError, match="unknown target 'esp8266'; known: qemu-m3"):
        image("esp8266")


def test_a_change_of_the_application_or_of_a_script_asks_for_another_image(tmp_path: Path) -> None:
    for name, target in TARGETS.items():
        assert (FIRMWARE / "inkframe" / "cycle.py" in target.frozen()) == (name in IMAGES)
        assert Path(uf2.__file__) in target.recipe()
    assert digest([FIRMWARE / "main.py"]) != digest([FIRMWARE / "manifest.py"])
    assert digest([FIRMWARE / "main.py"], "a") != digest([FIRMWARE / "main.py"], "b")


def test_a_command_that_fails_is_told_with_the_end_of_what_it_printed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with pytest.raises(FirmwareError) as raised:
        run(["sh", "-c", "echo the reason; exit 3"], log)
    assert raised.value.message == "sh ended with status 3"
    assert str(log) in raised.value.hint
    assert "the reason" in raised.value.hint
