"""Keys, HMAC, and what a bundle goes through before anything of it counts."""

import struct
from binascii import unhexlify

from check import KEY, NOON, WRONG_KEY, Bytes, Collect, Page, body, bundle, picture, raises

from inkframe import seal, wire
from inkframe.errors import AuthError, ReplayError, WireError
from inkframe.seal import hashlib

RAW = body([Page(NOON, picture(1, 256))])


def receive(raw, key=KEY, min_sequence=0, most=1 << 20, size=None):
    sink = Collect()
    size = len(raw) if size is None else size
    return seal.receive(Bytes(raw, most), size, key, sink, min_sequence), bytes(sink.data)


def hmac(key, *pieces):
    made = seal.Hmac(key)
    for piece in pieces:
        made.update(piece)
    return made.digest()


# RFC 4231, section 4: the cases whose key is no longer than a block, as all of ours are.


def test_hmac_gives_what_rfc_4231_says():
    cases = (
        (
            b"\x0b" * 20,
            b"Hi There",
            b"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            b"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            b"\xaa" * 20,
            b"\xdd" * 50,
            b"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            bytes(range(1, 26)),
            b"\xcd" * 50,
            b"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
    )
    for key, data, digest in cases:
        assert hmac(key, data) == unhexlify(digest)
    short = hmac(b"\x0c" * 20, b"Test With Truncation")
    assert short[:16] == unhexlify(b"a3b6167473100ee06e0c796c2955552b")


def test_hmac_takes_its_message_in_pieces_of_any_size():
    data = bytes(range(200))
    for cut in (0, 1, 63, 64, 65, 199, 200):
        assert hmac(KEY, data[:cut], memoryview(data)[cut:]) == hmac(KEY, data)


def test_each_purpose_has_a_key_of_its_own():
    purposes = ("encrypt", "authenticate", "vector", "clock", "request")
    keys = {seal.derive(root, purpose) for root in (KEY, WRONG_KEY) for purpose in purposes}
    assert len(keys) == 10
    assert {len(key) for key in keys} == {32}
    assert seal.derive(KEY, "encrypt") == hmac(KEY, b"calendarbot 1 encrypt")


def test_strings_are_the_same_only_in_every_byte_and_in_length():
    assert seal.same(b"abc", bytearray(b"abc"))
    assert not seal.same(b"abc", b"abd")
    assert not seal.same(b"abc", b"bbc")
    assert not seal.same(b"abc", b"ab")
    assert not seal.same(b"", b"a")


def test_the_tag_of_a_clock_depends_on_all_it_vouches_for():
    tags = {
        seal.clock_tag(KEY, b"12345678", NOON, NOON + 60),
        seal.clock_tag(WRONG_KEY, b"12345678", NOON, NOON + 60),
        seal.clock_tag(KEY, b"12345679", NOON, NOON + 60),
        seal.clock_tag(KEY, b"12345678", NOON + 1, NOON + 60),
        seal.clock_tag(KEY, b"12345678", NOON, NOON + 61),
    }
    assert len(tags) == 5


# Receiving


def test_a_sealed_bundle_gives_its_body_and_its_sequence():
    envelope, got = receive(bundle(RAW, 5), min_sequence=5)
    assert got == RAW
    assert (envelope.sequence, envelope.body_bytes, envelope.sealed) == (5, len(RAW), True)


def test_nothing_of_a_sealed_body_can_be_read_from_outside():
    sealed = bundle(RAW)
    for at in range(0, len(RAW) - 16, 16):
        assert RAW[at : at + 16] not in sealed


def test_an_open_bundle_gives_its_body_to_a_device_without_a_key():
    envelope, got = receive(bundle(RAW, 5, None), key=None)
    assert got == RAW
    assert not envelope.sealed


def test_bodies_of_every_length_within_a_block_come_through():
    for extra in range(17):
        raw = RAW + bytes(range(extra))
        assert receive(bundle(raw))[1] == raw


def test_a_body_of_many_chunks_comes_through_in_pieces_of_any_size():
    raw = RAW + picture(3, 3000)
    for most in (1, 7, 1024, 5000):
        assert receive(bundle(raw), most=most)[1] == raw


def test_an_open_bundle_is_refused_by_a_device_with_a_key_and_the_other_way_round():
    raises(AuthError, receive, bundle(RAW, 1, None))
    raises(AuthError, receive, bundle(RAW), None)


def test_a_bundle_for_another_device_is_refused():
    raises(AuthError, receive, bundle(RAW, key=WRONG_KEY))


def test_a_change_of_any_byte_is_noticed():
    for key in (KEY, None):
        right = bundle(RAW, 1, key)
        for at in range(len(right)):
            wrong = bytearray(right)
            wrong[at] ^= 1 << at % 8
            raises(WireError, receive, bytes(wrong), key)


def test_a_bundle_cut_short_at_any_byte_is_refused():
    for key in (KEY, None):
        right = bundle(RAW, 1, key)
        for length in range(len(right)):
            raises(WireError, receive, right[:length], key)  # and its length says so
            raises(WireError, receive, right[:length], key, 0, 1 << 20, len(right))


def test_a_bundle_longer_than_it_says_is_refused():
    for key in (KEY, None):
        raises(WireError, receive, bundle(RAW, 1, key) + b"\0", key)
        raises(WireError, receive, bundle(RAW, 1, key) + bytes(16), key)


def test_a_size_that_no_bundle_can_have_is_refused_before_anything_is_read():
    for size in (-1, 0, 47, 1 << 40):
        raises(WireError, receive, bundle(RAW), KEY, 0, 1 << 20, size)


def test_an_older_bundle_is_a_replay_and_the_same_one_again_is_not():
    raises(ReplayError, receive, bundle(RAW, 4), KEY, 5)
    assert receive(bundle(RAW, 5), KEY, 5)[1] == RAW
    assert receive(bundle(RAW, 0xFFFFFFFF), KEY, 5)[1] == RAW


def test_a_forged_old_bundle_is_called_forged():
    forged = bytearray(bundle(RAW, 4))
    forged[-1] ^= 1
    raises(AuthError, receive, bytes(forged), KEY, 5)


def test_blocks_that_changed_places_are_noticed():
    right = bundle(RAW)
    begin = wire.ENVELOPE_BYTES
    first, second = right[begin : begin + 16], right[begin + 16 : begin + 32]
    raises(AuthError, receive, right[:begin] + second + first + right[begin + 32 :])


def test_the_head_and_tail_of_two_bundles_do_not_fit():
    one, other = bundle(RAW, 1), bundle(RAW, 2)
    for cut in (wire.ENVELOPE_BYTES, 64, len(one) - wire.TAG_BYTES):
        raises(AuthError, receive, one[:cut] + other[cut:])


def test_the_tag_of_an_open_bundle_is_the_sha_256_of_all_before_it():
    right = bundle(RAW, 1, None)
    assert right[-16:] == hashlib.sha256(right[:-16]).digest()[:16]


def test_the_same_body_twice_is_the_same_bundle_and_another_sequence_is_not():
    assert bundle(RAW, 1) == bundle(RAW, 1)
    one, other = bundle(RAW, 1), bundle(RAW, 2)
    assert one[16:32] == seal.mac(seal.derive(KEY, "vector"), struct.pack("<I", 1) + RAW)[:16]
    assert one[16:32] != other[16:32]
    assert one[32:48] != other[32:48]
