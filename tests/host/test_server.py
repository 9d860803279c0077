"""The server over real sockets: what devices, people and strangers get."""

from __future__ import annotations

import hashlib
import logging
import secrets
import socket
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from calendarbot import updates
from calendarbot.bundle import Plan, encode_frame, pack_body, read_body, read_frames
from calendarbot.errors import NetworkError, StoreError
from calendarbot.model import Frame
from calendarbot.server import run
from calendarbot.server.app import create_app
from calendarbot.server.device import parse_status
from calendarbot.server.display import Desk, ServedDisplay
from calendarbot.server.hosts import answers_to
from calendarbot.server.page import ago
from calendarbot.store import Manifest, Page, Publication
from calendarbot.store.folder import FolderStore
from inkframe import seal, wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

KEY = bytes(range(32))
NOW = 1_795_510_800  # Tue 2026-11-24 09:00 UTC
STEP_S = 600
SYNC_EVERY_S = 3_600
SIZE = (32, 8)


def frame(seed: int) -> Frame:
    return Frame(*SIZE, 1, 1, hashlib.sha256(bytes([seed])).digest())


def publish(
    store: FolderStore, *seeds: int, key: bytes | None = KEY, name: str = "kitchen"
) -> Manifest:
    plan = Plan(*SIZE, 1, 1, NOW, NOW + SYNC_EVERY_S, NOW + 86_400, 60)
    pages = []
    held = None
    for index, seed in enumerate(seeds):
        new = frame(seed)
        encoded = encode_frame(new, held, NOW + index * STEP_S)
        pages.append(Page(encoded, new.data, b"\x89PNG %d" % seed, f"Reason <{seed}>"))
        held = new
    body = pack_body(plan, [page.encoded for page in pages])
    publication = Publication(name, "panel", "agenda", plan, tuple(pages))
    return store.publish(publication, lambda sequence: seal.seal(body, sequence, key), NOW)


def next_ask(now: int, changes: Sequence[int]) -> int:
    return min((change for change in changes if change > now + 1_800), default=now + SYNC_EVERY_S)


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Served:
    """A running server whose clock the test holds, and the means to ask it."""

    def __init__(self, url: str, store: FolderStore) -> None:
        self.url = url
        self.store = store
        self.now = NOW

    def get(self, path: str, method: str = "GET", **headers: str) -> Reply:
        where = urlsplit(self.url)
        connection = HTTPConnection(where.hostname or "", where.port, timeout=20)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=named)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, found, response.read())
        finally:
            connection.close()

    def ask(
        self,
        held: bytes = wire.NO_FRAME,
        etag: str = "",
        status: str = "v=1;wakes=3",
        key: bytes = KEY,
        **more: str,
    ) -> Reply:
        """As a device asks."""
        return self.get(
            "/kitchen/bundle.ink", **{**device_headers(held, etag, status, key), **more}
        )


def device_headers(held: bytes, etag: str, status: str, key: bytes) -> dict[str, str]:
    nonce = secrets.token_hex(8)
    message = "|".join((etag, held.hex(), status, nonce)).encode()
    return {
        "Ink_Held": held.hex(),
        "Ink_Status": status,
        "Ink_Nonce": nonce,
        "Ink_Tag": seal.mac(seal.derive(key, "request"), message).hex(),
        **({"If_None_Match": etag} if etag else {}),
    }


def displays(store: FolderStore, key: bytes | None = KEY) -> dict[str, ServedDisplay]:
    return {
        "kitchen": ServedDisplay("kitchen", "Kitchen & hall", store, key, UTC, next_ask),
    }


@contextmanager
def serving(folder: Path, key: bytes | None = KEY) -> Iterator[Served]:
    store = FolderStore(folder)
    served = Served("", store)
    with run.background(create_app(displays(store, key), lambda: served.now + 0.5)) as url:
        served.url = url
        yield served


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as served:
        yield served


def frames_in(reply: Reply, key: bytes | None = KEY) -> list[tuple[str, bytes]]:
    """("key" or the held frame's id, id) of every frame in a reply's bundle."""
    _, table, body = read_body(reply.body, key)
    return [("key" if f.is_key else f.base.hex(), f.id) for f in read_frames(table, body)]


