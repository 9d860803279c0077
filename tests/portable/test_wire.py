"""The bundle format: every field, every limit, and every way to be malformed."""

import struct

from check import NOON, Page, body, picture, raises

from inkframe import wire
from inkframe.errors import WireError

FRAME = picture(1, 256)
OTHER = picture(2, 256)
PAGES = (Page(NOON, FRAME), Page(NOON + 60, OTHER, FRAME, wire.PARTIAL))
IV = bytes(range(16))


def envelope(**changed):
    """A right envelope, with bytes at {"at_4": value} changed."""
    return patched(wire.pack_envelope(7, 1000, IV), changed)


def patched(raw, changed):
    raw = bytearray(raw)
    for place, value in changed.items():
        raw[int(place[3:])] = value
    return bytes(raw)


def head(**fields):
    values = {
        "width_px": 64,
        "height_px": 32,
        "bpp": 1,
        "planes": 1,
        "frames": 1,
        "built_at": NOON,
        "ask_at": NOON + 3600,
        "valid_until": NOON + 86400,
        "retry_s": 60,
    }
    values.update(fields)
    return wire.Head(wire.pack_head(**values))


def entry(**fields):
    values = {
        "shown_from": NOON,
        "base": wire.NO_FRAME,
        "frame_id": b"12345678",
        "crc32": 0xDEADBEEF,
        "payload_bytes": 100,
        "refresh": wire.FULL,
        "window_bits": 10,
        "walk": wire.ROWS,
        "window": (0, 0, 64, 32),
    }
    values.update(fields)
    return wire.Entry(wire.pack_entry(**values), 0, head())


# Envelope


def test_an_envelope_lies_at_the_places_its_table_says():
    raw = wire.pack_envelope(0x01020304, 0x0A0B0C, IV)
    assert raw == b"INK\x02\x01\0\0\0" + b"\x04\x03\x02\x01" + b"\x0c\x0b\x0a\0" + IV


def test_an_envelope_is_read_back_as_it_was_written():
    read = wire.Envelope(wire.pack_envelope(7, 1000, IV))
    assert (read.sequence, read.body_bytes, read.sealed, read.iv) == (7, 1000, True, IV)


def test_an_open_envelope_has_no_flag_and_a_vector_of_zeros():
    raw = wire.pack_envelope(7, 1000, None)
    assert raw[4] == 0
    assert raw[16:] == bytes(16)
    assert not wire.Envelope(raw).sealed


def test_a_sealed_body_is_padded_to_whole_blocks_and_an_open_one_is_not():
    assert wire.Envelope(wire.pack_envelope(1, 1001, IV)).padded_bytes == 1008
    assert wire.Envelope(wire.pack_envelope(1, 1008, IV)).padded_bytes == 1008
    assert wire.Envelope(wire.pack_envelope(1, 1001, None)).padded_bytes == 1001


def test_an_envelope_cut_short_anywhere_is_refused():
    for length in range(wire.ENVELOPE_BYTES):
        raises(WireError, wire.Envelope, envelope()[:length])


def test_what_does_not_begin_with_the_magic_is_not_a_bundle():
    for at in range(3):
        raises(WireError, wire.Envelope, envelope(**{f"at_{at}": 0}))


def test_another_version_is_refused_by_number():
    for version in (0, 1, 3, 255):
        error = raises(WireError, wire.Envelope, envelope(at_3=version))
        assert f"version {version}" in str(error)


def test_unknown_flags_and_bytes_that_must_be_zero_are_refused():
    for bit in range(1, 8):
        raises(WireError, wire.Envelope, envelope(at_4=1 << bit))
    for at in (5, 6, 7):
        raises(WireError, wire.Envelope, envelope(**{f"at_{at}": 1}))


def test_a_body_must_have_room_for_a_frame_and_stay_within_its_limit():
    least = wire.HEAD_BYTES + wire.ENTRY_BYTES + 1
    for right in (least, wire.MAX_BODY_BYTES):
        assert wire.Envelope(wire.pack_envelope(1, right, IV)).body_bytes == right
    for wrong in (0, least - 1, wire.MAX_BODY_BYTES + 1, 0xFFFFFFFF):
        raises(WireError, wire.Envelope, wire.pack_envelope(1, wrong, IV))


# Head


def test_a_head_lies_at_the_places_its_table_says():
    raw = wire.pack_head(0x0102, 0x0304, 2, 3, 5, 6, 7, 8, 9, 0x0A0B)
    words = b"".join(bytes([value, 0, 0, 0]) for value in (6, 7, 8, 9))
    assert raw == b"\x02\x01\x04\x03\x02\x03\x05\0" + words + b"\x0b\x0a"


