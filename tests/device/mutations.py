"""Ways to spoil a bundle, by a seeded generator, so that how many were tried is known for certain."""

from __future__ import annotations

import hashlib
import struct
import zlib
from typing import TYPE_CHECKING

import reference_codec

from calendarbot.bundle import streams
from inkframe import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

_INTERESTING = (0, 1, 2, 127, 128, 254, 255)


def flip_bits(random: Random, raw: bytes) -> bytes:
    out = bytearray(raw)
    for _ in range(random.choice((1, 1, 1, 2, 5, 40))):
        out[random.randrange(len(out))] ^= 1 << random.randrange(8)
    return bytes(out)


def set_bytes(random: Random, raw: bytes) -> bytes:
    out = bytearray(raw)
    at = random.randrange(len(out))
    for place in range(at, min(len(out), at + random.choice((1, 2, 4, 8, 40)))):
        out[place] = random.choice((*_INTERESTING, random.randrange(256)))
    return bytes(out)


def truncate(random: Random, raw: bytes) -> bytes:
    return raw[: random.randrange(len(raw))]


def extend(random: Random, raw: bytes) -> bytes:
    return raw + random.randbytes(random.choice((1, 2, 15, 16, 32, 100)))


def cut_out(random: Random, raw: bytes) -> bytes:
    begin = random.randrange(len(raw))
    return raw[:begin] + raw[begin + random.choice((1, 16, 40, 100)) :]


def repeat(random: Random, raw: bytes) -> bytes:
    begin = random.randrange(len(raw))
    end = begin + random.choice((1, 16, 40, 100))
    return raw[:end] + raw[begin:end] + raw[end:]


def swap(random: Random, raw: bytes) -> bytes:
    """Two pieces of the same size change places: blocks of the cipher, entries of the table."""
    size = random.choice((1, 4, 8, 16, 16, 40))
    if len(raw) < 2 * size:
        return raw[::-1]
    a = random.randrange(len(raw) - 2 * size + 1)
    b = random.randrange(a + size, len(raw) - size + 1)
    return raw[:a] + raw[b : b + size] + raw[a + size : b] + raw[a : a + size] + raw[b + size :]


def splice(others: Sequence[bytes]) -> Callable[[Random, bytes], bytes]:
    """The beginning of one bundle and the end of another."""

    def cross(random: Random, raw: bytes) -> bytes:
        other = random.choice(others)
        cut = random.randrange(min(len(raw), len(other)))
        return raw[:cut] + other[cut:] if random.random() < 0.5 else other[:cut] + raw[cut:]

    return cross


ANYWHERE = (flip_bits, set_bytes, truncate, extend, cut_out, repeat, swap)


# What only makes sense within a body


def _entries(body: bytes) -> list[bytes]:
    frames = wire.Head(body).frames
    return [
        body[wire.HEAD_BYTES + n * wire.ENTRY_BYTES :][: wire.ENTRY_BYTES] for n in range(frames)
    ]


def _payloads(body: bytes) -> list[bytes]:
    table = wire.Table(body, len(body))
    return [
        body[table.offset(n) :][: table.entry(n).payload_bytes] for n in range(table.head.frames)
    ]


def _joined(head: bytes, entries: Sequence[bytes], payloads: Sequence[bytes]) -> bytes:
    return head + b"".join(entries) + b"".join(payloads)


def reorder_entries(random: Random, body: bytes) -> bytes:
    entries = _entries(body)
    random.shuffle(entries)
    return _joined(body[: wire.HEAD_BYTES], entries, _payloads(body))


def reorder_payloads(random: Random, body: bytes) -> bytes:
    payloads = _payloads(body)
    random.shuffle(payloads)
    return _joined(body[: wire.HEAD_BYTES], _entries(body), payloads)


def reorder_both(random: Random, body: bytes) -> bytes:
    pairs = list(zip(_entries(body), _payloads(body), strict=True))
    random.shuffle(pairs)
    entries, payloads = zip(*pairs, strict=True)
    return _joined(body[: wire.HEAD_BYTES], entries, payloads)


