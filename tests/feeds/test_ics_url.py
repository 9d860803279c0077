"""Feeds against a real server: what each answer costs, what is said of it, and what stands in."""

from __future__ import annotations

import gzip
import ssl
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from desk import START
from servers import CALENDAR, Asked, Server, answer, running

from calendarbot.web import client

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from desk import Desk

OTHER = CALENDAR.replace(b"Assembly", b"Sports day")


def content(reading: Any) -> bytes:
    assert reading.problem == ""
    return reading.data.texts[0].content


def test_a_feed_is_read_as_it_is(desk: Desk, server: Server) -> None:
    assert content(desk.read(url=server.url)) == CALENDAR
    assert server.asked[0].headers["user-agent"].startswith("CalendarBot/")


def test_an_unchanged_feed_costs_one_conditional_request(desk: Desk, server: Server) -> None:
    server.answers(
        answer(ETag='"a"', Last_Modified="Mon, 23 Nov 2026 08:00:00 GMT"),
        answer("304 Not Modified", b"", ETag='"a"'),
    )
    desk.read(url=server.url)
    desk.later(minutes=5)

    assert content(desk.read(url=server.url)) == CALENDAR

    assert len(server.asked) == 2
    assert server.asked[1].headers["if-none-match"] == '"a"'
    assert server.asked[1].headers["if-modified-since"] == "Mon, 23 Nov 2026 08:00:00 GMT"


def test_a_process_that_keeps_running_asks_no_more_often_than_refresh(
    desk: Desk, server: Server
) -> None:
    desk.process = desk.reader()
    for _ in range(3):
        assert content(desk.read(url=server.url, refresh="5min")) == CALENDAR
        desk.later(minutes=1)
    assert len(server.asked) == 1

    desk.later(minutes=2)
    desk.read(url=server.url, refresh="5min")
    assert len(server.asked) == 2


def test_once_a_day_a_feed_is_fetched_whatever_its_server_says(desk: Desk, server: Server) -> None:
    def says_unchanged_for_ever(asked: Asked, _: socket.socket) -> bytes:
        if "if-none-match" in asked.headers:
            return answer("304 Not Modified", b"")
        return answer(ETag='"same"', body=OTHER if len(server.asked) > 1 else CALENDAR)

    server.handler = says_unchanged_for_ever
    desk.read(url=server.url)
    desk.later(hours=23)
    assert content(desk.read(url=server.url)) == CALENDAR

    desk.later(hours=2)
    assert content(desk.read(url=server.url)) == OTHER

    # New content under an old ETag: this server is not believed again.
    desk.later(minutes=5)
    assert content(desk.read(url=server.url)) == OTHER
    assert "if-none-match" not in server.asked[-1].headers


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_a_compressed_feed_is_unpacked(
    desk: Desk, server: Server, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    server.answers(answer(body=pack(CALENDAR), Content_Encoding=encoding))

    assert content(desk.read(url=server.url)) == CALENDAR
    assert encoding in server.asked[0].headers["accept-encoding"]


def test_webcal_is_had_over_http_where_the_server_has_no_tls(desk: Desk, server: Server) -> None:
    url = server.url.replace("http:", "webcal:")

    assert content(desk.read(url=url)) == CALENDAR
    desk.read(url=url)
    assert [asked.method for asked in server.asked] == ["GET", "GET"]


def assert_copy_stands_in(desk: Desk, problem: str, **calendar: Any) -> None:
    """`problem` is said, once with a copy from START, and again when that is too old."""
    desk.later(hours=1)
    reading = desk.read(**calendar)
    assert problem in reading.problem
    assert reading.copy_from == START
    assert reading.data is not None
    assert reading.data.texts[0].content == CALENDAR
    desk.later(days=8)
    reading = desk.read(**calendar)
    assert (reading.data, reading.copy_from) == (None, None)
    assert "its last good copy is 8 days old, too old to be shown" in reading.problem


BAD_ANSWERS = [
    (answer("500 Internal Server Error", b"oops"), "the server has a problem (500)", 3),
    (answer("404 Not Found", b""), "there is nothing at this address (404)", 1),
    (answer("410 Gone", b""), "gone for good (410)", 1),
    (answer("401 Unauthorized", b"", WWW_Authenticate="Basic"), "asks for a login", 1),
    (answer("403 Forbidden", b""), "refuses access (403)", 1),
    (answer("418 Teapot", b""), "answers with status 418", 1),
    (answer(length=len(CALENDAR) + 10), "broke off before the end", 3),
    (answer(body=CALENDAR[:-9]), "cut short", 1),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nBEGIN\r\n40\r\n:VCAL",
        "broke off before the end",
        3,
    ),
    (b"HTTP/1.1 200 OK\r\n\r\n" + CALENDAR[:40], "cut short", 1),
    (b"", "broke the connection off", 3),
    (b"\x00\x01\x02 not HTTP at all\r\n\r\n", "could not be read", 3),
    (answer(body=b"<!DOCTYPE html><html>Log in"), "it looks like a web page", 1),
    (answer(body=b""), "it is empty", 1),
    (answer(body=b"\x1f\x8bgarbage", Content_Encoding="gzip"), "cannot be unpacked", 1),
    (answer("302 Found", b"", Location="/calendar.ics"), "redirects more than 5 times", 1),
    (answer("302 Found", b"", Location="file:///etc/passwd"), "no web address (file:)", 1),
    (answer("302 Found", b"", Location="http://[half"), "sent something that is not valid", 1),
]


