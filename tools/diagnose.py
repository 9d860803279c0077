"""python -m tools.diagnose [--json]: what is wrong with this set-up, each finding with what to do about it.

It looks at the environment, configuration, what tests are found, emulators, browsers and compilers, ports,
processes of ours that nobody waits for, the tests' own history, and the disk. It changes nothing and needs
nothing but Python. Exit codes: 0 nothing is bad (notes may be there), 1 something is.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tools import dev
from tools.dev import BIN, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMPILERS: Final = {
    "arm-none-eabi-gcc": "gcc-arm-none-eabi libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib",
    "riscv64-unknown-elf-gcc": "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
    "cmake": "cmake",
}
PORTS: Final = {
    8080: "host serve",
    5232: "Radicale",
    9876: "the stand-in for an ESP32's ROM loader",
}
_ROOM_GB: Final = 5
_LARGE_CACHE_GB: Final = 10
_EDIT: Final = "edit that line; host config check says whether it is right then"
_COLLECT_S: Final = 180
_SHOWN: Final = 5
_LISTENING: Final = "0A"
_TEST_RUN: Final = b"CALENDARBOT_TEST_RUN="
"""What every process of a run has in its environment (tools/suites/gates.py)."""
_PROC: Final = Path("/proc")


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `state` is good, note or bad; `todo` is empty when nothing is to be done."""

    check: str
    state: str
    says: str
    todo: str = ""


def look() -> Iterator[Finding]:
    for check in (
        _set_up,
        _configuration,
        _tests_found,
        _compilers,
        _ports,
        _orphans,
        _history,
        _disk,
    ):
        yield from check()


def _set_up() -> Iterator[Finding]:
    for step in dev.STEPS:
        missing = step.missing()
        bad = missing and step.name == "environment"
        state = "bad" if bad else "note" if missing else "good"
        yield Finding(step.name, state, missing or step.there, "make dev" if missing else "")


def _configuration() -> Iterator[Finding]:
    files = [
        file
        for file in (ROOT / "calendarbot.toml", dev.SAMPLE / "calendarbot.toml")
        if file.exists()
    ]
    if not (BIN / "host").exists():
        return
    for file in files:
        done = _run(BIN / "host", "config", "check", file)
        name = str(file.relative_to(ROOT))
        words = done.stderr.strip().splitlines() or ["it cannot be used"]
        if done.returncode:
            yield Finding(
                "configuration", "bad", f"{name}: {words[0].removeprefix('error: ')}", _EDIT
            )
        else:
            yield Finding("configuration", "good", f"{name} can be used")


