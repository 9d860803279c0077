"""The portable tests, once more on MicroPython's unix port: each file in one process with a small heap."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from portable_runs import ALL_TESTS, PORTABLE, TESTS_BY_FILE, said_of

FIRMWARE = PORTABLE.parents[1] / "firmware"
MICROPYTHON = Path(sys.executable).with_name("micropython")
HEAP = "512K"
"""Pointers are 8 bytes here: about what 256 KiB hold on a microcontroller."""


@cache
def _run(module: str) -> tuple[int, str]:
    """(exit status, what was printed) of all tests of a file."""
    done = subprocess.run(
        [str(MICROPYTHON), "-X", f"heapsize={HEAP}", "run_on_device.py", module],
        cwd=PORTABLE,
        env={**os.environ, "MICROPYPATH": f"{FIRMWARE}:{PORTABLE}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout.decode(errors="replace")


needs_micropython = pytest.mark.skipif(
    not MICROPYTHON.exists(), reason=f"no {MICROPYTHON.name} beside {sys.executable}"
)


@needs_micropython
@pytest.mark.parametrize(("module", "name"), ALL_TESTS)
def test_on_micropython(module: str, name: str) -> None:
    status, printed = _run(module)
    line = said_of(printed, name)
    assert line == f"ok {name}", line
    assert status in (0, 1), printed


@needs_micropython
@pytest.mark.parametrize("module", TESTS_BY_FILE)
def test_no_test_of_a_file_is_left_out_on_micropython(module: str) -> None:
    _, printed = _run(module)
    assert f"ran {len(TESTS_BY_FILE[module])}, " in printed


@needs_micropython
def test_a_failing_test_is_reported_with_its_traceback_and_an_exit_status(tmp_path: Path) -> None:
    (tmp_path / "test_fails.py").write_text(
        "def test_one():\n    assert 1 == 2, 'one is not two'\n"
    )
    done = subprocess.run(
        [str(MICROPYTHON), str(PORTABLE / "run_on_device.py"), "test_fails"],
        cwd=tmp_path,
        env={**os.environ, "MICROPYPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "FAIL test_one: AssertionError('one is not two'" in done.stdout
    assert 'test_fails.py", line 2, in test_one' in done.stdout + done.stderr