@pytest.mark.parametrize(("bad", "problem", "tries"), BAD_ANSWERS)
def test_a_bad_answer_is_named_and_the_last_good_copy_stays(
    desk: Desk, server: Server, bad: bytes, problem: str, tries: int
) -> None:
    desk.read(url=server.url)
    server.asked.clear()
    server.answers(bad)

    desk.later(hours=1)
    reading = desk.read(url=server.url)
    assert problem in reading.problem
    assert reading.problem.startswith(f"127.0.0.1:{server.port}/calendar.ics: ")
    assert len({asked.path for asked in server.asked}) == 1
    assert len(server.asked) in (tries, 6)
    assert len(desk.pauses_s) == tries - 1
    desk.now = START

    assert_copy_stands_in(desk, problem, url=server.url)


def test_tries_are_spread_and_a_server_that_recovers_is_read(desk: Desk, server: Server) -> None:
    server.answers(answer("503 Busy", b""), answer("502 Bad Gateway", b""), answer())

    assert content(desk.read(url=server.url)) == CALENDAR
    assert desk.pauses_s == [0.5, 1.0]


def test_a_server_that_asks_to_wait_is_left_alone_by_every_process(
    desk: Desk, server: Server
) -> None:
    server.answers(answer("429 Too Many", b"", Retry_After="3600"), answer())
    assert "asked too often" in desk.read(url=server.url).problem

    desk.later(minutes=59)
    assert "asked too often" in desk.read(url=server.url).problem
    assert len(server.asked) == 1

    desk.later(minutes=2)
    assert content(desk.read(url=server.url)) == CALENDAR
    desk.later(minutes=2)
    assert content(desk.read(url=server.url)) == CALENDAR


def test_nothing_that_listens_is_said(desk: Desk, server: Server) -> None:
    with running(Server()) as other:
        desk.read(url=other.url)
        url = other.url

    assert_copy_stands_in(desk, "nothing listens there", url=url)


def test_a_name_nobody_knows_is_said(desk: Desk) -> None:
    def no_such_name(*_: Any) -> list[Any]:
        raise client.socket.gaierror(-2, "Name or service not known")

    desk.web["getaddrinfo"] = no_such_name

    reading = desk.read(url="https://feeds.example.org/secret-token/basic.ics")

    assert reading.problem == "feeds.example.org/…/basic.ics: no such host, or no network"


@pytest.mark.parametrize("where", ["headers", "body", "silence"])
def test_a_server_that_sends_a_byte_now_and_then_is_cut_off_at_the_deadline(
    desk: Desk, server: Server, where: str
) -> None:
    alarms: list[Callable[[], None]] = []

    class ByHand:
        daemon = True

        def __init__(self, _seconds: float, ring: Callable[[], None]) -> None:
            alarms.append(ring)

        def start(self) -> None: ...

        def cancel(self) -> None: ...

    def trickle(_: Asked, connection: socket.socket) -> None:
        beginning = {"headers": b"HTTP/1.1 200", "body": answer(length=9999), "silence": b""}
        connection.sendall(beginning[where])
        alarms[-1]()
        while connection.recv(1):  # until the other side has hung up
            pass

    desk.read(url=server.url)
    server.handler = trickle
    desk.web["alarm"] = ByHand

    reading = desk.read(url=server.url)

    assert reading.problem.endswith("gave no complete answer within 30 s")
    assert reading.copy_from == START
    assert desk.pauses_s == []


@pytest.mark.parametrize("declared", [True, False])
def test_a_feed_of_200_megabytes_is_refused_in_little_memory(
    desk: Desk, server: Server, declared: bool
) -> None:
    sent = 0

    def flood(_: Asked, connection: socket.socket) -> None:
        nonlocal sent
        length = f"Content-Length: {200 * 1024**2}\r\n" if declared else ""
        connection.sendall(f"HTTP/1.1 200 OK\r\n{length}Connection: close\r\n\r\n".encode())
        connection.sendall(CALENDAR[:-15])
        line = b"X-FILLER:" + b"x" * 65525 + b"\r\n"
        while sent < 200 * 1024**2:
            connection.sendall(line)
            sent += len(line)

    server.handler = flood
    tracemalloc.start()
    try:
        reading = desk.read(url=server.url)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert reading.problem.endswith("sent more than 64 MiB")
    assert sent < 100 * 1024**2
    assert peak < (8 if declared else 200) * 1024**2


