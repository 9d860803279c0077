"""A change is encoded once, and what is asked for again is at hand."""

from __future__ import annotations

import pytest

from calendarbot import payloads
from calendarbot.model import Frame
from inkframe.codec import encode

STRIDE, ROWS = 4, 24


def frame(fill: int, mark: bytes = b"") -> Frame:
    data = mark + bytes([fill]) * (STRIDE * ROWS - len(mark))
    return Frame(STRIDE * 8, ROWS, 1, 1, data)


WHITE, MARKED = frame(0xFF), frame(0xFF, b"mark")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Nothing known yet; what the codec is asked for."""
    asked: list[tuple[object, ...]] = []

    def counted(*args: object) -> object:
        asked.append(args)
        return encode(*args)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr("calendarbot.payloads.codec.encode", counted)
    monkeypatch.setattr(payloads, "_made", type(payloads._made)())
    return asked


def test_the_same_change_is_encoded_once(asked: list[tuple[object, ...]]) -> None:
    first = payloads.payload_of(MARKED, WHITE, 12, 0)
    assert payloads.payload_of(frame(0xFF, b"mark"), frame(0xFF), 12, 0) is first
    assert first == encode(WHITE.data, MARKED.data, STRIDE, ROWS)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("new", "held", "window_bits", "band_rows"),
    [
        (MARKED, None, 12, 0),
        (WHITE, MARKED, 12, 0),
        (MARKED, frame(0x00), 12, 0),
        (MARKED, WHITE, 9, 0),
        (MARKED, WHITE, 12, 8),
    ],
    ids=["a key frame", "the way back", "from another", "a smaller window", "in bands"],
)
def test_another_change_is_another_payload(
    new: Frame, held: Frame | None, window_bits: int, band_rows: int, asked: list[object]
) -> None:
    payloads.payload_of(MARKED, WHITE, 12, 0)
    found = payloads.payload_of(new, held, window_bits, band_rows)
    assert len(asked) == 2
    before = held.data if held else None
    assert found == encode(before, new.data, STRIDE, ROWS, window_bits, 1, band_rows)


def test_frames_of_the_same_bytes_and_another_shape_are_another_change(asked: list[object]) -> None:
    payloads.payload_of(MARKED, None, 12, 0)
    wide = Frame(STRIDE * 16, ROWS // 2, 1, 1, MARKED.data)
    assert payloads.payload_of(wide, None, 12, 0) == encode(None, wide.data, STRIDE * 2, ROWS // 2)
    assert len(asked) == 2


def test_what_was_not_asked_for_longest_is_given_up(
    asked: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payloads, "_MOST", 2)
    one, two, three = frame(1), frame(2), frame(3)
    for new in (one, two, one, three):  # leaves `two` as the one asked for longest ago
        payloads.payload_of(new, None, 12, 0)
    assert len(asked) == 3
    payloads.payload_of(one, None, 12, 0)
    assert len(asked) == 3
    payloads.payload_of(two, None, 12, 0)
    assert len(asked) == 4
