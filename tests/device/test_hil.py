"""A bench of emulated boards: the runner itself, with real leases and jobs side by side."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calendarbot.emulator.pico import FILES_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SMALL_SUITE = """
import os, time
from pathlib import Path

def test_a_board_is_there(dut, request):
    marks = Path(os.environ["HIL_MARKS"])
    name = Path(request.config.getoption("--hil-job")).name
    mark = marks / f"{name}-{time.time_ns()}"
    mark.touch()
    dut.write(b"\\x03\\x03")
    dut.expect_exact(">>> ", timeout=60)
    dut.write(b"print(6 * 7, 'config.json' in __import__('os').listdir())\\r")
    dut.expect_exact("42 True", timeout=60)
    until = time.time() + float(os.environ["HIL_HOLD_S"])
    while time.time() < until:
        time.sleep(0.1)
    mark.with_suffix(".end").touch()
"""
CONFTEST = """
def pytest_addoption(parser):
    parser.addoption("--hil-job")
"""


class Bench:
    """Four emulated boards, one of which never answers, and jobs of `host hil`."""

    def __init__(self, folder: Path, image: Path) -> None:
        self.folder = folder
        self.file = folder / "bench.toml"
        (folder / "mute.uf2").write_bytes(bytes(512))
        lines = ["[bench]", "lease_s = 30"]  # renewed in time on a computer that is busy, too
        for name in ("a", "b", "c", "mute"):
            runs = "mute.uf2" if name == "mute" else str(image)
            lines += [f"[boards.{name}]", 'board = "pico_usb"', "virtual = true"]
            lines += ['panel = "waveshare_1in54_v2"', f'image = "{runs}"']
        self.file.write_text("\n".join(lines) + "\n")
        self.suite = folder / "suite"
        self.suite.mkdir()
        (self.suite / "test_small.py").write_text(SMALL_SUITE)
        (self.suite / "conftest.py").write_text(CONFTEST)
        self.marks = folder / "marks"
        self.marks.mkdir()

    def start(self, *options: str, hold_s: float, suite: Path | None = None) -> Job:
        command = [sys.executable, "-m", "calendarbot", "hil", "run", "--bench", str(self.file)]
        command += ["--suite", str(suite or self.suite), "--out", str(self.folder / "out")]
        environment = {**os.environ, "HIL_MARKS": str(self.marks), "HIL_HOLD_S": str(hold_s)}
        return Job(
            subprocess.Popen(
                [*command, "--json", *options],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
            )
        )

    def list(self) -> dict[str, dict[str, object]]:
        command = [sys.executable, "-m", "calendarbot", "hil", "list", "--bench", str(self.file)]
        said = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
        return {row["name"]: row for row in json.loads(said.stdout)}

    def traces(self, name: str) -> set[str]:
        """What is on a board's file system: the application is in its image, so all of it is somebody's."""
        from littlefs import LittleFS

        flash = (self.folder / "bench-state" / "virtual" / name / "flash").read_bytes()
        blocks = FILES_BYTES // 4096
        files = LittleFS(block_size=4096, block_count=blocks, prog_size=256, mount=False)
        files.context.buffer = bytearray(flash[-FILES_BYTES:])
        files.mount()
        return set(files.listdir("/"))


class Job:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def done(self) -> tuple[int, dict[str, dict[str, object]], str]:
        out, err = self.process.communicate(timeout=300)
        return self.process.returncode, {row["board"]: row for row in json.loads(out or "[]")}, err

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream
            stream.close()


@pytest.fixture
def bench(tmp_path: Path, firmware_image: Callable[[str], Path]) -> Iterator[Bench]:
    yield Bench(tmp_path, firmware_image("pico"))
    eventually(lambda: subprocess.run(["pgrep", "-f", str(tmp_path)], check=False).returncode == 1)


def eventually(condition: Callable[[], bool], timeout_s: float = 90) -> None:
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.1)


def test_three_jobs_share_four_boards_one_is_killed_and_one_board_never_answers(
    bench: Bench,
) -> None:
    """Leases right, logs complete, no board left dirty."""
    killed = bench.start("--board", "a", hold_s=600)
    eventually(lambda: any(bench.marks.glob("a-*")))
    assert bench.list()["a"]["holder"]
    first = bench.start("--board", "b", "--board", "mute", hold_s=1)
    second = bench.start("--board", "a", "--board", "b", "--board", "c", hold_s=1)
    killed.kill()
    code, results, said = second.done()
    assert code == 0, said
    assert {name: row["outcome"] for name, row in results.items()} == dict.fromkeys("abc", "passed")

    code, results, said = first.done()
    assert code == 7
    assert results["b"]["outcome"] == "passed"
    assert results["mute"]["outcome"] == "error"
    assert "no MicroPython answers" in str(results["mute"]["says"])
    assert "error: not passed: mute" in said

    boards = bench.list()
    assert not any(board["holder"] for board in boards.values())
    assert {name: board["clean"] for name, board in boards.items()} == {
        "a": True,
        "b": True,
        "c": True,
        "mute": False,
    }
    assert [bench.traces(name) for name in "abc"] == [set()] * 3
    overlaps(bench)
    logs_are_whole(bench)


def overlaps(bench: Bench) -> None:
    """No board had two suites at a time: the killed one's, on `a`, never came to its end."""
    for name in "bc":
        begun = sorted(int(m.name.split("-")[1]) for m in bench.marks.glob(f"{name}-*[0-9]"))
        ended = sorted(int(m.stem.split("-")[1]) for m in bench.marks.glob(f"{name}-*.end"))
        assert begun == ended
    assert len(list(bench.marks.glob("a-*[0-9]"))) == 2
    assert len(list(bench.marks.glob("a-*.end"))) == 1


def logs_are_whole(bench: Bench) -> None:
    runs = [folder for folder in (bench.folder / "out").iterdir() if (folder / "c").exists()]
    assert len(runs) == 1
    for name in "abc":
        folder = runs[0] / name
        assert "1 passed" in (folder / "pytest.log").read_text()
        assert (folder / "junit.xml").exists()
        assert (folder / "panel.png").read_bytes().startswith(b"\x89PNG")
        serial = list((folder / "serial").rglob("dut.log"))
        assert any("42 True" in log.read_text(errors="replace") for log in serial)
        assert not (folder / "bench.key").exists(), "what is collected holds a key"


def test_the_suite_for_real_boards_passes_on_an_emulated_one(bench: Bench) -> None:
    suite = Path(__file__).resolve().parents[1] / "hardware"
    code, results, said = bench.start("--board", "a", hold_s=0, suite=suite).done()
    assert code == 0, said
    assert results["a"]["passed"] == 1
    assert bench.traces("a") == set()


def test_a_board_taken_away_stops_the_job_that_has_it(bench: Bench) -> None:
    job = bench.start("--board", "a", hold_s=600)
    eventually(lambda: any(bench.marks.glob("a-*")))
    command = [sys.executable, "-m", "calendarbot", "hil", "release", "--bench", str(bench.file)]
    said = subprocess.run([*command, "a"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("a was ")
    code, results, _ = job.done()
    assert code == 7
    assert "its lease is over" in str(results["a"]["says"])
    assert bench.list()["a"]["clean"] is False


def test_a_board_in_use_is_waited_for_only_so_long(bench: Bench) -> None:
    job = bench.start("--board", "a", hold_s=600)
    eventually(lambda: any(bench.marks.glob("a-*")))
    code, results, said = bench.start("--board", "a", "--wait", "0", hold_s=0).done()
    assert code == 7
    assert results == {}
    assert "no board came free: a (" in said
    job.kill()
