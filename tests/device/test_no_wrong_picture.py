"""No wrong picture, ever: bundles spoilt in thousands of ways go through a real cycle.

Each one is refused cleanly, with panel and memory as they were, or has just the effect of the right one.
How many were tried is counted, not assumed.
"""

from __future__ import annotations

import hashlib
import random
from typing import Any, NamedTuple
from zlib import crc32

import pytest
from check import KEY, NOON, WRONG_KEY, body, frame_id, picture
from check import Page as PlainPage
from device_in_memory import Device
from mutations import ANYWHERE, WITHIN_A_BODY, extend, splice

from inkframe import codec, seal, wire

WHOLE_SHARDS, BAND_SHARDS = 10, 3
EXAMPLES_PER_SHARD = 700
"""Sealed, and as many again unsealed: 14,000 for frames made whole, 4,200 for frames made in bands."""
assert 2 * WHOLE_SHARDS * EXAMPLES_PER_SHARD >= 10_000

ASKED_AT = NOON + 600
HOUR = 3600


def page_like(number: int) -> bytes:
    """A picture with white, black, repetition and a block that wanders: 64 x 32 at 1 bpp."""
    rows = [bytearray(b"\xff" * 8) for _ in range(32)]
    for line in range(4):
        text = picture(number + line, 12)
        for row in range(6):
            rows[(line * 7 + number) % 24 + row][1:6] = bytes(
                text[row + at] & 0xFE for at in range(5)
            )
    rows[number % 32][:] = bytes(8)
    return b"".join(rows)


FRAMES = [page_like(number) for number in range(6)]


class Page(PlainPage):  # type: ignore[misc]  # portable tests have no types
    """As the host makes them, with the real encoder."""

    def __init__(
        self,
        shown_from: int,
        frame: bytes,
        base: bytes | None = None,
        refresh: int = wire.FULL,
        band_rows: int = 0,
    ) -> None:
        made = codec.encode(base, frame, 8, 32, 9, 1, band_rows)
        super().__init__(shown_from, frame, base, refresh, made.data, made.walk)


class Days(NamedTuple):
    """The body a device holds and the one that is spoilt; `room` for its bands, in bytes."""

    old: bytes
    new: bytes
    room: int


def days(band_rows: int) -> Days:
    def page(*args: Any) -> Page:
        return Page(*args, band_rows=band_rows)

    old = body(
        [page(NOON, FRAMES[0]), page(NOON + HOUR, FRAMES[1], FRAMES[0], wire.PARTIAL)],
        band_rows=band_rows,
        ask_at=ASKED_AT,
    )
    new = body(
        [
            page(NOON, FRAMES[0]),
            page(ASKED_AT, FRAMES[2], FRAMES[0], wire.PARTIAL),
            page(ASKED_AT + HOUR, FRAMES[3], FRAMES[2], wire.FAST),
            page(ASKED_AT + 2 * HOUR, FRAMES[4], FRAMES[3]),
            page(ASKED_AT + 3 * HOUR, FRAMES[5], FRAMES[4], wire.PARTIAL),
        ],
        band_rows=band_rows,
        built_at=ASKED_AT,
    )
    return Days(old, new, 8 * (band_rows or 32))


WHOLE, IN_BANDS = days(0), days(12)
SHARDS = [(WHOLE, shard) for shard in range(WHOLE_SHARDS)]
SHARDS += [(IN_BANDS, shard) for shard in range(BAND_SHARDS)]
SHARD_IDS = [f"{'whole' if made is WHOLE else 'in bands'}-{shard}" for made, shard in SHARDS]


class Effect(NamedTuple):
    """All that a bundle can change on a device."""

    shown: bytes
    refreshes: int
    held: bytes
    sequence: int
    etag: bytes
    bundle: bytes


def effect(device: Any) -> Effect:
    state = device.state()
    return Effect(
        device.panel.shown,
        len(device.panel.refreshes),
        state.held,
        state.sequence,
        state.etag,
        device.flash.files["bundle"],
    )


class Situation:
    """A device that holds OLD and is about to ask."""

    def __init__(self, key: bytes | None, made: Days = WHOLE) -> None:
        self._room = {"frame_ram_bytes": 2 * made.room}
        device = Device(key=key, **self._room)
        device.serve(made.old, 5)
        device.wake()
        device.clock.seconds = ASKED_AT
        self._key = key
        self._files = dict(device.flash.files)
        self._shown = device.panel.shown
        self.untouched = effect(device)

    def device(self, bundle: bytes) -> Any:
        made = Device(key=self._key, now=ASKED_AT, **self._room)
        made.flash.files = dict(self._files)
        made.panel.shown = self._shown
        made.panel.refreshes = [wire.FULL]
        made.host.bundle, made.host.etag = bundle, b'"6"'
        return made


def spoilt_sealed(generator: random.Random, made: Days) -> bytes:
    """A bundle that no host of ours sent, or not now."""
    old, new = made.old, made.new
    right = seal.seal(new, 6, KEY)
    others = (
        seal.seal(old, 5, KEY),
        seal.seal(new, 7, KEY),
        seal.seal(new, 6, WRONG_KEY),
        seal.seal(new, 6, None),
    )
    kind = generator.random()
    if kind < 0.05:
        return seal.seal(new, generator.randrange(5), KEY)  # replayed
    if kind < 0.1:
        key = generator.randbytes(32)
        return seal.seal(generator.choice((old, new)), generator.randrange(2**32), key)
    if kind < 0.12:
        return seal.seal(new, 6, None)
    if kind < 0.2:
        inner = generator.choice(WITHIN_A_BODY)(generator, new)
        return seal.seal(inner, 6, WRONG_KEY)
    spoilt = generator.choice((*ANYWHERE, splice(others)))(generator, right)
    if generator.random() < 0.3 and spoilt:
        spoilt = generator.choice(ANYWHERE)(generator, spoilt)
    return spoilt


