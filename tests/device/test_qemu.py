"""The portable tests once more, on emulated microcontrollers: MicroPython's own port, a heap of 128 KiB.

Cortex-M3 and RV32 compile viper to Thumb-2 and RISC-V code, which no computer runs by itself. A file of
tests is one boot; each of its tests is reported by itself.
"""

from __future__ import annotations

import fcntl
import re
import socket
from typing import TYPE_CHECKING, Any

import pytest
from portable_runs import ALL_TESTS, TESTS_BY_FILE, said_of
from pytest_embedded.dut_factory import qemu_gn
from pytest_embedded.log import DuplicateStdoutPopen
from pytest_embedded.plugin import multi_dut_generator_fixture
from pytest_embedded_qemu import Qemu
from tools.firmware.targets import HEAP_BYTES, QEMU_M3, QEMU_RV32

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_embedded_qemu import QemuDut

TARGETS = {target.name: target for target in (QEMU_M3, QEMU_RV32)}
TIMEOUT_S = 300

_LARGE = "more than the heap, and the test's own: "
NOT_HERE = {
    "test_without_files_handed_in_the_real_ones_are_used": "no file system that can be written",
    "test_what_is_not_an_object_of_json_is_refused": "MicroPython 1.25 takes JSON without its last brace",
    "test_the_panel_is_told_its_size": _LARGE + "three frames of 48,000 bytes",
    "test_a_page_of_a_real_panel_is_decoded_in_a_small_heap": _LARGE + "a bundle beside two frames",
    "test_the_pages_are_the_ones_that_were_drawn": _LARGE + "two frames and an alphabet",
    "test_a_line_or_a_head_without_end_is_an_error": _LARGE + "a reply of 100,000 bytes",
    "test_letters_are_twice_as_large_where_they_are_seen_from_further_away": _LARGE
    + "a frame of 48,000 bytes",
    "test_an_image_that_hangs_or_crashes_makes_place_for_the_one_before": _LARGE
    + "four partitions, twice",
    "test_a_table_may_hold_as_many_frames_as_the_format_allows": _LARGE + "256 pages as objects",
}
"""Tests that cannot run on either target, and why."""


class MachineQemu(Qemu):  # type: ignore[misc]  # the package is not typed
    """A QEMU of a machine that boots a kernel file: the stock one adds a flash that such machines refuse."""

    _visitor: socket.socket | None = None

    def __init__(
        self, qemu_image_path: str, qemu_prog_path: str, qemu_cli_args: str, **kwargs: Any
    ) -> None:
        self.app = kwargs.pop("app", None)
        kwargs.pop("dut_index", None)
        self.image_path = qemu_image_path
        self.qemu_prog_path = qemu_prog_path
        self.qmp_addr, self.qmp_port = "127.0.0.1", _free_port()
        DuplicateStdoutPopen.__init__(
            self,
            cmd=[
                qemu_prog_path,
                *qemu_cli_args.split(),
                *("-nographic", "-monitor", "none", "-semihosting", "-serial", "stdio"),
                *("-qmp", f"tcp:{self.qmp_addr}:{self.qmp_port},server,wait=off"),
                *("-kernel", qemu_image_path),
            ],
            **kwargs,
        )

    def write(self, s: bytes) -> None:
        super().write(s)
        # Without a timer that runs, QEMU looks once a second for what was typed; a visitor makes it look.
        self._visitor = self._visitor or socket.create_connection((self.qmp_addr, self.qmp_port))

    def terminate(self) -> None:
        if self._visitor:
            self._visitor.close()
        super().terminate()
        self.stdin.close()
        self.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
@multi_dut_generator_fixture
def qemu(_fixture_classes_and_options: Any, app: Any) -> Any:
    _fixture_classes_and_options.classes["qemu"] = MachineQemu
    return qemu_gn(_fixture_classes_and_options, app)


@pytest.fixture
def embedded_services() -> str:
    return "qemu"


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def qemu_image_path(target: str, firmware_image: Callable[[str], Path]) -> str:
    return str(firmware_image(target))


@pytest.fixture
def qemu_prog_path(target: str) -> str:
    return TARGETS[target].emulator[0]


@pytest.fixture
def qemu_cli_args(target: str) -> str:
    return " ".join(TARGETS[target].emulator[1:])


@pytest.fixture
def run(
    target: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """What a module of portable tests prints there. A machine boots for it once, whoever asks first."""
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        folder = folder.parent  # shared by the processes of one test run

    def printed_by(module: str) -> str:
        file = folder / f"{target}-{module}.txt"
        with file.open("a+") as kept:
            fcntl.flock(kept, fcntl.LOCK_EX)
            if not file.read_text():
                file.write_text(_boot_and_run(request.getfixturevalue("dut"), module))
            return file.read_text()

    return printed_by


def _boot_and_run(dut: QemuDut, module: str) -> str:
    dut.expect_exact(">>> ", timeout=TIMEOUT_S)
    dut.write(f"import on_qemu; on_qemu.run('{module}')\r".encode())
    before: bytes = dut.expect(
        re.compile(rb"end of \w+\r\n"), timeout=TIMEOUT_S, return_what_before_match=True
    )
    return before.decode(errors="replace").replace("\r\n", "\n")


@pytest.mark.parametrize(("module", "name"), ALL_TESTS)
def test_on_qemu(module: str, name: str, run: Callable[[str], str]) -> None:
    if name in NOT_HERE:
        pytest.skip(NOT_HERE[name])
    line = said_of(run(module), name)
    assert line == f"ok {name}", line


@pytest.mark.parametrize("module", TESTS_BY_FILE)
def test_no_test_of_a_file_is_left_out_on_qemu(module: str, run: Callable[[str], str]) -> None:
    assert f"ran {len(TESTS_BY_FILE[module])}, " in run(module)


def test_what_is_not_run_here_exists() -> None:
    assert set(NOT_HERE) <= {name for _, name in ALL_TESTS}


def test_the_heap_is_that_of_a_small_microcontroller(dut: QemuDut) -> None:
    dut.expect_exact(">>> ", timeout=TIMEOUT_S)
    dut.write(b"import gc; print('heap', gc.mem_free() + gc.mem_alloc())\r")
    heap = int(dut.expect(rb"heap (\d+)\r\n", timeout=TIMEOUT_S)[1])
    assert HEAP_BYTES * 9 // 10 < heap <= HEAP_BYTES
