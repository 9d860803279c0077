"""The portal's parts that need no network: the pairing code, names, requests, and what the form may say."""

import json
import struct

from check import KEY, NOON, raises

from inkframe import wire
from inkframe.config import Config
from inkframe.errors import ConfigError
from inkframe.portal import dns, page, setup
from inkframe.portal.code import Pairing, pack, unpack
from inkframe.portal.notice import show_notice
from inkframe.portal.request import MOST_BYTES, Request, read_form

CODE = pack(Pairing("kitchen", "waveshare_7in5_v2", "http://192.168.1.10:8080", KEY, NOON))
BOARD = """{"pins": {"cs": 5, "dc": 17, "reset": 16, "busy": 4}, "spi": {"id": 2, "baud_hz": 10000000},
 "longest_sleep_s": 43200, "frame_ram_bytes": 96000, "buttons": {"refresh": 3}}"""
NETWORKS = [("home", -50, True), ("guests", -70, False)]
HERE = b"\xc0\xa8\x04\x01"


def trouble(function, *args):
    return str(raises(ConfigError, function, *args))


def test_a_code_says_what_was_packed_into_it():
    for text in (CODE, " " + CODE[:40] + "\r\n" + CODE[40:], "http://192.168.4.1/#" + CODE):
        pairing = unpack(text)
        assert (pairing.display, pairing.panel) == ("kitchen", "waveshare_7in5_v2")
        assert (pairing.server, pairing.key) == ("http://192.168.1.10:8080", KEY)
        assert pairing.made_at == NOON


def test_a_code_with_a_mistake_is_refused_and_never_repeated():
    for at in range(len(CODE)):
        wrong = CODE[:at] + ("A" if CODE[at] != "A" else "B") + CODE[at + 1 :]
        for text in (wrong, CODE[:at], CODE[:at] + CODE[at + 1 :]):
            message = trouble(unpack, text)
            assert "code" in message
            assert at < 8 or text[:8] not in message


def test_a_code_of_other_letters_or_too_many_is_refused():
    assert "letter" in trouble(unpack, "käse")
    assert "letter" in trouble(unpack, CODE + "!")
    assert "missing" in trouble(unpack, " \n")
    assert "too long" in trouble(unpack, CODE * 20)
    assert "newer" in trouble(unpack, _repacked(b"\x02"))


def _repacked(head):
    from binascii import a2b_base64, b2a_base64

    from inkframe.compat import crc32

    raw = a2b_base64(CODE.replace("-", "+").replace("_", "/") + "=" * (-len(CODE) % 4))
    raw = head + raw[len(head) : -4]
    return b2a_base64(raw + struct.pack("<I", crc32(raw))).strip(b"\n=").decode()


def question(name, kind=1, flags=0x0100, count=1):
    labels = b"".join(bytes([len(part)]) + part for part in name.split(b".") if part) + b"\0"
    return struct.pack(">HHHHHH", 7, flags, count, 0, 0, 0) + labels + struct.pack(">HH", kind, 1)


def test_every_name_is_here():
    for name in (b"captive.apple.com", b"x", b".".join([b"a" * 63] * 3)):
        reply = dns.answer(question(name), HERE)
        assert reply[:2] == b"\0\x07"
        assert struct.unpack(">HHHHH", reply[2:12]) == (0x8500, 1, 1, 0, 0)
        assert reply.endswith(b"\xc0\x0c\0\x01\0\x01\0\0\0\x0a\0\x04" + HERE)


def test_a_question_for_another_kind_of_address_is_told_that_there_is_none():
    reply = dns.answer(question(b"connectivitycheck.gstatic.com", 28), HERE)
    assert struct.unpack(">HHHHH", reply[2:12]) == (0x8500, 1, 0, 0, 0)


def test_what_is_no_question_is_not_answered():
    good = question(b"a.b")
    for wrong in (
        b"",
        good[:12],
        good[:-1],
        good + bytes(512),
        question(b"a.b", flags=0x8000),
        question(b"a.b", flags=0x2800),
        question(b"a.b", count=2),
        question(b".".join([b"a" * 63] * 5)),
        good[:12] + b"\xc0\x0c" + good[-4:],
        good[:12] + b"\x3fshort",
    ):
        assert dns.answer(wrong, HERE) == b""


def fed(raw, step=1 << 20):
    request = Request()
    for at in range(0, len(raw), step):
        request.feed(raw[at : at + step])
    return request


POST = b"POST /?x HTTP/1.1\r\nHost: 192.168.4.1\r\nContent-Length: 7\r\n\r\na=1&b=2"


def test_a_request_is_read_in_pieces_of_any_size():
    for step in (1, 2, 7, 1000):
        request = fed(POST, step)
        assert (request.status, request.method, request.path) == (200, b"POST", b"/")
        assert (request.host, request.body) == (b"192.168.4.1", b"a=1&b=2")
    assert fed(POST[:-1]).status == 0
    assert fed(POST + b"more").body == b"a=1&b=2"


