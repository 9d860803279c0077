"""A server over a real socket, with one display, and requests as a device makes them."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from calendarbot.bundle import Plan, encode_frame, pack_body
from calendarbot.keys import Keys
from calendarbot.model import Frame
from calendarbot.server import run
from calendarbot.server.app import create_app
from calendarbot.server.display import ServedDisplay
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
        "kitchen": ServedDisplay(
            "kitchen", "Kitchen & hall", store, lambda: Keys(key), UTC, next_ask
        ),
    }


@contextmanager
def serving(folder: Path, key: bytes | None = KEY) -> Iterator[Served]:
    store = FolderStore(folder)
    served = Served("", store)
    with run.background(create_app(displays(store, key), lambda: served.now + 0.5)) as url:
        served.url = url
        yield served