def test_a_head_is_read_back_as_it_was_written():
    read = head(width_px=63, bpp=2, planes=3, frames=9, retry_s=61)
    assert (read.width_px, read.height_px, read.bpp, read.planes) == (63, 32, 2, 3)
    assert (read.frames, read.built_at, read.ask_at) == (9, NOON, NOON + 3600)
    assert (read.valid_until, read.retry_s) == (NOON + 86400, 61)


def test_rows_are_whole_bytes_and_planes_follow_each_other():
    read = head(width_px=63, bpp=2, planes=3)
    assert (read.stride, read.rows, read.frame_bytes) == (16, 96, 1536)
    assert wire.frame_bytes(800, 480, 1, 1) == 48000
    assert wire.frame_bytes(1, 1, 4, 4) == 4


def test_a_head_cut_short_anywhere_is_refused():
    raw = wire.pack_head(64, 32, 1, 1, 1, 1, 1, 1, 60)
    for length in range(wire.HEAD_BYTES):
        raises(WireError, wire.Head, raw[:length])


def test_bands_reach_over_all_rows_and_the_last_has_what_is_left():
    read = head(planes=2, band_rows=20)
    assert (read.band_rows, read.bands, read.band_bytes) == (20, 4, 160)
    assert [read.band(index) for index in range(4)] == [
        (0, 160),
        (160, 320),
        (320, 480),
        (480, 512),
    ]
    whole = head(planes=2)
    assert (whole.band_rows, whole.bands, whole.band(0)) == (64, 1, (0, 512))


def test_bands_have_fewer_rows_than_the_frame_and_are_not_too_many():
    for right in (1, 31):
        assert not refused_head(band_rows=right)
    for wrong in (32, 33, 65535):
        assert refused_head(band_rows=wrong)
    assert refused_head(height_px=wire.MAX_BANDS + 1, band_rows=1)
    assert not refused_head(height_px=wire.MAX_BANDS, band_rows=1)


def refused_head(**fields):
    try:
        head(**fields)
    except WireError:
        return True
    return False


def test_depths_and_planes_that_do_not_exist_are_refused():
    for bpp in (0, 3, 5, 8, 255):
        assert refused_head(bpp=bpp)
    for planes in (0, 5, 255):
        assert refused_head(planes=planes)
    for bpp in (1, 2, 4):
        for planes in (1, 2, 3, 4):
            assert not refused_head(bpp=bpp, planes=planes)


def test_frames_without_pixels_and_frames_beyond_the_limit_are_refused():
    assert refused_head(width_px=0)
    assert refused_head(height_px=0)
    assert refused_head(width_px=65535, height_px=65535, bpp=4, planes=4)
    assert not refused_head(width_px=1024, height_px=1024, bpp=2, planes=4)
    assert refused_head(width_px=1024, height_px=1025, bpp=2, planes=4)


def test_the_number_of_frames_and_the_first_back_off_have_limits():
    for frames in (0, 257, 65535):
        assert refused_head(frames=frames)
    for retry_s in (0, 86401, 0xFFFFFFFF):
        assert refused_head(retry_s=retry_s)
    for right in (1, 256):
        assert not refused_head(frames=right, retry_s=right)
    assert not refused_head(retry_s=86400)


# Entries


def test_an_entry_lies_at_the_places_its_table_says():
    raw = wire.pack_entry(1, b"BASEBASE", b"IDIDIDID", 2, 3, 1, 10, 1, (4, 5, 6, 7))
    assert raw == (
        b"\x01\0\0\0BASEBASEIDIDIDID\x02\0\0\0\x03\0\0\0"
        + b"\x01\x0a\x01\0\x04\0\x05\0\x06\0\x07\0"
    )


def test_an_entry_is_read_back_as_it_was_written():
    read = entry(base=b"BASEBASE", refresh=2, walk=1, window=(8, 9, 10, 11))
    assert (read.shown_from, read.base, read.id) == (NOON, b"BASEBASE", b"12345678")
    assert (read.crc32, read.payload_bytes) == (0xDEADBEEF, 100)
    assert (read.refresh, read.window_bits, read.walk) == (2, 10, 1)
    assert read.window == (8, 9, 10, 11)
    assert not read.is_key
    assert entry().is_key


def refused_entry(**fields):
    try:
        entry(**fields)
    except WireError:
        return True
    return False


def test_a_frame_needs_an_id():
    assert refused_entry(frame_id=wire.NO_FRAME)


def test_a_payload_has_a_length_within_its_limit():
    assert refused_entry(payload_bytes=0)
    assert not refused_entry(payload_bytes=1)
    assert not refused_entry(payload_bytes=8 + 2 * 256)
    assert refused_entry(payload_bytes=9 + 2 * 256)
    assert refused_entry(payload_bytes=0xFFFFFFFF)


