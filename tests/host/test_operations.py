"""What `host inspect` says of a payload is what the decoder does with it."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendarbot.operations import operations, tally
from inkframe import codec
from inkframe.errors import WireError

STRIDE, ROWS = 8, 24
FRAME = st.binary(min_size=STRIDE * ROWS, max_size=STRIDE * ROWS)


@given(FRAME, FRAME)
def test_the_listed_operations_never_reach_beyond_the_frame(held: bytes, new: bytes) -> None:
    payload = codec.encode(held, new, STRIDE, ROWS)
    walked = sum(
        operation.length
        for operation in operations(payload.data, payload.window_bits)
        if operation.name != "MOVE"
    )
    assert walked <= len(new)


def test_a_scrolled_list_is_one_move() -> None:
    rows = [bytes([row, 255 - row] * 4) for row in range(ROWS)]
    held, new = b"".join(rows), b"".join([*rows[6:], *[b"\xff" * STRIDE] * 6])
    payload = codec.encode(held, new, STRIDE, ROWS)
    first = next(operations(payload.data, payload.window_bits))
    assert (first.name, first.length) == ("MOVE", 18)
    assert "from (+0, +6)" in first.detail


def test_an_event_whose_bar_turns_black_is_one_inverted_move() -> None:
    held = bytearray(b"\xff" * (STRIDE * ROWS))
    held[8 * STRIDE : 12 * STRIDE] = b"\xc3\x5a\x99\xff\x81\x3c\x7e\xe7" * 4
    new = bytearray(held)
    for place in range(8 * STRIDE, 12 * STRIDE):
        new[place] ^= 255
    payload = codec.encode(bytes(held), bytes(new), STRIDE, ROWS)
    counted = tally(payload.data, payload.window_bits)
    assert counted.count["MOVE"] == 1
    assert counted.frame_bytes["LITERAL"] + counted.frame_bytes["DOWN"] == 0


@pytest.mark.parametrize("stream", [b"\x25ab", b"\x00", b"\xe4\x01\x02", b"\x60\xff\xff"])
def test_operations_that_are_cut_off_are_an_error(stream: bytes) -> None:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -9)
    payload = deflater.compress(stream) + deflater.flush()
    with pytest.raises(WireError, match="cut off"):
        list(operations(payload, 9))


def test_a_payload_that_does_not_inflate_is_an_error() -> None:
    with pytest.raises(WireError, match="does not inflate"):
        list(operations(b"\xff\xff\xff", 9))
