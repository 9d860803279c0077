"""From a request to pytest's command line."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass

from tools.suites.catalogue import ALL_MIN, ROOT, budget_min, nightly_variables, suites

HARDWARE = "hardware"
_NOTHING_COLLECTED = 5


@dataclass(frozen=True)
class Request:
    names: tuple[str, ...]
    options: tuple[str, ...]
    files: list[str] | None
    """Where not all."""
    nightly: bool
    cov: bool
    part: str | None
    workers: str
    seed: int | None
    strict_time: bool

    @property
    def suites(self) -> list[str]:
        return list(self.names) or [name for name in suites() if name != HARDWARE]

    @property
    def title(self) -> str:
        what = "-".join(self.names) or ("changed" if self.files is not None else "all")
        return what + (f"-{self.part.replace('/', 'of')}" if self.part else "")


def run(request: Request) -> int:
    """pytest's exit status; 0 where a part or a selection has no test."""
    environment = dict(os.environ)
    if request.nightly:
        environment |= nightly_variables()
    status = subprocess.run(command(request), cwd=ROOT, env=environment, check=False).returncode
    return 0 if status == _NOTHING_COLLECTED else status


def command(request: Request) -> list[str]:
    junit = ROOT / "out" / "junit" / f"{request.title}.xml"
    # What slow tests leave over is shared; what fails runs again, to tell a flake from a failure.
    made = [sys.executable, "-m", "pytest", "-n", request.workers, "--dist", "worksteal"]
    made += ["--reruns", "1", f"--junitxml={junit}"]
    made += [f"--suite={name}" for name in request.suites]
    if not request.part and request.files is None and not request.nightly:
        made.append(f"--budget-min={budget_min(request.names) if request.names else ALL_MIN}")
    if request.strict_time:
        made.append("--strict-time")
    if request.part:
        made.append(f"--part={request.part}")
    if request.seed is not None:
        made.append(f"--randomly-seed={request.seed}")
    if request.cov:
        made += coverage(request)
    return [*made, *request.options, *(request.files or [])]


def coverage(request: Request) -> list[str]:
    """Into a folder of its own; the threshold is for everything together."""
    folder = ROOT / "out" / "coverage" / request.title
    kinds = ("term", f"html:{folder / 'html'}", f"xml:{folder / 'coverage.xml'}")
    reports = [f"--cov-report={kind}" for kind in (*kinds, f"json:{folder / 'coverage.json'}")]
    return ["--cov", *reports, *([] if request.title == "all" else ["--cov-fail-under=0"])]
