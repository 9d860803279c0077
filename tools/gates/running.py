"""One gate: its command, run, and what came of it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tools.gates import NOT_RUN, ROOT
from tools.gates.waivers import sift

if TYPE_CHECKING:
    from datetime import date

    from tools.gates.waivers import Waiver

LIST: Final = Path(__file__).with_name("gates.toml")
SETS: Final = ("check", "pipelines", "security", "commits")


@dataclass(frozen=True)
class Gate:
    """One row of gates.toml, which explains the fields."""

    name: str
    about: str
    set: str
    run: str
    files: tuple[str, ...] = ()
    finding: str = ""
    mend: str = ""


@dataclass
class Result:
    """What a gate found. `problem` says why it could not look, or why its command failed without findings."""

    gate: Gate
    findings: list[str] = field(default_factory=list)
    waived: list[str] = field(default_factory=list)
    problem: str = ""
    looked: bool = True
    took_s: float = 0.0

    @property
    def passed(self) -> bool:
        return self.looked and not self.findings and not self.problem

    def as_json(self) -> dict[str, Any]:
        state = "passed" if self.passed else "failed" if self.looked else "not run"
        return {
            "gate": self.gate.name,
            "set": self.gate.set,
            "state": state,
            "findings": self.findings,
            "waived": self.waived,
            "problem": self.problem,
            "took_s": round(self.took_s, 2),
        }


def gates() -> list[Gate]:
    rows = tomllib.loads(LIST.read_text())
    return [
        Gate(name=name, **{**row, "files": tuple(row.get("files", ()))})
        for name, row in rows.items()
    ]


def chosen(names: list[str]) -> list[Gate]:
    """Those named by name or set, or all. Raises KeyError with a name that is none."""
    found = gates()
    for name in names:
        if name not in SETS and name not in {gate.name for gate in found}:
            raise KeyError(name)
    return [gate for gate in found if not names or gate.name in names or gate.set in names]


def run(gate: Gate, waivers: list[Waiver], today: date) -> Result:
    result = Result(gate)
    files = _tracked(gate.files) if gate.files else []
    if gate.files and not files:
        result.problem, result.looked = f"no file is named {' or '.join(gate.files)}", False
        return result
    began = time.monotonic()
    try:
        done = subprocess.run(
            _command(gate.run) + files, cwd=ROOT, env=_environment(), capture_output=True, text=True
        )
    except FileNotFoundError as error:
        result.problem, result.looked = f"{error.filename} is not installed: make dev", False
        return result
    result.took_s = time.monotonic() - began
    if done.returncode == NOT_RUN:
        result.problem, result.looked = done.stderr.strip(), False
        return result
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    found = [line for line in lines if re.search(gate.finding, line)] if done.returncode else []
    result.findings, result.waived = sift(gate.name, found, waivers, today)
    if done.returncode and not found:
        said = "\n".join(lines[-20:])
        result.problem = f"{shlex.split(gate.run)[0]} exited with {done.returncode}\n{said}".strip()
    return result


def _command(run: str) -> list[str]:
    program, *arguments = shlex.split(run)
    return [sys.executable if program == "python" else program, *arguments]


def _environment() -> dict[str, str]:
    """The tools beside this Python first, whether or not its environment is activated."""
    beside = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join([beside, os.environ.get("PATH", "")])}


def _tracked(patterns: tuple[str, ...]) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = sorted(set(filter(None, listed.stdout.split("\0"))))
    return [
        name
        for name in names
        if any(fnmatch(name, pattern) for pattern in patterns) and (ROOT / name).is_file()
    ]
