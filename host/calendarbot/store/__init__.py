"""Where bundles go, and where a server finds them. What a store is; `folder` is the one that comes along.

A store keeps, for every display, the newest bundle whole: its bytes, what is in it (`Manifest`), the pixels
of its frames by id (for deltas from what a device still shows) and a picture of each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from calendarbot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from calendarbot.bundle import EncodedFrame, Plan

__all__ = (
    "KEPT_BUNDLES",
    "FrameRecord",
    "Manifest",
    "Page",
    "Publication",
    "Store",
    "check_name",
)

KEPT_BUNDLES = 4
"""How many bundles back frames and previews stay, for devices that have not asked since."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


@dataclass(frozen=True, slots=True)
class Page:
    """One frame of a publication: as it travels, as pixels, as a picture."""

    encoded: EncodedFrame
    pixels: bytes
    preview: bytes
    """PNG."""
    reason: str
    """What changed, in a few words: "Standup begins"."""


@dataclass(frozen=True, slots=True)
class Publication:
    """Everything about one display that is published together."""

    display: str
    panel: str
    layout: str
    plan: Plan
    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """What a manifest says of a frame. Times in epoch seconds."""

    id: bytes
    shown_from: int
    kind: str
    """"key" or "delta"."""
    payload_bytes: int
    reason: str
    preview: str
    """Where its picture is, relative to the display's place in the store."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in the bundle that a display shows now. Times in epoch seconds."""

    display: str
    sequence: int
    bundle: str
    """The bundle's name: 16 hexadecimal digits of its SHA-256."""
    bundle_bytes: int
    panel: str
    layout: str
    plan: Plan
    frames: tuple[FrameRecord, ...]
    kept: tuple[tuple[str, tuple[bytes, ...]], ...] = ()
    """The newest bundles, this one first, with the ids of their frames: what pruning spares."""

    def due(self, now: int) -> FrameRecord:
        """The frame to be seen at `now`; the first one before its time."""
        return [self.frames[0], *(f for f in self.frames if f.shown_from <= now)][-1]

    def next_change(self, now: int) -> FrameRecord | None:
        """The frame that comes after the one due at `now`."""
        return next((frame for frame in self.frames if frame.shown_from > now), None)


class Store(Protocol):
    """All methods raise StoreError when the store cannot be written or read."""

    def publish(
        self, publication: Publication, seal: Callable[[int], bytes], now: float
    ) -> Manifest:
        """Make `publication` what the display shows: all of it, or, cut off at any point, none.

        `seal` gives the bundle for a sequence. The sequence grows with every call for a display, and is at
        least `now` in epoch seconds, so that it does so even when the store was emptied.
        """
        ...

    def current(self, display: str) -> Manifest | None:
        """What was published last; None before the first time."""
        ...

    def bundle(self, display: str, name: str) -> bytes | None:
        """A bundle by name; None when it is gone."""
        ...

    def frame(self, display: str, frame_id: bytes) -> bytes | None:
        """A frame's pixels by id; None when they are not kept."""
        ...

    def preview(self, display: str, frame_id: bytes) -> bytes | None:
        """A frame's picture (PNG) by id; None when it is not kept."""
        ...

    def offer(self, display: str, update: bytes | None) -> None:
        """What the display's device is offered as an update from now on; None for nothing."""
        ...

    def update(self, display: str) -> bytes | None:
        """The update on offer, whole; None when there is none."""
        ...

    def note_device(self, display: str, said: Mapping[str, str]) -> None:
        """Keep what the display's device said of itself."""
        ...

    def device(self, display: str) -> dict[str, str]:
        """What was kept of it; empty when it never said anything."""
        ...

    def put_change(self, display: str, change: bytes) -> None:
        """Keep a sealed change of the device's configuration, in the place of any before."""
        ...

    def change(self, display: str) -> bytes | None:
        """The newest change; None where there is none."""
        ...

    def forget_change(self, display: str) -> None:
        """Remove the change, if there is one: what was in it is to lie around no longer."""
        ...


def check_name(display: str) -> str:
    """`display`, which can name a folder and stand in an address. Raises StoreError."""
    if not _NAME.fullmatch(display):
        raise StoreError(
            f"{display!r} cannot name a display",
            "use letters, digits, '.', '_' and '-', beginning with a letter or a digit",
        )
    return display
