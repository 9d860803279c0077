"""Frames in bands: what a device without room for two frames makes, from file to file, and shows."""

import reference_codec
from check import (
    NOON,
    Bytes,
    Dice,
    Page,
    body,
    frame_id,
    number,
    operation,
    picture,
    raises,
    signed,
    stored,
)
from device_in_memory import Device, Flash, PowerCut, whole

from inkframe import wire
from inkframe.codec import Decoder
from inkframe.compat import crc32
from inkframe.errors import BaseError, StateError, WireError
from inkframe.frames import InRam, OnFlash, covers
from inkframe.memory import MIDDLE_FRAME, NEXT_FRAME, Memory

STRIDE, ROWS, BAND_ROWS = 8, 32, 12
SIZE, BAND = STRIDE * ROWS, STRIDE * BAND_ROWS
BANDS = (0, 12, 24)
"""Where each begins; the last has 8 rows."""
A, B, C, D = (picture(index, SIZE) for index in range(1, 5))
HOUR = 3600


def head(band_rows=BAND_ROWS):
    return wire.Head(wire.pack_head(STRIDE * 8, ROWS, 1, 1, 1, 1, 1, 1, 60, band_rows))


def entry(walk=wire.ROWS, is_key=False):
    base = wire.NO_FRAME if is_key else b"BASEBASE"
    raw = wire.pack_entry(1, base, b"IDIDIDID", 0, 100, 0, 9, walk, (0, 0, 1, 1))
    return wire.Entry(raw, 0, head())


def band_of(frame, band):
    begin, end = head().band(band)
    return frame[begin:end]


# The codec


def decode(operations, band, walk=wire.ROWS, is_key=False, elsewhere=True):
    held, new = memoryview(bytearray(band_of(A, band))), bytearray(len(band_of(A, band)))
    whole_held = InRam(A) if elsewhere else None
    stream = Bytes(stored(operations)) if operations is not None else None
    Decoder().decode_band(stream, head(), entry(walk, is_key), band, held, new, whole_held)
    assert held == band_of(A, band)
    return bytes(new)


def block(x, y, width, dx, dy, inverted=0):
    return number(x) + number(y) + number(2 * width + inverted) + signed(dx) + signed(dy)


def test_a_band_without_a_stream_is_as_predicted():
    for band in range(3):
        assert decode(None, band) == band_of(A, band)
        assert decode(None, band, is_key=True) == b"\xff" * len(band_of(A, band))


def test_a_block_moves_in_from_any_other_band():
    for band, first in enumerate(BANDS):
        for top in (0, 3, 20, 30):
            for inverted in (0, 255):
                made = decode(
                    operation(7, 2, block(2, 5, 4, -1, top - first - 5, inverted & 1)), band
                )
                expected = bytearray(band_of(A, band))
                for row in range(2):
                    for x in range(2, 6):
                        source = A[(top + row) * STRIDE + x - 1]
                        expected[(5 + row) * STRIDE + x] = source ^ inverted
                assert made == expected


def test_no_block_moves_in_from_outside_the_frame():
    for band, first in enumerate(BANDS):
        rows = len(band_of(A, band)) // STRIDE
        for numbers in (
            block(0, 0, 1, 0, -first - 1),
            block(0, 0, 1, 0, ROWS - first),
            block(0, rows - 1, 1, 0, -first - rows),
            block(0, 0, STRIDE, 1, ROWS - first - 1),
            block(0, rows, 1, 0, -rows),
            block(0, 0, 1, -1, -first),
        ):
            raises(WireError, decode, operation(7, 1, numbers), band)
    raises(WireError, decode, operation(7, 1, block(0, 0, 1, 0, 20)), 0, wire.ROWS, True)
    raises(WireError, decode, operation(7, 1, block(0, 0, 1, 0, 20)), 0, wire.ROWS, False, False)


def test_copies_stay_within_their_band():
    for walk, there in ((wire.ROWS, signed(BAND_ROWS) + signed(0)), (wire.COLUMNS, b"\x00\x18")):
        raises(WireError, decode, operation(3, 1, there), 0, walk)
    assert decode(operation(0, BAND), 0) == A[:BAND]
    raises(WireError, decode, operation(0, BAND + 1), 0)


def test_a_move_may_be_cut_off_at_any_byte_and_is_refused():
    move = operation(7, 3, block(1, 2, 3, 1, 18))
    decode(move, 0)
    for length in range(1, len(move)):
        raises(WireError, decode, move[:length], 0)


