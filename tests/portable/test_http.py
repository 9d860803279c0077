"""The device's half of HTTP, over a socket that answers from a script."""

from check import NOON, raises

from inkframe import seal
from inkframe.errors import TransportError
from inkframe.transports import _message, http

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"


class Request:
    display = "kitchen"
    file = "bundle.ink"
    held = b"\x01\x02\x03\x04\x05\x06\x07\x08"
    status = "v=1;wakes=2"
    nonce = b"\xaa" * 8
    tag = b"\xbb" * 16
    etag = b'"abc"'


class Radio:
    def __init__(self):
        self.is_on = False
        self.times_on = 0
        self.refuses = False

    def on(self):
        if self.refuses:
            raise TransportError("no Wi-Fi")
        self.is_on = True
        self.times_on += 1

    def off(self):
        self.is_on = False


class Sockets:
    """Stands in for the module `socket`, and is its one socket and that one's stream."""

    SOCK_STREAM = 1

    def __init__(self, answer, fails=""):
        self._answer = answer
        self._fails = fails
        self._at = 0
        self.sent = b""
        self.asked_for = None
        self.timeout_s = None
        self.closed = 0

    def getaddrinfo(self, host, port, *more):
        self._fail("getaddrinfo")
        self.asked_for = host, port
        return [(2, 1, 0, "", ("127.0.0.1", port))]

    def socket(self):
        return self

    def settimeout(self, seconds):
        self.timeout_s = seconds

    def connect(self, address):
        self._fail("connect")
        assert self.timeout_s, "would wait for ever"

    def makefile(self, mode, buffering):
        return self

    def write(self, data):
        self._fail("write")
        self.sent += bytes(data)
        return len(data)

    def readinto(self, view):
        self._fail("body" if self.in_body() else "head")
        piece = self._answer[self._at : self._at + min(3, len(view))]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self):
        self.closed += 1

    def in_body(self):
        return b"\r\n\r\n" in self._answer[: self._at]

    def _fail(self, doing):
        if self._fails == doing:
            raise OSError(110)


def fetch(answer, server="http://host", fails="", request=Request):
    """(reply, radio, sockets); the true socket module is put back."""
    radio, sockets = Radio(), Sockets(answer, fails)
    true = http.socket
    http.socket = sockets
    try:
        return http.Transport(server, radio).fetch(request), radio, sockets
    finally:
        http.socket = true


def refused(answer, fails=""):
    """The error; whatever it was, the radio is off and the socket closed."""
    radio, sockets = Radio(), Sockets(answer, fails)
    true = http.socket
    http.socket = sockets
    try:
        error = raises(TransportError, http.Transport("http://host", radio).fetch, Request)
    finally:
        http.socket = true
    assert not radio.is_on
    assert sockets.closed or fails == "getaddrinfo"
    return str(error)


def read_all(reply):
    got = b""
    view = memoryview(bytearray(10))
    while True:
        length = reply.readinto(view)
        if not length:
            return got
        got += bytes(view[:length])


def test_a_request_is_one_get_with_all_that_goes_up():
    _, radio, sockets = fetch(OK + b"\r\nabcde")
    assert radio.times_on == 1
    assert sockets.sent == (
        b"GET /kitchen/bundle.ink HTTP/1.1\r\n"
        b"Host: host\r\n"
        b"Connection: close\r\n"
        b"Ink-Held: 0102030405060708\r\n"
        b"Ink-Status: v=1;wakes=2\r\n"
        b"Ink-Nonce: aaaaaaaaaaaaaaaa\r\n"
        b"Ink-Tag: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n"
        b'If-None-Match: "abc"\r\n'
        b"\r\n"
    )


def test_without_a_bundle_held_nothing_can_be_unchanged():
    class Fresh(Request):
        etag = b""

    _, _, sockets = fetch(OK + b"\r\nabcde", request=Fresh)
    assert b"If-None-Match" not in sockets.sent


def test_the_servers_address_may_have_a_port_and_a_path():
    for server, address, host, path in (
        ("http://host", ("host", 80), b"host", b"/kitchen"),
        ("http://host:8080", ("host", 8080), b"host:8080", b"/kitchen"),
        ("http://host:8080/a/b", ("host", 8080), b"host:8080", b"/a/b/kitchen"),
    ):
        _, _, sockets = fetch(OK + b"\r\nabcde", server)
        assert sockets.asked_for == address
        assert b"\r\nHost: " + host + b"\r\n" in sockets.sent
        assert sockets.sent.startswith(b"GET " + path + b"/bundle.ink ")


def test_only_plain_http_is_spoken():
    for server in ("https://host", "host", "ftp://host", ""):
        raises(TransportError, http.Transport, server, Radio())


def test_a_reply_gives_size_etag_clock_date_and_body():
    reply, radio, sockets = fetch(
        b'HTTP/1.1 200 OK\r\nETag: "x"\r\nINK-CLOCK:1.2.ff \r\ncontent-length: 5\r\n'
        b"Date: Tue, 24 Nov 2026 12:00:00 GMT\r\nX-Other: 1\r\n\r\nabcde"
    )
    assert (reply.unchanged, reply.size, reply.etag) == (False, 5, b'"x"')
    assert (reply.clock, reply.date) == ("1.2.ff", NOON)
    assert read_all(reply) == b"abcde"
    assert radio.is_on
    reply.close()
    assert not radio.is_on
    assert sockets.closed


