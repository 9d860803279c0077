"""The server over real sockets: what devices and strangers get."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from calendarbot import updates
from calendarbot.bundle import read_body, read_frames
from calendarbot.errors import StoreError
from calendarbot.server.device import parse_status
from calendarbot.server.display import Desk
from calendarbot.store.folder import FolderStore
from inkframe import seal, wire

if TYPE_CHECKING:
    from pathlib import Path

from served import (
    KEY,
    NOW,
    STEP_S,
    SYNC_EVERY_S,
    Reply,
    Served,
    device_headers,
    displays,
    frame,
    publish,
    serving,
)


def frames_in(reply: Reply, key: bytes | None = KEY) -> list[tuple[str, bytes]]:
    """("key" or the held frame's id, id) of every frame in a reply's bundle."""
    _, table, body = read_body(reply.body, key)
    return [("key" if f.is_key else f.base.hex(), f.id) for f in read_frames(table, body)]


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
    first = desk.bundle_for(current, NOW + STEP_S, b"forgot10", KEY)
    assert desk.bundle_for(current, NOW + STEP_S + 1, b"forgot10", KEY) is first
    for number in range(100):
        desk.bundle_for(current, NOW + STEP_S, b"other%03d" % number, KEY)
    assert len(desk._tailored) <= 32
    assert desk.bundle_for(current, NOW + STEP_S, b"forgot10", KEY) == first


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