def test_any_operations_make_what_the_description_says_or_are_refused_in_any_band():
    dice = Dice(31)
    made = 0
    for _ in range(600):
        operations = b""
        for _ in range(1 + dice.below(4)):
            if dice.below(2):
                where = (dice.below(6), dice.below(12), dice.below(9))
                there = (dice.below(5) - 2, dice.below(48) - 24)
                operations += operation(7, 1 + dice.below(9), block(*where, *there))
            elif dice.below(2):
                operations += operation(0, 1 + dice.below(40))
            else:
                operations += operation(3, 1 + dice.below(9), signed(dice.below(9) - 4) + b"\0")
        band, walk = dice.below(3), dice.below(2)
        rows = len(band_of(A, band)) // STRIDE
        by_columns = walk == wire.COLUMNS
        try:
            expected = reference_codec.decode_band(
                operations, A, STRIDE, BANDS[band], rows, by_columns, False
            )
        except reference_codec.MalformedError:
            raises(WireError, decode, operations, band, walk)
        else:
            assert decode(operations, band, walk) == expected
            made += 1
    assert 100 < made < 500, made


def test_buffers_that_are_not_a_bands_are_refused():
    for band, size in ((0, SIZE), (0, BAND - 1), (2, BAND)):
        buffers = bytearray(size), bytearray(size)
        raises(BaseError, Decoder().decode_band, None, head(), entry(), band, *buffers)
    raises(
        BaseError,
        Decoder().decode,
        Bytes(stored(b"")),
        head(),
        entry(),
        bytearray(SIZE),
        bytearray(SIZE),
    )


# The device


def small(**more):
    """A device with room for two bands of 12 rows."""
    return Device(frame_ram_bytes=2 * BAND, **more)


def pages(*frames, refresh=wire.FULL, base=None):
    made = []
    for index, frame in enumerate(frames):
        made.append(Page(NOON + index * HOUR, frame, base, refresh, band_bytes=BAND))
        base = frame
    return body(made, band_rows=BAND_ROWS)


def at_work(*frames, **more):
    made = small()
    made.serve(pages(*frames, **more))
    made.wake()
    return made


def test_a_frame_larger_than_both_buffers_is_shown_and_remembered():
    made = at_work(A, B, C)
    assert made.panel.shown == A
    for frame in (B, C):
        made.clock.seconds += HOUR
        made.wake()
        assert made.panel.shown == frame
        assert made.flash.files["frame"] == frame
    assert len(made.host.requests) == 1


def test_frames_slept_through_are_made_one_after_the_other_and_leave_nothing_behind():
    for count in (2, 3, 4):
        made = at_work(A, B, C, D)
        made.clock.seconds += (count - 1) * HOUR
        made.wake()
        assert made.panel.shown == (A, B, C, D)[count - 1]
        assert NEXT_FRAME not in made.flash.files
        assert MIDDLE_FRAME not in made.flash.files
        assert made.panel.refreshes == [wire.FULL, wire.FULL]


def test_a_key_frame_and_all_behind_it_are_made_when_nothing_is_held():
    made = small(now=NOON + 3 * HOUR)
    made.serve(pages(A, B, C, D))
    made.wake()
    assert made.panel.shown == D


def test_what_changed_is_refreshed_alone_when_its_window_holds_it_across_bands():
    small_change = bytearray(A)
    small_change[11 * STRIDE : 13 * STRIDE] = bytes(
        2 * STRIDE
    )  # the last row of a band, and the next
    for window, refresh in (((0, 11, 64, 2), wire.PARTIAL), ((0, 11, 64, 1), wire.FULL)):
        raw = bytearray(pages(A, bytes(small_change), refresh=wire.PARTIAL))
        at = wire.HEAD_BYTES + wire.ENTRY_BYTES + 32
        raw[at : at + 8] = b"".join(value.to_bytes(2, "little") for value in window)
        made = small()
        made.serve(bytes(raw))
        made.wake()
        made.clock.seconds += HOUR
        made.wake()
        assert made.panel.shown == small_change
        assert made.panel.refreshes == [wire.FULL, refresh]


def test_a_window_is_judged_alike_in_bands_and_as_a_whole():
    panel = Device().panel
    dice = Dice(5)
    for _ in range(200):
        new = bytearray(A)
        for _ in range(1 + dice.below(3)):
            new[dice.below(SIZE)] ^= 1
        x, y = dice.below(60), dice.below(30)
        window = (x, y, 1 + dice.below(64 - x), 1 + dice.below(32 - y))
        in_bands = all(
            covers(window, band_of(A, band), band_of(new, band), panel, first * STRIDE)
            for band, first in enumerate(BANDS)
        )
        assert in_bands == covers(window, A, new, panel)


