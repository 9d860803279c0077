"""Bytes over the air on a reference day: ours against what others send, or could.

"Deltas" are all changes of the day together. Ours is counted twice: as payloads, like the patches it is
compared with, and as what a bundle grows by (payload and frame table entry).
"""

from __future__ import annotations

import io
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

import zstandard
from PIL import Image

from calendarbot import layouts
from inkframe import wire
from tools.bench import CALENDARS, Row, reference_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calendarbot.model import Frame

BENCH = "bytes"


def rows() -> Iterator[Row]:
    for calendar in CALENDARS:
        yield from _day(calendar)
    for layout in layouts.names():
        yield _layout(layout)


def _day(calendar: str) -> Iterator[Row]:
    built = reference_day(calendar)
    frames = [timed.frame for timed in built.timeline.frames]
    key, *deltas = built.encoded
    pairs = list(pairwise(frames))
    yield Row(BENCH, calendar, "key frame", "B", len(key.payload), "PNG", _png(frames[0]))
    payloads = sum(len(delta.payload) for delta in deltas)
    for peer, theirs in (
        ("raw", sum(len(frame.data) for frame in frames[1:])),
        ("PNG per change", sum(_png(frame) for frame in frames[1:])),
        ("XOR + deflate", sum(_xor(before, after) for before, after in pairs)),
        ("zstd -22 --patch-from", sum(_zstd(before, after) for before, after in pairs)),
    ):
        yield Row(BENCH, calendar, f"{len(deltas)} deltas", "B", payloads, peer, theirs)
    with_table = payloads + len(deltas) * wire.ENTRY_BYTES
    patches = sum(_zstd(before, after) for before, after in pairs)
    yield Row(BENCH, calendar, "deltas with their table", "B", with_table, "zstd patches", patches)
    bundle = len(built.sealed(1, bytes(32)))
    pngs = sum(_png(frame) for frame in frames)
    yield Row(BENCH, calendar, "whole bundle, sealed", "B", bundle, "all PNGs", pngs)


def _layout(layout: str) -> Row:
    """What an office's day on this page costs over the air."""
    built = reference_day("office", layout=layout)
    frames = [timed.frame for timed in built.timeline.frames]
    bundle = len(built.sealed(1, bytes(32)))
    pngs = sum(_png(frame) for frame in frames)
    figure = f"a day, {len(frames)} frames, sealed"
    return Row(BENCH, f"office, {layout}", figure, "B", bundle, "all PNGs", pngs)


def _png(frame: Frame) -> int:
    file = io.BytesIO()
    size = (frame.width_px, frame.height_px)
    Image.frombytes("1", size, frame.data).save(file, "PNG", optimize=True)
    return len(file.getvalue())


def _xor(before: Frame, after: Frame) -> int:
    difference = int.from_bytes(before.data, "big") ^ int.from_bytes(after.data, "big")
    return len(zlib.compress(difference.to_bytes(len(after.data), "big"), 9))


def _zstd(before: Frame, after: Frame) -> int:
    """What `zstd -22 --ultra --patch-from` does: the old frame as a raw dictionary, no checksum."""
    dictionary = zstandard.ZstdCompressionDict(
        before.data, dict_type=zstandard.DICT_TYPE_RAWCONTENT
    )
    compressor = zstandard.ZstdCompressor(
        level=22, dict_data=dictionary, write_content_size=False, write_dict_id=False
    )
    return len(compressor.compress(after.data))
