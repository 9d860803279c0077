"""`host flash` on chips of the ESP32 family, against a ROM loader without a chip."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import subprocess
import tty
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import esptool
import pytest
import serial
from chips import ESP32_BOARDS, chip, cut_after, host
from esp_image import app_image, micropython_image
from littlefs import LittleFS

from calendarbot.application import application_files
from calendarbot.boards import load_board
from calendarbot.config import load_config
from calendarbot.emulator.unix_port import micropython
from calendarbot.errors import DeviceError
from calendarbot.flash import esp32
from calendarbot.flash.esp32 import flash_esp32
from calendarbot.flash.plan import Plan, plan_esp32
from calendarbot.ports import Port
from calendarbot.provision import device_config
from inkframe.config import Config as DeviceConfig

if TYPE_CHECKING:
    from collections.abc import Callable

SERVER = "http://192.168.1.10:8080"
KITCHEN = ("--display", "kitchen", "--server", SERVER, "--ssid", "home")
KEY = bytes(range(32))
NOW = 1795521600
ERASED = "the board is erased and partly written: it does not start, and is not damaged"


@pytest.fixture(autouse=True)
def the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration says when it was made."""
    monkeypatch.setattr("calendarbot.cli.device_options.time", SimpleNamespace(time=lambda: NOW))


def kitchen_config(board_name: str) -> str:
    config = load_config(Path("calendarbot.toml"))
    return device_config(config, "kitchen", SERVER, KEY, ("home", ""), board_name, NOW)


def a_plan(board_name: str, image: str) -> Plan:
    return plan_esp32(load_board(board_name), Path(image), None)


def digest(url: str, offset: int, size: int) -> str:
    """MD5 of what a chip's flash holds."""
    esp = esptool.run_stub(esptool.detect_chip(url))
    try:
        found: str = esp.flash_md5sum(offset, size)
    finally:
        esp._port.close()
    return found


