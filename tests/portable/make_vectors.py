"""Writes tests/portable/vectors: bundles of format version 2, byte by byte, and what they must come to.

    python tests/portable/make_vectors.py

`format.json` is written by hand-made operations in stored DEFLATE blocks, so each of its bytes is fixed by
the format alone. `page.json` is a page of the size of a real panel, made by the encoder: another version of
the encoder or of zlib may write other bytes, but a decoder must for ever make the same frames of these.
`bands.json` is likewise, for frames in bands.
Runs on CPython only. Frames are not stored but drawn, by functions that run everywhere.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "firmware")]

from check import KEY, NOON, Page, body, number, operation, signed, stored  # noqa: E402  # found by the path above
from drawings import SMALL_SIZE, page, small  # noqa: E402  # as above

from inkframe import codec, seal, wire  # noqa: E402  # as above
from inkframe.seal import hashlib  # noqa: E402  # as above

NONCE = bytes(range(8))
PAGE_TIMES = (NOON, NOON + 1800, NOON + 3600)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def hand_made_body() -> bytes:
    """A key frame and two changes of 64 x 32 pixels; every operation occurs, and both walks."""
    first = (
        operation(6, 8, b"\x00")  # FILL
        + operation(1, 4, bytes((1, 2, 3, 4)))  # LITERAL
        + operation(2, 4, bytes((1, 1, 1, 1)))  # DOWN
        + operation(5, 40, signed(-1) + signed(0))  # REPEAT
    )
    second = (
        operation(
            7, 6, number(2) + number(20) + number(2 * 5 + 1) + signed(-1) + signed(-18)
        )  # MOVE
        + operation(0, 33)  # KEEP
        + operation(3, 9, signed(-1) + signed(2))  # COPY
        + operation(0, 23)
        + operation(4, 5)  # AGAIN
    )
    third = operation(0, 250) + operation(1, 6, b"\x10\x20\x30\x40\x50\x60")
    frames = [small(index) for index in range(3)]
    pages = (
        Page(NOON, frames[0], None, wire.FULL, stored(first)),
        Page(NOON + 60, frames[1], frames[0], wire.FAST, stored(second), wire.COLUMNS),
        Page(NOON + 120, frames[2], frames[1], wire.PARTIAL, stored(third)),
    )
    return bytes(body(pages, ask_at=NOON + 3600, valid_until=NOON + 7200, retry_s=90))


def format_vectors() -> dict[str, object]:
    raw = hand_made_body()
    purposes = ("encrypt", "authenticate", "vector", "clock", "request")
    return {
        "key": KEY.hex(),
        "derived": {purpose: seal.derive(KEY, purpose).hex() for purpose in purposes},
        "clock_tag": seal.clock_tag(KEY, NONCE, NOON, NOON + 3600).hex(),
        "sequence": 0x01020304,
        "body": raw.hex(),
        "open": seal.seal(raw, 0x01020304, None).hex(),
        "sealed": seal.seal(raw, 0x01020304, KEY).hex(),
        "frames": [sha256(small(index)) for index in range(3)],
    }


def page_vectors() -> dict[str, object]:
    frames = [page(index) for index in range(3)]
    pages = []
    for index, frame in enumerate(frames):
        base = frames[index - 1] if index else None
        made = codec.encode(base, frame, 100, 480, 10)
        pages.append(
            Page(PAGE_TIMES[index], frame, base, payload=made.data, walk=made.walk, window_bits=10)
        )
    raw = bytes(body(pages, 800, 480))
    return {
        "sealed": seal.seal(raw, 1, KEY).hex(),
        "frames": [sha256(frame) for frame in frames],
        "payload_bytes": [len(made.payload) for made in pages],
    }


def band_vectors() -> dict[str, object]:
    """A part of the page, cut into bands of which the last is the shortest."""
    frames = [page(index)[3000:15000] for index in range(3)]
    pages = []
    for index, frame in enumerate(frames):
        base = frames[index - 1] if index else None
        made = codec.encode(base, frame, 100, 120, 10, band_rows=50)
        pages.append(
            Page(
                PAGE_TIMES[index],
                frame,
                base,
                payload=made.data,
                walk=made.walk,
                window_bits=made.window_bits,
            )
        )
    raw = bytes(body(pages, 800, 120, band_rows=50))
    return {
        "sealed": seal.seal(raw, 1, KEY).hex(),
        "frames": [sha256(frame) for frame in frames],
        "payload_bytes": [len(made.payload) for made in pages],
    }


def main() -> None:
    folder = HERE / "vectors"
    folder.mkdir(exist_ok=True)
    for name, made in (
        ("format", format_vectors()),
        ("page", page_vectors()),
        ("bands", band_vectors()),
    ):
        text = json.dumps(made, indent=1) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    assert SMALL_SIZE == 256


if __name__ == "__main__":
    main()
