"""The firmware's own cycle against the server: the panel shows the frame due, and little travels for it."""

from __future__ import annotations

import hashlib
import io
import json
import secrets
from datetime import UTC
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendarbot.bundle import Plan, due_index, encode_frame, pack_body, tailor
from calendarbot.keys import Keys
from calendarbot.model import Frame
from calendarbot.server.app import create_app
from calendarbot.server.display import ServedDisplay
from calendarbot.server.run import background
from calendarbot.store import Page, Publication
from calendarbot.store.folder import FolderStore
from inkframe import seal, wire
from inkframe.config import Config
from inkframe.cycle import Cycle
from inkframe.errors import TransportError
from inkframe.memory import Memory
from inkframe.transports.http import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from inkframe.parts import File, Pixels, Request, Response

KEY = bytes(range(32))
NOW = 1_795_510_800
STEP_S = 600
SIZE = (64, 16)


def frame(seed: int) -> Frame:
    one = hashlib.sha512(bytes([seed])).digest()
    return Frame(*SIZE, 1, 1, one + one)


# A device in memory


class Flash:
    """`inkframe.parts.Files` in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def open(self, path: str, mode: str) -> File:
        file: Any = io.BytesIO(self.files.get(path, b""))
        if mode == "wb":
            file = _Writing(self.files, path)
        elif path not in self.files:
            raise FileNotFoundError(path)
        return file  # type: ignore[no-any-return]  # BytesIO names its parameters differently

    def rename(self, old: str, new: str) -> None:
        self.files[new] = self.files.pop(old)

    def remove(self, path: str) -> None:
        if self.files.pop(path, None) is None:
            raise FileNotFoundError(path)


class _Writing(io.BytesIO):
    def __init__(self, files: dict[str, bytes], path: str) -> None:
        super().__init__()
        self._files, self._path = files, path

    def close(self) -> None:
        self._files[self._path] = self.getvalue()
        super().close()


class HeldClock:
    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def now(self) -> int:
        return self.seconds

    def set(self, seconds: int) -> None:
        self.seconds = seconds


class PaperPanel:
    width_px, height_px = SIZE
    bpp = planes = 1
    palette: tuple[tuple[int, int, int], ...] = ((0, 0, 0), (255, 255, 255))
    rotation = 0
    refresh_ms = (1, 1, 1)
    most_quick_refreshes = 8

    def __init__(self) -> None:
        self.shows = b""
        self.refreshes: list[int] = []

    def show(
        self,
        new: Pixels,
        held: Pixels | None,
        refresh: int,
        window: tuple[int, int, int, int],
    ) -> None:
        self.shows = b"".join(bytes(piece) for piece in new.pieces(0, new.length))
        self.refreshes.append(refresh)


class NoRadio:
    def on(self) -> None:
        pass

    def off(self) -> None:
        pass


class Counting:
    """A real transport that remembers what came back."""

    def __init__(self, url: str) -> None:
        self._transport = Transport(url, NoRadio())
        self.got: list[int] = []
        """Bytes of each bundle; 0 for "unchanged"."""

    def fetch(self, request: Request) -> Response:
        reply = self._transport.fetch(request)
        self.got.append(0 if reply.unchanged else reply.size)
        return reply


class Device:
    """What survives a deep sleep: flash, clock, panel. Every `wake` is a new `Cycle`."""

    def __init__(self, transport: Counting | HandedOver, now: int = NOW) -> None:
        self.flash = Flash()
        self.clock = HeldClock(now)
        self.panel = PaperPanel()
        self.log: list[str] = []
        self._transport = transport
        self._config = Config(
            json.dumps(
                {
                    "display": "kitchen",
                    "server": "http://unused",
                    "key": KEY.hex(),
                    "panel": "paper",
                    "pins": dict.fromkeys(("cs", "dc", "reset", "busy"), 1),
                    "spi": {"id": 1, "baud_hz": 1},
                    "wifi": {},
                    "longest_sleep_s": 43_200,
                }
            )
        )

    @property
    def memory(self) -> Memory:
        return Memory("", self.flash)

    def wake(self) -> int:
        cycle = Cycle(
            self._config,
            self.memory,
            self.clock,
            self._transport,
            self.panel,
            lambda: "battery_mv=3900",
            secrets.token_bytes,
            self.log.append,
        )
        return cycle.run()

    def hold(self, pixels: bytes) -> None:
        """As if it had painted these before."""
        self.panel.shows = pixels
        self.memory.write_frame(pixels)
        state = self.memory.load()
        state.held = hashlib.sha256(pixels).digest()[:8]
        state.held_crc32 = frame_crc32(pixels)
        self.memory.save(state)


def frame_crc32(pixels: bytes) -> int:
    return Frame(*SIZE, 1, 1, pixels).crc32


# Over HTTP


class House:
    """A server, its store, its clock, and one device."""

    def __init__(self, folder: Path) -> None:
        self.store = FolderStore(folder)
        self.now = NOW

    def publish(self, *seeds: int) -> None:
        pages = []
        held = None
        for index, seed in enumerate(seeds):
            new = frame(seed)
            encoded = encode_frame(new, held, self.now + index * STEP_S)
            pages.append(Page(encoded, new.data, b"png", "reason"))
            held = new
        plan = Plan(*SIZE, 1, 1, self.now, self.now + 3_600, self.now + 86_400, 60)
        body = pack_body(plan, [page.encoded for page in pages])
        publication = Publication("kitchen", "paper", "agenda", plan, tuple(pages))
        self.store.publish(publication, lambda number: seal.seal(body, number, KEY), self.now)

    def pass_time(self, device: Device, seconds: int) -> None:
        self.now += seconds
        device.clock.seconds += seconds


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def transport(house: House) -> Iterator[Counting]:
    display = ServedDisplay(
        "kitchen", "Kitchen", house.store, lambda: Keys(KEY), UTC, lambda now, _: now + 3_600
    )
    with background(create_app({"kitchen": display}, lambda: house.now)) as url:
        yield Counting(url)


def test_a_device_goes_from_a_key_frame_over_unchanged_to_deltas_and_back(
    house: House, transport: Counting
) -> None:
    device = Device(transport, now=0)  # its clock was never set
    house.publish(1, 2)

    device.wake()
    assert device.panel.shows == frame(1).data
    assert device.clock.now() == house.now  # from the authenticated reply
    key_bytes = transport.got[-1]

    # The next page is there already: no request.
    house.pass_time(device, STEP_S)
    device.wake()
    assert device.panel.shows == frame(2).data
    assert len(transport.got) == 1

    # Nothing new.
    house.pass_time(device, 3_600)
    device.wake()
    assert transport.got[1:] == [0]
    assert device.panel.shows == frame(2).data

    # New pages: a delta from what it shows.
    house.publish(3)
    house.pass_time(device, 3_600)
    device.wake()
    assert 0 < transport.got[2] < key_bytes
    assert device.panel.shows == frame(3).data
    assert device.panel.refreshes[-1] != wire.FULL

    # The frame it held is lost (a power cut while painting): a key frame brings it back.
    state = device.memory.load()
    state.held = wire.NO_FRAME
    state.ask_at = 0
    device.memory.save(state)
    device.panel.shows = b"torn"
    device.wake()
    assert transport.got[3] > 0
    assert device.panel.shows == frame(3).data
    assert device.panel.refreshes[-1] == wire.FULL
    assert device.log == []


def test_a_device_that_painted_nothing_new_is_sent_almost_nothing(
    house: House, transport: Counting
) -> None:
    device = Device(transport)
    house.publish(1)
    device.wake()
    house.pass_time(device, 3_600)
    house.publish(1)
    device.wake()
    assert device.panel.refreshes == [wire.FULL]
    assert transport.got[1] < 150


def test_a_device_sleeps_until_the_server_wants_to_be_asked(
    house: House, transport: Counting
) -> None:
    house.publish(1)
    assert Device(transport).wake() == 3_600


def test_a_forged_clock_is_not_believed(house: House, transport: Counting) -> None:
    house.publish(1)
    device = Device(transport)
    device._config.key = bytes(32)
    device.wake()
    assert device.panel.shows == b""
    assert device.log[0].startswith("auth: ")


# Without a network: any moment, any frame held


class HandedOver:
    """A transport that hands over one bundle, and then is out of reach."""

    def __init__(self, bundle: bytes) -> None:
        self._bundle: bytes | None = bundle

    def fetch(self, request: Request) -> Response:
        if self._bundle is None:
            raise TransportError("out of reach")
        bundle, self._bundle = self._bundle, None
        return _Handed(bundle)


class _Handed(io.BytesIO):
    unchanged = False
    etag = b'"x"'
    clock = ""
    date = 0
    update = ""

    def __init__(self, bundle: bytes) -> None:
        super().__init__(bundle)
        self.size = len(bundle)


FRAMES = [frame(seed) for seed in (1, 2, 1, 3, 3, 4)]
CHAIN = [
    encode_frame(new, held, NOW + index * STEP_S)
    for index, (held, new) in enumerate(zip([None, *FRAMES], FRAMES, strict=False))
]
KEPT = {each.id: each.data for each in [*FRAMES, frame(9)]}
PLAN = Plan(*SIZE, 1, 1, NOW, NOW + 7 * 86_400, NOW + 7 * 86_400, 60)


@given(
    asked_after_s=st.integers(0, len(CHAIN) * STEP_S + 600),
    held=st.sampled_from([None, *[each.data for each in FRAMES], frame(9).data, frame(77).data]),
    sleeps_s=st.lists(st.integers(1, 2 * STEP_S), max_size=6),
)
def test_after_one_reply_at_any_moment_the_panel_shows_the_frame_due_at_every_wake(
    asked_after_s: int, held: bytes | None, sleeps_s: Sequence[int]
) -> None:
    now = NOW + asked_after_s
    held_id = hashlib.sha256(held).digest()[:8] if held else wire.NO_FRAME
    frames = tailor(PLAN, CHAIN, KEPT.get, now, held_id)
    device = Device(HandedOver(seal.seal(pack_body(PLAN, frames), 7, KEY)), now)
    if held:
        device.hold(held)
    for sleep_s in [0, *sleeps_s]:
        device.clock.seconds += sleep_s
        device.wake()
        due = CHAIN[due_index(CHAIN, device.clock.seconds)]
        assert device.panel.shows == KEPT[due.id]
    assert device.log == []