def test_a_bomb_is_not_unpacked_beyond_the_limit(desk: Desk, server: Server) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"\n" * 1024**2
    bomb = b"".join(
        [packer.compress(CALENDAR[:-15]), *(packer.compress(block) for _ in range(128))]
    )
    server.answers(answer(body=bomb + packer.flush(), Content_Encoding="gzip"))
    assert len(bomb) < 1024**2

    tracemalloc.start()
    try:
        reading = desk.read(url=server.url)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert reading.problem.endswith("sent more than 64 MiB")
    assert peak < 250 * 1024**2


def test_a_certificate_nobody_vouches_for_is_refused_and_a_private_authority_accepted(
    desk: Desk, tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    with running(Server(tls=tls)) as server:
        reading = desk.read(url=server.url)
        assert "no secure connection: " in reading.problem
        assert "ca_file" in reading.hint
        assert server.asked == []

        assert content(desk.read(url=server.url, ca_file="ca.pem")) == CALENDAR
        assert_copy_stands_in(desk, "no secure connection", url=server.url)


def test_a_feed_that_moved_for_good_is_asked_where_it_is_now(desk: Desk, server: Server) -> None:
    with running(Server()) as new:
        server.answers(answer("301 Moved Permanently", b"", Location=new.url + "?token=s3cr3t"))

        reading = desk.read(url=server.url)
        assert content(reading) == CALENDAR
        assert "has moved for good" in reading.data.notice
        assert f"127.0.0.1:{new.port}/calendar.ics" in reading.data.notice
        assert "s3cr3t" not in reading.data.notice

        assert desk.read(url=server.url).data.notice == reading.data.notice
        assert (len(server.asked), len(new.asked)) == (1, 2)

        # It moved once more, or back: the old address knows.
        new.answers(answer("404 Not Found", b""))
        server.answers(answer(body=OTHER))
        assert content(desk.read(url=server.url)) == OTHER
    assert content(desk.read(url=server.url)) == OTHER


def test_a_feed_that_moved_for_now_is_asked_where_it_was(desk: Desk, server: Server) -> None:
    with running(Server()) as new:
        server.answers(answer("307 Temporary Redirect", b"", Location=new.url))
        for _ in range(2):
            reading = desk.read(url=server.url)
            assert content(reading) == CALENDAR
            assert reading.data.notice == ""
        assert (len(server.asked), len(new.asked)) == (2, 2)


def test_a_login_is_shown_to_its_own_server_alone(desk: Desk, server: Server) -> None:
    with running(Server()) as other:
        server.answers(answer("302 Found", b"", Location=other.url))
        desk.read(url=server.url, user="ann", password="opensesame")

        assert server.asked[0].headers["authorization"] == "Basic YW5uOm9wZW5zZXNhbWU="
        assert "authorization" not in other.asked[0].headers


def test_a_login_in_the_address_and_a_token_are_used(
    desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEED_TOKEN", "t0ken")
    desk.read(url=server.url.replace("//", "//ann:open%20sesame@"))
    desk.read(url=server.url, token="env:FEED_TOKEN")

    assert [asked.headers["authorization"] for asked in server.asked] == [
        "Basic YW5uOm9wZW4gc2VzYW1l",
        "Bearer t0ken",
    ]


def test_copies_are_for_their_owner_alone_and_name_no_secret(desk: Desk, server: Server) -> None:
    desk.read(url=f"{server.url}?key=s3cr3t")

    files = [path for path in (desk.folder / "copies").rglob("*") if path.is_file()]
    assert len(files) == 2
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.parent.stat().st_mode & 0o777 for path in files} == {0o700}
    assert not any("s3cr3t" in str(path) for path in files)


@pytest.mark.parametrize("damage", ["meta.json", "*.zip"])
def test_a_damaged_copy_is_no_copy(desk: Desk, server: Server, damage: str) -> None:
    desk.read(url=server.url)
    (path,) = (desk.folder / "copies").rglob(damage)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    server.answers(answer("500 Internal Server Error", b""))

    assert desk.read(url=server.url).data is None

    server.answers(answer())
    assert content(desk.read(url=server.url)) == CALENDAR


def test_a_proxy_of_the_environment_is_used(
    desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.port}")

    assert content(desk.read(url="http://feeds.example.invalid/x/basic.ics")) == CALENDAR
    assert server.asked[0].path == "http://feeds.example.invalid/x/basic.ics"


def test_netrc_is_not_looked_into(
    desk: Desk, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ann password opensesame\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    desk.read(url=server.url)

    assert "authorization" not in server.asked[0].headers
