"""Tests that pass by accident, never end, take too long or leave something behind are caught."""

from __future__ import annotations

import os
import re
import signal
from datetime import date
from typing import TYPE_CHECKING

import pytest
from tools.suites import history, quarantine
from tools.suites.catalogue import SuitesError, kept_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Ran

FLAKY = """
    from pathlib import Path

    def test_passes_the_second_time():
        mark = Path("ran")
        ran, _ = mark.exists(), mark.touch()
        assert ran, "no mark yet"
"""
QUICK = {"CALENDARBOT_PATIENCE": "0.01"}
"""A test of the suite `unit` may take 0.3 s and hangs after 1.2 s."""


def test_a_flaky_test_fails_the_run_although_it_passed_in_the_end(
    planted: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = planted(FLAKY, "--reruns", "1")
    assert ran.status == 1
    test = "tests/host/test_planted.py::test_passes_the_second_time"
    told = (
        f"flaky: {test} failed, and passed when it ran again\nE       AssertionError: no mark yet\n"
    )
    assert told in ran.printed
    assert re.fullmatch(r"=+ 1 passed, (\d warnings?, )?1 rerun in .*=+", ran.last_line)
    (run,) = history.runs(kept_in(tmp_path))
    assert run.flaky == [test]


def test_a_hanging_test_is_ended_and_says_where_it_hung(planted: Callable[..., Ran]) -> None:
    ran = planted(
        """
        import threading

        def test_waits_for_ever():
            threading.Event().wait()  # nobody sets it

        def test_after_it():
            pass
        """,
        "-p",
        "no:randomly",
        **QUICK,
    )
    assert ran.status == 1
    assert "Timeout (>1.2s) from pytest-timeout" in ran.printed
    assert "nobody sets it" in ran.printed
    assert "1 failed, 1 passed" in ran.last_line


def test_a_slow_test_is_said_and_a_failure_where_time_is_strict(
    planted: Callable[..., Ran],
) -> None:
    slow = "import time\n\ndef test_slow():\n    time.sleep(0.5)\n"
    ran = planted(slow, CALENDARBOT_STRICT_TIME="", **QUICK)
    assert ran.status == 0
    assert "slow: tests/host/test_planted.py::test_slow took 0.5 s" in ran.printed
    for strict in (
        planted(slow, "--strict-time", **QUICK),
        planted(slow, CALENDARBOT_STRICT_TIME="1", **QUICK),
    ):
        assert strict.status == 1
        assert "1 passed" in strict.last_line


def test_a_run_over_its_budget_is_a_failure_where_time_is_strict(
    planted: Callable[..., Ran],
) -> None:
    ran = planted("def test_one():\n    pass\n", "--strict-time", "--budget-min", "0.00001")
    assert ran.status == 1
    assert "over budget: 0.0 minutes of 1e-05" in ran.printed


def test_a_process_left_running_is_named_and_fails_the_run(planted: Callable[..., Ran]) -> None:
    ran = planted(
        """
        import subprocess

        def test_forgets_a_process():
            subprocess.Popen(["sleep", "60"], start_new_session=True)
        """,
        "-W",
        "ignore",
        **QUICK,
    )
    found = re.search(r"left running: (\d+) sleep 60", ran.printed)
    assert found, ran.printed
    os.kill(int(found[1]), signal.SIGKILL)
    assert ran.status == 1
    assert "1 passed" in ran.last_line


def test_a_run_that_leaves_nothing_passes_without_a_word(
    planted: Callable[..., Ran], tmp_path: Path
) -> None:
    source = "import subprocess\n\ndef test_one():\n    subprocess.run(['true'], check=True)\n"
    ran = planted(source, f"--junitxml={tmp_path / 'run.xml'}", "-o", "junit_family=xunit1")
    assert "test_one" in (tmp_path / "run.xml").read_text()
    assert ran.status == 0
    assert "gates" not in ran.printed


ENTRY = """
    [[test]]
    id = "tests/host/test_a.py::*"
    why = "the port is taken now and then"
    owner = "Ada"
    until = 2026-12-01
"""


def test_a_test_in_quarantine_says_who_mends_it_and_until_when(tmp_path: Path) -> None:
    file = tmp_path / "quarantine.toml"
    file.write_text(ENTRY)
    known = quarantine.read(file, date(2026, 12, 1))
    assert "tests/host/test_a.py::test_one" in known
    assert "tests/host/test_b.py::test_one" not in known
    assert "until 2026-12-01, Ada" in known.said("tests/host/test_a.py::test_one")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ENTRY, "to be mended by Ada until 2026-12-01"),
        (ENTRY.replace('owner = "Ada"', ""), "has id, why, owner and until"),
        (ENTRY.replace('"Ada"', '""'), "needs an owner"),
    ],
    ids=["expired", "nobody's", "an empty owner"],
)
def test_a_quarantine_that_has_ended_or_is_nobodys_stops_everything(
    tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "quarantine.toml"
    file.write_text(text)
    with pytest.raises(SuitesError, match=says):
        quarantine.read(file, date(2026, 12, 2))
