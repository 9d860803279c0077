"""A store in a folder: what is published is found again, and a cut at any step leaves one whole bundle."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from calendarbot.bundle import Plan, decode_frames, encode_frame, pack_body, read_body
from calendarbot.errors import StoreError
from calendarbot.model import Frame
from calendarbot.store import FrameRecord, Manifest, Page, Publication, check_name
from calendarbot.store.files import Files
from calendarbot.store.folder import FolderStore
from inkframe import seal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = bytes(range(32))
NOW = 1_800_000_000
PLAN = Plan(32, 8, 1, 1, NOW, NOW + 3_600, NOW + 86_400, 60)


def publication(*seeds: int) -> Publication:
    """A bundle whose frames are told apart by their seeds."""
    pages = []
    held = None
    for index, seed in enumerate(seeds):
        frame = Frame(32, 8, 1, 1, hashlib.sha256(bytes([seed])).digest())
        encoded = encode_frame(frame, held, NOW + index * 600)
        pages.append(Page(encoded, frame.data, b"picture %d" % seed, f"reason {seed}"))
        held = frame
    return Publication("kitchen", "some_panel", "agenda", PLAN, tuple(pages))


def put(store: FolderStore, *seeds: int, key: bytes | None = KEY, now: float = NOW) -> Manifest:
    what = publication(*seeds)
    body = pack_body(what.plan, [page.encoded for page in what.pages])
    return store.publish(what, lambda sequence: seal.seal(body, sequence, key), now)


def whole(store: FolderStore, folder: Path) -> tuple[Manifest, list[bytes]] | None:
    """What a server finds, after checking that all of it fits together."""
    manifest = store.current("kitchen")
    if manifest is None:
        return None
    bundle = store.bundle("kitchen", manifest.bundle)
    assert bundle is not None
    assert len(bundle) == manifest.bundle_bytes
    envelope, table, body = read_body(bundle, KEY)
    assert envelope.sequence == manifest.sequence
    pixels = list(decode_frames(table, body))
    assert [hashlib.sha256(p).digest()[:8] for p in pixels] == [f.id for f in manifest.frames]
    for frame, data in zip(manifest.frames, pixels, strict=True):
        assert store.frame("kitchen", frame.id) == data
        assert (folder / "kitchen" / frame.preview).read_bytes().startswith(b"picture")
    return manifest, pixels


def served(folder: Path) -> list[bytes] | None:
    """What a device finds behind a static web server: the frames of bundle.ink."""
    try:
        bundle = (folder / "kitchen" / "bundle.ink").read_bytes()
    except FileNotFoundError:
        return None
    _, table, body = read_body(bundle, KEY)
    return list(decode_frames(table, body))


def test_what_was_published_is_found_again(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    assert store.current("kitchen") is None
    manifest = put(store, 1, 2)
    assert store.current("kitchen") == manifest
    assert whole(store, tmp_path) is not None
    first, second = manifest.frames
    assert first == FrameRecord(
        first.id, NOW, "key", first.payload_bytes, "reason 1", f"previews/{first.id.hex()}.png"
    )
    assert (second.kind, second.shown_from) == ("delta", NOW + 600)
    assert store.preview("kitchen", second.id) == b"picture 2"
    bundle = store.bundle("kitchen", manifest.bundle)
    assert bundle == (tmp_path / "kitchen" / "bundle.ink").read_bytes()
    assert hashlib.sha256(bundle).hexdigest().startswith(manifest.bundle)


def test_a_manifest_knows_the_frame_due_and_the_one_after_it(tmp_path: Path) -> None:
    manifest = put(FolderStore(tmp_path), 1, 2)
    first, second = manifest.frames
    assert manifest.due(NOW - 1) == manifest.due(NOW + 599) == first
    assert manifest.due(NOW + 600) == second
    assert manifest.next_change(NOW) == second
    assert manifest.next_change(NOW + 600) is None


def test_what_is_not_kept_is_none(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    assert store.bundle("kitchen", "0" * 16) is None
    assert store.frame("kitchen", bytes(8)) is None
    assert store.preview("kitchen", bytes(8)) is None


@pytest.mark.parametrize("damage", [b"not zlib", None], ids=["garbage", "another frame"])
def test_damaged_pixels_count_as_not_kept(tmp_path: Path, damage: bytes | None) -> None:
    store = FolderStore(tmp_path)
    first, second = put(store, 1, 2).frames
    frames = tmp_path / "kitchen" / "frames"
    other = (frames / f"{second.id.hex()}.z").read_bytes()
    (frames / f"{first.id.hex()}.z").write_bytes(damage or other)
    assert store.frame("kitchen", first.id) is None


def test_the_sequence_follows_the_clock_and_never_falls(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    assert put(store, 1, now=NOW + 0.9).sequence == NOW
    assert put(store, 1, now=NOW).sequence == NOW + 1
    assert put(store, 1, now=NOW - 500_000).sequence == NOW + 2
    assert put(store, 1, now=NOW + 60).sequence == NOW + 60


def test_the_sequence_grows_when_the_folder_was_emptied(tmp_path: Path) -> None:
    before = put(FolderStore(tmp_path / "a"), 1).sequence
    assert put(FolderStore(tmp_path / "b"), 1, now=NOW + 1).sequence > before


def test_only_the_frames_of_the_last_four_bundles_are_kept(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    manifests = [put(store, seed, seed + 1) for seed in range(1, 7)]
    kitchen = tmp_path / "kitchen"
    assert {path.stem for path in (kitchen / "bundles").iterdir()} == {
        manifest.bundle for manifest in manifests[2:]
    }
    kept = {frame.id.hex() for manifest in manifests[2:] for frame in manifest.frames}
    assert {path.stem for path in (kitchen / "frames").iterdir()} == kept
    assert {path.stem for path in (kitchen / "previews").iterdir()} == kept


def test_files_that_are_not_the_stores_own_are_left_alone(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    put(store, 1)
    notes = [tmp_path / "kitchen" / "notes.txt", tmp_path / "kitchen" / "previews" / "mine.png"]
    for path in notes:
        path.write_text("mine")
    put(store, 2)
    assert all(path.read_text() == "mine" for path in notes)


# Who may read what


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def test_a_web_server_may_read_sealed_bundles_and_nothing_else(tmp_path: Path) -> None:
    with umask(0o022):
        put(FolderStore(tmp_path / "out"), 1, 2)
    kitchen = tmp_path / "out" / "kitchen"
    readable = {str(path.relative_to(kitchen)) for path in kitchen.rglob("*") if mode(path) & 0o077}
    bundles = {f"bundles/{path.name}" for path in (kitchen / "bundles").iterdir()}
    assert readable == {"bundle.ink", "bundles"} | bundles
    assert mode(kitchen) == 0o755
    assert mode(kitchen / "bundle.ink") == 0o644


def test_a_bundle_that_is_not_sealed_is_for_its_owner_alone(tmp_path: Path) -> None:
    with umask(0o022):
        put(FolderStore(tmp_path), 1, key=None)
    assert mode(tmp_path / "kitchen" / "bundle.ink") == 0o600


def test_the_users_umask_is_respected(tmp_path: Path) -> None:
    with umask(0o077):
        put(FolderStore(tmp_path), 1)
    assert mode(tmp_path / "kitchen" / "bundle.ink") == 0o600


# Cut off


class PowerCutError(BaseException):
    """Not an Exception: nothing may catch it and tidy up, as nothing does when the power fails."""


class FailingFiles(Files):
    """Real files, until step number `fails_at` of those that change anything."""

    def __init__(self, fails_at: int, failure: BaseException) -> None:
        self.steps = 0
        self._fails_at = fails_at
        self._failure = failure

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self._fails_at:
            raise self._failure
        if self.steps > self._fails_at and isinstance(self._failure, PowerCutError):
            raise self._failure  # a dead process does nothing more, not even in its `finally`

    def make_folder(self, path: Path, mode: int) -> None:
        self._step()
        super().make_folder(path, mode)

    def create(self, path: Path, mode: int) -> int:
        self._step()
        return super().create(path, mode)

    def write(self, descriptor: int, data: bytes) -> None:
        try:
            self._step()
        except BaseException:
            super().write(descriptor, data[: len(data) // 2])
            raise
        super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        self._step()
        super().sync(descriptor)

    def close(self, descriptor: int) -> None:
        super().close(descriptor)  # the kernel closes what a dead process had open
        self._step()

    def replace(self, old: Path, new: Path) -> None:
        self._step()
        super().replace(old, new)

    def sync_folder(self, path: Path) -> None:
        self._step()
        super().sync_folder(path)

    def remove(self, path: Path) -> None:
        self._step()
        super().remove(path)


def steps_of_a_publication(folder: Path) -> int:
    put(FolderStore(folder), 1, 2)
    files = FailingFiles(10**9, PowerCutError())
    put(FolderStore(folder, files), 3, 4)
    return files.steps


def pixels_of(*seeds: int) -> list[bytes]:
    return [hashlib.sha256(bytes([seed])).digest() for seed in seeds]


FAILURES = [PowerCutError(), OSError(errno.ENOSPC, "No space left on device")]


@pytest.mark.parametrize("failure", FAILURES, ids=["power cut", "disk full"])
def test_whatever_step_fails_readers_see_the_old_bundle_or_the_new_one(
    tmp_path: Path, failure: BaseException
) -> None:
    steps = steps_of_a_publication(tmp_path / "count")
    assert steps > 20
    outcomes = set()
    for step in range(1, steps + 1):
        folder = tmp_path / str(step)
        put(FolderStore(folder), 1, 2)
        with pytest.raises((PowerCutError, StoreError)):
            put(FolderStore(folder, FailingFiles(step, failure)), 3, 4)

        found = whole(FolderStore(folder), folder)
        assert found is not None
        device_sees = served(folder)
        assert found[1] in (pixels_of(1, 2), pixels_of(3, 4))
        assert device_sees in (pixels_of(1, 2), pixels_of(3, 4))
        outcomes.add((found[1] == pixels_of(3, 4), device_sees == pixels_of(3, 4)))

        # The next publication goes through, with a higher sequence, and tidies up.
        before = read_body((folder / "kitchen" / "bundle.ink").read_bytes(), KEY)[0].sequence
        assert put(FolderStore(folder), 5).sequence > max(before, found[0].sequence)
        assert served(folder) == pixels_of(5)
        assert not list(folder.rglob("*.new"))
    # Old, new, and, for one moment, a device behind a static server ahead of the manifest.
    assert outcomes == {(False, False), (False, True), (True, True)}


@pytest.mark.parametrize("failure", FAILURES, ids=["power cut", "disk full"])
def test_whatever_step_of_the_first_publication_fails_there_is_nothing_or_all_of_it(
    tmp_path: Path, failure: BaseException
) -> None:
    files = FailingFiles(10**9, PowerCutError())
    put(FolderStore(tmp_path / "count", files), 1, 2)
    for step in range(1, files.steps + 1):
        folder = tmp_path / str(step)
        with pytest.raises((PowerCutError, StoreError)):
            put(FolderStore(folder, FailingFiles(step, failure)), 1, 2)
        found = whole(FolderStore(folder), folder)
        assert found is None or found[1] == pixels_of(1, 2)
        assert served(folder) in (None, pixels_of(1, 2))


def test_a_failed_publication_leaves_no_litter_when_it_can_help_it(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    put(FolderStore(tmp_path), 1)
    with pytest.raises(StoreError):
        put(FolderStore(tmp_path, FailingFiles(6, full)), 2)
    assert not list(tmp_path.rglob("*.new"))


WRITER = """
    import sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[2])
    from test_store_folder import put
    from calendarbot.store.folder import FolderStore
    store = FolderStore(Path(sys.argv[1]))
    put(store, 1, 2)
    print("ready", flush=True)
    for turn in range(100_000):
        put(store, *((1, 2) if turn % 2 else (3, 4)))
