"""What the host's encoder writes, the device's decoder reads back: for any frames at all."""

from __future__ import annotations

from zlib import crc32

import reference_codec
from check import Bytes, operation
from hypothesis import given, settings
from hypothesis import strategies as st

from calendarbot.bundle import decode_frames
from inkframe import codec, wire
from inkframe._encoder import Payload
from inkframe.errors import WireError

DEPTHS = [(1, 1), (1, 2), (1, 4), (2, 1), (4, 1), (4, 2)]


@st.composite
def frames(draw: st.DrawFn) -> tuple[wire.Head, bytes | None, bytes]:
    """(head, held or None, new): small frames of any depth; `new` often made of pieces of `held`."""
    bpp, planes = draw(st.sampled_from(DEPTHS))
    width_px, height_px = draw(st.integers(1, 70)), draw(st.integers(1, 24))
    head = wire.Head(wire.pack_head(width_px, height_px, bpp, planes, 1, 1, 1, 1, 60))
    size = head.frame_bytes
    seed = draw(st.binary(min_size=1, max_size=64))
    held = (seed * (size // len(seed) + 1))[:size]
    new = bytearray(held)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, size - 1))
        piece = draw(
            st.one_of(
                st.binary(min_size=1, max_size=20),
                st.integers(0, size - 1).map(lambda start: held[start : start + 90]),
                st.integers(0, 255).map(lambda value: bytes([value]) * 40),
                st.integers(0, size - 1).map(
                    lambda start: bytes(value ^ 255 for value in held[start : start + 90])
                ),
            )
        )
        new[at : at + len(piece)] = piece[: size - at]
    shift = draw(st.integers(0, 3)) * head.stride
    moved = bytes(new[shift:] + new[:shift])
    return head, (held if draw(st.booleans()) else None), moved


def entry_for(head: wire.Head, made: Payload, new: bytes, *, is_key: bool) -> wire.Entry:
    window = (0, 0, head.width_px, head.height_px)
    base = wire.NO_FRAME if is_key else b"BASEBASE"
    raw = wire.pack_entry(
        1, base, b"IDIDIDID", crc32(new), len(made.data), 0, made.window_bits, made.walk, window
    )
    return wire.Entry(raw, 0, head)


@given(frames(), st.sampled_from([9, 10, 12, 15]))
@settings(max_examples=400, deadline=None)
def test_what_is_encoded_is_decoded_to_the_same_frame(
    case: tuple[wire.Head, bytes | None, bytes], window_bits: int
) -> None:
    head, held, new = case
    made = codec.encode(held, new, head.stride, head.rows, window_bits, head.bpp)
    assert made.window_bits <= window_bits
    entry = entry_for(head, made, new, is_key=held is None)
    out = bytearray(len(new))
    before = bytearray(held or bytes(len(new)))
    codec.Decoder().decode(Bytes(made.data, 3), head, entry, before, out)
    assert bytes(out) == new
    assert bytes(before) == (held or bytes(len(new)))


@given(frames(), st.integers(1, 24))
@settings(max_examples=300, deadline=None)
def test_what_is_encoded_in_bands_is_decoded_to_the_same_frame(
    case: tuple[wire.Head, bytes | None, bytes], band_rows: int
) -> None:
    of, held, new = case
    least_rows = -(-of.rows // wire.MAX_BANDS)
    rows = max(band_rows, least_rows)
    if rows >= of.rows:
        return
    head = wire.Head(
        wire.pack_head(of.width_px, of.height_px, of.bpp, of.planes, 1, 1, 1, 1, 60, rows)
    )
    made = codec.encode(held, new, head.stride, head.rows, 12, head.bpp, rows)
    assert len(made.data) <= 8 * head.bands + 2 * head.frame_bytes
    table = b"".join(
        (
            wire.pack_head(of.width_px, of.height_px, of.bpp, of.planes, 1, 1, 1, 1, 60, rows),
            wire.pack_entry(
                1,
                wire.NO_FRAME if held is None else b"BASEBASE",
                b"IDIDIDID",
                crc32(new),
                len(made.data),
                0,
                made.window_bits,
                made.walk,
                (0, 0, head.width_px, head.height_px),
            ),
            made.data,
        )
    )
    assert list(decode_frames(wire.Table(table, len(table)), table, held)) == [new]


@given(frames())
@settings(max_examples=200, deadline=None)
def test_a_payload_is_never_longer_than_the_format_allows(
    case: tuple[wire.Head, bytes | None, bytes],
) -> None:
    head, held, new = case
    made = codec.encode(held, new, head.stride, head.rows, bpp=head.bpp)
    assert 1 <= len(made.data) <= 8 + 2 * head.frame_bytes


@given(frames(), st.binary(min_size=1, max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes_for_a_payload_are_refused_or_make_the_frame_promised(
    case: tuple[wire.Head, bytes | None, bytes], noise: bytes
) -> None:
    head, held, new = case
    made = Payload(noise[: 8 + 2 * head.frame_bytes], 15, len(noise) % 2)
    entry = entry_for(head, made, new, is_key=held is None)
    out = bytearray(len(new))
    try:
        codec.Decoder().decode(Bytes(noise), head, entry, bytearray(held or new), out)
    except WireError:
        return
    assert bytes(out) == new


@st.composite
def operations(draw: st.DrawFn) -> bytes:
    """Any operations with any small numbers in them."""
    number = st.integers(0, 90)
    out = b""
    for _ in range(draw(st.integers(1, 6))):
        code, length = draw(st.integers(0, 7)), draw(st.integers(1, 100))
        numbers = bytes(draw(st.lists(number, min_size=5, max_size=5)))
        rest = {3: numbers[:2], 5: numbers[:2], 6: numbers[:1], 7: numbers}.get(code, b"")
        if code in (1, 2):
            rest = draw(st.binary(min_size=length, max_size=length))
        out += operation(code, length, rest)
    return out + draw(st.binary(max_size=3))


@given(frames(), operations(), st.sampled_from([wire.ROWS, wire.COLUMNS]))
@settings(max_examples=600, deadline=None)
def test_the_decoder_makes_of_any_operations_what_the_description_says(
    case: tuple[wire.Head, bytes | None, bytes], stream: bytes, walk: int
) -> None:
    head, held, new = case
    base = held or new
    try:
        expected = reference_codec.decode(
            stream,
            base,
            head.stride,
            head.rows,
            walk == wire.COLUMNS,
            held is None,
            0x11 if head.bpp == 4 else 0xFF,
        )
    except reference_codec.MalformedError:
        expected = None
    payload = (
        b"\x01" + len(stream).to_bytes(2, "little") + (len(stream) ^ 65535).to_bytes(2, "little")
    )
    made = Payload(b"x", 9, walk)
    entry = entry_for(head, made, expected or new, is_key=held is None)
    out = bytearray(len(new))
    decode = codec.Decoder().decode
    try:
        decode(Bytes(payload + stream), head, entry, bytearray(base), out)
    except WireError:
        assert expected is None
    else:
        assert bytes(out) == (expected or new)