def test_not_modified_needs_no_length():
    reply, _, _ = fetch(b"HTTP/1.1 304 Not Modified\r\nInk-Clock: 1.2.ff\r\n\r\n")
    assert reply.unchanged
    assert reply.clock == "1.2.ff"


def test_bare_line_feeds_and_missing_reasons_are_understood():
    reply, _, _ = fetch(b"HTTP/1.0 200\nContent-Length: 5\n\nabcde")
    assert read_all(reply) == b"abcde"


def test_other_statuses_are_errors_that_name_the_status():
    for status in (b"500 Oops", b"404 Not Found", b"302 Found", b"206 Partial Content", b"401 No"):
        message = refused(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
        assert "HTTP " + status[:3].decode() in message


def test_what_is_not_http_is_an_error():
    for answer in (
        b"",
        b"\r\n",
        b"\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/2 200 OK\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 \xff\xfe OK\r\n\r\n",
        b"\xff" * 600,
    ):
        refused(answer)


def test_a_head_cut_short_anywhere_is_an_error():
    whole = OK + b'ETag: "x"\r\n\r\n'
    for length in range(len(whole) - 1):
        refused(whole[:length])


def test_a_line_or_a_head_without_end_is_an_error():
    refused(OK + b"X: " + b"x" * 512 + b"\r\n\r\n")
    refused(OK + b"X" * 100000)
    refused(OK + b"X: y\r\n" * 64 + b"\r\n")
    reply, _, _ = fetch(OK + b"X: y\r\n" * 62 + b"\r\nabcde")
    assert read_all(reply) == b"abcde"


def test_a_reply_without_a_usable_length_is_an_error():
    for head in (
        b"",
        b"Content-Length: \r\n",
        b"Content-Length: five\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 1.5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    ):
        refused(b"HTTP/1.1 200 OK\r\n" + head + b"\r\nabcde")


def test_headers_that_cannot_be_text_are_an_error_or_left_out():
    refused(OK + b"Ink-Clock: \xff\xfe\r\n\r\n")
    reply, _, _ = fetch(OK + b"Date: tomorrow\r\n\r\nabcde")
    assert reply.date == 0
    reply, _, _ = fetch(OK + b"X-Other: \xff\xfe\r\n: \r\nno colon\r\n\r\nabcde")
    assert reply.size == 5


def test_an_etag_that_could_not_be_sent_back_is_not_kept():
    for etag in (b"\xff", b'"a\rX: y"', b'"a b"', b'"\x00"', b'"' + b"x" * 63 + b'"'):
        reply, _, _ = fetch(OK + b"ETag: " + etag + b"\r\n\r\nabcde")
        assert reply.etag == b""
    longest = b'"' + b"x" * 62 + b'"'
    reply, _, _ = fetch(OK + b"ETag: " + longest + b"\r\n\r\nabcde")
    assert reply.etag == longest


def test_a_host_that_cannot_be_reached_is_an_error_and_the_radio_goes_off():
    for fails in ("getaddrinfo", "connect", "write"):
        assert "host:80" in refused(OK + b"\r\nabcde", fails)
    assert "broke off" in refused(OK + b"\r\nabcde", "head")


def test_without_a_radio_no_socket_is_opened():
    radio = Radio()
    radio.refuses = True
    raises(TransportError, http.Transport("http://host", radio).fetch, Request)


def test_a_body_that_breaks_off_is_a_transport_error():
    reply, _, _ = fetch(OK + b"\r\nabcde", fails="body")
    raises(TransportError, reply.readinto, memoryview(bytearray(3)))


def test_a_host_that_falls_silent_is_an_error_in_either_runtimes_way():
    class Silent(Sockets):
        def readinto(self, view):
            return Sockets.readinto(self, view) or None

    true = http.socket
    for answer, in_head in ((b"", True), (OK, True), (OK + b"\r\n", False)):
        radio = Radio()
        http.socket = Silent(answer)
        try:
            transport = http.Transport("http://host", radio)
            if in_head:
                raises(TransportError, transport.fetch, Request)
                assert not radio.is_on
            else:
                reply = transport.fetch(Request)
                raises(TransportError, reply.readinto, memoryview(bytearray(3)))
        finally:
            http.socket = true


def test_a_body_cut_short_just_ends():
    reply, _, _ = fetch(OK + b"\r\nab")
    assert read_all(reply) == b"ab"
    reply, _, _ = fetch(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nINK")
    raises(seal.WireError, seal.receive, reply, reply.size, None, None, 0)


def test_a_host_that_drips_does_not_hold_the_radio_for_ever():
    class Dripping(Sockets):
        def readinto(self, view):
            clock[0] += 14000  # just within the time for one read
            return Sockets.readinto(self, view)

    clock = [0]
    true_socket, true_ticks = http.socket, _message.ticks_ms
    radio = Radio()
    http.socket, _message.ticks_ms = Dripping(OK + b"\r\nabcde"), lambda: clock[0]
    try:
        raises(TransportError, http.Transport("http://host", radio).fetch, Request)
    finally:
        http.socket, _message.ticks_ms = true_socket, true_ticks
    assert clock[0] < 120000
    assert not radio.is_on
