"""A store in a folder, one folder per display, that any static web server can serve.

    NAME/bundle.ink                    the newest bundle: what a device asks a static web server for
    NAME/bundles/<name>.ink            bundles by content: 16 hexadecimal digits of their SHA-256
    NAME/frames/<id>.z                 pixels by frame id, zlib: for deltas from what a device still shows
    NAME/previews/<id>.png             the same as pictures
    NAME/update.ink                    the update on offer, when there is one (see `inkframe.update`)
    NAME/device.json                   what its device said of its application
    NAME/manifest.json                 what the newest bundle is and holds: the one commit point
    NAME/.lock                         keeps two writers apart

Every file is written beside its place, flushed, and renamed over it; the manifest last. So whoever reads,
and whenever a writer is killed, a reader of `bundle.ink` and a reader of the manifest each see one whole
publication, the old or the new.

Who may read: a sealed bundle reveals nothing, so bundles are made with mode 0644 (less the umask) in folders
that all may enter. Everything else is calendar contents, and so is a bundle that is not sealed: mode 0600,
in folders of mode 0700. Let the web server run as another user, or hand it `bundle.ink` alone.
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
import secrets
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from calendarbot.errors import StoreError
from calendarbot.store import (
    KEPT_BUNDLES,
    FrameRecord,
    Manifest,
    Publication,
    check_name,
)
from calendarbot.store.files import Files
from calendarbot.store.manifest import dump, load
from inkframe import wire
from inkframe.errors import WireError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

_PUBLIC_FOLDER, _PUBLIC_FILE = 0o755, 0o644
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600

_OURS = re.compile(r"[0-9a-f]{16}\.(ink|z|png)|\..+\.new")

_ADVICE = {
    errno.ENOSPC: (
        "the disk is full",
        "make room and run this again; the last bundle still stands",
    ),
    errno.EDQUOT: ("the disk quota is used up", "make room; the last bundle still stands"),
    errno.EACCES: ("permission denied", "choose a folder that you may write to"),
    errno.EPERM: ("operation not permitted", "choose a folder that you may write to"),
    errno.EROFS: ("the file system is read-only", "choose another folder"),
    errno.ENOTDIR: ("this is a file, not a folder", "choose another folder"),
    errno.EEXIST: ("this is a file, not a folder", "choose another folder"),
}


CHANGE = "change.ink"


class FolderStore:
    """See the module. `folder` is made when it is first written to; nothing outside it is touched."""

    def __init__(self, folder: Path, files: Files | None = None) -> None:
        self._folder = folder
        self._files = files or Files()

    def display_folder(self, display: str) -> Path:
        return self._folder / check_name(display)

    # Writing

    def publish(
        self, publication: Publication, seal: Callable[[int], bytes], now: float
    ) -> Manifest:
        """See `calendarbot.store.Store.publish`."""
        folder = self.display_folder(publication.display)
        with _told(folder):
            for path, mode in self._folders(folder):
                self._files.make_folder(path, mode)
            with self._files.locked(folder / ".lock"):
                previous = self.current(publication.display)
                sequence = max(self._last_sequence(folder, previous) + 1, int(now))
                bundle = seal(sequence)
                manifest = _manifest(publication, sequence, bundle, previous)
                self._write_contents(folder, publication, manifest, bundle)
                self._commit(folder, manifest, bundle)
                self._prune(folder, manifest)
        return manifest

    def put_change(self, display: str, change: bytes) -> None:
        """See `calendarbot.store.Store.put_change`."""
        folder = self.display_folder(display)
        with _told(folder):
            if not folder.is_dir():
                raise StoreError(
                    f"{folder}: nothing is published for {display} yet", "build its frames first"
                )
            self._write(folder / CHANGE, change, _PUBLIC_FILE)

    def change(self, display: str) -> bytes | None:
        """See `calendarbot.store.Store.change`."""
        path = self.display_folder(display) / CHANGE
        with _told(path):
            return _read(path)

    def forget_change(self, display: str) -> None:
        """See `calendarbot.store.Store.forget_change`."""
        path = self.display_folder(display) / CHANGE
        with _told(path):
            if path.exists():
                self._files.remove(path)

    def _folders(self, folder: Path) -> list[tuple[Path, int]]:
        return [
            (folder, _PUBLIC_FOLDER),
            (folder / "bundles", _PUBLIC_FOLDER),
            (folder / "frames", _PRIVATE_FOLDER),
            (folder / "previews", _PRIVATE_FOLDER),
        ]

    def _last_sequence(self, folder: Path, previous: Manifest | None) -> int:
        """Of the manifest, or of a `bundle.ink` whose manifest was never written."""
        last = previous.sequence if previous else 0
        raw = _read(folder / "bundle.ink")
        try:
            return max(last, wire.Envelope(raw or b"").sequence)
        except WireError:
            return last

    def _write_contents(
        self, folder: Path, publication: Publication, manifest: Manifest, bundle: bytes
    ) -> None:
        """What is named by content: harmless until the manifest names it."""
        for page in publication.pages:
            name = page.encoded.id.hex()
            self._write_once(folder / "frames" / f"{name}.z", zlib.compress(page.pixels))
            self._write_once(folder / "previews" / f"{name}.png", page.preview)
        named = folder / "bundles" / f"{manifest.bundle}.ink"
        self._write(named, bundle, _bundle_mode(bundle))
        for path, _ in self._folders(folder)[1:]:
            self._files.sync_folder(path)

    def _commit(self, folder: Path, manifest: Manifest, bundle: bytes) -> None:
        self._write(folder / "bundle.ink", bundle, _bundle_mode(bundle))
        self._write(folder / "manifest.json", dump(manifest), _PRIVATE_FILE)
        self._files.sync_folder(folder)

    def _write_once(self, path: Path, data: bytes) -> None:
        """Most frames were there before: flushing them again would wear out an SD card."""
        if _read(path) != data:
            self._write(path, data, _PRIVATE_FILE)

    def _write(self, path: Path, data: bytes, mode: int) -> None:
        """The file whole and on the disk, or as it was."""
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
        descriptor = self._files.create(beside, mode)
        try:
            try:
                self._files.write(descriptor, data)
                self._files.sync(descriptor)
            finally:
                self._files.close(descriptor)
            self._files.replace(beside, path)
        except OSError:
            self._files.remove(beside)
            raise

    def _prune(self, folder: Path, manifest: Manifest) -> None:
        """Remove what none of the newest bundles names, and what killed writers left behind."""
        ids = [frame_id.hex() for _, frame_ids in manifest.kept for frame_id in frame_ids]
        spared = {f"{name}.ink" for name, _ in manifest.kept}
        spared.update(name + suffix for name in ids for suffix in (".z", ".png"))
        for place, _ in self._folders(folder):
            for path in place.iterdir():
                # Only what this store names so: people put files anywhere.
                if _OURS.fullmatch(path.name) and path.name not in spared:
                    self._files.remove(path)

    # Reading

    def current(self, display: str) -> Manifest | None:
        """See `calendarbot.store.Store.current`."""
        path = self.display_folder(display) / "manifest.json"
        with _told(path):
            raw = _read(path)
        if raw is None:
            return None
        try:
            return load(raw)
        except ValueError as error:
            raise StoreError(
                f"{path}: {error}", f"remove {path.parent} and build the frames again"
            ) from None

    def bundle(self, display: str, name: str) -> bytes | None:
        """See `calendarbot.store.Store.bundle`."""
        return self._named(display, "bundles", name, "ink")

    def frame(self, display: str, frame_id: bytes) -> bytes | None:
        """See `calendarbot.store.Store.frame`; damaged pixels count as not kept."""
        raw = self._named(display, "frames", frame_id.hex(), "z")
        if raw is None:
            return None
        try:
            pixels = zlib.decompress(raw)
        except zlib.error:
            return None
        return pixels if hashlib.sha256(pixels).digest()[: wire.ID_BYTES] == frame_id else None

    def preview(self, display: str, frame_id: bytes) -> bytes | None:
        """See `calendarbot.store.Store.preview`."""
        return self._named(display, "previews", frame_id.hex(), "png")

    # Updates

    def offer(self, display: str, update: bytes | None) -> None:
        """See `calendarbot.store.Store.offer`. A signed update reveals nothing, and may be read by all."""
        folder = self.display_folder(display)
        path = folder / "update.ink"
        with _told(path):
            if update is None:
                self._files.remove(path)
                return
            self._files.make_folder(folder, _PUBLIC_FOLDER)
            self._write(path, update, _PUBLIC_FILE)
            self._files.sync_folder(folder)

    def update(self, display: str) -> bytes | None:
        """See `calendarbot.store.Store.update`."""
        path = self.display_folder(display) / "update.ink"
        with _told(path):
            return _read(path)

    def note_device(self, display: str, said: Mapping[str, str]) -> None:
        """See `calendarbot.store.Store.note_device`."""
        path = self.display_folder(display) / "device.json"
        with _told(path):
            self._write(path, json.dumps(dict(said)).encode(), _PRIVATE_FILE)

    def device(self, display: str) -> dict[str, str]:
        """See `calendarbot.store.Store.device`; what is damaged counts as never said."""
        path = self.display_folder(display) / "device.json"
        with _told(path):
            raw = _read(path)
        try:
            said = json.loads(raw or b"{}")
        except ValueError:
            return {}
        return (
            {str(key): str(value) for key, value in said.items()} if isinstance(said, dict) else {}
        )

    def _named(self, display: str, kind: str, name: str, suffix: str) -> bytes | None:
        path = self.display_folder(display) / kind / f"{check_name(name)}.{suffix}"
        with _told(path):
            return _read(path)


def _manifest(
    publication: Publication, sequence: int, bundle: bytes, previous: Manifest | None
) -> Manifest:
    name = hashlib.sha256(bundle).hexdigest()[:16]
    frames = tuple(
        FrameRecord(
            id=page.encoded.id,
            shown_from=page.encoded.shown_from,
            kind="key" if page.encoded.is_key else "delta",
            payload_bytes=len(page.encoded.payload),
            reason=page.reason,
            preview=f"previews/{page.encoded.id.hex()}.png",
        )
        for page in publication.pages
    )
    this = (name, tuple(dict.fromkeys(frame.id for frame in frames)))
    earlier = tuple(kept for kept in (previous.kept if previous else ()) if kept[0] != name)
    return Manifest(
        display=publication.display,
        sequence=sequence,
        bundle=name,
        bundle_bytes=len(bundle),
        panel=publication.panel,
        layout=publication.layout,
        plan=publication.plan,
        frames=frames,
        kept=(this, *earlier)[:KEPT_BUNDLES],
    )


def _bundle_mode(bundle: bytes) -> int:
    return _PUBLIC_FILE if wire.Envelope(bundle).sealed else _PRIVATE_FILE


def _read(path: Path) -> bytes | None:
    """A file's bytes, None when it is not there."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """OSError as StoreError: one line that names the path."""
    try:
        yield
    except OSError as error:
        what, hint = _ADVICE.get(error.errno or 0, (error.strerror or str(error), ""))
        raise StoreError(f"{error.filename or path}: {what}", hint) from None
