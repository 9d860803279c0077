"""The container as it is run: read-only, as nobody in particular, all that is worth keeping in its volume."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from planting import ROOT
from tools import image

from calendarbot.boards import load_board, load_panel
from calendarbot.config import load_config
from calendarbot.emulator.board import VirtualClock
from calendarbot.emulator.device import SimulatedDevice
from calendarbot.provision import DEFAULT_BOARD, device_config
from calendarbot.store.folder import FolderStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calendarbot.emulator.device import Woke

UID = 65532
START_S = 90
STOP_S = 5
LARGEST_MB = 200
# runc, and no more of the host than the tests may have, work inside containers, too.
RUNTIME = ("--runtime", "/usr/sbin/runc", "--cgroup-manager", "cgroupfs")
LIMITS = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096")
HARDENED = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--tmpfs=/tmp")
CONFIG = """\
tz = "Europe/Berlin"

[calendars.office]
path = "office.ics"

[displays.kitchen]
panel = "waveshare_7in5_v2"
"""

SCANNER = """\
#!/bin/sh
# Stands in for Grype, whose database comes from outside: it finds one thing in every image it can read.
test "$1" = version && exit 0
images=$(tar --extract --to-stdout --file "${5#docker-archive:}" manifest.json | grep --count RepoTags)
echo "CVE-2026-0001 in $images image"
exit 2
"""

needed = [name for name in ("podman", "buildah") if shutil.which(name) is None]
pytestmark = [
    pytest.mark.skipif(
        not os.environ.get("CALENDARBOT_NIGHTLY"),
        reason="builds an image, which takes minutes: CALENDARBOT_NIGHTLY=1 runs it",
    ),
    pytest.mark.skipif(bool(needed), reason=f"there is no {' and no '.join(needed)}"),
]


def podman(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    runtime = RUNTIME if Path(RUNTIME[1]).exists() else ()
    done = subprocess.run(["podman", *runtime, *arguments], capture_output=True, text=True)
    assert not check or done.returncode == 0, f"podman {arguments}: {done.stdout}{done.stderr}"
    return done


@pytest.fixture(scope="module")
def built() -> str:
    # Without a registry the bases are made of Debian's packages; with one they are those of the Dockerfile.
    offline = not os.environ.get("CALENDARBOT_REGISTRY")
    if offline and (os.geteuid() != 0 or shutil.which("mmdebstrap") is None):
        pytest.skip(
            "bases are made by mmdebstrap, as root; CALENDARBOT_REGISTRY=1 takes public ones"
        )
    return image.build(offline=offline)


@dataclass
class Container:
    """A running server; `data` is its volume, `config` what it was given."""

    name: str
    url: str
    config: Path
    data: Path

    def python(self, code: str) -> subprocess.CompletedProcess[str]:
        return podman("exec", self.name, "/usr/bin/python3", "-c", code, check=False)

    def wait(self) -> float:
        """Seconds until it says that all displays are served."""
        began = time.monotonic()
        while time.monotonic() - began < START_S:
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz") as reply:
                if reply.status == 200:
                    return time.monotonic() - began
            time.sleep(0.2)
        pytest.fail(podman("logs", self.name).stderr)

    def settings(self) -> dict[str, bytes]:
        """What must outlive the container: keys, and whatever else is its state."""
        folder = self.data / "state"
        return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """/config and /data as they are on the host."""
    config, data = tmp_path / "config", tmp_path / "data"
    config.mkdir()
    data.mkdir()
    owned = ["chown", f"{UID}:{UID}", str(data)]
    # Who is not root gives a file to a user of containers by podman.
    subprocess.run(owned if os.geteuid() == 0 else ["podman", "unshare", *owned], check=True)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    (config / "calendarbot.toml").write_text(CONFIG)
    shutil.copy2(ROOT / "tests/reference/office.ics", config)
    return config, data


@contextmanager
def running(built: str, folders: tuple[Path, Path], *given: str, network: str) -> Iterator[str]:
    """The name of a container that runs as it should be run, with the server's arguments `given`."""
    name = f"calendarbot-test-{os.getpid()}"
    mounts = (f"--volume={folders[0]}:/config:ro", f"--volume={folders[1]}:/data")
    options = ("--name", name, f"--network={network}", *LIMITS, *HARDENED, *mounts)
    try:
        podman("run", "--detach", *options, built, *given)
        yield name
    finally:
        podman("rm", "--force", "--time", "0", name, check=False)