def files_of(image: bytes) -> dict[str, bytes]:
    fs = LittleFS(mount=False, block_size=4096, block_count=len(image) // 4096)
    fs.context.buffer[:] = image
    fs.mount()
    found = {}
    for folder, _, names in fs.walk("/"):
        for name in names:
            path = f"{folder.rstrip('/')}/{name}"
            with fs.open(path, "rb") as file:
                found[path.lstrip("/")] = file.read()
    return found


@pytest.mark.parametrize("board_name", ESP32_BOARDS)
def test_after_flashing_a_board_holds_micropython_application_and_configuration(
    board_name: str, firmware: Callable[[str], str], configured: Path
) -> None:
    image = firmware(board_name)
    plan = plan_esp32(load_board(board_name), Path(image), kitchen_config(board_name))

    with chip(plan.board.chip) as url:
        result = host("flash", board_name, "--port", url, "--firmware", image, "--yes", *KITCHEN)
        held = [digest(url, region.offset, len(region.data)) for region in plan.regions]

    assert result.exit_code == 0, result.output
    assert held == [hashlib.md5(region.data).hexdigest() for region in plan.regions]
    assert "written, verified and restarted" in result.stdout
    assert KEY.hex() not in result.output


def test_the_file_system_holds_exactly_the_package_list_and_the_configuration(
    firmware: Callable[[str], str], configured: Path
) -> None:
    text = kitchen_config("trmnl_og")
    board = load_board("trmnl_og")
    region = plan_esp32(board, Path(firmware("trmnl_og")), text).regions[-1]

    files = files_of(region.data)

    assert len(region.data) == board.flash.partition("vfs").size
    config = DeviceConfig(files.pop("config.json").decode())
    assert (config.key, config.pins, config.wifi["ssid"]) == (KEY, board.pins, "home")
    assert json.loads(files.pop("board.json"))["pins"] == board.pins
    assert files == application_files()
    listed = json.loads((Path(__file__).parents[2] / "firmware" / "package.json").read_text())
    assert set(files) == {target for target, _ in listed["urls"]}


MOUNTED = """
import hashlib, binascii, sys, vfs

class Flash:
    def __init__(self, content):
        self.content = content
    def readblocks(self, block, buffer, offset=0):
        begin = block * 4096 + offset
        buffer[:] = self.content[begin : begin + len(buffer)]
    def writeblocks(self, block, buffer, offset=0):
        begin = block * 4096 + offset
        self.content[begin : begin + len(buffer)] = buffer
    def ioctl(self, op, _):
        return len(self.content) // 4096 if op == 4 else 4096 if op == 5 else 0

with open(sys.argv[1], "rb") as file:
    vfs.mount(Flash(bytearray(file.read())), "/flash")
with open("/flash/state.bin", "wb") as file:
    file.write(b"x" * 5000)
for path in sys.argv[2:]:
    with open("/flash/" + path, "rb") as file:
        print(binascii.hexlify(hashlib.sha256(file.read()).digest()).decode())
"""


def test_micropython_mounts_the_file_system_reads_every_file_and_writes(
    firmware: Callable[[str], str], tmp_path: Path
) -> None:
    region = a_plan("trmnl_og", firmware("trmnl_og")).regions[-1]
    (tmp_path / "vfs.img").write_bytes(region.data)
    (tmp_path / "mounted.py").write_text(MOUNTED)
    files = application_files()

    printed = subprocess.run(
        [micropython(), "-X", "heapsize=32M", "mounted.py", "vfs.img", *files],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert printed == [hashlib.sha256(content).hexdigest() for content in files.values()]


def test_the_plan_is_said_in_full_and_asked_about_before_anything_happens(
    firmware: Callable[[str], str], configured: Path
) -> None:
    image = firmware("trmnl_og")
    with chip("esp32c3") as url:
        args = ("flash", "trmnl_og", "--port", url, "--firmware", image)
        assert host(*args, "--yes").exit_code == 0
        before = digest(url, 0, 0x400000)

        refused = host(*args, *KITCHEN, answer="n\n")
        silent = host(*args, *KITCHEN)  # nobody there to answer
        dry = host(*args, *KITCHEN, "--dry-run")

        assert digest(url, 0, 0x400000) == before
    for line in ("erase  all of its flash", "0x000000", "0x008000", "0x010000", "0x240000"):
        assert line in refused.stdout
    assert "config.json with the key" in refused.stdout
    assert refused.exit_code == silent.exit_code == 130
    assert "nothing was changed" in refused.stderr
    assert dry.exit_code == 0
    assert "dry run: nothing was changed" in dry.stdout


def test_a_dry_run_needs_no_board(firmware: Callable[[str], str]) -> None:
    result = host("flash", "trmnl_og", "--firmware", firmware("trmnl_og"), "--dry-run")

    assert result.exit_code == 0
    assert "without config.json" in result.stdout
    assert "asks for one on a page of its own" in result.stderr


@pytest.mark.parametrize("board_name", ESP32_BOARDS)
def test_a_wrong_chip_is_refused_and_left_alone(
    board_name: str, firmware: Callable[[str], str]
) -> None:
    other = {"esp32": "esp32s3", "esp32c3": "esp32", "esp32s3": "esp32c3"}
    found = other[load_board(board_name).chip]
    with chip(found) as url:
        result = host(
            "flash", board_name, "--port", url, "--firmware", firmware(board_name), "--yes"
        )
        assert digest(url, 0, 4096) == hashlib.md5(b"\xff" * 4096).hexdigest()

    assert result.exit_code == 7
    (line, hint) = result.stderr.splitlines()[-2:]
    assert line.startswith(f"error: the chip on {url} is an ESP32")
    assert line.endswith("nothing was changed")
    assert "host boards" in hint


def damaged(image: bytes, at: int) -> bytes:
    return image[:at] + bytes((image[at] ^ 1,)) + image[at + 1 :]


def wrong_files() -> dict[str, tuple[bytes, str]]:
    board = load_board("trmnl_og")
    image = micropython_image(board)
    return {
        "another chip's": (
            micropython_image(load_board("reterminal_e1001")),
            "is for esp32s3, and TRMNL OG has esp32c3",
        ),
        "a web page": (b"<!doctype html>" * 99, "is no image for an ESP32"),
        "empty": (b"", "is no image for an ESP32"),
        "a UF2": (b"UF2\n" + bytes(508), "is a UF2 file; this board takes a .bin"),
        "half downloaded": (image[:-1000], "is damaged or incomplete"),
        "cut in the bootloader": (image[:5000], "has no partition table"),
        "a bit flipped in MicroPython": (damaged(image, 0x10800), "is damaged or incomplete"),
        "a bit flipped in the bootloader": (damaged(image, 0x400), "is damaged or incomplete"),
        "the application alone": (app_image("esp32c3", b"MicroPython"), "has no partition table"),
        "other firmware": (
            micropython_image(board, b"a thermostat"),
            "is firmware for this chip, but not MicroPython",
        ),
        "too large": (micropython_image(board, size=0x230000), "is too large"),
    }


@pytest.mark.parametrize("kind", wrong_files())
def test_a_wrong_file_is_refused_before_the_port_is_touched(kind: str, tmp_path: Path) -> None:
    content, problem = wrong_files()[kind]
    (tmp_path / "x.bin").write_bytes(content)

    result = host("flash", "trmnl_og", "--firmware", str(tmp_path / "x.bin"), "--port", "/nowhere")

    assert result.exit_code == 7
    line, hint = result.stderr.splitlines()
    assert problem in line
    assert line.endswith("nothing was changed")
    assert "https://micropython.org/download/ESP32_GENERIC_C3/" in hint


def test_without_a_file_it_says_where_to_get_one(tmp_path: Path) -> None:
    missing = host("flash", "trmnl_og", "--firmware", str(tmp_path / "none.bin"))
    none = host("flash", "reterminal_e1001")

    assert (missing.exit_code, none.exit_code) == (7, 7)
    assert "none.bin: No such file" in missing.stderr
    assert "https://micropython.org/download/ESP32_GENERIC_S3/" in none.stderr


def test_a_missing_port_is_one_clear_line(firmware: Callable[[str], str]) -> None:
    result = host(
        *("flash", "trmnl_og", "--firmware", firmware("trmnl_og"), "--yes"),
        *("--port", "/dev/ttyNONE9"),
    )

    assert result.exit_code == 7
    assert "error: there is no port /dev/ttyNONE9\n" in result.stderr


def test_a_busy_port_is_one_clear_line(firmware: Callable[[str], str]) -> None:
    near, far = pty.openpty()
    tty.setraw(far)
    try:
        with serial.Serial(os.ttyname(far), exclusive=True):
            result = host(
                *("flash", "trmnl_og", "--firmware", firmware("trmnl_og"), "--yes"),
                *("--port", os.ttyname(far)),
            )
    finally:
        os.close(near)
        os.close(far)

    assert result.exit_code == 7
    assert "is in use by another program" in result.stderr
    assert "hint: close what has it open" in result.stderr


CP2102 = (0x10C4, 0xEA60)


@pytest.mark.parametrize(
    ("available", "says"),
    [
        ([], "found no serial port of Waveshare ESP32"),
        ([Port("/dev/ttyS0", "n/a", None)], "there are /dev/ttyS0"),
        (
            [Port("/dev/ttyUSB0", "CP2102", CP2102), Port("/dev/ttyUSB1", "CP2102", CP2102)],
            "/dev/ttyUSB0 (CP2102), /dev/ttyUSB1 (CP2102)",
        ),
        ([Port("/dev/ttyNONE9", "CP2102", CP2102)], "there is no port /dev/ttyNONE9"),
    ],
)
def test_the_port_is_found_by_its_usb_id_or_the_user_is_asked_to_say(
    available: list[Port],
    says: str,
    firmware: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("calendarbot.ports.ports", lambda: available)
    board_name = "waveshare_esp32_driver"

    result = host("flash", board_name, "--firmware", firmware(board_name), "--yes")

    assert result.exit_code == 7
    assert says in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("board_name", "most_bytes", "state"),
    [
        ("trmnl_og", 40, "nothing was changed"),
        *((board_name, 90_000, ERASED) for board_name in ESP32_BOARDS),
    ],
)
def test_a_cable_pulled_is_one_clear_line_and_flashing_again_repairs_the_board(
    board_name: str, most_bytes: int, state: str, firmware: Callable[[str], str]
) -> None:
    plan = a_plan(board_name, firmware(board_name))
    with chip(plan.board.chip) as url:
        with cut_after(url, most_bytes) as cable, pytest.raises(DeviceError) as caught:
            flash_esp32(plan, cable, lambda *_: None)
        assert caught.value.message.endswith(state)
        assert "\n" not in caught.value.message
        assert caught.value.hint

        flash_esp32(plan, url, lambda *_: None)
        last = plan.regions[-1]
        assert digest(url, last.offset, len(last.data)) == hashlib.md5(last.data).hexdigest()


@pytest.mark.parametrize("most_bytes", range(1_000, 200_000, 45_000))
def test_wherever_the_cable_is_pulled_it_is_a_device_error_that_says_the_boards_state(
    most_bytes: int, firmware: Callable[[str], str]
) -> None:
    plan = a_plan("trmnl_og", firmware("trmnl_og"))
    with (
        chip("esp32c3") as url,
        cut_after(url, most_bytes) as cable,
        pytest.raises(DeviceError) as caught,
    ):
        flash_esp32(plan, cable, lambda *_: None)
    assert any(caught.value.message.endswith(stage.value) for stage in esp32.Stage)


def test_progress_is_told_by_region_and_ends_where_it_should(
    firmware: Callable[[str], str],
) -> None:
    seen: list[tuple[str, int, int]] = []
    with chip("esp32") as url:
        flash_esp32(
            a_plan("waveshare_esp32_driver", firmware("waveshare_esp32_driver")),
            url,
            lambda *step: seen.append(step),
        )
    steps = list(dict.fromkeys(doing for doing, _, _ in seen))
    assert steps == [
        *("connecting", "erasing", "writing bootloader", "writing partition table"),
        *("writing MicroPython", "writing application", "verifying"),
    ]
    assert all(done <= total for _, done, total in seen)


def test_a_flash_too_small_for_the_layout_is_refused(
    firmware: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(esptool, "detect_flash_size", lambda _esp: "2MB")
    plan = a_plan("trmnl_og", firmware("trmnl_og"))
    with chip("esp32c3") as url, pytest.raises(DeviceError, match="nothing was changed"):
        flash_esp32(plan, url, lambda *_: None)


def test_a_cable_pulled_while_erasing_says_that_the_board_may_be_erased(
    firmware: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def pulled(*_: object) -> None:
        raise serial.SerialException("device disconnected")

    monkeypatch.setattr(esptool, "erase_flash", pulled)
    plan = a_plan("trmnl_og", firmware("trmnl_og"))
    with chip("esp32c3") as url, pytest.raises(DeviceError) as caught:
        flash_esp32(plan, url, lambda *_: None)
    assert "the connection was lost; the board may be erased" in caught.value.message


def test_a_write_that_cannot_be_verified_is_no_success(
    firmware: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def mismatch(*_: object) -> None:
        raise esptool.FatalError("Verification failed.")

    monkeypatch.setattr(esptool, "verify_flash", mismatch)
    plan = a_plan("trmnl_og", firmware("trmnl_og"))
    with chip("esp32c3") as url, pytest.raises(DeviceError) as caught:
        flash_esp32(plan, url, lambda *_: None)
    assert "verification failed; the board is written, but was not verified" in str(caught.value)


@pytest.mark.parametrize(
    ("args", "exit_code", "says"),
    [
        (("flash", "trmnl_ob"), 3, "unknown board 'trmnl_ob'"),
        (("flash", "simulated"), 3, "cannot be flashed"),
        (("flash", "trmnl_og", "--display", "kitchen"), 2, "--display and --server go together"),
        (("flash", "trmnl_og", "--ssid", "home"), 2, "Say which display"),
        (
            ("flash", "trmnl_og", "--firmware", "x", *KITCHEN[:-2], "--config", "no.toml"),
            3,
            "no.toml",
        ),
        (
            ("flash", "trmnl_og", "--firmware", "x", "--display", "kitchn", "--server", "http://x"),
            3,
            "'kitchen'",
        ),
        (("flash", "trmnl_og", "--wifi-password", "env:NOT_SET"), 3, "env:NOT_SET"),
    ],
)
def test_bad_input_is_one_clear_line(
    args: tuple[str, ...], exit_code: int, says: str, configured: Path
) -> None:
    result = host(*args)
    assert result.exit_code == exit_code
    assert says in result.stderr
    assert "Traceback" not in result.output


def test_a_display_wired_for_another_board_is_refused(
    firmware: Callable[[str], str], configured: Path
) -> None:
    toml = configured / "calendarbot.toml"
    toml.write_text(toml.read_text() + 'board = "pico_usb"\n')

    result = host("flash", "trmnl_og", "--firmware", firmware("trmnl_og"), "--dry-run", *KITCHEN)

    assert result.exit_code == 3
    assert "display 'kitchen' has board = 'pico_usb', not 'trmnl_og'" in result.stderr


def test_no_key_lies_in_a_file_while_or_after_flashing(
    firmware: Callable[[str], str], configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What holds the key goes from memory to the board: no temporary file is opened for it."""
    monkeypatch.setenv("TMPDIR", str(configured / "tmp"))
    (configured / "tmp").mkdir()
    image = firmware("trmnl_og")
    opened: list[object] = []
    monkeypatch.setattr("tempfile.NamedTemporaryFile", lambda *args, **_: opened.append(args))
    monkeypatch.setattr("tempfile.mkstemp", lambda *args, **_: opened.append(args))
    with chip("esp32c3") as url:
        opened.clear()
        result = host("flash", "trmnl_og", "--port", url, "--firmware", image, "--yes", *KITCHEN)
    assert result.exit_code == 0
    assert opened == []
    told = json.dumps({"panel": "waveshare_7in5_v2", "key": KEY.hex()})
    assert KEY.hex() not in repr(plan_esp32(load_board("trmnl_og"), Path(image), told))


def test_what_talks_to_boards_is_asked_for_when_it_is_not_installed(
    firmware: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "littlefs", None)

    result = host("flash", "trmnl_og", "--firmware", firmware("trmnl_og"), "--dry-run")

    assert result.exit_code == 7
    assert "pip install 'calendarbot[device]'" in result.stderr
