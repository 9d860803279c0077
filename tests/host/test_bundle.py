"""Between frames and bundles: what is packed comes back, and what is tailored can be shown."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendarbot.bundle import (
    EncodedFrame,
    Plan,
    decode_frames,
    due_index,
    encode_frame,
    pack_body,
    read_body,
    read_frames,
    tailor,
)
from calendarbot.model import Frame
from inkframe import schedule, seal, wire
from inkframe.errors import AuthError, BaseError
from inkframe.frames import chain

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY = bytes(range(32))
WIDTH_PX, HEIGHT_PX = 60, 12
PLAN = Plan(WIDTH_PX, HEIGHT_PX, 1, 1, 1_000, 4_600, 90_000, 60)


def page(seed: int, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX) -> Frame:
    stride = (width_px + 7) // 8
    data = random.Random(seed).randbytes(stride * height_px)
    return Frame(width_px, height_px, 1, 1, data)


def edited(frame: Frame, changes: dict[int, int]) -> Frame:
    data = bytearray(frame.data)
    for at, value in changes.items():
        data[at] ^= value
    return replace(frame, data=bytes(data))


def encoded(frames: Sequence[Frame], start: int = 1_000, step_s: int = 600) -> list[EncodedFrame]:
    before: list[Frame | None] = [None, *frames[:-1]]
    return [
        encode_frame(frame, held, start + index * step_s)
        for index, (held, frame) in enumerate(zip(before, frames, strict=True))
    ]


@pytest.mark.parametrize("key", [KEY, None], ids=["sealed", "open"])
def test_what_was_packed_and_sealed_is_read_back_whole(key: bytes | None) -> None:
    frames = [page(1), page(2), page(1)]
    chained = encoded(frames)
    bundle = seal.seal(pack_body(PLAN, chained), 7, key)
    envelope, table, body = read_body(bundle, key)
    assert (envelope.sequence, envelope.sealed) == (7, key is not None)
    assert Plan.of(table.head) == PLAN
    assert read_frames(table, body) == tuple(chained)
    assert list(decode_frames(table, body)) == [frame.data for frame in frames]


def test_a_bundle_does_not_open_with_another_key() -> None:
    bundle = seal.seal(pack_body(PLAN, encoded([page(1)])), 7, KEY)
    with pytest.raises(AuthError):
        read_body(bundle, bytes(32))


def test_frames_that_begin_with_a_delta_are_decoded_from_the_held_frame() -> None:
    held, new = page(1), page(2)
    body = pack_body(PLAN, [encode_frame(new, held, 1_000)])
    assert list(decode_frames(wire.Table(body, len(body)), body, held.data)) == [new.data]


def test_a_key_frame_is_refreshed_in_full_and_names_no_base() -> None:
    key = encode_frame(page(1), None, 1_000)
    assert key.is_key
    assert key.refresh == wire.FULL
    assert key.window == (0, 0, WIDTH_PX, HEIGHT_PX)
    assert key.window_bits <= 13


def test_a_delta_says_which_pixels_changed_in_whole_bytes() -> None:
    held = page(1)
    # Byte 3 of row 2, and byte 7 (its last four bits lie outside the panel) of row 4.
    new = edited(held, {2 * 8 + 3: 0x01, 4 * 8 + 7: 0x10})
    delta = encode_frame(new, held, 1_000)
    assert delta.base == held.id
    assert delta.window == (24, 2, 36, 3)
    assert delta.window_bits <= 12


def test_the_window_counts_pixels_when_a_pixel_has_more_than_one_bit() -> None:
    held = Frame(16, 6, 2, 1, bytes(24))
    delta = encode_frame(edited(held, {3 * 4 + 2: 1}), held, 1_000)
    assert delta.window == (8, 3, 4, 1)


def test_a_change_in_any_plane_counts_for_the_row_it_is_in() -> None:
    held = Frame(8, 6, 1, 2, bytes(12))
    delta = encode_frame(edited(held, {6 + 4: 1}), held, 1_000)
    assert delta.window == (0, 4, 8, 1)


def whole_rows(count: int) -> dict[int, int]:
    """All of the first rows' pixels."""
    stride = (WIDTH_PX + 7) // 8
    return {
        row * stride + at: 0xF0 if at == stride - 1 else 255
        for row in range(count)
        for at in range(stride)
    }


def whole_columns(count: int) -> dict[int, int]:
    """All of the first `count` x 4 columns' pixels."""
    stride = (WIDTH_PX + 7) // 8
    return {
        row * stride + at // 2: 0xFF if at % 2 else 0xF0
        for row in range(HEIGHT_PX)
        for at in range(count)
    }