@pytest.fixture
def container(built: str, folders: tuple[Path, Path]) -> Iterator[Container]:
    """Reached through the host's own network: where tests run, containers rarely get one of their own."""
    port = free_port()
    serve = ("serve", "/config/calendarbot.toml", f"--port={port}", "--out=/data/out")
    with running(built, folders, *serve, network="host") as name:
        yield Container(name, f"http://127.0.0.1:{port}", *folders)


def first_wake(container: Container, key: bytes, flash: Path) -> Woke:
    """Of the firmware on MicroPython's unix port, on a board that was given `key`."""
    config = load_config(container.config / "calendarbot.toml")
    flash.mkdir()
    on_flash = device_config(config, "kitchen", container.url, key, board=DEFAULT_BOARD)
    (flash / "config.json").write_text(on_flash)
    panel = load_panel(config.display("kitchen").panel)
    clock = VirtualClock(int(time.time() * 1000))
    device = SimulatedDevice(panel, load_board(DEFAULT_BOARD).pins, flash, clock)
    return next(device.live(clock.now_ms // 1000 + 1))


def key_file(container: Container) -> Path:
    return container.data / "state" / "calendarbot" / "keys" / "kitchen.key"


def test_the_image_is_small_and_holds_nothing_to_build_or_to_log_in_with(built: str) -> None:
    assert image.size_bytes() < LARGEST_MB * 1e6
    for program in ("sh", "bash", "gcc", "pip", "apt-get"):
        done = podman(
            "run", "--rm", *LIMITS, "--network=none", f"--entrypoint={program}", built, check=False
        )
        assert done.returncode in (126, 127), program


def test_what_a_scanner_finds_in_the_whole_image_is_an_error(
    built: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanner = tmp_path / "grype"
    scanner.write_text(SCANNER)
    scanner.chmod(0o755)
    monkeypatch.setenv("GRYPE", str(scanner))
    with pytest.raises(image.ImageError, match="CVE-2026-0001 in 1 image"):
        image.scan()
    monkeypatch.setenv("GRYPE", str(tmp_path / "absent"))
    with pytest.raises(FileNotFoundError, match="absent"):
        image.scan()


def test_it_runs_as_nobody_in_particular_on_a_root_that_cannot_be_written(
    container: Container,
) -> None:
    container.wait()
    assert container.python("import os; print(os.getuid())").stdout.strip() == str(UID)
    written = container.python("open('/app/planted', 'w')")
    assert written.returncode
    assert "Read-only file system" in written.stderr
    (inspected,) = json.loads(podman("inspect", container.name).stdout)
    assert inspected["HostConfig"]["ReadonlyRootfs"]
    assert not inspected["EffectiveCaps"]


def test_as_it_comes_it_serves_the_configuration_and_says_that_it_is_healthy(
    built: str, folders: tuple[Path, Path]
) -> None:
    with running(built, folders, network="none") as name:
        began = time.monotonic()
        while podman("healthcheck", "run", name, check=False).returncode:
            assert time.monotonic() - began < START_S, podman("logs", name).stderr
            time.sleep(0.5)
        assert (folders[1] / "out" / "kitchen").is_dir()


def test_a_device_shows_the_frame_it_serves_before_and_after_a_kill(
    container: Container, tmp_path: Path
) -> None:
    container.wait()
    store = FolderStore(container.data / "out")
    key = bytes.fromhex(key_file(container).read_text().strip())
    woke = first_wake(container, key, tmp_path / "flash")
    before = store.current("kitchen")
    assert woke.picture.id == before.due(woke.at_s).id
    settings, calendars = container.settings(), (container.config / "calendarbot.toml").read_text()
    assert str(key_file(container)) in settings

    podman("kill", "--signal", "KILL", container.name)
    podman("start", container.name)
    container.wait()
    assert container.settings() == settings
    assert (container.config / "calendarbot.toml").read_text() == calendars
    assert store.current("kitchen").sequence >= before.sequence
    # A device believes only what is sealed with its key.
    woke = first_wake(container, key, tmp_path / "other-flash")
    assert woke.picture.id == store.current("kitchen").due(woke.at_s).id


def test_it_stops_within_five_seconds_of_being_asked(container: Container) -> None:
    container.wait()
    began = time.monotonic()
    podman("stop", "--time", "30", container.name)
    took_s = time.monotonic() - began
    assert took_s < STOP_S
    (inspected,) = json.loads(podman("inspect", container.name).stdout)
    assert inspected["State"]["ExitCode"] == 0