"""


def test_a_killed_writer_and_a_reader_beside_it_never_meet_half_a_bundle(tmp_path: Path) -> None:
    here = os.path.dirname(__file__)  # noqa: PTH120  it is handed on as text
    for wanted in (1, 20, 100):
        writer = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path), here],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        try:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            sequences: set[int] = set()
            while len(sequences) < wanted:
                assert writer.poll() is None
                assert served(tmp_path) in (pixels_of(1, 2), pixels_of(3, 4))
                manifest = FolderStore(tmp_path).current("kitchen")
                assert manifest is not None
                if FolderStore(tmp_path).bundle("kitchen", manifest.bundle) is None:
                    # The writer is quick: four more were published between the two reads.
                    newer = FolderStore(tmp_path).current("kitchen")
                    assert newer is not None
                    assert newer.sequence >= manifest.sequence + 4
                sequences.add(manifest.sequence)
        finally:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            if writer.stdout:
                writer.stdout.close()
        assert whole(FolderStore(tmp_path), tmp_path) is not None
        assert served(tmp_path) in (pixels_of(1, 2), pixels_of(3, 4))


def test_two_writers_at_once_take_turns(tmp_path: Path) -> None:
    sequences: list[int] = []

    def write() -> None:
        for _ in range(10):
            sequences.append(put(FolderStore(tmp_path), 1, 2).sequence)  # noqa: PERF401  as it goes

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(sequences) == list(range(NOW, NOW + 30))
    assert whole(FolderStore(tmp_path), tmp_path) is not None


# What a user is told


def told(store: FolderStore) -> tuple[str, str]:
    with pytest.raises(StoreError) as caught:
        put(store, 1)
    assert "\n" not in caught.value.message
    return caught.value.message, caught.value.hint


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("")
    message, hint = told(FolderStore(out))
    assert message == f"{out}/kitchen: this is a file, not a folder"
    assert hint == "choose another folder"


def test_a_file_in_the_place_of_the_displays_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "kitchen").write_text("")
    assert told(FolderStore(tmp_path))[0] == f"{tmp_path}/kitchen: this is a file, not a folder"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EACCES, "permission denied"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_what_the_system_refuses_is_one_line_with_the_place(
    tmp_path: Path, number: int, words: str
) -> None:
    failing = FailingFiles(7, OSError(number, os.strerror(number)))
    message, _ = told(FolderStore(tmp_path, failing))
    assert message == f"{tmp_path}/kitchen: {words}"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"version": 2}', '{"version": 1, "frames": []}', '{"version": 1}'],
)
def test_a_damaged_manifest_is_named_with_the_way_out(tmp_path: Path, text: str) -> None:
    put(FolderStore(tmp_path), 1)
    path = tmp_path / "kitchen" / "manifest.json"
    path.write_text(text)
    with pytest.raises(StoreError) as caught:
        FolderStore(tmp_path).current("kitchen")
    assert caught.value.message.startswith(f"{path}: ")
    assert caught.value.hint == f"remove {path.parent} and build the frames again"


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a\\b", ".hidden", "a\n", "é"])
def test_a_name_that_could_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="cannot name a display"):
        FolderStore(tmp_path).current(name)
    with pytest.raises(StoreError):
        FolderStore(tmp_path).bundle("kitchen", name)


@pytest.mark.parametrize("name", ["kitchen", "Room-4.2_b", "7"])
def test_plain_names_are_taken(name: str) -> None:
    assert check_name(name) == name