def test_a_device_with_more_room_makes_the_same_of_bands():
    made = Device()
    made.serve(pages(A, B))
    made.wake()
    made.clock.seconds += HOUR
    made.wake()
    assert made.panel.shown == B


def test_bands_that_do_not_fit_are_refused_before_anything_is_kept():
    made = at_work(A)
    held = made.flash.files["bundle"]
    for raw in (
        body([Page(NOON, B)]),
        body([Page(NOON, B, band_bytes=BAND + 8)], band_rows=BAND_ROWS + 1),
    ):
        made.serve(raw, 2)
        made.clock.seconds += 86400
        made.wake()
        assert made.state().error == "wire"
        assert "room for 96" in made.log[-1]
        assert made.flash.files["bundle"] == held
        assert made.panel.shown == A


def test_lengths_of_bands_that_exceed_the_payload_never_reach_the_panel():
    for length in (1 << 16, 0xFFFFFFFF):
        raw = bytearray(pages(A, B))
        table = wire.Table(bytes(raw), len(raw))
        at = table.offset(1)
        raw[at : at + 4] = length.to_bytes(4, "little")
        made = small()
        made.serve(bytes(raw))
        made.wake()
        made.clock.seconds += HOUR
        made.wake()
        assert made.panel.shown == A
        assert made.state().error == "wire"


def test_a_frame_of_which_one_band_is_wrong_never_reaches_the_panel():
    raw = bytearray(pages(A, B))
    raw[-1] ^= 1  # the last literal of the last band
    made = small()
    made.serve(bytes(raw))
    made.wake()
    made.clock.seconds += HOUR
    made.wake()
    assert made.panel.shown == A
    assert made.state().error == "wire"
    assert made.flash.files["frame"] == A


def test_a_frame_that_does_not_survive_being_written_never_reaches_the_panel():
    made = at_work(A, B)
    opens = made.flash.open

    def forgetful(path, mode):
        file = opens(path, mode)
        if path == NEXT_FRAME and mode == "rb":
            written = bytearray(made.flash.files[path])
            written[100] ^= 8
            made.flash.files[path] = bytes(written)
        return file

    made.flash.open = forgetful
    made.clock.seconds += HOUR
    made.wake()
    assert made.panel.shown == A
    assert made.state().error == "state"


def test_a_held_frame_damaged_on_flash_is_not_built_upon():
    for damaged in (A[:-1], A + b"\0", B, b""):
        made = at_work(A, B)
        made.flash.files["frame"] = damaged
        made.clock.seconds += HOUR
        made.wake()
        assert made.panel.shown == B
        assert len(made.host.requests) == 1


def test_a_flash_that_is_full_keeps_the_last_page():
    made = at_work(A, B)
    made.flash.full = True
    made.clock.seconds += HOUR
    made.cycle().run()
    assert made.panel.shown == A
    assert any("state" in line for line in made.log)


def test_a_frame_on_flash_is_read_piece_by_piece_and_only_where_asked():
    flash = Flash()
    memory = Memory("", flash)
    memory.write_frame(A)
    frame = OnFlash(memory, "frame", SIZE, memoryview(bytearray(40)))
    assert whole(frame) == A
    assert max(len(piece) for piece in frame.pieces(0, SIZE)) == 40
    assert b"".join(bytes(piece) for piece in frame.pieces(7, 99)) == A[7:99]
    flash.files["frame"] = A[:-1]
    raises(StateError, whole, frame)
    flash.broken = ("frame",)
    raises(StateError, whole, frame)
    del flash.files["frame"]
    raises(StateError, whole, frame)


def test_a_cut_while_a_frame_is_made_leaves_the_held_one_and_the_panel():
    step = 0
    while True:
        made = at_work(A, B)
        made.clock.seconds += HOUR
        made.power.cut_at = made.power.steps + step
        try:
            made.cycle().run()
        except PowerCut:
            pass
        else:
            break
        made.power.cut_at = -1
        assert made.panel.shown in (A, B, None)
        assert made.flash.files["frame"] in (A, B)
        made.check_belief()
        step += 1
    assert step > 15
    assert made.state().held == frame_id(B)
    assert made.state().held_crc32 == crc32(B)
