"""One job: a leased board is switched on, cleaned, flashed, provisioned, tested, looked at and cleaned again.

A job's folder holds what it was given and what came of it: calendarbot.toml with its calendar, out/ with
what was published, pytest.log, junit.xml, serial/ with what the board said, panel.png. Its key is removed at
the end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from calendarbot.boards import load_board
from calendarbot.config import load_config
from calendarbot.errors import CalendarBotError, DeviceError
from calendarbot.hil import leash, state
from calendarbot.hil.rig import powered, switch
from calendarbot.keys import display_key
from calendarbot.private import FOLDER_ONLY_MINE, create
from calendarbot.provision import device_config
from calendarbot.publish import publish_display
from calendarbot.server.app import create_app
from calendarbot.server.run import background
from calendarbot.serving import served_display
from calendarbot.store.folder import FolderStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from calendarbot.config import Config
    from calendarbot.hil.bench import Bench
    from calendarbot.hil.rig import Rig

DISPLAY: Final = "bench"
CONFIG: Final = "calendarbot.toml"
KEY: Final = "bench.key"
FIRST_CHANGE_S: Final = 90
"""From a job's start to the first change of its page: time to provision a board and show the first."""
_HOURS: Final = 2
_POLL_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a job. `says` is one line; counts are those of the suite's tests."""

    board: str
    outcome: str
    """"passed", "failed" (a test did), or "error" (it never came to that, or not to the end)."""
    says: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: int = 0
    clean: bool = False
    """Whether the board was left as it is to be found."""


def do_job(
    bench: Bench,
    name: str,
    folder: Path,
    suite: Path,
    mine: Callable[[], bool],
    say: Callable[[str], None],
) -> Result:
    """`mine` tells whether the board's lease still holds; `say` takes lines on what is being done."""
    began = time.monotonic()
    clean = False
    try:
        folder.mkdir(mode=FOLDER_ONLY_MINE, parents=True)
        with powered(bench, name) as rig:
            say(f"on, at {rig.port}")
            firmware = bench.firmware(rig.board.board)
            if firmware and not rig.board.virtual:
                say(f"flashing {firmware.name}")
                state.flash(rig, firmware)
            state.restore(rig)
            with _given(bench, rig, folder):
                say("testing")
                result = _tested(rig, folder, suite, mine)
            _picture(rig, folder)
            state.restore(rig)
            clean = True
    except CalendarBotError as error:
        result = Result(name, "error", error.message)
    except OSError as error:
        result = Result(name, "error", f"{error.filename or folder}: {error.strerror}")
    return Result(
        name,
        result.outcome,
        result.says,
        result.passed,
        result.failed,
        result.skipped,
        round(time.monotonic() - began),
        clean,
    )


@contextmanager
def _given(bench: Bench, rig: Rig, folder: Path) -> Iterator[None]:
    """The job's own display published, its board provisioned, and a server where it has a radio."""
    config = _job_config(rig, folder)
    store = FolderStore(folder / "out")
    publish_display(store, config, DISPLAY, datetime.now(UTC), _HOURS)
    has_radio = load_board(rig.board.board).transport == "wifi"
    serving: AbstractContextManager[str] = nullcontext("usb:")
    if has_radio:
        served = {DISPLAY: served_display(config, DISPLAY, store)}
        serving = background(create_app(served, time.time), bench.bench.address)
    with serving as url:
        wifi = (bench.bench.ssid, os.environ.get(bench.bench.wifi_password_env, ""))
        key = display_key(config, DISPLAY)
        state.provision(rig, device_config(config, DISPLAY, url, key, wifi, rig.board.board))
        try:
            yield
        finally:
            (folder / KEY).unlink()


def _job_config(rig: Rig, folder: Path) -> Config:
    change = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=FIRST_CHANGE_S)
    (folder / "bench.ics").write_text(_calendar(change), encoding="utf-8")
    create(folder / KEY, os.urandom(32).hex() + "\n")
    create(
        folder / CONFIG,
        'tz = "UTC"\nlocale = "en_GB"\n[calendars.bench]\npath = "bench.ics"\n'
        f'[displays.{DISPLAY}]\npanel = "{rig.board.panel}"\nboard = "{rig.board.board}"\n'
        f'key = "file:{KEY}"\n',
    )
    return load_config(folder / CONFIG)


def _calendar(change: datetime) -> str:
    events = [
        ("first", change - timedelta(minutes=10), change),
        ("second", change, change + timedelta(hours=1)),
    ]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Calendar Bot//bench//EN"]
    for name, start, end in events:
        lines += ["BEGIN:VEVENT", f"UID:{name}@bench", f"DTSTAMP:{start:%Y%m%dT%H%M%SZ}"]
        lines += [f"SUMMARY:The {name} page", f"DTSTART:{start:%Y%m%dT%H%M%SZ}"]
        lines += [f"DTEND:{end:%Y%m%dT%H%M%SZ}", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _tested(rig: Rig, folder: Path, suite: Path, mine: Callable[[], bool]) -> Result:
    command = [
        *(sys.executable, "-m", leash.__name__),
        *(sys.executable, "-m", "pytest", str(suite), "-p", "no:cacheprovider", "-rs"),
        *("--embedded-services", "serial", "--port", rig.port),
        *("--root-logdir", str(folder / "serial"), f"--junitxml={folder / 'junit.xml'}"),
        *("-o", "junit_family=xunit1"),  # what pytest-embedded adds to the report wants it
        *("--hil-job", str(folder)),
    ]
    environment = {**os.environ, "HIL_POWER_CYCLE": "\n".join(rig.power_cycle)}
    if rig.picture:
        environment["HIL_PICTURE"] = str(rig.picture)
    with (
        (folder / "pytest.log").open("w") as log,
        subprocess.Popen(  # noqa: S603  ours
            command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment, cwd=suite
        ) as process,
    ):
        try:
            while process.poll() is None:
                if not mine():
                    raise DeviceError(f"{rig.name}: its lease is over, somebody else may have it")
                time.sleep(_POLL_S)
        finally:
            if process.stdin:
                process.stdin.close()  # the leash
    return _counted(rig.name, folder)


def _counted(name: str, folder: Path) -> Result:
    """What pytest's report says; an "error" when there is none, or nothing was tested."""
    try:
        suites = ET.parse(folder / "junit.xml").getroot().iter("testsuite")  # noqa: S314  pytest wrote it
    except (OSError, ET.ParseError):
        return Result(
            name, "error", f"the suite did not run to its end, see {folder / 'pytest.log'}"
        )
    tests = failed = skipped = 0
    for found in suites:
        tests += int(found.get("tests", 0))
        failed += int(found.get("failures", 0)) + int(found.get("errors", 0))
        skipped += int(found.get("skipped", 0))
    passed = tests - failed - skipped
    says = f"{passed} passed, {failed} failed, {skipped} skipped"
    if not passed and not failed:
        return Result(name, "error", f"nothing was tested: {says}", passed, failed, skipped)
    return Result(name, "failed" if failed else "passed", says, passed, failed, skipped)


def _picture(rig: Rig, folder: Path) -> None:
    file = folder / "panel.png"
    if rig.picture and rig.picture.exists():
        shutil.copyfile(rig.picture, file)
    elif rig.board.camera:
        switch(rig.name, [word.replace("{file}", str(file)) for word in rig.board.camera])
