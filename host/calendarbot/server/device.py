"""The device endpoint: the host's half of `inkframe.transports`. HTTP takes `answer`, a cable `reply`.

A request is *trusted* when the display has no key, or when its Ink-Tag is right. Any other request gets what
a static web server would give it: the published bundle, which is sealed; what it says of itself is ignored.
"""

from __future__ import annotations

import logging
from binascii import hexlify
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.responses import Response

from calendarbot.server.display import Report
from inkframe import seal, wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from calendarbot.keys import Keys
    from calendarbot.server.display import Current, Desk

_MOST_STATUS = 512
_MOST_VALUES = 32
_TEXT = {"content-type": "text/plain; charset=utf-8"}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A device's request, as far as it can be trusted."""

    etag: str
    trusted: bool
    key: bytes | None = field(default=None, repr=False)
    """The one it has."""
    held: bytes = wire.NO_FRAME
    nonce: bytes = b""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back, whatever carries it."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def answer(request: Request, desk: Desk, now: int) -> Response:
    """200 with a bundle, 304, or 503 while nothing is published. Raises StoreError."""
    made = reply(request.headers, desk, now, heard=request.method == "GET")
    return Response(made.body, made.status, made.headers)


def reply(headers: Mapping[str, str], desk: Desk, now: int, *, heard: bool = True) -> Answer:
    """The answer to a request with these headers (lower-case names). Raises StoreError.

    `heard`: whether the status that the device sent along is to be remembered.
    """
    name = desk.display.name
    keys = desk.display.keys()
    asked = read_request(headers, keys)
    if keys.before and asked.trusted and asked.key == keys.now:
        desk.took_new_key(parse_status(asked.status).get("change", ""))
    current = desk.current()
    if current is None:
        _log.info("%s: 503, nothing published yet", name)
        return Answer(503, _TEXT, b"nothing is published for this display yet\n")
    reply_headers = {"etag": current.etag, "cache-control": "no-store"}
    if asked.trusted:
        ask_at = desk.next_ask(current, now)
        changed = desk.change_number()
        if changed:
            reply_headers["ink-change"] = str(changed)
        reply_headers["ink-clock"] = clock(asked.key, asked.nonce, now, ask_at)
        said = parse_status(asked.status)
        if asked.status and heard:
            desk.note(Report(now, said, ask_at), hexlify(asked.nonce).decode())
            if "tls" in said:
                _log.warning("%s: our certificate is not good: %s", name, said["tls"])
        update = desk.update_for(said, asked.nonce, asked.key)
        if update:
            reply_headers["ink-update"] = update
    if matches(asked.etag, current.etag):
        _log.info("%s: 304%s", name, "" if asked.trusted else ", not authentic")
        return Answer(304, reply_headers)
    bundle = _bundle(desk, current, asked, now)
    _log.info("%s: 200, %d bytes%s", name, len(bundle), "" if asked.trusted else ", not authentic")
    return Answer(200, reply_headers | {"content-type": "application/octet-stream"}, bundle)


def change(name: str, desk: Desk) -> Answer:
    """The change of the device's configuration, to whoever asks: it is sealed. Raises StoreError."""
    raw = desk.display.store.change(name)
    if raw is None:
        return Answer(404, _TEXT, b"there is no change for this display\n")
    _log.info("%s: change of configuration, %d bytes", name, len(raw))
    return Answer(200, {"content-type": "application/octet-stream"}, raw)


def update(name: str, desk: Desk) -> Answer:
    """The update on offer, to whoever asks: it is signed, and holds nothing secret. Raises StoreError."""
    raw = desk.display.store.update(name)
    if raw is None:
        return Answer(404, _TEXT, b"there is no update for this display\n")
    _log.info("%s: update, %d bytes", name, len(raw))
    return Answer(200, {"content-type": "application/octet-stream"}, raw)


def _bundle(desk: Desk, current: Current, asked: Asked, now: int) -> bytes:
    return desk.bundle_for(current, now, asked.held, asked.key) if asked.trusted else current.bundle


def read_request(headers: Mapping[str, str], keys: Keys) -> Asked:
    """The request's headers; nothing but If-None-Match of one that is not trusted."""
    etag, held, status, nonce, tag = (
        headers.get(name, "")
        for name in ("if-none-match", "ink-held", "ink-status", "ink-nonce", "ink-tag")
    )
    try:
        held_id, nonce_bytes, tag_bytes = (bytes.fromhex(text) for text in (held, nonce, tag))
    except ValueError:
        return Asked(etag, trusted=False)
    key = keys.now
    if key is not None:
        message = "|".join((etag, held, status, nonce)).encode("latin-1")
        key = _signer(message, tag_bytes, keys)
        if not nonce_bytes or key is None:
            return Asked(etag, trusted=False)
    if len(held_id) != wire.ID_BYTES:
        held_id = wire.NO_FRAME
    return Asked(etag, True, key, held_id, nonce_bytes, status)


def _signer(message: bytes, tag: bytes, keys: Keys) -> bytes | None:
    """The key of the display's under which this is right; None when it is under none."""
    for key in (keys.now, keys.before):
        if key and seal.same(tag, seal.mac(seal.derive(key, "request"), message)):
            return key
    return None


def clock(key: bytes | None, nonce: bytes, now: int, ask_at: int) -> str:
    """The value of Ink-Clock; without a key its tag is empty."""
    tag = seal.clock_tag(key, nonce, now, ask_at).hex() if key is not None else ""
    return f"{now}.{ask_at}.{tag}"


def matches(if_none_match: str, etag: str) -> bool:
    """Whether a client holds `etag` already (RFC 9110 §13.1.2; the weak comparison of §8.8.3.2)."""
    if if_none_match.strip() == "*":
        return True
    return etag in (part.strip().removeprefix("W/") for part in if_none_match.split(","))


def parse_status(status: str) -> dict[str, str]:
    """ "key=value;…" as a dict: printable ASCII, at most 32 pairs, anything else left out."""
    pairs = (part.partition("=") for part in status[:_MOST_STATUS].split(";")[:_MOST_VALUES])
    return {
        key: value
        for key, equals, value in pairs
        if key and equals and (key + value).isascii() and (key + value).isprintable()
    }
