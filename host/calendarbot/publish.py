"""Build a display's frames and put them where devices find them; nothing when nothing changed.

What was published stays as it is, under its old sequence, while it shows the right frame at every moment it
covers and reaches far enough: then a device that asks hears "unchanged" and can switch its radio off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from calendarbot.boards import load_panel
from calendarbot.build import build_display
from calendarbot.bundle import read_body
from calendarbot.keys import display_key
from calendarbot.render.preview import png_bytes
from calendarbot.store import Manifest, Page, Publication, Store
from inkframe import wire
from inkframe.errors import WireError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from calendarbot.build import Built
    from calendarbot.config import Config
    from calendarbot.model import TimedFrame


@dataclass(frozen=True, slots=True)
class Published:
    """What a display shows from now on, and whether that is news."""

    manifest: Manifest
    built: Built
    changed: bool


def publish_display(
    store: Store,
    config: Config,
    name: str,
    at: datetime,
    hours: float | None = None,
    progress: Callable[[TimedFrame], None] = lambda _: None,
) -> Published:
    """Raises ConfigError, SourceError and StoreError, with what was published before untouched."""
    key = display_key(config, name)
    built = build_display(config, name, at, hours, progress)
    current = store.current(name)
    if current and _still_right(store, current, built, config, key):
        return Published(current, built, changed=False)
    display = config.display(name)
    panel = load_panel(display.panel)
    publication = Publication(
        display=name,
        panel=display.panel,
        layout=display.layout_name,
        plan=built.plan,
        pages=tuple(
            Page(
                encoded,
                timed.frame.data,
                png_bytes(timed.frame, panel.palette, panel.rotation),
                timed.reason,
            )
            for encoded, timed in zip(built.encoded, built.timeline.frames, strict=True)
        ),
    )
    manifest = store.publish(
        publication, lambda sequence: built.sealed(sequence, key), at.timestamp()
    )
    return Published(manifest, built, changed=True)


def _still_right(
    store: Store, current: Manifest, built: Built, config: Config, key: bytes | None
) -> bool:
    """Whether the bundle published shows what was built now, for long enough, to the same device."""
    if current.plan.band_rows != built.plan.band_rows:
        return False
    policy = config.display(built.name).policy
    at = built.plan.built_at
    end = min(current.plan.valid_until, built.plan.valid_until)
    enough = built.plan.ask_at + int((policy.sync_every + _SLACK).total_seconds())
    if min(enough, built.plan.valid_until) > current.plan.valid_until or at < current.plan.built_at:
        return False
    new = built.shown[:-1]
    old = [(frame.shown_from, frame.id) for frame in current.frames[:-1]]
    if not old or _shown(old, at, end) != _shown(new, at, end):
        return False
    return _kept(store, current, key) == [page.id for _, page in built.kept_pages]


_SLACK = timedelta(minutes=10)
"""A request may come late, or need a second try."""


def _shown(frames: list[tuple[int, bytes]], at: int, end: int) -> list[tuple[int, bytes]]:
    """(from, id) of every frame seen in [at, end)."""
    seen = [(max(moment, at), frame_id) for moment, frame_id in frames if moment < end]
    past = [frame for frame in seen if frame[0] == at]
    return [*past[-1:], *(frame for frame in seen if frame[0] > at)]


def _kept(store: Store, current: Manifest, key: bytes | None) -> list[bytes] | None:
    """The frames a bundle keeps for other states, by id; None when the display's key does not open it."""
    bundle = store.bundle(current.display, current.bundle)
    if bundle is None:
        return None
    try:
        _, table, _ = read_body(bundle, key)
    except WireError:
        return None
    entries = map(table.entry, range(table.head.frames))
    return [entry.id for entry in entries if entry.shown_from >= wire.FIRST_KEPT]
