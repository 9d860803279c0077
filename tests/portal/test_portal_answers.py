"""The portal as programs meet it: phones that look for an internet, and whatever else comes along."""

from __future__ import annotations

import http.client
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from fresh_board import fresh_board, started
from hypothesis import given
from hypothesis import strategies as st

from inkframe.errors import ConfigError
from inkframe.portal import dns, page
from inkframe.portal.code import MOST_LETTERS, Pairing, pack, unpack
from inkframe.portal.request import MOST_BYTES, Request, read_form
from inkframe.portal.server import Portal

if TYPE_CHECKING:
    from pathlib import Path

    from fresh_board import Board

HERE = bytes((192, 168, 4, 1))
NAME = st.from_regex(r"[a-z0-9_.-]{1,40}", fullmatch=True)


def ask(board: Board, host: str, path: str, method: str = "GET") -> http.client.HTTPResponse:
    port = int(board.url.rstrip("/").rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers={"Host": host})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def raw(board: Board, sent: bytes) -> bytes:
    """What comes back; nothing where the connection was broken off over what was sent and not read."""
    port = int(board.url.rstrip("/").rpartition(":")[2])
    got = b""
    with socket.create_connection(("127.0.0.1", port), 10) as link, suppress(OSError):
        link.sendall(sent)
        link.shutdown(socket.SHUT_WR)
        while piece := link.recv(4096):
            got += piece
    return got


def test_whatever_a_phone_asks_for_leads_to_the_page(board: Board) -> None:
    for host, path in (
        ("captive.apple.com", "/hotspot-detect.html"),
        ("connectivitycheck.gstatic.com", "/generate_204"),
        ("www.msftconnecttest.com", "/connecttest.txt"),
        ("detectportal.firefox.com", "/"),
    ):
        response = ask(board, host, path)
        assert (response.status, response.headers["Location"]) == (302, board.url)
    assert ask(board, board.url[7:-1], "/").status == 200

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(10)
        asked = b"\0\x01\1\0\0\1\0\0\0\0\0\0\7captive\5apple\3com\0\0\1\0\1"
        link.sendto(asked, ("127.0.0.1", board.dns_port))
        assert link.recv(512).endswith(bytes((127, 0, 0, 1)))


def test_a_form_sent_from_a_page_of_somebody_else_changes_nothing(board: Board) -> None:
    response = ask(board, "evil.example", "/", "POST")
    assert response.status == 302


def test_connections_that_say_nothing_and_nonsense_hold_nobody_up(board: Board) -> None:
    port = int(board.url.rstrip("/").rpartition(":")[2])
    silent = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(12)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        for noise in (b"", b"\xff" * 500, bytes(2000)):
            link.sendto(noise, ("127.0.0.1", board.dns_port))
    for noise, status in (
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 2000, b"431"),
        (b"PUT / HTTP/1.1\r\nHost: " + board.url[7:-1].encode() + b"\r\n\r\n", b"405"),
        (b"POST / HTTP/1.1\r\nContent-Length: 90000\r\n\r\n", b"413"),
    ):
        assert raw(board, noise)[9:12] in (status, b"")
    assert ask(board, board.url[7:-1], "/").status == 200
    for link in silent:
        link.close()
    assert board.process.poll() is None


def test_a_button_held_at_the_start_takes_the_configuration_away_and_brings_the_page(
    tmp_path: Path,
) -> None:
    (tmp_path / "config.json").write_text(CONFIG)
    (tmp_path / "state").write_bytes(b"of before")
    (tmp_path / "held").write_text("3 20")
    with started(tmp_path, 1, 1) as process:
        printed, _ = process.communicate(timeout=30)
    assert printed.endswith("factory reset: the configuration is gone\nrestarted\n"), printed
    assert not (tmp_path / "config.json").exists()
    assert not (tmp_path / "state").exists()
    (tmp_path / "held").unlink()
    with fresh_board(tmp_path) as board:
        assert ask(board, board.url[7:-1], "/").status == 200


CONFIG = """{"display": "kitchen", "server": "http://127.0.0.1:1", "key": null, "panel": "waveshare_7in5_v2",
 "pins": {"cs": 5, "dc": 17, "reset": 16, "busy": 4}, "spi": {"id": 1, "baud_hz": 10000000},
 "wifi": {"ssid": "home", "password": ""}, "longest_sleep_s": 43200, "buttons": {"refresh": 3}}"""


class _Nowhere:
    def networks(self) -> list[tuple[str, int, bool]]:
        return []

    def join(self, _name: str, _password: str) -> None:
        raise AssertionError


def test_when_nobody_comes_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[str] = []
    for idle_ms, longest_ms in ((-1, 10_000), (10_000, -1)):
        portal = Portal(_Nowhere(), "{}", "127.0.0.1", 0, 0, log.append)
        assert portal.run(idle_ms, longest_ms) == ""


@given(st.binary(max_size=600))
def test_any_bytes_for_a_question_are_answered_or_left_alone(message: bytes) -> None:
    reply = dns.answer(message, HERE)
    assert reply == b"" or (reply[:2] == message[:2] and len(reply) <= len(message) + 16)


@given(st.lists(st.binary(max_size=3000), max_size=12))
def test_any_bytes_for_a_request_take_bounded_room(pieces: list[bytes]) -> None:
    request = Request()
    for piece in pieces:
        request.feed(piece)
    assert request.status in (0, 200, 400, 413, 431)
    assert len(request._raw) <= MOST_BYTES


@given(st.binary(max_size=500))
def test_any_bytes_for_a_form_are_fields_of_text(body: bytes) -> None:
    for name, value in read_form(body).items():
        shown = "".join(page.form_page([], {"code": value}, name))
        assert page.escape(value) in shown


@given(st.text(max_size=MOST_LETTERS))
def test_any_text_for_a_code_is_refused_in_words(text: str) -> None:
    with pytest.raises(ConfigError, match=r"code|long"):
        unpack(text)


@given(NAME, NAME, NAME, st.binary(min_size=32, max_size=32), st.integers(0, 2**32 - 1))
def test_codes_come_back_as_they_were(
    display: str, panel: str, server: str, key: bytes, made_at: int
) -> None:
    again = unpack(pack(Pairing(display, panel, "http://" + server, key, made_at)))
    assert (again.display, again.panel, again.server) == (display, panel, "http://" + server)
    assert (again.key, again.made_at) == (key, made_at)
