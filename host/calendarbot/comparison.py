"""Two builds side by side: what each shows at every moment at which they differ."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from PIL import Image

from calendarbot.errors import StoreError
from calendarbot.render import Canvas, Type
from calendarbot.render.preview import difference

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from calendarbot.store import Manifest, Store

_GAP_PX = 8
_LABEL_PX = 24
_GREY = (160, 160, 160)


@dataclass(frozen=True, slots=True)
class Change:
    """From `moment` on two builds show different pages."""

    moment: int
    """Epoch seconds."""
    before: Image.Image
    after: Image.Image


@dataclass(frozen=True, slots=True)
class Comparison:
    moments: int
    """How many moments at which either build changes its page, and which both cover."""
    changes: tuple[Change, ...]


def compare(display: str, before: Store, after: Store) -> Comparison:
    """What a display shows in two stores, for as long as both have pages.

    The pages that say that they are not updated any more are left out. StoreError when one of them has
    nothing published, when a picture is gone, and when no moment is covered by both.
    """
    manifests = [_manifest(store, display) for store in (before, after)]
    starts = [{frame.shown_from for frame in manifest.frames[:-1]} for manifest in manifests]
    first = max(min(moments) for moments in starts)
    until = min(manifest.plan.valid_until for manifest in manifests)
    moments = sorted(m for m in starts[0] | starts[1] | {first} if first <= m < until)
    if not moments:
        raise StoreError(
            f"{display}: the two builds have no moment in common", "build both with the same --at"
        )
    changes: list[Change] = []
    for moment in moments:
        pages = [
            _page(store, manifest, moment)
            for store, manifest in zip((before, after), manifests, strict=True)
        ]
        if pages[0].size != pages[1].size or pages[0].tobytes() != pages[1].tobytes():
            changes.append(Change(moment, *pages))
    return Comparison(len(moments), tuple(changes))


def picture(changes: Sequence[Change], tz: ZoneInfo) -> Image.Image:
    """A row for every change: before, after, and the difference; mode "RGB"."""
    width, height = changes[0].before.size
    whole = Image.new(
        "RGB",
        (3 * width + 4 * _GAP_PX, len(changes) * (height + _LABEL_PX + _GAP_PX) + _GAP_PX),
        _GREY,
    )
    y = _GAP_PX
    for change in changes:
        when = datetime.fromtimestamp(change.moment, tz)
        label = f"{when:%Y-%m-%d %H:%M}   before · after · difference"
        whole.paste(_label(label, whole.width - 2 * _GAP_PX), (_GAP_PX, y))
        shown = (change.before, change.after, difference(change.before, change.after))
        for column, page in enumerate(shown):
            whole.paste(page.convert("RGB"), (_GAP_PX + column * (width + _GAP_PX), y + _LABEL_PX))
        y += height + _LABEL_PX + _GAP_PX
    return whole


def _label(text: str, width: int) -> Image.Image:
    canvas = Canvas(width, _LABEL_PX)
    canvas.text(4, 17, text, Type(15), max_width=width - 8)
    return canvas.image()


def _manifest(store: Store, display: str) -> Manifest:
    manifest = store.current(display)
    if manifest is None:
        raise StoreError(f"{display}: nothing is published there", "run `host build-frames` first")
    return manifest


def _page(store: Store, manifest: Manifest, moment: int) -> Image.Image:
    png = store.preview(manifest.display, manifest.due(moment).id)
    if png is None:
        raise StoreError(f"{manifest.display}: a picture is gone", "build the frames again")
    return Image.open(io.BytesIO(png)).convert("RGB")
