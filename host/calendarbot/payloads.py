"""Frames encoded, each change once: a display's next bundle has most of its changes in common with this."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from inkframe import codec

if TYPE_CHECKING:
    from calendarbot.model import Frame
    from inkframe._encoder import Payload

_MOST = 2048
"""Some megabytes: most payloads are deltas of a few hundred bytes."""
# By the frames' names: functools.lru_cache would keep the frames, some fifty times as large.
_made: OrderedDict[tuple[object, ...], Payload] = OrderedDict()
_lock = Lock()


def payload_of(frame: Frame, held: Frame | None, window_bits: int, band_rows: int) -> Payload:
    """`inkframe.codec.encode` of two frames, or what it made of them when it was asked before."""
    change = (frame.id, held and held.id, frame.geometry, window_bits, band_rows)
    with _lock:
        made = _made.pop(change, None)
    if made is None:
        made = codec.encode(
            held.data if held else None,
            frame.data,
            frame.stride,
            frame.height_px * frame.planes,
            window_bits,
            frame.bpp,
            band_rows,
        )
    with _lock:
        _made[change] = made  # behind all others: what is asked for stays
        if len(_made) > _MOST:
            _made.popitem(last=False)
    return made