@pytest.mark.parametrize(("made", "shard"), SHARDS, ids=SHARD_IDS)
def test_a_spoilt_bundle_changes_nothing_or_is_the_right_one(made: Days, shard: int) -> None:
    situation = Situation(KEY, made)
    genuine = {}
    for raw, sequence in ((made.new, 6), (made.new, 7), (made.old, 5)):
        bundle = seal.seal(raw, sequence, KEY)
        device = situation.device(bundle)
        device.wake()
        genuine[bundle] = effect(device)
    tried = same = 0
    generator = random.Random(f"sealed {shard}")
    while tried < EXAMPLES_PER_SHARD:
        bundle = spoilt_sealed(generator, made)
        device = situation.device(bundle)
        asleep_s = device.wake()  # raises nothing
        if bundle in genuine:
            same += 1
            assert effect(device) == genuine[bundle]
        else:
            assert effect(device) == situation.untouched
            assert device.state().error in ("wire", "auth", "replay")
            assert 60 <= asleep_s <= 75
        tried += 1
    assert tried == EXAMPLES_PER_SHARD
    assert same < tried / 20


def test_the_right_bundle_has_the_effect_that_the_spoilt_ones_lack() -> None:
    situation = Situation(KEY)
    device = situation.device(seal.seal(WHOLE.new, 6, KEY))
    device.wake()
    assert device.panel.shown == FRAMES[2]
    assert effect(device) != situation.untouched


def sealed_by_accident(raw: bytes, sequence: int) -> bytes:
    """An open bundle with the right tag, whatever the body: also one the packing functions would refuse."""
    message = wire.pack_envelope(sequence, len(raw), None) + raw
    return message + hashlib.sha256(message).digest()[: wire.TAG_BYTES]


def spoilt_open(generator: random.Random, new: bytes) -> bytes:
    """A body that is malformed, or well-formed and wrong, in an envelope that says it is right."""
    raw = generator.choice(WITHIN_A_BODY + ANYWHERE)(generator, new)
    if generator.random() < 0.2 and raw:
        raw = generator.choice(ANYWHERE)(generator, raw)
    if generator.random() < 0.05:
        raw = extend(generator, raw)
    return sealed_by_accident(raw, 6)


def promised(device: Any) -> dict[bytes, set[int]]:
    """The CRC-32 that the bundle held promises for each id."""
    bundle = device.memory().open_bundle()
    promises: dict[bytes, set[int]] = {}
    if bundle:
        for index in range(bundle.table.head.frames):
            entry = bundle.table.entry(index)
            promises.setdefault(entry.id, set()).add(entry.crc32)
    return promises


def check_picture(device: Any, before: bytes) -> None:
    """The panel shows what it did, or the very frame that the bundle held promised; nothing between."""
    shown, held = device.panel.shown, device.state().held
    assert shown is not None
    if shown != before:
        assert crc32(shown) in set().union(*promised(device).values())
    if held != wire.NO_FRAME and held != frame_id(shown):
        # The bundle itself gave this picture a false name; its checksum it cannot have guessed.
        assert crc32(shown) in promised(device).get(held, ())


@pytest.mark.parametrize(("made", "shard"), SHARDS, ids=SHARD_IDS)
def test_a_spoilt_body_with_a_right_tag_never_shows_what_it_did_not_promise(
    made: Days, shard: int
) -> None:
    situation = Situation(None, made)
    outcomes: dict[str, int] = {}
    generator = random.Random(f"open {shard}")
    for _ in range(EXAMPLES_PER_SHARD):
        device = situation.device(spoilt_open(generator, made.new))
        device.check_belief = lambda: None  # ids may lie here: check_picture looks at more
        for later_s in (0, HOUR, HOUR, HOUR, 20 * HOUR):
            device.clock.seconds = min(device.clock.seconds + later_s, 2**32 - 1)
            before = device.panel.shown
            device.wake()  # raises nothing
            check_picture(device, before)
        outcome = device.state().error or "shown"
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    assert sum(outcomes.values()) == EXAMPLES_PER_SHARD
    # The mutations reach the decoder and beyond, not just the first check.
    assert outcomes["shown"] > EXAMPLES_PER_SHARD / 20, outcomes
    assert outcomes["wire"] > EXAMPLES_PER_SHARD / 4, outcomes


def test_every_length_of_a_bundle_but_its_own_is_refused() -> None:
    for key in (KEY, None):
        situation = Situation(key)
        right = seal.seal(WHOLE.new, 6, key)
        for length in range(len(right)):
            device = situation.device(right[:length])
            device.wake()
            assert effect(device) == situation.untouched


def test_every_single_bit_of_a_sealed_bundle_matters() -> None:
    situation = Situation(KEY)
    right = seal.seal(WHOLE.new, 6, KEY)
    for bit in range(len(right) * 8):
        spoilt = bytearray(right)
        spoilt[bit // 8] ^= 1 << bit % 8
        device = situation.device(bytes(spoilt))
        device.wake()
        assert effect(device) == situation.untouched