def _tests_found() -> Iterator[Finding]:
    if not (BIN / "python").exists():
        return
    command = (BIN / "python", "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
    try:
        done = _run(*command, timeout_s=_COLLECT_S)
    except subprocess.TimeoutExpired:
        says = f"pytest does not find its tests in {_COLLECT_S} s"
        todo = "something hangs when a test module is imported: pytest --collect-only -v"
        yield Finding("tests", "bad", says, todo)
        return
    lines = done.stdout.strip().splitlines() or ["nothing"]
    if done.returncode:
        broken = [line for line in lines if line.startswith("ERROR")] or lines[-1:]
        yield Finding("tests", "bad", broken[0], "mend the import that it names")
    else:
        yield Finding("tests", "good", lines[-1])


def _compilers() -> Iterator[Finding]:
    for program, packages in COMPILERS.items():
        if shutil.which(program) is None:
            says = f"there is no {program}: changed firmware cannot be built into images"
            yield Finding("compilers", "note", says, f"on Debian: sudo apt install {packages}")
    if all(map(shutil.which, COMPILERS)):
        yield Finding("compilers", "good", ", ".join(COMPILERS))


def _ports() -> Iterator[Finding]:
    taken = listening()
    for port, whose in PORTS.items():
        if port in taken:
            says = f"port {port} ({whose}) is taken by {taken[port]}"
            yield Finding("ports", "note", says, "stop that program, or choose another port")
    if not taken.keys() & PORTS.keys():
        yield Finding("ports", "good", f"{', '.join(map(str, PORTS))} are free")


def listening() -> dict[int, str]:
    """Every TCP port that somebody listens on, and who (Linux; elsewhere nothing is known)."""
    sockets: dict[str, int] = {}
    for table in ("net/tcp", "net/tcp6"):
        with suppress(OSError):
            for row in (_PROC / table).read_text().splitlines()[1:]:
                fields = row.split()
                if fields[3] == _LISTENING:
                    sockets[fields[9]] = int(fields[1].rpartition(":")[2], 16)
    taken = dict.fromkeys(sockets.values(), "another user's program")
    for process in _processes():
        with suppress(OSError):
            for handle in (_PROC / str(process.pid) / "fd").iterdir():
                inode = str(handle.readlink()).removeprefix("socket:[").removesuffix("]")
                if inode in sockets:
                    taken[sockets[inode]] = f"{process.command[:60]} (process {process.pid})"
    return taken


@dataclass(frozen=True)
class Process:
    """A running process, as /proc has it."""

    pid: int
    parent: int
    command: str
    of_tests: bool = False
    """A run of tests has started it, directly or not."""


def _processes() -> Iterator[Process]:
    for folder in _PROC.glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = " ".join(word.decode(errors="replace") for word in words if word)
            if command:
                yield Process(int(folder.name), parent, command, _of_tests(folder))


def _of_tests(folder: Path) -> bool:
    try:
        return _TEST_RUN in (folder / "environ").read_bytes()
    except OSError:  # another user's
        return False


def _orphans() -> Iterator[Finding]:
    """Programs whose parent is gone, of this environment or started by tests: emulators, servers."""
    processes = list(_processes())
    # Whoever lost its parent belongs to the first process, or to that of the user's session.
    reapers = {1} | {one.pid for one in processes if "systemd --user" in one.command}
    found = [
        one
        for one in processes
        if one.parent in reapers and one.pid != os.getpid()
        if one.of_tests or str(BIN) in one.command
    ]
    for process in found:
        says = f"nobody waits for {process.command[:70]} (process {process.pid})"
        yield Finding(
            "orphans", "bad", says, f"kill {process.pid}, unless you started it on purpose"
        )
    if not found:
        yield Finding("orphans", "good", "no process of this environment is left behind")


def _history() -> Iterator[Finding]:
    """Slow and flaky tests, from what `tools.suites` has kept."""
    if not (BIN / "python").exists():
        return
    done = _run(BIN / "python", "-m", "tools.suites", "report", "--json")
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        yield Finding("history", "note", "there is no history of tests yet", "make test")
        return
    for test, times in list(report["flakes"].items())[:_SHOWN]:
        todo = "mend it, or quarantine it with an owner and a date"
        yield Finding("history", "bad", f"flaky {times} times: {test}", todo)
    for test, took_s in list(report["slowest_s"].items())[:_SHOWN]:
        yield Finding("history", "good", f"among the slowest: {test}, {took_s:.1f} s")


def _disk() -> Iterator[Finding]:
    free_gb = shutil.disk_usage(ROOT).free / 1e9
    tight = free_gb < _ROOM_GB
    todo = "make clean; rm -rf .cache/firmware/build" if tight else ""
    yield Finding("disk", "bad" if tight else "good", f"{free_gb:.0f} GB are free", todo)
    cache_gb = (
        sum(file.stat().st_size for file in (ROOT / ".cache").rglob("*") if file.is_file()) / 1e9
    )
    if cache_gb > _LARGE_CACHE_GB:
        todo = "rm -rf .cache/firmware: make firmware brings it back"
        yield Finding("disk", "note", f".cache holds {cache_gb:.0f} GB", todo)


def _run(*command: str | Path, timeout_s: int = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)), cwd=ROOT, capture_output=True, text=True, timeout=timeout_s
    )


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make diagnose", description=__doc__)
    parser.add_argument("--json", action="store_true", help="findings for programs")
    as_json = parser.parse_args(given).json
    show: Callable[[Finding], None] = _quiet if as_json else _show
    found = []
    for finding in look():
        found.append(finding)
        show(finding)
    if as_json:
        print(json.dumps({"findings": [asdict(finding) for finding in found]}, indent=1))
    return int(any(finding.state == "bad" for finding in found))


def _quiet(finding: Finding) -> None:
    """Nothing: all of them are printed at the end."""


def _show(finding: Finding) -> None:
    print(f"{finding.state:5} {finding.check:14} {finding.says}", flush=True)
    if finding.todo:
        print(f"{'':20} -> {finding.todo}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
