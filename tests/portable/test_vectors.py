"""Format version 2, pinned: bundles made once must be read for ever, and to the same pixels."""

import json
from binascii import hexlify, unhexlify

from check import KEY, NOON, Bytes, Collect, bundle
from drawings import page, small

from inkframe import seal, wire
from inkframe.codec import Decoder
from inkframe.compat import crc32
from inkframe.frames import InRam
from inkframe.seal import hashlib

_FOLDER = __file__.rsplit("/", 1)[0] + "/vectors/" if "/" in __file__ else "vectors/"


def load(name):
    with open(_FOLDER + name + ".json") as file:  # noqa: PTH123  # MicroPython has no pathlib
        return json.load(file)


def sha256(frame):
    return hexlify(hashlib.sha256(bytes(frame)).digest()).decode()


def bands_of(raw):
    """(SHA-256 of each frame of a body in bands)."""
    table = wire.Table(raw, len(raw))
    head = table.head
    held, new = bytearray(head.frame_bytes), bytearray(head.frame_bytes)
    decoder = Decoder()
    hashes = []
    for index in range(head.frames):
        entry, at = table.entry(index), table.offset(index)
        payload = raw[at : at + entry.payload_bytes]
        for band in range(head.bands):
            begin, end = head.band(band)
            place, length = wire.stream_at(payload, len(payload), band, head.bands)
            stream = Bytes(payload[place : place + length]) if length else None
            before, after = memoryview(held)[begin:end], memoryview(new)[begin:end]
            decoder.decode_band(stream, head, entry, band, before, after, InRam(held))
        assert crc32(bytes(new)) == entry.crc32
        hashes.append(sha256(new))
        held, new = new, held
    return hashes


def frames_of(raw, width_px, height_px):
    """(SHA-256 of each frame of a body, in order): each decoded from the one before."""
    table = wire.Table(raw, len(raw))
    assert (table.head.width_px, table.head.height_px) == (width_px, height_px)
    held, new = bytearray(table.head.frame_bytes), bytearray(table.head.frame_bytes)
    decoder = Decoder()
    hashes = []
    for index in range(table.head.frames):
        payload = Bytes(raw[table.offset(index) :])
        decoder.decode(payload, table.head, table.entry(index), held, new)
        hashes.append(sha256(new))
        held, new = new, held
    return hashes


def received(raw, key):
    sink = Collect()
    envelope = seal.receive(Bytes(raw), len(raw), key, sink, 0)
    return envelope.sequence, bytes(sink.data)


def test_keys_and_tags_of_version_2_stay_as_they_are():
    vectors = load("format")
    key = unhexlify(vectors["key"])
    assert key == KEY
    for purpose, derived in vectors["derived"].items():
        assert seal.derive(key, purpose) == unhexlify(derived)
    tag = seal.clock_tag(key, bytes(range(8)), NOON, NOON + 3600)
    assert tag == unhexlify(vectors["clock_tag"])


def test_an_open_and_a_sealed_bundle_of_version_2_are_read():
    vectors = load("format")
    expected = vectors["sequence"], unhexlify(vectors["body"])
    assert received(unhexlify(vectors["open"]), None) == expected
    assert received(unhexlify(vectors["sealed"]), unhexlify(vectors["key"])) == expected


def test_a_body_of_version_2_is_sealed_to_the_very_same_bytes():
    vectors = load("format")
    raw, sequence = unhexlify(vectors["body"]), vectors["sequence"]
    assert bundle(raw, sequence, KEY) == unhexlify(vectors["sealed"])
    assert bundle(raw, sequence, None) == unhexlify(vectors["open"])


def test_the_fields_of_version_2_are_where_they_were():
    raw = unhexlify(load("format")["body"])
    table = wire.Table(raw, len(raw))
    head = table.head
    assert (head.width_px, head.height_px, head.bpp, head.planes, head.frames) == (64, 32, 1, 1, 3)
    assert (head.built_at, head.ask_at) == (NOON, NOON + 3600)
    assert (head.valid_until, head.retry_s) == (NOON + 7200, 90)
    entries = [table.entry(index) for index in range(3)]
    assert [entry.shown_from for entry in entries] == [NOON, NOON + 60, NOON + 120]
    assert [entry.refresh for entry in entries] == [wire.FULL, wire.FAST, wire.PARTIAL]
    assert [entry.walk for entry in entries] == [wire.ROWS, wire.COLUMNS, wire.ROWS]
    assert entries[0].is_key
    assert entries[1].base == entries[0].id


def test_every_operation_of_version_2_makes_the_pixels_that_were_drawn():
    vectors = load("format")
    hashes = frames_of(unhexlify(vectors["body"]), 64, 32)
    assert hashes == vectors["frames"]
    assert hashes == [sha256(small(index)) for index in range(3)]


def test_a_page_of_a_real_panel_is_decoded_in_a_small_heap():
    vectors = load("page")
    _, raw = received(unhexlify(vectors["sealed"]), KEY)
    assert frames_of(raw, 800, 480) == vectors["frames"]


def test_a_page_in_bands_is_decoded_where_no_frame_of_a_real_panel_has_room():
    vectors = load("bands")
    _, raw = received(unhexlify(vectors["sealed"]), KEY)
    head = wire.Head(raw)
    assert (head.bands, head.band_rows, head.band(2)) == (3, 50, (10000, 12000))
    assert bands_of(raw) == vectors["frames"]


def test_the_pages_are_the_ones_that_were_drawn():
    vectors = load("page")
    for index in range(3):
        assert sha256(page(index)) == vectors["frames"][index]