def test_a_request_that_is_none_or_too_large_is_refused():
    for raw, status in (
        (b"\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/2\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\0\x01\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 999999\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 9000, 431),
    ):
        for step in (100, 1 << 20):
            request = fed(raw, step)
            assert request.status == status, raw[:40]
            assert len(request._raw) <= MOST_BYTES


def test_fields_come_as_they_were_typed():
    form = read_form(
        b"network=Caf%C3%A9+%26+Co&password=a%2Bb%25&network=other&code=A%0D%0AB&empty="
    )
    assert form["network"] == "Café & Co"
    assert form["password"] == "a+b%"
    assert form["code"] == "A\r\nB"
    assert form["empty"] == ""


def test_fields_that_are_not_text_are_empty():
    for value in (b"%", b"%4", b"%zz", b"%ff", b"%00", b"%-1", b"\xff"):
        assert read_form(b"a=" + value).get("a") == ""
    assert len(read_form(b"&".join(b"k%d=1" % at for at in range(100)))) <= 16


def test_the_strongest_of_each_name_is_offered_and_what_cannot_be_typed_is_not():
    scan = [
        (b"home", b"1", 6, -70, 3, False),
        (b"home", b"2", 6, -50, 3, False),
        (b"guests", b"3", 6, -40, 0, False),
        (b"", b"4", 6, -20, 3, True),
        (b"\0\0", b"5", 6, -20, 3, True),
        (b"\xff\xfe", b"6", 6, -20, 3, False),
    ]
    assert setup.ranked(scan) == [("guests", -40, False), ("home", -50, True)]
    many = [(b"n%d" % at, b"", 1, -at, 3, False) for at in range(50)]
    assert len(setup.ranked(many)) == 12


def test_wifi_that_cannot_be_right_is_said_in_words():
    wrong = setup.chosen_wifi
    assert "Choose" in trouble(wrong, {}, NETWORKS)
    assert "needs its password" in trouble(wrong, {"network": "home"}, NETWORKS)
    assert "32 letters" in trouble(wrong, {"other": "ü" * 17}, NETWORKS)
    for password in ("1234567", "x" * 65, "x" * 64, "swördfish"):
        message = trouble(wrong, {"network": "home", "password": password}, NETWORKS)
        assert "8 to 63" in message
        assert password not in message


def test_a_network_out_of_the_list_or_typed_by_hand_is_taken():
    assert setup.chosen_wifi({"network": "home", "password": "swordfish"}, NETWORKS) == (
        "home",
        "swordfish",
    )
    assert setup.chosen_wifi({"network": "guests", "password": "left over"}, NETWORKS) == (
        "guests",
        "",
    )
    typed = {"network": "home", "other": "hidden ", "password": "ab" * 32}
    assert setup.chosen_wifi(typed, NETWORKS) == ("hidden", "ab" * 32)


def test_code_and_board_make_a_configuration():
    text = setup.config_text(BOARD, CODE, "", ("home", "swordfish"))
    config = Config(text)
    assert (config.display, config.panel, config.key) == ("kitchen", "waveshare_7in5_v2", KEY)
    assert (config.server, config.time_floor) == ("http://192.168.1.10:8080", NOON)
    assert config.pins["busy"] == 4
    assert json.loads(text)["buttons"] == {"refresh": 3}
    assert Config(setup.config_text(BOARD, CODE, " https://host/x ", ("", ""))).server == (
        "https://host/x"
    )


def test_an_address_that_is_none_is_refused():
    for server in ("host:8080", "ftp://host", "http://", "http://a b", "http://x" * 40):
        assert "address" in trouble(setup.config_text, BOARD, CODE, server, ("home", ""))


def test_what_was_typed_comes_back_as_text_and_never_as_a_page():
    evil = '"><script>&'
    shown = "".join(page.form_page([(evil, -50, True)], {"network": evil, "code": evil}, evil))
    assert evil not in shown
    assert shown.count("&quot;&gt;&lt;script&gt;&amp;") == 4
    assert " checked>" in shown


class Panel:
    """Keeps what it is told to show."""

    rotation = 0

    def __init__(self, width_px, height_px, bpp, planes):
        self.width_px, self.height_px, self.bpp, self.planes = width_px, height_px, bpp, planes

    def show(self, new, held, refresh, window):
        self.shown = b"".join(bytes(piece) for piece in new.pieces(0, new.length))
        assert len(self.shown) == new.length
        assert (held, refresh) == (None, wire.FULL)


def test_the_panel_says_which_network_to_join_and_is_white_else():
    for bpp, planes in ((1, 1), (1, 2), (2, 1), (4, 1)):
        panel = Panel(200, 96, bpp, planes)
        show_notice(panel, lambda text: bytes(8 * len(text)), "Wi-Fi: calendar-4f2a")
        white = wire.white(bpp)
        stride = 200 * bpp // 8
        box = range((96 - 14) * stride, 96 * stride)
        differs = [at for at in range(len(panel.shown)) if panel.shown[at] != white]
        assert differs
        assert all(at in box for at in differs)