def drop_a_frame(random: Random, body: bytes) -> bytes:
    entries, payloads = _entries(body), _payloads(body)
    gone = random.randrange(len(entries))
    del entries[gone], payloads[gone]
    head = bytearray(body[: wire.HEAD_BYTES])
    struct.pack_into("<H", head, 6, len(entries))
    return _joined(bytes(head), entries, payloads)


def spoil_the_table(random: Random, body: bytes) -> bytes:
    end = wire.HEAD_BYTES + wire.Head(body).frames * wire.ENTRY_BYTES
    return random.choice((flip_bits, set_bytes))(random, body[:end]) + body[end:]


def spoil_a_payload(random: Random, body: bytes) -> bytes:
    """Other bytes in the DEFLATE stream itself; lengths stay right."""
    payloads = _payloads(body)
    chosen = random.randrange(len(payloads))
    payloads[chosen] = random.choice((flip_bits, set_bytes))(random, payloads[chosen])
    return _joined(body[: wire.HEAD_BYTES], _entries(body), payloads)


def spoil_operations(promise: bool) -> Callable[[Random, bytes], bytes]:  # two mutations
    """Other operations in a stream that inflates well. With `promise`, where they make any frame at all,
    the entry promises just that frame: then only the walk over the frame itself is left to be right."""

    def spoil(random: Random, body: bytes) -> bytes:
        entries, payloads = _entries(body), _payloads(body)
        chosen = random.randrange(len(payloads))
        bands = _operations(payloads[chosen], wire.Head(body).bands)
        spoilt = random.randrange(len(bands))
        bands[spoilt] = random.choice(ANYWHERE)(random, bands[spoilt] or bytes(1))
        payload = _payload(bands)
        payloads[chosen] = payload
        entry = bytearray(entries[chosen])
        struct.pack_into("<I", entry, 24, len(payload))
        if promise:
            _promise(entry, bands, body, chosen)
        entries[chosen] = bytes(entry)
        return _joined(body[: wire.HEAD_BYTES], entries, payloads)

    return spoil


def _operations(payload: bytes, bands: int) -> list[bytes]:
    """The operations of each band."""
    return [zlib.decompress(one, -15) if one else b"" for one in streams(payload, bands)]


def _payload(bands: Sequence[bytes]) -> bytes:
    """The payload of these operations."""
    deflated = []
    for operations in bands:
        deflate = zlib.compressobj(9, zlib.DEFLATED, -9)
        deflated.append(deflate.compress(operations) + deflate.flush())
    return b"".join(struct.pack("<I", len(one)) for one in deflated[:-1]) + b"".join(deflated)


def _promise(entry: bytearray, bands: Sequence[bytes], body: bytes, chosen: int) -> None:
    head = wire.Head(body)
    frames: list[bytes] = [b""]
    table = wire.Table(body, len(body))
    for index, payload in enumerate(_payloads(body)):
        row = table.entry(index)
        made = bands if index == chosen else _operations(payload, head.bands)
        try:
            frame = b"".join(
                reference_codec.decode_band(
                    operations,
                    frames[-1] or bytes(head.frame_bytes),
                    head.stride,
                    band * head.band_rows,
                    min(head.band_rows, head.rows - band * head.band_rows),
                    row.walk == wire.COLUMNS,
                    row.is_key,
                )
                for band, operations in enumerate(made)
            )
        except reference_codec.MalformedError:
            return
        if index == chosen:
            entry[12:20] = hashlib.sha256(frame).digest()[:8]
            struct.pack_into("<I", entry, 20, zlib.crc32(frame))
            return
        frames.append(frame)


WITHIN_A_BODY = (
    reorder_entries,
    reorder_payloads,
    reorder_both,
    drop_a_frame,
    spoil_the_table,
    spoil_the_table,
    spoil_a_payload,
    spoil_operations(promise=False),
    spoil_operations(promise=True),
    spoil_operations(promise=True),
)