# Devices


def test_an_update_on_offer_is_named_in_the_reply_and_handed_out(server: Served) -> None:
    publish(server.store, 1)
    assert server.get("/kitchen/update.ink").status == 404
    raw = updates.pack({"x.mpy": b"x"}, 0, NOW, "rp2040", KEY)
    server.store.offer("kitchen", raw)
    reply = server.ask(status="v=1;app=0")
    assert reply.headers["ink-update"].startswith(f"{NOW}.{len(raw)}.")
    assert "ink-update" not in server.ask(status="v=1;app=0", key=bytes(32)).headers
    handed = server.get("/kitchen/update.ink")
    assert handed.body == raw
    assert int(handed.headers["content-length"]) == len(raw)
    assert "content-security-policy" not in handed.headers


def test_a_device_that_has_nothing_gets_the_frame_due_as_a_key_frame(server: Served) -> None:
    manifest = publish(server.store, 1, 2, 3)
    server.now = NOW + STEP_S
    reply = server.ask()
    assert reply.status == 200
    two, three = frame(2).id, frame(3).id
    assert frames_in(reply) == [("key", two), (two.hex(), three)]
    assert reply.headers["etag"] == f'"{manifest.sequence:x}-{manifest.bundle}"'
    assert len(reply.headers["etag"]) <= 64
    assert int(reply.headers["content-length"]) == len(reply.body)
    assert "transfer-encoding" not in reply.headers
    assert read_body(reply.body, KEY)[0].sequence == manifest.sequence


def test_a_device_that_shows_an_old_page_gets_a_delta_from_it(server: Served) -> None:
    publish(server.store, 9)
    publish(server.store, 1, 2)
    reply = server.ask(held=frame(9).id)
    one = frame(1).id
    assert frames_in(reply) == [(frame(9).id.hex(), one), (one.hex(), frame(2).id)]


def test_a_device_that_shows_a_forgotten_page_gets_a_key_frame(server: Served) -> None:
    publish(server.store, 1, 2)
    assert frames_in(server.ask(held=b"forgot10"))[0] == ("key", frame(1).id)


def test_a_device_that_has_the_publication_is_told_so(server: Served) -> None:
    publish(server.store, 1, 2)
    etag = server.ask().headers["etag"]
    reply = server.ask(held=frame(1).id, etag=etag)
    assert (reply.status, reply.body) == (304, b"")
    assert reply.headers["etag"] == etag
    publish(server.store, 1, 2)
    assert server.ask(held=frame(1).id, etag=etag).status == 200


@pytest.mark.parametrize("form", ["W/{}", '"else", {}', "*"])
def test_every_form_of_if_none_match_is_understood(server: Served, form: str) -> None:
    publish(server.store, 1)
    etag = server.ask().headers["etag"]
    assert server.get("/kitchen/bundle.ink", If_None_Match=form.format(etag)).status == 304


def test_the_hosts_clock_and_the_next_request_are_authentic_in_every_reply(
    server: Served,
) -> None:
    publish(server.store, 1, 2)
    etag = ""
    for expected in (200, 304):
        headers = device_headers(frame(1).id, etag, "v=1", KEY)
        reply = server.get("/kitchen/bundle.ink", **headers)
        assert reply.status == expected
        now, ask_at, tag = reply.headers["ink-clock"].split(".")
        assert (int(now), int(ask_at)) == (NOW, NOW + SYNC_EVERY_S)
        nonce = bytes.fromhex(headers["Ink_Nonce"])
        assert bytes.fromhex(tag) == seal.clock_tag(KEY, nonce, int(now), int(ask_at))
        etag = reply.headers["etag"]


