"""One display as the server knows it: what is published for it, and what its device last said."""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING

from calendarbot.bundle import (
    EncodedFrame,
    due_index,
    pack_body,
    read_body,
    read_frames,
    tailor,
)
from calendarbot.errors import StoreError
from inkframe import seal, wire
from inkframe.errors import InkError, WireError
from inkframe.slots import TAKEN_BACK
from inkframe.update import offer_tag, read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import tzinfo

    from calendarbot.keys import Keys
    from calendarbot.store import Manifest, Store

_MOST_TAILORED = 32
_MOST_NONCES = 256

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServedDisplay:
    """What a server needs to know of a display."""

    name: str
    title: str
    store: Store
    keys: Callable[[], Keys] = field(repr=False)
    """The root keys of its device, as they are now; without one bundles are unsealed. Raises StoreError."""
    tz: tzinfo
    """For the times on the page."""
    next_ask: Callable[[int, Sequence[int]], int]
    """(now, moments at which the page changes) → when a device that asks now should ask again."""
    retire_key: Callable[[], None] = lambda: None
    """Its device was heard under its new key. Raises StoreError."""


@dataclass(frozen=True, slots=True)
class Current:
    """What is published for a display, opened."""

    manifest: Manifest
    bundle: bytes = field(repr=False)
    key: bytes | None = field(repr=False)
    """The one that opens it."""
    frames: tuple[EncodedFrame, ...]
    """Empty when the bundle opens with no key of the display's: it is then handed out as it is."""

    @property
    def etag(self) -> str:
        """Names the publication, not the bytes: a bundle made for one device is the same news."""
        return f'"{self.manifest.sequence:x}-{self.manifest.bundle}"'


@dataclass(frozen=True, slots=True)
class Report:
    """What a device last said, in a request that was authentic. Times in epoch seconds."""

    at: int
    values: Mapping[str, str]
    ask_at: int
    """When it was told to ask again."""


class Desk:
    """Hands out one display's bundles. Safe to use from several threads."""

    def __init__(self, display: ServedDisplay) -> None:
        self.display = display
        self.report: Report | None = None
        self.crash: Report | None = None
        """The last report that told of a crash: a device tells of each but once."""
        self._current: Current | None = None
        self._tailored: OrderedDict[tuple[str, int, bytes, bytes | None], bytes] = OrderedDict()
        self._nonces: deque[str] = deque(maxlen=_MOST_NONCES)
        self._lock = Lock()

    def current(self) -> Current | None:
        """What is published now; None before the first time. Raises StoreError."""
        name, store = self.display.name, self.display.store
        with self._lock:
            for _ in range(2):
                manifest = store.current(name)
                if manifest is None:
                    return None
                if self._current is not None and self._current.manifest == manifest:
                    return self._current
                bundle = store.bundle(name, manifest.bundle)
                if bundle is not None:
                    self._current = self._opened(manifest, bundle)
                    return self._current
                # Between the two reads it was replaced and pruned: look again.
        raise StoreError(f"{name}: the bundle that its manifest names is gone")

    def _opened(self, manifest: Manifest, bundle: bytes) -> Current:
        keys, problem = self.display.keys(), ""
        # Published under the key before, until the first build after it was replaced.
        for key in (keys.now, keys.before) if keys.before else (keys.now,):
            try:
                _, table, body = read_body(bundle, key)
            except WireError as error:
                problem = problem or str(error)
            else:
                return Current(manifest, bundle, key, read_frames(table, body))
        _log.warning("%s: the published bundle does not open: %s", self.display.name, problem)
        return Current(manifest, bundle, None, ())

    def bundle_for(self, current: Current, now: int, held: bytes, key: bytes | None) -> bytes:
        """The bundle for a device that holds the frame `held` and has this key. Raises StoreError."""
        if not current.frames:
            return current.bundle
        at = due_index(current.frames, now)
        asked = (current.manifest.bundle, at, held, key)
        with self._lock:  # encoding takes a second of one core: one at a time
            made = self._tailored.get(asked)
            if made is None:
                made = self._make(current, now, held, key)
                self._tailored[asked] = made
            self._tailored.move_to_end(asked)
            while len(self._tailored) > _MOST_TAILORED:
                self._tailored.popitem(last=False)
        return made

    def _make(self, current: Current, now: int, held: bytes, key: bytes | None) -> bytes:
        display = self.display
        plan = current.manifest.plan
        frames = tailor(
            plan,
            current.frames,
            lambda frame_id: display.store.frame(display.name, frame_id),
            now,
            held,
        )
        if frames == current.frames and key == current.key:
            return current.bundle
        return seal.seal(pack_body(plan, frames), current.manifest.sequence, key)

    def next_ask(self, current: Current, now: int) -> int:
        """When a device that asks at `now` should ask again; always in the future."""
        changes = [frame.shown_from for frame in current.manifest.frames[1:]]
        return max(self.display.next_ask(now, changes), now + 1)

    def took_new_key(self, change: str) -> None:
        """Its device, which says that this is the change it has, was heard under its new key. StoreError.

        A change is sealed under the key before, so none of them can reach the device any more.
        """
        name = self.display.name
        _log.info("%s: its device has the new key; the old one opens nothing any more", name)
        if change.isdecimal() and int(change) < self.change_number():
            _log.warning("%s: a change made since is lost: make it again with `host change`", name)
        self.display.store.forget_change(name)
        self.display.retire_key()

    def change_number(self) -> int:
        """The number of the newest change of the device's configuration; 0 for none. Raises StoreError."""
        made = self.display.store.change(self.display.name)
        try:
            return wire.Envelope(made).sequence if made else 0
        except WireError:
            return 0  # not one of ours

    def note(self, report: Report, nonce: str) -> None:
        """Keep what a device said, unless it is a recording of what was heard before."""
        with self._lock:
            if nonce in self._nonces:
                return
            if nonce:
                self._nonces.append(nonce)
            self.report = report
            if report.values.get("crash"):
                self.crash = report
        self._keep(report)

    def _keep(self, report: Report) -> None:
        """What it says of its application, for `host update status`; written when it is another thing."""
        said = {key: report.values[key] for key in ("app", "update") if key in report.values}
        name, store = self.display.name, self.display.store
        try:
            if said and said != {
                key: value for key, value in store.device(name).items() if key != "at"
            }:
                store.note_device(name, {**said, "at": str(report.at)})
        except StoreError as error:
            _log.warning("%s: %s", name, error.message)

    def update_for(self, said: Mapping[str, str], nonce: bytes, key: bytes | None) -> str:
        """The value of Ink-Update for a device that says so of itself; empty without news. StoreError.

        `app` is the version it runs, `update` what became of the last one: one that it took back is not
        offered again.
        """
        if not said.get("app", "").isdecimal():
            return ""  # it knows nothing of updates
        raw = self.display.store.update(self.display.name)
        if raw is None:
            return ""
        try:
            manifest = read_manifest(BytesIO(raw), key)
        except InkError as error:
            _log.warning("%s: the update on offer cannot be used: %s", self.display.name, error)
            return ""
        outcome, _, about = said.get("update", "").partition(".")
        if manifest.version <= int(said["app"]) or (
            about == str(manifest.version) and outcome in TAKEN_BACK
        ):
            return ""
        numbers = (manifest.version, len(raw), manifest.battery_mv)
        tag = offer_tag(key, nonce, *numbers).hex() if key else ""
        return ".".join([*map(str, numbers), tag])
