"""`host build-frames`, killed: whoever reads what is published sees the old bundle or the new one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from calendarbot.bundle import decode_frames, read_body
from calendarbot.keys import kept_key
from calendarbot.store.folder import FolderStore

REFERENCE = Path(__file__).parents[1] / "reference"


def build(calendar: str, out: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "calendarbot",
            "build-frames",
            f"--calendar={REFERENCE / calendar}.ics",
            "--tz=Europe/Berlin",
            "--locale=en_GB",
            "--at=2026-11-24T06:00",
            "--hours=6",
            f"--out={out}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def published(out: Path) -> tuple[bytes, list[bytes]]:
    """The pointer's bundle, whole and verified, and the ids of the frames the manifest promises."""
    raw = (out / "display" / "bundle.ink").read_bytes()
    _, table, body = read_body(raw, kept_key("display"))
    assert len(list(decode_frames(table, body))) == table.head.frames
    store = FolderStore(out)
    manifest = store.current("display")
    assert manifest is not None
    assert store.bundle("display", manifest.bundle) is not None
    for frame in manifest.frames:
        assert store.frame("display", frame.id) is not None
        assert store.preview("display", frame.id) is not None
    return raw, [frame.id for frame in manifest.frames]


def files_beside(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob(".*.new")}


@pytest.fixture(scope="module")
def built_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what was published, `out`, and with its key, `state`."""
    folder = tmp_path_factory.mktemp("before")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        assert build("room", folder / "out").wait() == 0
    return folder


@pytest.mark.parametrize("after_files", [1, 4, 9, 16])
def test_a_killed_build_leaves_the_old_bundle_or_the_new_one(
    tmp_path: Path, built_before: Path, monkeypatch: pytest.MonkeyPatch, after_files: int
) -> None:
    shutil.copytree(built_before, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    out = tmp_path / "out"
    old = published(out)
    process = build("office", out)
    seen: set[str] = set()
    # Killed in the middle of writing its n-th file, or, if it was quicker than this look, a little later.
    while len(seen) < after_files and process.poll() is None:
        seen |= files_beside(out)
    os.kill(process.pid, signal.SIGKILL) if process.poll() is None else None
    process.wait()
    left = published(out)
    assert build("office", out).wait() == 0
    new = published(out)
    assert new[0] != old[0]
    assert left[1] in (old[1], new[1])
    assert not files_beside(out)
