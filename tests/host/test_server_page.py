"""The server's pages over real sockets: what people see, and under which names and ports."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from served import KEY, NOW, STEP_S, SYNC_EVERY_S, Served, frame, publish

from calendarbot.errors import NetworkError
from calendarbot.server import run
from calendarbot.server.app import create_app
from calendarbot.server.hosts import answers_to
from calendarbot.server.page import ago
from calendarbot.store.folder import FolderStore
from inkframe import seal

if TYPE_CHECKING:
    from pathlib import Path


def test_the_page_shows_each_display_with_its_picture_and_when_it_changes(server: Served) -> None:
    publish(server.store, 1, 2, 3)
    server.now = NOW + STEP_S + 5
    reply = server.get("/")
    assert reply.status == 200
    assert "<h2" in reply.text
    assert "Kitchen &amp; hall" in reply.text
    two = frame(2).id.hex()
    assert f'src="kitchen/current.png?{two}" width="32" height="8"' in reply.text
    assert 'alt="Kitchen &amp; hall: the page since 09:10 (Reason &lt;2&gt;)"' in reply.text
    assert '<time datetime="2026-11-24T09:20:00+00:00">09:20</time>' in reply.text
    assert "Reason &lt;3&gt;" in reply.text
    assert "No device seen yet" in reply.text
    assert server.get(f"/kitchen/current.png?{two}").body == b"\x89PNG 2"


def test_the_page_says_how_the_device_fares(server: Served) -> None:
    publish(server.store, 1)
    server.ask(status="v=1;wakes=7;failures=0;error=;battery_mv=3912;rssi_dbm=-61")
    server.now += 120
    text = server.get("/").text
    for shown in ("Up to date", "2 min ago", "3.91 V", "−61 dBm"):
        assert shown in text


@pytest.mark.parametrize(
    ("error", "words", "headline"),
    [
        ("panel", "its panel does not answer", "Device reports a problem"),
        ("transport", "could not reach this server", "Up to date"),
        ("<new>", "&lt;new&gt;", "Device reports a problem"),
    ],
)
def test_the_page_names_a_devices_last_error(
    server: Served, error: str, words: str, headline: str
) -> None:
    publish(server.store, 1)
    server.ask(status=f"v=1;failures=2;error={error};battery_mv=low")
    text = server.get("/").text
    assert words in text
    assert headline in text
    assert "Battery" not in text


@pytest.mark.parametrize(
    ("crash", "words"),
    [
        ("ValueError@inkframe/cycle.py:70*3", "ValueError@inkframe/cycle.py:70, 3 times"),
        ("watchdog*1", "restarted by its watchdog"),
        ("<script>", "&lt;script&gt;"),
    ],
)
def test_a_crash_is_still_on_the_page_when_the_device_is_well_again(
    server: Served, crash: str, words: str
) -> None:
    publish(server.store, 1)
    server.ask(status=f"v=1;error=;crash={crash};writes=2")
    server.now += 3_600
    server.ask(status="v=1;error=;writes=2")
    text = server.get("/").text
    assert words in text
    assert "Up to date" in text


def test_the_page_notices_a_device_that_is_late(server: Served) -> None:
    publish(server.store, 1)
    server.ask()
    server.now += SYNC_EVERY_S + 1_799
    assert '"state ok">Up to date' in server.get("/").text
    server.now += 60
    assert '"state warns">Device is late' in server.get("/").text


def test_a_page_that_ran_out_does_not_look_fresh(server: Served) -> None:
    publish(server.store, 1)
    server.ask()
    assert "Out of date" not in server.get("/").text
    assert server.get("/healthz").text == "ok\n"
    server.now = NOW + 86_400
    text = server.get("/").text
    assert '"state warns">Out of date' in text
    assert "Tue 24 Nov, 09:00" in text
    health = server.get("/healthz")
    assert (health.status, health.text) == (503, "kitchen: out of date\n")


def test_a_display_without_a_page_says_what_to_do(server: Served) -> None:
    text = server.get("/").text
    assert "Nothing published yet" in text
    assert "host build-frames" in text
    assert server.get("/kitchen/current.png").status == 404
    assert server.get("/healthz").text == "kitchen: nothing published yet\n"


def test_a_server_without_displays_says_so() -> None:
    with run.background(create_app({}, lambda: NOW)) as url:
        text = Served(url, FolderStore.__new__(FolderStore)).get("/").text
        assert "no displays in the configuration" in text


def test_the_page_needs_nothing_from_elsewhere_and_no_script(server: Served) -> None:
    publish(server.store, 1)
    page = server.get("/")
    assert "://" not in page.text.replace('xmlns="http://www.w3.org', "")
    assert "<script" not in page.text
    assert "style=" not in page.text
    style = server.get("/style.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "image-rendering: pixelated" in style.text
    assert server.get("/icon.svg").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize("path", ["/", "/kitchen/current.png", "/healthz", "/nothing"])
def test_pages_are_locked_down_by_their_headers(server: Served, path: str) -> None:
    publish(server.store, 1)
    headers = server.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_name_that_a_stranger_may_own_opens_no_page_but_serves_devices(server: Served) -> None:
    publish(server.store, 1)
    for path in ("/", "/kitchen/current.png"):
        reply = server.get(path, Host="attacker.example.com")
        assert reply.status == 421
        assert b"PNG" not in reply.body
    assert server.get("/kitchen/bundle.ink", Host="attacker.example.com").status == 200


@pytest.mark.parametrize(
    ("authority", "answered"),
    [
        ("127.0.0.1:8080", True),
        ("192.168.1.7", True),
        ("[::1]:8080", True),
        ("localhost:8080", True),
        ("raspberry", True),
        ("raspberry.local.", True),
        ("calendar.home.arpa", True),
        ("Calendar.Example.org:443", True),
        ("calendar.example.com", False),
        ("127.0.0.1.example.com", False),
        ("evil.com.local.example", False),
        ("", False),
        ("[zz]", False),
    ],
)
def test_pages_answer_to_names_that_nobody_else_can_own(authority: str, answered: bool) -> None:
    assert answers_to(authority, ["calendar.example.org"]) is answered


def test_how_long_ago_reads_like_a_person_says_it() -> None:
    assert [ago(s) for s in (5, 60, 7_199, 172_799, 172_800)] == [
        "just now",
        "1 min ago",
        "1 h ago",
        "47 h ago",
        "2 days ago",
    ]


# Ports


def test_a_taken_port_is_named_with_another_to_try() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(NetworkError) as caught:
            run.serve(create_app({}, lambda: NOW), port=port)
    assert caught.value.message == f"port {port} on 127.0.0.1 is taken"
    assert str(port + 1) in caught.value.hint


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "nowhere.invalid"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(NetworkError, match="is not an address of this machine"):
        run.listen(host, 0)


def test_a_port_that_needs_more_rights_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(NetworkError, match=r"port 80 on 127\.0\.0\.1: permission denied"):
        run.listen("127.0.0.1", 80)


def test_a_port_beyond_the_last_is_refused() -> None:
    with pytest.raises(NetworkError, match="there is no port 70000"):
        run.listen("127.0.0.1", 70_000)


def test_serve_says_its_address_once_it_answers_and_ends_on_an_interrupt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[str] = []

    def interrupt(url: str) -> None:
        heard.append(url)
        raise KeyboardInterrupt

    run.serve(create_app({}, lambda: NOW), port=0, ready=interrupt)
    assert heard[0].startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("change=-1795510000", "given up: it did not work in three tries"),
        ("change=1795510000", "taken"),
        ("tls=expired", "it has run out"),
        ("tls=<b>", "&lt;b&gt;"),
    ],
)
def test_the_page_says_what_became_of_a_change_and_of_the_certificate(
    server: Served, status: str, words: str
) -> None:
    publish(server.store, 1)
    server.ask(status=f"v=1;{status}")
    assert words in server.get("/").text


def test_the_page_says_that_a_device_has_not_heard_of_a_change(server: Served) -> None:
    publish(server.store, 1)
    server.store.put_change(
        "kitchen", seal.seal(b"{}" + b" " * 70, NOW, seal.derive(KEY, "change"))
    )
    server.ask(status=f"v=1;change={NOW - 9}")
    assert "not heard of yet" in server.get("/").text
    server.ask(status=f"v=1;change={NOW}")
    assert "not heard of yet" not in server.get("/").text


def test_a_change_that_cannot_be_read_spoils_no_page(server: Served, tmp_path: Path) -> None:
    publish(server.store, 1)
    server.ask()
    (tmp_path / "kitchen" / "change.ink").mkdir()
    reply = server.get("/")
    assert reply.status == 200
    assert "Last seen" in reply.text
