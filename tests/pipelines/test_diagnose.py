"""What is wrong with a set-up is found, and each finding says what to do."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from planting import ROOT
from tools import dev, diagnose
from tools.diagnose import Process
from tools.suites import gates

if TYPE_CHECKING:
    from pathlib import Path


def test_a_port_that_is_taken_is_found_with_who_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setattr(diagnose, "PORTS", {port: "host serve"})
        (finding,) = diagnose._ports()
    assert finding.state == "note"
    assert f"process {os.getpid()}" in finding.says
    assert finding.todo


def test_a_process_of_ours_that_nobody_waits_for_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = f"{dev.BIN}/python -m calendarbot serve", "/usr/bin/python3 -m http.server"
    running = [Process(70, 1, ours), Process(71, 70, ours), Process(72, 1, theirs)]
    monkeypatch.setattr(diagnose, "_processes", lambda: iter(running))
    (finding,) = diagnose._orphans()
    assert (finding.state, "kill 70" in finding.todo) == ("bad", True)


def test_an_emulator_that_a_test_left_behind_is_found_in_whatever_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = Process(60, 1, "/usr/lib/systemd/systemd --user")
    left = Process(73, 60, "qemu-system-arm -nographic", of_tests=True)
    running = [session, left, Process(74, 73, "sh", of_tests=True), Process(75, 60, "editor")]
    monkeypatch.setattr(diagnose, "_processes", lambda: iter(running))
    (finding,) = diagnose._orphans()
    assert "kill 73" in finding.todo


def test_what_a_test_starts_is_known_as_started_by_a_test() -> None:
    with subprocess.Popen(["sleep", "60"], env={**os.environ, gates.MARK: "a"}) as started:
        found = {one.pid: one.of_tests for one in diagnose._processes()}
        started.kill()
    assert found[started.pid]


def test_flaky_and_slow_tests_come_from_the_suites_own_history(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "python").touch()
    monkeypatch.setattr(diagnose, "BIN", tmp_path)
    report = {"slowest_s": {"tests/a.py::slow": 61.2}, "flakes": {"tests/b.py::flaky": 3}}
    done = SimpleNamespace(stdout=json.dumps(report), returncode=0)
    monkeypatch.setattr(diagnose, "_run", lambda *_: done)
    flaky, slow = diagnose._history()
    assert (flaky.state, "3 times" in flaky.says) == ("bad", True)
    assert "61.2 s" in slow.says


def test_the_suites_report_has_what_is_read_from_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.suites", "report", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout).keys() >= {"slowest_s", "flakes"}


def test_a_configuration_that_cannot_be_used_is_found_with_its_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "calendarbot.toml").write_text(
        '[calendars.a]\nurl = "env:A"\n[displays.kitchen]\npanel = "waveshare_7in5_v3"\n'
    )
    monkeypatch.setattr(diagnose, "ROOT", tmp_path)
    monkeypatch.setattr(diagnose, "BIN", ROOT / ".venv" / "bin")
    if not (ROOT / ".venv" / "bin" / "host").exists():
        pytest.skip("there is no .venv/bin/host")
    found = list(diagnose._configuration())
    assert [finding.state for finding in found] == ["bad"]
    assert "waveshare_7in5_v3" in found[0].says


def test_a_fresh_clone_lacks_its_environment_and_says_what_brings_it(tree: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.dev", "--check"], cwd=tree, capture_output=True, text=True
    )
    assert done.returncode == 1
    environment, *_ = done.stdout.splitlines()
    assert environment.startswith("missing  environment")
    assert environment.endswith("make dev")


def test_every_step_of_make_dev_that_is_done_is_not_done_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state = {"there": False}

    def bring() -> None:
        assert not state["there"]
        state["there"] = True

    step = dev.Step(
        "thing", "the thing is there", lambda: "" if state["there"] else "no thing", bring
    )
    monkeypatch.setattr(dev, "STEPS", (step,))
    assert dev.main([]) == 0
    assert dev.main([]) == 0
    assert dev.main(["--check"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "thing" in line]
    assert [line.split()[0] for line in lines] == ["done", "ok", "ok"]
