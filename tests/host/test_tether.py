"""The host at the other end of a cable: the same answers as over HTTP, whatever else the link carries."""

from __future__ import annotations

import struct
from datetime import UTC
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendarbot.cable import Port
from calendarbot.errors import DeviceError, StoreError
from calendarbot.keys import Keys
from calendarbot.server import device
from calendarbot.server.display import ServedDisplay
from calendarbot.store.folder import FolderStore
from calendarbot.tether import Tether
from inkframe.transports import usb

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REQUEST = b'GET /kitchen/bundle.ink HTTP/1.1\r\nHost: cable\r\nIf-None-Match: "1"\r\n\r\n'
BODY = bytes(range(256)) * 10


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What the shared answer was asked; it always answers BODY."""
    seen: list[dict[str, str]] = []

    def reply(headers: dict[str, str], _desk: object, _now: int) -> device.Answer:
        seen.append(headers)
        return device.Answer(200, {"etag": '"2"'}, BODY)

    monkeypatch.setattr(device, "reply", reply)
    return seen


def tether(log: Callable[[str], None] = lambda _: None) -> Tether:
    return Tether({"kitchen": object()}, lambda: 7.5, log)  # type: ignore[dict-item]  # not looked into


def fetched(end: Tether, before: bytes = b"", request: bytes = REQUEST) -> bytes:
    """The whole reply, as a device would pull it."""
    out = end.feed(before + usb.frame(usb.QUESTION, request))
    kind, payload, _ = usb.read_frame(out) or (0, b"", 0)
    assert kind == usb.ANSWER
    size = int.from_bytes(payload, "little")
    got = b""
    while len(got) < size:
        length = min(usb.MOST_BYTES, size - len(got))
        out = end.feed(usb.frame(usb.NEXT, struct.pack("<IH", len(got), length)))
        kind, payload, _ = usb.read_frame(out) or (0, b"", 0)
        assert kind == usb.DATA
        assert int.from_bytes(payload[:4], "little") == len(got)
        got += payload[4:]
    return got


def test_a_request_is_answered_from_where_http_requests_are(asked: list[dict[str, str]]) -> None:
    head, _, body = fetched(tether()).partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [b"HTTP/1.1 200 ", b"Content-Length: 2560", b'etag: "2"']
    assert body == BODY
    assert asked[0]["if-none-match"] == '"1"'


def test_an_update_on_offer_is_handed_out_over_the_cable_too(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    served = ServedDisplay(
        "kitchen", "Kitchen", store, lambda: Keys(None), UTC, lambda now, _: now + 60
    )
    end = Tether({"kitchen": served}, lambda: 7.5, lambda _: None)
    request = REQUEST.replace(b"bundle.ink", b"update.ink")
    assert fetched(end, request=request).startswith(b"HTTP/1.1 404 ")
    store.offer("kitchen", BODY)
    assert fetched(end, request=request).endswith(b"\r\n\r\n" + BODY)


def test_what_is_no_request_is_logged_line_by_line(asked: list[dict[str, str]]) -> None:
    lines: list[str] = []
    end = tether(lines.append)
    fetched(end, b"wake: 1\r\nhalf a ")
    end.feed(b"line\r\n\x1eIN")
    end.feed(b" no frame\n")
    assert lines == ["wake: 1", "half a line", "\x1eIN no frame"]


def test_a_display_that_is_not_served_is_404(asked: list[dict[str, str]]) -> None:
    lines: list[str] = []
    reply = fetched(tether(lines.append), request=REQUEST.replace(b"kitchen", b"../x"))
    assert reply.startswith(b"HTTP/1.1 404 ")
    assert lines == ["'../x': no display of that name is served here"]
    assert not asked


def test_a_store_that_cannot_be_read_is_503(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> device.Answer:
        raise StoreError("out: permission denied")

    monkeypatch.setattr(device, "reply", broken)
    assert fetched(tether()).startswith(b"HTTP/1.1 503 ")


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(1, 50))
def test_noise_around_a_request_never_hides_it(noise: list[bytes], step: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(device, "reply", lambda *_: device.Answer(304, {}))
        end = tether()
        stream = b"".join(noise) + b"\n" + usb.frame(usb.QUESTION, REQUEST)
        out = b"".join(end.feed(stream[at : at + step]) for at in range(0, len(stream), step))
        # Noise may look like the beginning of a frame; a device then asks again.
        out += end.feed(usb.frame(usb.QUESTION, REQUEST) * 30)
        assert usb.frame(usb.ANSWER, struct.pack("<I", 36))[:9] in out


def test_a_link_that_never_ends_a_line_does_not_fill_the_memory() -> None:
    lines: list[str] = []
    end = tether(lines.append)
    for _ in range(100):
        end.feed(b"x" * 1000)
    end.feed(b"\n")
    assert len(lines[0]) <= 8192


def test_a_port_that_cannot_be_opened_is_one_clear_line() -> None:
    with pytest.raises(DeviceError) as raised:
        Port("/dev/does-not-exist")
    assert raised.value.message.startswith("cannot open the serial port /dev/does-not-exist: ")
    assert "plugged in" in raised.value.hint


class Link:
    """A serial port as pyserial makes them: bytes to come, then a pulled cable."""

    def __init__(self, come: list[bytes]) -> None:
        self.come = come
        self.sent: list[bytes] = []
        self.in_waiting = 0

    def read(self, _size: int) -> bytes:
        if not self.come:
            raise OSError("device disconnected")
        return self.come.pop(0)

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def close(self) -> None:
        pass


def test_a_pulled_cable_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    links = [Link([b"a"]), Link([b"b", b"", b"c"])]
    opened = iter(links)
    monkeypatch.setattr(Port, "_open", lambda _: next(opened))
    fed: list[bytes] = []
    said: list[str] = []

    def feed(data: bytes) -> bytes:
        fed.append(data)
        return data.upper()

    Port("COM7").serve(feed, said.append, until=lambda: len(fed) == 3)
    assert fed == [b"a", b"b", b"c"]
    assert links[1].sent == [b"B", b"C"]
    assert said == ["COM7: gone; waiting for it to come back", "COM7: back"]