def test_the_next_request_is_never_set_in_the_past(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    publish(store, 1)
    desk = Desk(replace(displays(store)["kitchen"], next_ask=lambda now, _: now - 5))
    current = desk.current()
    assert current is not None
    assert desk.next_ask(current, NOW) == NOW + 1


def test_the_next_request_is_planned_with_the_changes_of_the_page(server: Served) -> None:
    publish(server.store, 1, 2, 3, 4, 5)
    assert server.ask().headers["ink-clock"].split(".")[1] == str(NOW + 4 * STEP_S)


def strangers() -> dict[str, dict[str, str]]:
    held = frame(9).id
    right = device_headers(held, "", "v=1;error=panel", KEY)
    return {
        "no headers": {},
        "another key": device_headers(held, "", "v=1;error=panel", bytes(32)),
        "another status": {**right, "Ink_Status": "v=1;error=forged"},
        "another frame": {**right, "Ink_Held": frame(2).id.hex()},
        "another etag": {**right, "If_None_Match": '"some"'},
        "not hex": {**right, "Ink_Tag": "zz"},
        "no tag": {**right, "Ink_Tag": ""},
        "no nonce": {**right, "Ink_Nonce": ""},
    }


@pytest.mark.parametrize("headers", strangers().values(), ids=strangers().keys())
def test_a_stranger_gets_what_a_static_web_server_would_give_and_is_not_believed(
    server: Served, headers: dict[str, str]
) -> None:
    publish(server.store, 9)
    manifest = publish(server.store, 1, 2)
    server.now = NOW + STEP_S
    reply = server.get("/kitchen/bundle.ink", **headers)
    assert reply.status == 200
    assert reply.body == server.store.bundle("kitchen", manifest.bundle)
    assert "ink-clock" not in reply.headers
    page = server.get("/").text
    assert "Last seen" not in page
    assert "forged" not in page


def test_a_recorded_request_is_not_taken_for_a_sign_of_life(server: Served) -> None:
    publish(server.store, 1)
    headers = device_headers(frame(1).id, "", "v=1;battery_mv=3900", KEY)
    server.get("/kitchen/bundle.ink", **headers)
    server.now += 7_200
    assert server.get("/kitchen/bundle.ink", **headers).status == 200
    assert "2 h ago" in server.get("/").text


def test_a_display_without_a_key_is_served_in_the_open_for_development(tmp_path: Path) -> None:
    with serving(tmp_path, key=None) as server:
        publish(server.store, 9, key=None)
        publish(server.store, 1, 2, key=None)
        for _ in range(2):
            reply = server.get(
                "/kitchen/bundle.ink", Ink_Held=frame(9).id.hex(), Ink_Status="v=1;wakes=1"
            )
            assert frames_in(reply, key=None)[0] == (frame(9).id.hex(), frame(1).id)
            assert reply.headers["ink-clock"] == f"{server.now}.{server.now + SYNC_EVERY_S}."
            server.now += 60
        assert "just now" not in server.get("/").text
        assert "1 min ago" in server.get("/").text


@pytest.mark.parametrize("held", ["", "00", "0" * 32])
def test_a_frame_id_of_the_wrong_length_counts_as_none(tmp_path: Path, held: str) -> None:
    with serving(tmp_path, key=None) as server:
        publish(server.store, 1, key=None)
        reply = server.get("/kitchen/bundle.ink", Ink_Held=held)
        assert frames_in(reply, key=None) == [("key", frame(1).id)]


def test_a_bundle_of_another_key_is_handed_out_as_it_is(
    server: Served, caplog: pytest.LogCaptureFixture
) -> None:
    manifest = publish(server.store, 1, key=bytes(32))
    server.now = NOW + 5
    assert server.ask().body == server.store.bundle("kitchen", manifest.bundle)
    assert "does not open" in caplog.text
    health = server.get("/healthz")
    assert health.text == "kitchen: the bundle does not open with the display's key\n"


def test_a_bundle_made_for_a_device_is_made_once(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    publish(store, 1, 2)
    desk = Desk(displays(store)["kitchen"])
    current = desk.current()
    assert current is not None
    first = desk.bundle_for(current, NOW + STEP_S, b"forgot10")
    assert desk.bundle_for(current, NOW + STEP_S + 1, b"forgot10") is first
    for number in range(100):
        desk.bundle_for(current, NOW + STEP_S, b"other%03d" % number)
    assert len(desk._tailored) <= 32
    assert desk.bundle_for(current, NOW + STEP_S, b"forgot10") == first


def test_a_display_that_has_nothing_yet_says_so(server: Served) -> None:
    reply = server.ask()
    assert (reply.status, reply.text) == (503, "nothing is published for this display yet\n")


@pytest.mark.parametrize(
    "path",
    [
        "/cellar/bundle.ink",
        "/../bundle.ink",
        "/%2e%2e/bundle.ink",
        "/..%2f..%2fetc/bundle.ink",
        "/kitchen%00/bundle.ink",
        "/cellar/current.png",
    ],
)
def test_an_unknown_display_is_one_plain_line(server: Served, path: str) -> None:
    publish(server.store, 1)
    reply = server.get(path)
    assert reply.status == 404
    assert reply.text.count("\n") == 1
    assert reply.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "path",
    ["/kitchen/manifest.json", "/kitchen/bundles/x.ink", "/kitchen/previews/x.png", "/kitchen/"],
)
def test_nothing_else_of_the_store_is_served(server: Served, path: str) -> None:
    publish(server.store, 1)
    assert server.get(path).status == 404


def test_head_tells_the_length_and_sends_nothing(server: Served) -> None:
    publish(server.store, 1)
    full = server.get("/kitchen/bundle.ink")
    head = server.get("/kitchen/bundle.ink", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(full.body))
    assert head.headers["etag"] == full.headers["etag"]
    assert server.get("/", method="HEAD").status == 200


def test_other_methods_are_refused_in_one_line(server: Served) -> None:
    reply = server.get("/kitchen/bundle.ink", method="POST")
    assert (reply.status, reply.text) == (405, "Method Not Allowed\n")


def test_a_devices_reply_carries_no_header_that_it_has_no_use_for(server: Served) -> None:
    publish(server.store, 1)
    assert set(server.ask().headers) == {
        "date",
        "etag",
        "ink-clock",
        "content-length",
        "content-type",
        "cache-control",
        "connection",
    } - {"connection"}


def test_a_damaged_store_is_one_plain_line_and_one_line_in_the_log(
    server: Served, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    publish(server.store, 1)
    (tmp_path / "kitchen" / "manifest.json").write_text("{")
    reply = server.ask()
    assert (reply.status, reply.text) == (503, "what was published cannot be read\n")
    assert server.get("/healthz").text == "kitchen: the store cannot be read\n"
    assert "Cannot be read" in server.get("/").text
    assert "manifest.json" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_manifest_whose_bundle_is_gone_is_an_error_after_a_second_look(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    manifest = publish(store, 1)
    desk = Desk(displays(store)["kitchen"])
    (tmp_path / "kitchen" / "bundles" / f"{manifest.bundle}.ink").unlink()
    with pytest.raises(StoreError, match="is gone"):
        desk.current()


def test_the_log_holds_no_keys_no_tags_and_nothing_of_the_calendar(
    server: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    publish(server.store, 1, 2)
    headers = device_headers(wire.NO_FRAME, "", "v=1;wakes=3", KEY)
    server.get("/kitchen/bundle.ink", **headers)
    server.get("/kitchen/bundle.ink", **{**headers, "Ink_Status": "x"})
    server.get("/")
    assert "kitchen: 200" in caplog.text
    for secret in (KEY.hex(), headers["Ink_Tag"], headers["Ink_Nonce"], "Reason"):
        assert secret not in caplog.text
    assert KEY.hex() not in repr(displays(server.store))
    assert repr(KEY) not in repr(displays(server.store))


def test_a_status_is_taken_apart_and_what_is_odd_in_it_left_out() -> None:
    assert parse_status("v=1;error=;x;=y;u=\x07;é=1;battery_mv=3900") == {
        "v": "1",
        "error": "",
        "battery_mv": "3900",
    }
    assert len(parse_status(";".join(f"k{n}=1" for n in range(1_000)))) <= 32


# People


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
    assert "Device is late" not in server.get("/").text
    server.now += 60
    assert "Device is late" in server.get("/").text


def test_a_page_that_ran_out_does_not_look_fresh(server: Served) -> None:
    publish(server.store, 1)
    server.ask()
    assert "Out of date" not in server.get("/").text
    assert server.get("/healthz").text == "ok\n"
    server.now = NOW + 86_400
    text = server.get("/").text
    assert "Out of date" in text
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
