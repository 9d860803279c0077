"""The committed vectors are what tests/portable/make_vectors.py writes."""

from __future__ import annotations

import json
from pathlib import Path

import make_vectors
import pytest

VECTORS = Path(make_vectors.HERE) / "vectors"


def committed(name: str) -> dict[str, object]:
    vectors: dict[str, object] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return vectors


def test_the_hand_made_vectors_are_the_generators_byte_by_byte() -> None:
    assert committed("format") == make_vectors.format_vectors()


@pytest.mark.parametrize("name", ["page", "bands"])
def test_the_pages_are_the_generators_and_their_payloads_no_shorter_than_todays(name: str) -> None:
    make = {"page": make_vectors.page_vectors, "bands": make_vectors.band_vectors}[name]
    now, then = make(), committed(name)
    assert now["frames"] == then["frames"]
    sizes = zip(now["payload_bytes"], then["payload_bytes"], strict=True)  # type: ignore[call-overload]  # JSON
    for today, before in sizes:
        assert today <= before * 1.02, "the encoder got worse; if zlib is another one, say so here"


def test_the_vectors_stay_small() -> None:
    assert sum(path.stat().st_size for path in VECTORS.iterdir()) < 60_000
