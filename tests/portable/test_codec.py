"""Frame operations: what each does, and that none reaches outside the frame, whatever its numbers."""

import reference_codec
from check import Bytes, Dice, number, operation, picture, raises, signed, stored

from inkframe import codec, wire
from inkframe.codec import Decoder
from inkframe.compat import crc32
from inkframe.errors import BaseError, InkError, WireError

KEEP, LITERAL, DOWN, COPY, AGAIN, REPEAT, FILL, MOVE = range(8)
STRIDE, ROWS = 8, 32
SIZE = STRIDE * ROWS
HELD = picture(5, SIZE)
WHITE = b"\xff" * SIZE
BOTH_WALKS = (wire.ROWS, wire.COLUMNS)

_GUARD = 64
_CANARY = bytes((0x5A, 0xA5)) * (_GUARD // 2)


class Frame:
    """A frame with canaries on both sides: whoever writes outside kills one."""

    def __init__(self, data):
        self._all = bytearray(_CANARY + bytes(data) + _CANARY)
        self.view = memoryview(self._all)[_GUARD : _GUARD + len(data)]

    @property
    def data(self):
        assert self._all[:_GUARD] == _CANARY
        assert self._all[-_GUARD:] == _CANARY
        return bytes(self.view)


def head(width_px=STRIDE * 8, height_px=ROWS, bpp=1, planes=1):
    return wire.Head(wire.pack_head(width_px, height_px, bpp, planes, 1, 1, 1, 1, 60))


def entry(payload, crc, of, is_key, walk):
    base = wire.NO_FRAME if is_key else b"BASEBASE"
    raw = wire.pack_entry(1, base, b"IDIDIDID", crc, len(payload), 0, 9, walk, (0, 0, 1, 1))
    return wire.Entry(raw, 0, of)


DECODER = Decoder()


def decode(operations, promised, walk=wire.ROWS, is_key=False, of=None, held=None, most=1 << 20):
    """The frame made from HELD; `promised` is the frame whose CRC the entry has."""
    held = Frame(HELD if held is None else held)
    before = held.data
    new = Frame(bytes(len(before)))
    payload = stored(operations)
    of = of or head()
    row = entry(payload[:100], crc32(promised), of, is_key, walk)
    try:
        DECODER.decode(Bytes(payload, most), of, row, held.view, new.view)
    finally:
        assert held.data == before
        made = new.data
    return made


def makes(expected, *operations, **more):
    made = decode(b"".join(operations), expected, **more)
    assert made == expected


def refused(*operations, **more):
    """For what the operations are; that the checksum does not fit would be too late."""
    error = raises(WireError, lambda: decode(b"".join(operations), HELD, **more))
    assert "operations" in str(error), error


def by_columns(frame, stride=STRIDE):
    """The frame's bytes in the order of a walk by columns."""
    return b"".join(bytes(frame[at] for at in range(c, len(frame), stride)) for c in range(stride))


def from_columns(walked, rows=ROWS):
    return bytes(
        walked[column * rows + row] for row in range(rows) for column in range(len(walked) // rows)
    )


# What each operation does


def test_no_operations_leave_the_prediction():
    for walk in BOTH_WALKS:
        makes(HELD, walk=walk)
        makes(WHITE, walk=walk, is_key=True)
        makes(WHITE, walk=walk, is_key=True, of=head(STRIDE * 8, ROWS // 2, planes=2))
        # At 4 bits a pixel white is the colour with the number 1.
        makes(b"\x11" * SIZE, walk=walk, is_key=True, of=head(STRIDE * 2, ROWS, bpp=4))


def test_keep_skips_and_literal_puts():
    makes(
        HELD[:10] + b"abc" + HELD[13:],
        operation(KEEP, 10),
        operation(LITERAL, 3, b"abc"),
    )


def test_by_columns_the_walk_goes_down_first():
    walked = by_columns(HELD)
    expected = from_columns(walked[:30] + b"abcd" + walked[34:])
    makes(expected, operation(KEEP, 30), operation(LITERAL, 4, b"abcd"), walk=wire.COLUMNS)
    assert expected[30 * STRIDE] == ord("a")
    assert expected[1] == ord("c")  # the first place of the second column


def test_lengths_from_one_to_the_whole_frame_are_understood():
    for length in (1, 31, 32, 33, 64, 159, 160, 255):
        makes(HELD[:length] + b"!" + HELD[length + 1 :], operation(KEEP, length), b"\x21!")
    makes(HELD, operation(KEEP, SIZE))


def test_down_puts_each_byte_xor_the_one_before_it_in_its_line():
    put = bytes([0x0F, 0x01, 0x00, 0x80])
    expected = bytearray(HELD)
    expected[6], expected[7] = HELD[5] ^ 0x0F, HELD[5] ^ 0x0F ^ 0x01
    expected[8], expected[9] = 0xFF, 0xFF ^ 0x80  # a new line begins
    makes(bytes(expected), operation(KEEP, 6), operation(DOWN, 4, put))


def test_copy_takes_from_the_held_frame_and_again_from_as_far_away():
    makes(
        HELD[16:21] + HELD[5:8] + HELD[24:27] + HELD[11:],
        operation(COPY, 5, signed(2) + signed(0)),
        operation(KEEP, 3),
        operation(AGAIN, 3),
    )
    makes(
        HELD[19:24] + HELD[5:9] + HELD[28:30] + HELD[11:],
        operation(COPY, 5, signed(2) + signed(3)),
        operation(KEEP, 4),
        operation(AGAIN, 2),
    )


def test_a_first_again_copies_from_right_here():
    makes(
        HELD[:3] + b"ab" + HELD[5:],
        operation(KEEP, 3),
        operation(LITERAL, 2, b"ab"),
        operation(AGAIN, SIZE - 5),
    )


def test_copies_go_on_over_the_ends_of_lines_on_both_sides():
    copy = operation(KEEP, 3) + operation(COPY, 100, signed(1) + signed(2))
    makes(HELD[:3] + HELD[13:113] + HELD[103:], copy)
    walked = by_columns(HELD)
    made = walked[:3] + walked[3 + ROWS + 2 : 103 + ROWS + 2] + walked[103:]
    makes(from_columns(made), copy, walk=wire.COLUMNS)


def test_repeat_takes_from_what_was_just_made_even_from_itself():
    makes(
        b"abababab" + HELD[8:],
        operation(LITERAL, 2, b"ab"),
        operation(REPEAT, 6, signed(0) + signed(-2)),
    )
    makes(
        b"\0" * 20 + WHITE[20:],
        operation(FILL, 8, b"\0"),
        operation(REPEAT, 12, signed(-1) + signed(0)),
        is_key=True,
    )


def test_repeat_does_not_change_what_again_copies():
    makes(
        HELD[8:12] + HELD[8:12] + HELD[16:20] + HELD[12:],
        operation(COPY, 4, signed(1) + signed(0)),
        operation(REPEAT, 4, signed(0) + signed(-4)),
        operation(AGAIN, 4),
    )


def test_fill_puts_one_byte_many_times():
    for walk in BOTH_WALKS:
        makes(b"\x3c" * SIZE, operation(FILL, SIZE, b"\x3c"), walk=walk)


def test_move_copies_a_block_and_leaves_the_walk_where_it_is():
    expected = bytearray(HELD)
    for row in range(3):
        begin = (4 + row) * STRIDE + 2
        expected[begin : begin + 5] = HELD[begin - STRIDE - 1 : begin - STRIDE + 4]
    expected[0] = 0x77
    block = number(2) + number(4) + number(2 * 5) + signed(-1) + signed(-1)
    for walk in BOTH_WALKS:
        makes(bytes(expected), operation(MOVE, 3, block), b"\x21\x77", walk=walk)


def test_move_can_invert():
    block = number(0) + number(0) + number(2 * STRIDE + 1) + signed(0) + signed(0)
    makes(bytes(value ^ 255 for value in HELD), operation(MOVE, ROWS, block))


def test_planes_are_walked_as_one_tall_plane():
    of = head(32, 16, 2, 2)
    assert (of.stride, of.rows) == (8, 32)
    makes(HELD[:130] + b"x" + HELD[131:], operation(KEEP, 130), b"\x21x", of=of)
    walked = by_columns(HELD)
    expected = from_columns(walked[:20] + b"x" + walked[21:])
    makes(expected, operation(KEEP, 20), b"\x21x", of=of, walk=wire.COLUMNS)


# What is refused


def test_operations_that_reach_beyond_the_end_are_refused():
    for walk in BOTH_WALKS:
        makes(HELD, operation(KEEP, SIZE - 1), b"\x21" + HELD[-1:], walk=walk)
        for code, rest in ((KEEP, b""), (FILL, b"\0"), (AGAIN, b""), (COPY, b"\0\0")):
            refused(operation(code, SIZE + 1, rest), walk=walk)
            refused(operation(KEEP, SIZE - 1), operation(code, 2, rest), walk=walk)
            refused(operation(KEEP, SIZE), operation(code, 1, rest), walk=walk)
            refused(operation(code, 4194303, rest), walk=walk)
        for code in (LITERAL, DOWN):
            refused(operation(KEEP, SIZE - 1), operation(code, 2, b"ab"), walk=walk)
            refused(operation(KEEP, SIZE), operation(code, 1, b"a"), walk=walk)


def test_more_than_64_literals_in_one_operation_are_refused():
    for code in (LITERAL, DOWN):
        decode(operation(code, 64, bytes(64)), expected_after(code, 64))
        refused(operation(code, 65, bytes(65)))


def expected_after(code, length):
    return reference_codec.decode(
        operation(code, length, bytes(length)), HELD, STRIDE, ROWS, False, False
    )


def test_copies_from_outside_the_frame_are_refused():
    for walk, lines, places in ((wire.ROWS, ROWS, STRIDE), (wire.COLUMNS, STRIDE, ROWS)):
        for dline, dplace in ((-1, 0), (0, -1), (lines, 0), (0, places), (lines, -1), (-1, places)):
            refused(operation(COPY, 1, signed(dline) + signed(dplace)), walk=walk)
        makes_copy = operation(COPY, 1, signed(lines - 1) + signed(places - 1))
        expected = HELD[-1:] + HELD[1:]
        makes(expected, makes_copy, walk=walk)
        refused(operation(COPY, 2, signed(lines - 1) + signed(places - 1)), walk=walk)
        refused(operation(COPY, 1, signed(1 << 20) + signed(0)), walk=walk)
        refused(operation(COPY, 1, signed(-(1 << 20)) + signed(0)), walk=walk)
        refused(operation(COPY, 1, signed(0) + signed(-(1 << 20))), walk=walk)


def test_repeats_of_what_is_not_made_yet_are_refused():
    for walk in BOTH_WALKS:
        for vector in (signed(0) + signed(0), signed(0) + signed(1), signed(1) + signed(0)):
            refused(operation(KEEP, 3), operation(REPEAT, 1, vector), walk=walk)
        refused(operation(KEEP, 3), operation(REPEAT, 1, signed(-1) + signed(0)), walk=walk)


def test_an_again_that_no_longer_fits_is_refused():
    at_the_end = operation(COPY, 1, signed(0) + signed(STRIDE - 1))
    refused(at_the_end, operation(AGAIN, 1))
    refused(
        operation(COPY, 1, signed(ROWS - 1) + signed(0)), operation(KEEP, 8), operation(AGAIN, 1)
    )


def test_moves_from_or_to_outside_the_frame_are_refused():
    def block(x, y, width, dx, dy):
        return number(x) + number(y) + number(2 * width) + signed(dx) + signed(dy)

    huge = 1 << 20
    for height, numbers in (
        (1, (0, 0, STRIDE + 1, 0, 0)),
        (1, (1, 0, STRIDE, 0, 0)),
        (1, (STRIDE, 0, 1, -1, 0)),
        (1, (0, ROWS, 1, 0, -1)),
        (ROWS + 1, (0, 0, 1, 0, 0)),
        (ROWS, (0, 1, 1, 0, 0)),
        (1, (0, 0, 1, -1, 0)),
        (1, (0, 0, 1, 0, -1)),
        (1, (0, 0, 1, STRIDE, 0)),
        (1, (0, 0, 1, 0, ROWS)),
        (2, (0, 0, 2, STRIDE - 1, 0)),
        (2, (0, 0, 1, 0, ROWS - 1)),
        (1, (huge, 0, 1, -huge, 0)),
        (1, (0, huge, 1, 0, -huge)),
        (1, (0, 0, huge - 1, 0, 0)),
        (4194303, (0, 0, 1, 0, 0)),
    ):
        refused(operation(MOVE, height, block(*numbers)))
    makes(HELD, operation(MOVE, ROWS, block(0, 0, STRIDE, 0, 0)))


def test_a_key_frame_uses_nothing_of_the_held_frame():
    for walk in BOTH_WALKS:
        refused(operation(COPY, 1, b"\0\0"), walk=walk, is_key=True)
        refused(operation(AGAIN, 1), walk=walk, is_key=True)
        refused(operation(MOVE, 1, b"\0\0\x02\0\0"), walk=walk, is_key=True)


def test_an_operation_cut_short_at_any_byte_is_refused():
    for whole in (
        operation(LITERAL, 64, bytes(64)),
        operation(DOWN, 3, b"abc"),
        operation(COPY, 200, signed(1) + signed(0)),
        operation(FILL, 200, b"a"),
        operation(MOVE, 3, number(0) + number(1) + number(200) + signed(0) + signed(0)),
        b"\x00\x80\x80\x01",
    ):
        for length in range(1, len(whole)):
            refused(whole[:length])


def test_a_frame_that_is_not_the_one_promised_is_refused():
    raises(WireError, decode, b"", WHITE)
    raises(WireError, decode, b"", HELD, wire.ROWS, True)


def test_what_does_not_inflate_is_refused():
    for payload in (b"", b"\x07", b"\x01\x05\x00\x00\x00abcde", stored(b"a" * 100)[:-1]):
        row = entry(b"x", crc32(HELD), head(), False, wire.ROWS)
        raises(
            WireError,
            Decoder().decode,
            Bytes(payload),
            head(),
            row,
            bytearray(HELD),
            bytearray(SIZE),
        )


def test_buffers_that_do_not_fit_are_refused():
    row = entry(b"x", crc32(HELD), head(), False, wire.ROWS)
    held, new = bytearray(HELD), bytearray(SIZE)
    for wrong_held, wrong_new in ((held[:-1], new), (held, new[:-1]), (held, held)):
        raises(BaseError, Decoder().decode, Bytes(stored(b"")), head(), row, wrong_held, wrong_new)


def test_a_payload_that_needs_more_memory_than_there_is_is_refused():
    def no_memory(stream, window_bits):
        raise MemoryError

    true = codec.inflater
    codec.inflater = no_memory
    try:
        raises(WireError, decode, b"", HELD)
    finally:
        codec.inflater = true


# Long lists, and any lists


def test_operations_cross_the_reads_of_a_payload_anywhere():
    # Whatever the padding, a read of 512 bytes ends within another operation.
    expected = picture(9, SIZE)
    puts = [operation(LITERAL, 64, expected[at : at + 64]) for at in range(0, SIZE, 64)]
    nothing = operation(MOVE, 1, b"\0\0\0\0\0")
    for pad in range(90):
        makes(expected, nothing * (pad + 1), *puts, most=1 + pad)
        makes(expected, puts[0], nothing * (pad + 1), *puts[1:])


def random_operations(dice):
    """A list of a few operations, mostly possible, often not."""
    out = b""
    for _ in range(1 + dice.below(5)):
        code = dice.below(8)
        length = 1 + dice.below(12 if dice.below(4) else 400)
        rest = b""
        if code in (LITERAL, DOWN):
            rest = dice.data(length if dice.below(8) else dice.below(80))
        elif code in (COPY, REPEAT):
            rest = signed(dice.below(24) - 12) + signed(dice.below(10) - 5)
        elif code == FILL:
            rest = dice.data(1)
        elif code == MOVE:
            length = 1 + dice.below(12)
            rest = number(dice.below(6)) + number(dice.below(30)) + number(dice.below(10))
            rest += signed(dice.below(9) - 4) + signed(dice.below(20) - 10)
        out += operation(code, length, rest)
    if not dice.below(4):
        out = bytearray(out)
        out[dice.below(len(out))] = dice.below(256)
    return bytes(out)


def test_any_operations_make_what_the_description_says_or_are_refused():
    dice = Dice(20261124)
    made = 0
    for _ in range(1500):
        operations = random_operations(dice)
        walk, is_key = dice.below(2), not dice.below(6)
        try:
            expected = reference_codec.decode(
                operations, HELD, STRIDE, ROWS, walk == wire.COLUMNS, is_key
            )
        except reference_codec.MalformedError:
            refused(operations, walk=walk, is_key=is_key)
        else:
            assert decode(operations, expected, walk, is_key) == expected
            made += 1
    assert 200 < made < 1300, made


def test_noise_never_does_worse_than_an_ink_error():
    dice = Dice(7)
    for _ in range(1500):
        noise = dice.data(1 + dice.below(60))
        try:
            made = decode(noise, HELD, dice.below(2), not dice.below(3))
        except InkError:
            continue
        assert made == HELD


# Memory


def test_a_payload_that_inflates_without_an_end_is_cut_short():
    block = operation(
        MOVE, ROWS, number(0) + number(0) + number(2 * STRIDE) + signed(0) + signed(0)
    )
    makes(HELD, block * 20)
    refused(block * (2 * (2 * SIZE + 512) // len(block)))
