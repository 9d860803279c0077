"""The device's half of a cable: frames on a link that loses, damages and adds bytes."""

import struct

from check import raises

from inkframe.errors import TransportError
from inkframe.transports import usb

BODY = bytes(at * 5 & 255 for at in range(2500))
REPLY = (
    b'HTTP/1.1 200 OK\r\nContent-Length: 2500\r\nETag: "7-a"\r\nInk-Clock: 1.2.ab\r\n\r\n' + BODY
)


class Request:
    display = "kitchen"
    file = "bundle.ink"
    held = b"\x01\x02\x03\x04\x05\x06\x07\x08"
    status = "v=1;wakes=2"
    nonce = b"\xaa" * 8
    tag = b"\xbb" * 16
    etag = b'"abc"'


class Cable:
    """The other end answers from `reply`; `spoil(n, frame)` may change the n-th frame that it sends."""

    def __init__(self, reply, spoil=None):
        self._reply = reply
        self._spoil = spoil
        self._come = b""
        self.is_on = False
        self.asked = []
        self.frames = 0
        self.waited_ms = 0

    def on(self):
        self.is_on = True

    def off(self):
        self.is_on = False

    def write(self, data):
        assert self.is_on
        kind, payload, used = usb.read_frame(data)
        assert used == len(data)
        self.asked.append((kind, payload))
        if self._reply is None:
            return
        if kind == usb.QUESTION:
            sent = usb.frame(usb.ANSWER, struct.pack("<I", len(self._reply)))
        else:
            offset, length = struct.unpack("<IH", payload)
            sent = usb.frame(usb.DATA, payload[:4] + self._reply[offset : offset + length])
        self.frames += 1
        self._come += self._spoil(self.frames, sent) if self._spoil else sent

    def readinto(self, view, timeout_ms):
        piece = self._come[: len(view)]
        self._come = self._come[len(piece) :]
        view[: len(piece)] = piece
        if len(piece) < len(view):
            self.waited_ms += timeout_ms
        return len(piece)


def fetch(reply=REPLY, spoil=None):
    cable = Cable(reply, spoil)
    return usb.Transport(cable).fetch(Request), cable


def read_all(reply):
    got = b""
    view = memoryview(bytearray(700))
    while True:
        length = reply.readinto(view)
        if not length:
            return got
        got += bytes(view[:length])


def test_a_reply_comes_whole_in_pieces_the_device_asked_for():
    reply, cable = fetch()
    assert not reply.unchanged
    assert (reply.size, reply.etag, reply.clock) == (2500, b'"7-a"', "1.2.ab")
    assert read_all(reply) == BODY
    assert [kind for kind, _ in cable.asked] == [usb.QUESTION] + 3 * [usb.NEXT]
    assert max(struct.unpack("<IH", payload)[1] for _, payload in cable.asked[1:]) <= 1024


def test_what_is_asked_is_what_is_asked_over_http():
    _, cable = fetch()
    lines = cable.asked[0][1].decode().split("\r\n")
    assert lines[0] == "GET /kitchen/bundle.ink HTTP/1.1"
    assert "Ink-Held: 0102030405060708" in lines
    assert "Ink-Nonce: aaaaaaaaaaaaaaaa" in lines
    assert 'If-None-Match: "abc"' in lines


def test_the_cable_is_lent_for_one_exchange():
    reply, cable = fetch()
    assert cable.is_on
    reply.close()
    assert not cable.is_on


def test_unchanged_is_told_in_two_exchanges():
    reply, cable = fetch(b"HTTP/1.1 304 \r\nInk-Clock: 1.2.ab\r\n\r\n")
    assert reply.unchanged
    assert len(cable.asked) == 2


def test_text_between_frames_is_passed_over():
    noise = b"some log line\r\n\x1eI\x1eINX\x1e"
    reply, _ = fetch(spoil=lambda n, sent: noise + sent)
    assert read_all(reply) == BODY


def test_a_damaged_frame_is_asked_for_again():
    def flip(n, sent):
        return sent[:-9] + bytes([sent[-9] ^ 4]) + sent[-8:] if n % 2 else sent

    reply, cable = fetch(spoil=flip)
    assert read_all(reply) == BODY
    assert cable.frames == 8


def test_a_frame_that_was_lost_or_cut_is_asked_for_again():
    for left in (0, 3, 6, 20):
        reply, _ = fetch(spoil=lambda n, sent: sent[:left] if n % 3 == 1 else sent)  # noqa: B023  # at once
        assert read_all(reply) == BODY


def test_an_answer_that_comes_late_is_not_taken_for_another_piece():
    reply, _ = fetch(spoil=lambda n, sent: b"" if n == 3 else sent * (1 + (n == 4)))
    assert read_all(reply) == BODY


def test_nobody_at_the_other_end_is_an_error_within_seconds():
    cable = Cable(None)
    error = raises(TransportError, usb.Transport(cable).fetch, Request)
    assert str(error) == "nobody answers at the other end of the cable"
    assert not cable.is_on
    assert cable.waited_ms <= 5000


def test_a_cable_pulled_within_a_reply_is_an_error():
    reply, _ = fetch(spoil=lambda n, sent: sent if n < 4 else b"")
    raises(TransportError, read_all, reply)


def test_a_chatterbox_that_never_answers_is_an_error():
    raises(TransportError, fetch, REPLY, lambda n, sent: b"x" * 9000)


def test_a_refusal_is_told_by_its_number():
    assert str(raises(TransportError, fetch, b"HTTP/1.1 404 \r\n\r\n")) == "HTTP 404"


def test_what_is_no_reply_is_an_error():
    for reply in (b"", b"hello", b"HTTP/1.1 200 \r\nContent-Length: x\r\n\r\n"):
        raises(TransportError, fetch, reply)


def test_a_frame_is_known_by_its_checksum():
    whole = usb.frame(usb.DATA, b"abc")
    assert usb.read_frame(whole + b"more") == (usb.DATA, b"abc", len(whole))
    for length in range(len(whole)):
        assert usb.read_frame(whole[:length]) is None
    for at in range(4, len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1
        found = usb.read_frame(changed)
        assert found is None or found[0] == 0