def test_a_payload_has_room_for_the_lengths_of_its_bands():
    of = head(band_rows=8)
    for payload_bytes, right in ((32 + 2 * 256, True), (33 + 2 * 256, False)):
        raw = wire.pack_entry(
            1, wire.NO_FRAME, b"12345678", 0, payload_bytes, 0, 9, 0, (0, 0, 64, 32)
        )
        if right:
            assert wire.Entry(raw, 0, of).payload_bytes == payload_bytes
        else:
            raises(WireError, wire.Entry, raw, 0, of)


def test_the_streams_of_bands_follow_their_lengths():
    lengths = struct.pack("<II", 3, 0)
    assert [wire.stream_at(lengths, 16, band, 3) for band in range(3)] == [(8, 3), (11, 0), (11, 5)]
    assert wire.stream_at(b"", 16, 0, 1) == (0, 16)
    assert wire.stream_at(lengths, 11, 2, 3) == (11, 0)


def test_lengths_of_bands_that_do_not_fit_their_payload_are_refused():
    for lengths, payload_bytes, band in (
        (b"", 16, 0),
        (bytes(7), 16, 0),
        (struct.pack("<II", 9, 0), 16, 0),
        (struct.pack("<II", 3, 6), 16, 1),
        (struct.pack("<II", 3, 6), 16, 2),
        (struct.pack("<II", 0xFFFFFFFF, 1), 16, 1),
        (bytes(8), 7, 2),
    ):
        raises(WireError, wire.stream_at, lengths, payload_bytes, band, 3)


def test_ways_to_refresh_inflate_and_walk_that_do_not_exist_are_refused():
    for refresh in (3, 255):
        assert refused_entry(refresh=refresh)
    for bits in (0, 7, 16, 255):
        assert refused_entry(window_bits=bits)
    for walk in (2, 255):
        assert refused_entry(walk=walk)
    for right in range(8, 16):
        assert not refused_entry(window_bits=right)


def test_the_byte_kept_for_later_must_be_zero():
    raw = bytearray(wire.pack_entry(1, bytes(8), b"IDIDIDID", 2, 3, 1, 10, 1, (0, 0, 1, 1)))
    raw[31] = 1
    raises(WireError, wire.Entry, raw, 0, head())


def test_a_window_lies_within_the_frame():
    assert not refused_entry(window=(0, 0, 64, 32))
    assert not refused_entry(window=(63, 31, 1, 1))
    for window in ((1, 0, 64, 32), (0, 1, 64, 32), (65535, 0, 65535, 1), (0, 65535, 1, 65535)):
        assert refused_entry(window=window)


# Table


def test_a_table_knows_each_frame_its_time_and_where_its_payload_begins():
    raw = body(PAGES)
    table = wire.Table(raw, len(raw))
    begin = wire.HEAD_BYTES + 2 * wire.ENTRY_BYTES
    assert table.head.frames == 2
    assert (table.shown_from(0), table.shown_from(1)) == (NOON, NOON + 60)
    assert (table.offset(0), table.offset(1)) == (begin, begin + len(PAGES[0].payload))
    assert table.entry(1).base == table.entry(0).id
    assert table.entry(1).refresh == wire.PARTIAL


def test_a_table_needs_no_payloads_in_memory():
    raw = body(PAGES)
    end = wire.HEAD_BYTES + 2 * wire.ENTRY_BYTES
    assert wire.Table(raw[:end], len(raw)).entry(1).shown_from == NOON + 60


def test_a_table_cut_short_anywhere_is_refused():
    raw = body(PAGES)
    for length in range(wire.HEAD_BYTES + 2 * wire.ENTRY_BYTES):
        raises(WireError, wire.Table, raw[:length], len(raw))
        raises(WireError, wire.Table, raw, length)


def test_payloads_must_fill_the_body_exactly():
    raw = body(PAGES)
    for wrong in (-100, -1, 1, 100):
        raises(WireError, wire.Table, raw, len(raw) + wrong)


def test_frames_may_share_a_moment_but_not_go_back_in_time():
    same = body((Page(NOON, FRAME), Page(NOON, OTHER)))
    assert wire.Table(same, len(same)).head.frames == 2
    back = body((Page(NOON, FRAME), Page(NOON - 1, OTHER)))
    raises(WireError, wire.Table, back, len(back))


def test_every_entry_of_a_table_is_checked_not_only_the_first():
    raw = bytearray(body(PAGES))
    raw[wire.HEAD_BYTES + wire.ENTRY_BYTES + 28] = 3
    raises(WireError, wire.Table, raw, len(raw))


def test_a_table_may_hold_as_many_frames_as_the_format_allows():
    pages = [Page(NOON + index, FRAME, payload=b"x") for index in range(wire.MAX_FRAMES)]
    raw = body(pages)
    assert wire.Table(raw, len(raw)).shown_from(255) == NOON + 255
    many = bytearray(raw)
    struct.pack_into("<H", many, 6, 257)
    raises(WireError, wire.Table, many, len(many))
