"""Blocks that moved are found, and the encoder takes them for what the decoder makes of them."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from inkframe._moves import Move, apply_moves, find_moves

STRIDE, ROWS = 16, 24
SIZE = STRIDE * ROWS


def noise(seed: int) -> bytes:
    return Random(seed).randbytes(SIZE)


def copied(frame: bytes, held: bytes, move: Move) -> bytes:
    """Byte by byte, as a MOVE is described."""
    out = bytearray(frame)
    for y in range(move.y, move.y + move.height):
        for x in range(move.x, move.x + move.width):
            value = held[(y + move.dy) * STRIDE + x + move.dx]
            out[y * STRIDE + x] = value ^ (255 * move.inverted)
    return bytes(out)


@given(st.data())
def test_a_list_that_scrolled_beside_what_stays_is_one_move(data: st.DataObject) -> None:
    left, width = data.draw(st.sampled_from(((0, 12), (4, 12), (0, 16))))
    dy = data.draw(st.integers(-12, 12).filter(bool))
    height = data.draw(st.integers(6, ROWS - abs(dy)))
    top = data.draw(st.integers(max(0, -dy), min(ROWS, ROWS - dy) - height))
    moved = Move(left, top, width, height, 0, dy, data.draw(st.booleans()))
    block = Move(left, 0, width, ROWS, 0, 0, inverted=False)
    held = copied(bytes([255]) * SIZE, noise(1), block)
    new = copied(held, held, moved)

    moves = find_moves(held, new, STRIDE)

    assert moves == (moved,)
    assert apply_moves(held, held, moves, STRIDE) == new


def test_nothing_moves_between_frames_that_have_nothing_in_common() -> None:
    assert find_moves(noise(1), noise(2), STRIDE) == ()
    assert find_moves(noise(1), noise(1), STRIDE) == ()
