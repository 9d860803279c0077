"""python -m tools.dev [--check]: everything one needs to work on the code, set up once and looked after.

Each step looks first and does something only where something is missing, so it can be run again at any time.
It needs nothing but Python itself (3.11, as tools/install says). With --check it only looks, and exits with 1
when something is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).resolve().parents[1]
VENV: Final = ROOT / ".venv"
BIN: Final = VENV / "bin"
STAMP: Final = VENV / ".installed"
STUBS: Final = ROOT / "typings"
SETTINGS: Final = ROOT / ".vscode" / "settings.json"
SAMPLE: Final = ROOT / "sample"
IMAGES: Final = ROOT / ".cache" / "firmware" / "images" / "latest"
BROWSERS: Final = ("chromium", "chromium-browser")
EMULATORS: Final = ("qemu-system-arm", "qemu-system-riscv32")
_STUB_PACKAGES: Final = ("micropython-esp32-stubs", "micropython-stdlib-stubs")
_EDITOR: Final = {
    "python.defaultInterpreterPath": "${workspaceFolder}/.venv/bin/python",
    "python.analysis.extraPaths": ["host", "firmware"],
    # What machine, network and esp32 have, for firmware/device.
    "python.analysis.stubPath": "typings",
    "python.testing.pytestEnabled": True,
    "python.testing.pytestArgs": ["tests"],
    "[python]": {"editor.defaultFormatter": "charliermarsh.ruff", "editor.formatOnSave": True},
    "files.exclude": {".cache": True, "typings": True},
    "evenBetterToml.schema.associations": {
        "calendarbot\\\\.toml": "file://${workspaceFolder}/sample/calendarbot.schema.json"
    },
}


class SetUpError(Exception):
    """Why a step cannot be done here, and what to do by hand."""


@dataclass(frozen=True)
class Step:
    """`missing` says what is missing, or nothing; `do` brings it, and raises SetUpError."""

    name: str
    there: str
    missing: Callable[[], str]
    do: Callable[[], None]


def _environment_missing() -> str:
    if not (BIN / "python").exists():
        return "there is no environment in .venv"
    if not STAMP.exists():
        return "the environment in .venv is not complete"
    asked = max(
        (ROOT / name).stat().st_mtime for name in ("pyproject.toml", "tools/constraints.txt")
    )
    return "pyproject.toml asks for more by now" if STAMP.stat().st_mtime < asked else ""


def _install_environment() -> None:
    _run("tools/install", sys.executable, str(VENV))
    STAMP.touch()


def _emulators_missing() -> str:
    lacking = [name for name in EMULATORS if shutil.which(name) is None]
    lacking += [name for name in ("micropython", "rp2040py") if not (BIN / name).exists()]
    if lacking:
        return f"there is no {', '.join(lacking)}"
    targets = {file.parent.name for file in IMAGES.glob("*/firmware.*")}
    without = {"pico", "qemu-m3", "qemu-rv32"} - targets
    return f"no firmware image for {', '.join(sorted(without))}" if without else ""


def _bring_emulators() -> None:
    if any(shutil.which(name) is None for name in EMULATORS):
        _apt("qemu-system-arm", "qemu-system-misc")
    _run(str(BIN / "python"), "-m", "tools.firmware")


def _browser_missing() -> str:
    return "" if any(map(shutil.which, BROWSERS)) else "there is no Chromium for the browser tests"


def _hooks_missing() -> str:
    folder = _hooks_folder()
    lacking = [
        hook
        for hook in ("pre-commit", "commit-msg")
        if not (folder / hook).is_file() or "pre-commit" not in (folder / hook).read_text()
    ]
    return f"git has no hook for {' and '.join(lacking)}" if lacking else ""


def _hooks_folder() -> Path:
    done = subprocess.run(
        ["git", "rev-parse", "--git-path", "hooks"], cwd=ROOT, capture_output=True, text=True
    )
    return ROOT / done.stdout.strip()


def _install_hooks() -> None:
    # Work trees share their hooks; one of an older branch has no list of gates, and is let through.
    _run(str(BIN / "pre-commit"), "install", "--allow-missing-config")


def _stubs_missing() -> str:
    return (
        "" if (STUBS / "machine").exists() or (STUBS / "machine.pyi").exists() else "no stubs yet"
    )


def _install_stubs() -> None:
    # Not into the environment: there they would stand in for the standard library's own types.
    quiet = ("--quiet", "--disable-pip-version-check", "--upgrade")
    _run(str(BIN / "pip"), "install", *quiet, "--target", str(STUBS), *_STUB_PACKAGES)


def _write_settings() -> None:
    SETTINGS.parent.mkdir(exist_ok=True)
    SETTINGS.write_text(json.dumps(_EDITOR, indent=2) + "\n")


def _write_sample() -> None:
    office = ("--calendar", "tests/reference/office.ics", "--tz", "Europe/Berlin", "--yes")
    _run(str(BIN / "host"), "init", str(SAMPLE), "--panel", "waveshare_7in5_v2", *office)
    schema = subprocess.run(
        [str(BIN / "host"), "config", "schema"], capture_output=True, text=True, check=True
    )
    (SAMPLE / "calendarbot.schema.json").write_text(schema.stdout)


STEPS: Final = (
    Step(
        "environment",
        "the package, its extras and all tools are in .venv",
        _environment_missing,
        _install_environment,
    ),
    Step(
        "emulators",
        "MicroPython, an emulated Pico, QEMU, and the images they run",
        _emulators_missing,
        _bring_emulators,
    ),
    Step("browser", "Chromium is there", _browser_missing, lambda: _apt("chromium")),
    Step("hooks", "git asks the gates before a commit", _hooks_missing, _install_hooks),
    Step("stubs", "typings/ says what MicroPython's modules have", _stubs_missing, _install_stubs),
    Step(
        "editor",
        ".vscode/settings.json; yours, if it was there before",
        lambda: "" if SETTINGS.exists() else "no editor settings",
        _write_settings,
    ),
    Step(
        "sample",
        "sample/calendarbot.toml: an office's calendar to play with",
        lambda: "" if (SAMPLE / "calendarbot.toml").exists() else "no sample configuration",
        _write_sample,
    ),
)


def _apt(*packages: str) -> None:
    """As root on Debian; anywhere else somebody has to do it by hand."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SetUpError(f"install it by hand; on Debian: sudo apt install {' '.join(packages)}")
    _run("apt-get", "update", "-qq")
    _run("apt-get", "install", "-qq", "--yes", "--no-install-recommends", *packages)


def _run(*command: str) -> None:
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        words = "\n".join(done.stdout.splitlines()[-6:])
        raise SetUpError(f"{' '.join(command)} exited with {done.returncode}\n{words}")


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make dev", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only look")
    check = parser.parse_args(given).check
    failed = False
    for step in STEPS:
        state, says = _looked(step) if check else _done(step)
        failed |= state in ("missing", "FAILED")
        print(f"{state:8} {step.name:12} {says}", flush=True)
    if not failed and not check:
        print("Next: make test, make demo, make diagnose; sample/ is for playing with.")
    return int(failed)


def _looked(step: Step) -> tuple[str, str]:
    missing = step.missing()
    return ("missing", f"{missing}: make dev") if missing else ("ok", step.there)


def _done(step: Step) -> tuple[str, str]:
    missing = step.missing()
    if not missing:
        return "ok", step.there
    try:
        step.do()
    except (SetUpError, OSError, subprocess.CalledProcessError) as error:
        return "FAILED", f"{missing}; {error}"
    return "done", f"{missing}; now: {step.there}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
