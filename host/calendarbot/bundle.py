"""Between frames and bundles: encode a day of frames, pack them, read them back, tailor them to a device.

The frames of one bundle are a *chain*: the first is a key frame, each other a delta from the one before.
`inkframe.wire` says what the bytes are, `inkframe.codec` what a payload is.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from calendarbot.model import Frame
from calendarbot.payloads import payload_of
from inkframe import codec, seal, wire
from inkframe.frames import InRam

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

KEY_WINDOW_BITS = 13
DELTA_WINDOW_BITS = 12
PARTIAL_SHARE = 3
"""A delta is a partial refresh when it changes at most one row, or one column, in this many."""


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """One entry of the frame table with its payload; fields as in `inkframe.wire`."""

    shown_from: int
    base: bytes
    id: bytes
    crc32: int
    payload: bytes
    refresh: int
    window_bits: int
    walk: int
    window: tuple[int, int, int, int]

    @property
    def is_key(self) -> bool:
        return self.base == wire.NO_FRAME


@dataclass(frozen=True, slots=True)
class Plan:
    """The head of a body: whom the frames are for, and when to ask again. Times are epoch seconds."""

    width_px: int
    height_px: int
    bpp: int
    planes: int
    built_at: int
    ask_at: int
    valid_until: int
    retry_s: int
    band_rows: int = 0
    """0: frames are not cut into bands."""

    @property
    def stride(self) -> int:
        return (self.width_px * self.bpp + 7) // 8

    @property
    def rows(self) -> int:
        return self.height_px * self.planes

    @classmethod
    def of(cls, head: wire.Head) -> Plan:
        return cls(
            head.width_px,
            head.height_px,
            head.bpp,
            head.planes,
            head.built_at,
            head.ask_at,
            head.valid_until,
            head.retry_s,
            head.band_rows if head.bands > 1 else 0,
        )


def encode_frame(
    frame: Frame,
    held: Frame | None,
    shown_from: int,
    refresh: int | None = None,
    band_rows: int = 0,
) -> EncodedFrame:
    """`frame` as a delta from `held`, or as a key frame when that is None.

    `refresh` None leaves the choice to the change: full for a key frame, partial when at most a third of
    the rows or of the columns change (the rows of a panel that hangs turned are its page's columns), else
    fast. `band_rows` as in `Plan`. ValueError when the two frames are not for the same panel.
    """
    if held is not None and held.geometry != frame.geometry:
        raise ValueError(f"frames of {held.geometry} and {frame.geometry}")
    window_bits = KEY_WINDOW_BITS if held is None else DELTA_WINDOW_BITS
    payload = payload_of(frame, held, window_bits, band_rows)
    if held is None:
        window = (0, 0, frame.width_px, frame.height_px)
        fitting = wire.FULL
    else:
        window, changed_rows, changed_columns = _change(held, frame)
        few = (
            changed_rows * PARTIAL_SHARE <= frame.height_px
            or changed_columns * PARTIAL_SHARE <= frame.width_px
        )
        fitting = wire.PARTIAL if few else wire.FAST
    return EncodedFrame(
        shown_from=shown_from,
        base=held.id if held else wire.NO_FRAME,
        id=frame.id,
        crc32=frame.crc32,
        payload=payload.data,
        refresh=fitting if refresh is None else refresh,
        window_bits=payload.window_bits,
        walk=payload.walk,
        window=window,
    )


def _change(held: Frame, new: Frame) -> tuple[tuple[int, int, int, int], int, int]:
    """The box around the pixels that differ, x and width in whole bytes; how many rows and columns differ."""
    stride, height = new.stride, new.height_px
    rows: set[int] = set()
    columns = 0
    for at in range(0, len(new.data), stride):
        before, after = held.data[at : at + stride], new.data[at : at + stride]
        if before != after:
            rows.add(at // stride % height)
            columns |= int.from_bytes(before, "big") ^ int.from_bytes(after, "big")
    if not rows:
        return (0, 0, 0, 0), 0, 0
    first = stride - 1 - (columns.bit_length() - 1) // 8
    last = stride - 1 - ((columns & -columns).bit_length() - 1) // 8
    left = first * 8 // new.bpp
    right = min((last + 1) * 8 // new.bpp, new.width_px)
    changed_columns = -(-columns.bit_count() // new.bpp)
    box = (left, min(rows), right - left, max(rows) + 1 - min(rows))
    return box, len(rows), changed_columns


def pack_body(plan: Plan, frames: Sequence[EncodedFrame]) -> bytes:
    """The body that `inkframe.seal.seal` makes a bundle of.

    ValueError when there are more frames or bytes than the format holds.
    """
    if not 1 <= len(frames) <= wire.MAX_FRAMES:
        raise ValueError(f"{len(frames)} frames; a bundle holds 1 to {wire.MAX_FRAMES}")
    head = wire.pack_head(
        plan.width_px,
        plan.height_px,
        plan.bpp,
        plan.planes,
        len(frames),
        plan.built_at,
        plan.ask_at,
        plan.valid_until,
        plan.retry_s,
        plan.band_rows,
    )
    table = b"".join(
        wire.pack_entry(
            frame.shown_from,
            frame.base,
            frame.id,
            frame.crc32,
            len(frame.payload),
            frame.refresh,
            frame.window_bits,
            frame.walk,
            frame.window,
        )
        for frame in frames
    )
    body = head + table + b"".join(frame.payload for frame in frames)
    if len(body) > wire.MAX_BODY_BYTES:
        raise ValueError(f"{len(body)} bytes; a body holds {wire.MAX_BODY_BYTES}")
    return body


def read_body(bundle: bytes, root: bytes | None) -> tuple[wire.Envelope, wire.Table, bytes]:
    """Verify and open a bundle. Raises `inkframe.errors.WireError` (AuthError with the wrong key)."""
    plain = io.BytesIO()
    envelope = seal.receive(io.BytesIO(bundle), len(bundle), root, plain, 0)
    body = plain.getvalue()
    return envelope, wire.Table(body, len(body)), body


def read_frames(table: wire.Table, body: bytes) -> tuple[EncodedFrame, ...]:
    """What `pack_body` was given."""
    frames = []
    at = table.offset(0)
    for index in range(table.head.frames):
        entry = table.entry(index)
        frames.append(
            EncodedFrame(
                shown_from=entry.shown_from,
                base=entry.base,
                id=entry.id,
                crc32=entry.crc32,
                payload=body[at : at + entry.payload_bytes],
                refresh=entry.refresh,
                window_bits=entry.window_bits,
                walk=entry.walk,
                window=entry.window,
            )
        )
        at += entry.payload_bytes
    return tuple(frames)


def streams(payload: bytes, bands: int) -> list[bytes]:
    """The DEFLATE stream of each band. WireError when the payload is malformed."""
    found = []
    for band in range(bands):
        at, length = wire.stream_at(payload, len(payload), band, bands)
        found.append(payload[at : at + length])
    return found


def decode_frames(table: wire.Table, body: bytes, held: bytes | None = None) -> Iterator[bytes]:
    """The pixels of every frame, in order; `held` is what a first delta starts from.

    Raises `inkframe.errors.WireError` when a payload does not give the frame it promises.
    """
    decoder = codec.Decoder()
    head = table.head
    base = bytearray(held or bytes(head.frame_bytes))
    for index in range(head.frames):
        entry, at = table.entry(index), table.offset(index)
        made = bytearray(head.frame_bytes)
        before, after = memoryview(base), memoryview(made)
        for band, stream in enumerate(streams(body[at : at + entry.payload_bytes], head.bands)):
            here = slice(*head.band(band))
            source = io.BytesIO(stream) if stream else None
            decoder.decode_band(source, head, entry, band, before[here], after[here], InRam(base))
        codec.check(zlib.crc32(made), entry)
        yield bytes(made)
        base = made


def tailor(
    plan: Plan,
    frames: Sequence[EncodedFrame],
    pixels: Callable[[bytes], bytes | None],
    now: int,
    held: bytes,
) -> tuple[EncodedFrame, ...]:
    """The part of a published chain that a device needs from `now` on, beginning with what it holds.

    `held` is the id of the frame on its panel, NO_FRAME when it has none; `pixels` gives a frame's bytes by
    id, None when they are not known. Frames that are past are dropped. The frame due now becomes a delta
    from the held one, or a key frame when that is not known; the rest travels as published. When the pixels
    of the frame due are not known either, the whole chain is returned as it is.
    """
    at = due_index(frames, now)
    due, rest = frames[at], tuple(frames[at + 1 :])
    if due.base == held:  # a delta from just that frame, or a key frame for a device that has none
        return (due, *rest)
    new = pixels(due.id)
    if new is None:
        return tuple(frames)
    before = None if held == wire.NO_FRAME else pixels(held)
    if before is not None and len(before) != len(new):
        before = None  # the display had another panel
    return (_first(plan, due, new, before, _thorough(frames, at, held)), *rest)


def due_index(frames: Sequence[EncodedFrame], now: int) -> int:
    """The index of the frame to be seen at `now`; the first one's before its time."""
    return max((index for index, frame in enumerate(frames) if frame.shown_from <= now), default=0)


def _thorough(frames: Sequence[EncodedFrame], at: int, held: bytes) -> int | None:
    """The most thorough refresh among the deltas that a device holding `held` missed on its way to `at`."""
    known = [index for index, frame in enumerate(frames[:at]) if frame.id == held]
    if not known:
        return None
    return min(frame.refresh for frame in frames[known[-1] + 1 : at + 1])


def _first(
    plan: Plan, due: EncodedFrame, new: bytes, before: bytes | None, refresh: int | None
) -> EncodedFrame:
    held = None if before is None else _frame(plan, before)
    encoded = encode_frame(_frame(plan, new), held, due.shown_from, band_rows=plan.band_rows)
    if held is None or refresh is None:
        return encoded
    return replace(encoded, refresh=min(refresh, encoded.refresh))


def _frame(plan: Plan, data: bytes) -> Frame:
    return Frame(plan.width_px, plan.height_px, plan.bpp, plan.planes, data)