@pytest.mark.parametrize(
    ("changes", "refresh"),
    [
        ({}, wire.PARTIAL),
        (whole_rows(HEIGHT_PX // 3), wire.PARTIAL),
        (whole_rows(HEIGHT_PX // 3 + 1), wire.FAST),
        (whole_columns(5), wire.PARTIAL),
        (whole_columns(6), wire.FAST),
    ],
)
def test_a_refresh_is_partial_up_to_a_third_of_the_rows_or_of_the_columns(
    changes: dict[int, int], refresh: int
) -> None:
    held = page(1)
    assert encode_frame(edited(held, changes), held, 1_000).refresh == refresh


def test_the_caller_can_ask_for_a_thorough_refresh() -> None:
    assert encode_frame(page(2), page(1), 1_000, wire.FULL).refresh == wire.FULL


def test_frames_of_two_panels_make_no_delta() -> None:
    with pytest.raises(ValueError, match="60, 12"):
        encode_frame(page(1), page(1, height_px=8), 1_000)


def test_a_bundle_holds_at_least_one_frame_and_no_more_than_the_format_can_count() -> None:
    key = encode_frame(page(1), None, 1_000)
    for count in (0, wire.MAX_FRAMES + 1):
        with pytest.raises(ValueError, match="a bundle holds 1 to 256"):
            pack_body(PLAN, [key] * count)


def test_a_body_larger_than_a_device_accepts_is_not_packed() -> None:
    key = replace(encode_frame(page(1), None, 1_000), payload=bytes(wire.MAX_BODY_BYTES))
    with pytest.raises(ValueError, match="a body holds"):
        pack_body(PLAN, [key])


# Tailoring

FRAMES = [page(seed) for seed in (1, 2, 1, 3, 4)]
CHAIN = encoded(FRAMES)
STRANGER = page(99)
PIXELS = {frame.id: frame.data for frame in [*FRAMES, STRANGER]}
LAST_CHANGE = CHAIN[-1].shown_from


def nothing_kept(_: bytes) -> bytes | None:
    return None


def bodies(frames: Sequence[EncodedFrame]) -> wire.Table:
    body = pack_body(PLAN, frames)
    return wire.Table(body, len(body))


@given(
    asked_at=st.integers(0, LAST_CHANGE + 1_000),
    held=st.sampled_from([wire.NO_FRAME, b"unknown!", *PIXELS]),
    wake_after_s=st.lists(st.integers(0, 2_000), min_size=1, max_size=6),
)
def test_from_a_tailored_bundle_every_later_wake_shows_the_frame_due(
    asked_at: int, held: bytes, wake_after_s: list[int]
) -> None:
    frames = tailor(PLAN, CHAIN, PIXELS.get, asked_at, held)
    table = bodies(frames)
    # b"unknown!" is held on the panel but pruned from the store: its pixels are its device's own.
    known = {**PIXELS, b"unknown!": page(123).data}
    now = asked_at
    for wait_s in [0, *wake_after_s]:
        now += wait_s
        due = schedule.due(table, now)
        if due == schedule.NONE_DUE:
            assert now < CHAIN[0].shown_from
            continue
        expected = CHAIN[due_index(CHAIN, now)]
        assert frames[due].id == expected.id
        if frames[due].id == held:
            continue
        made = known.get(held)
        for step in chain(table, due, held):
            made = decoded(frames[step], made)
        assert made == PIXELS[expected.id]
        held = expected.id


def decoded(frame: EncodedFrame, held: bytes | None) -> bytes:
    body = pack_body(PLAN, [frame])
    return next(decode_frames(wire.Table(body, len(body)), body, held))


def test_frames_that_are_past_are_left_out_and_the_rest_travels_as_published() -> None:
    frames = tailor(PLAN, CHAIN, PIXELS.get, CHAIN[2].shown_from + 5, STRANGER.id)
    assert [frame.shown_from for frame in frames] == [f.shown_from for f in CHAIN[2:]]
    assert list(frames[1:]) == CHAIN[3:]


def test_a_device_that_is_in_step_gets_the_published_delta_and_no_new_one() -> None:
    assert list(tailor(PLAN, CHAIN, nothing_kept, CHAIN[3].shown_from, CHAIN[2].id)) == CHAIN[3:]


def test_a_device_that_holds_a_known_frame_gets_a_delta_from_it() -> None:
    first = tailor(PLAN, CHAIN, PIXELS.get, CHAIN[3].shown_from, STRANGER.id)[0]
    assert first.base == STRANGER.id
    assert decoded(first, STRANGER.data) == FRAMES[3].data


@pytest.mark.parametrize("held", [wire.NO_FRAME, b"unknown!"])
def test_a_device_whose_frame_is_lost_or_unknown_gets_a_key_frame(held: bytes) -> None:
    first = tailor(PLAN, CHAIN, PIXELS.get, CHAIN[3].shown_from, held)[0]
    assert first.is_key
    assert decoded(first, None) == FRAMES[3].data


def test_a_frame_of_another_panel_is_no_base() -> None:
    known = {**PIXELS, b"panel 2!": bytes(5)}
    assert tailor(PLAN, CHAIN, known.get, CHAIN[3].shown_from, b"panel 2!")[0].is_key


def test_a_device_that_shows_the_frame_due_is_sent_next_to_nothing_for_it() -> None:
    held = CHAIN[3].id
    frames = tailor(PLAN, CHAIN, PIXELS.get, CHAIN[3].shown_from, held)
    assert len(frames[0].payload) < 10
    assert chain(bodies(frames), 1, held) == [1]
    # When it then loses its frame, it notices and asks for another bundle.
    with pytest.raises(BaseError):
        chain(bodies(frames), 1, wire.NO_FRAME)


def test_without_the_pixels_of_the_frame_due_the_chain_stays_whole() -> None:
    assert list(tailor(PLAN, CHAIN, nothing_kept, CHAIN[3].shown_from, STRANGER.id)) == CHAIN


def test_a_delta_over_missed_frames_is_as_thorough_as_the_most_thorough_of_them() -> None:
    little = [page(1)]
    for row in range(3):
        little.append(edited(little[-1], {row * 8: 1}))
    chained = encoded(little)
    known = {frame.id: frame.data for frame in little}
    now = chained[3].shown_from
    assert tailor(PLAN, chained, known.get, now, chained[0].id)[0].refresh == wire.PARTIAL
    chained[1] = replace(chained[1], refresh=wire.FULL)
    assert tailor(PLAN, chained, known.get, now, chained[0].id)[0].refresh == wire.FULL
    # A device that has shown the thorough one already is not made to flash again.
    assert tailor(PLAN, chained, known.get, now, chained[1].id)[0].refresh == wire.PARTIAL
