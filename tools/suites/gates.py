"""What makes a run fail although every test passed: a flake, a slow test, a process left, too long a run."""

from __future__ import annotations

import os
import time
import uuid
from typing import TYPE_CHECKING

import pytest

from tools.suites import durations
from tools.suites.catalogue import kept_in, suite_of
from tools.suites.history import Run
from tools.suites.processes import marked, wait_for_end
from tools.suites.quarantine import quarantined

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

MARK = "CALENDARBOT_TEST_RUN"
"""In the environment of whatever a run starts, directly or not."""
_PATIENT_S = 10.0
_REASON_LINES = 30


class Gates:
    """Watches a whole run, in the process that was started by hand."""

    def __init__(self, config: pytest.Config, patience: float) -> None:
        self._config = config
        self._patience = patience
        self._begun_s = time.monotonic()
        self._took_s: dict[str, float] = {}
        self._slow: list[str] = []
        self._failed: set[str] = set()
        self._again: dict[str, str] = {}
        """Tests that ran again, with what they said when they failed."""
        self._findings: list[str] = []
        self._warnings: list[str] = []
        self._mark = uuid.uuid4().hex
        os.environ[MARK] = f"{os.environ.get(MARK, '')} {self._mark}".strip()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = report.nodeid
        self._took_s[test] = self._took_s.get(test, 0) + report.duration
        outcome = str(report.outcome)
        if outcome == "rerun":
            self._again[test] = _reasons(report)
        elif outcome == "failed":
            self._failed.add(test)
        most_s = suite_of(test).slowest_s * self._patience
        if report.when == "call" and report.duration > most_s:
            self._slow.append(f"{test} took {report.duration:.1f} s; its suite allows {most_s:.0f}")

    @pytest.hookimpl(trylast=True)  # workers have ended
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        took_min = (time.monotonic() - self._begun_s) / 60
        flaky = sorted(self._again.keys() - self._failed)
        self._findings += [
            f"flaky: {test} failed, and passed when it ran again\n{self._again[test]}"
            for test in flaky
            if test not in quarantined()
        ]
        left = wait_for_end(lambda: marked(MARK, self._mark), _PATIENT_S * self._patience)
        self._findings += [f"left running: {process}" for process in left]
        too_slow = [f"slow: {line}" for line in self._slow]
        budget_min = self._config.getoption("--budget-min") * self._patience
        if budget_min and took_min > budget_min:
            too_slow.append(f"over budget: {took_min:.1f} minutes of {budget_min:g}")
        strict = self._config.getoption("--strict-time")
        (self._findings if strict else self._warnings).extend(too_slow)
        self._keep(took_min, flaky)
        if self._findings and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _keep(self, took_min: float, flaky: list[str]) -> None:
        if self._took_s and not self._config.getoption("--collect-only"):
            kept = kept_in(self._config.rootpath)
            durations.keep(self._took_s, kept)
            suites = self._config.getoption("--suite")
            Run.now(suites, took_min, len(self._took_s), sorted(self._failed), flaky).keep(kept)

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        for title, lines in (("gates", self._findings), ("slow", self._warnings)):
            if lines:
                terminalreporter.section(title)
                for line in lines:
                    terminalreporter.line(line)


def _reasons(report: pytest.TestReport) -> str:
    """What pytest marks as the error in its account of a failure: the rest of it is code."""
    lines = report.longreprtext.splitlines()
    marked_lines = [line for line in lines if line.startswith("E ")]
    return "\n".join(marked_lines[:_REASON_LINES])
