"""A display's whole day without hardware: a real server on loopback, the firmware, a modelled board.

The server and the device share one clock, which sleeping moves. After every wake the picture on the modelled
panel is compared, bit for bit, with the frame that was due.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calendarbot.boards import load_board, load_panel
from calendarbot.emulator.board import VirtualClock
from calendarbot.emulator.device import SimulatedDevice, Woke
from calendarbot.emulator.pico_device import PicoDevice
from calendarbot.errors import DeviceError
from calendarbot.keys import display_key
from calendarbot.provision import DEFAULT_BOARD, device_config
from calendarbot.server.app import create_app
from calendarbot.server.run import background
from calendarbot.serving import served_display

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from calendarbot.config import Config
    from calendarbot.model import Frame
    from calendarbot.store import Store


_TIMEOUT_S = 60
"""A computer that does much else may answer later than a device would wait, and is no fault of either."""


@dataclass(frozen=True, slots=True)
class Step:
    """One wake, and what went over the air for it."""

    woke: Woke
    requests: int
    received_bytes: int


class Meter:
    """Counts what passes through a web application: requests, and bytes of the replies' bodies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.requests = 0
        self.received_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counting(message: Message) -> None:
            if message["type"] == "http.response.body":
                self.received_bytes += len(message.get("body", b""))
            await send(message)

        if scope["type"] == "http":
            self.requests += 1
        await self._app(scope, receive, counting)


def simulate(
    config: Config, name: str, store: Store, at_s: int, until_s: int, flash: Path
) -> Iterator[Step]:
    """Wake after wake of a device that shows display `name` from what is published in `store`.

    `flash` is an empty folder that becomes the device's. DeviceError when the panel ever shows anything but
    the frame due, or the firmware breaks a rule.
    """
    clock = VirtualClock(at_s * 1000)
    display = config.display(name)
    board = load_board(DEFAULT_BOARD)
    served = served_display(config, name, store)
    meter = Meter(create_app({name: served}, lambda: clock.now_ms / 1000))
    with background(meter) as url:
        on_flash = device_config(config, name, url, display_key(config, name), board=DEFAULT_BOARD)
        patient = json.loads(on_flash) | {"timeout_s": _TIMEOUT_S}
        (flash / "config.json").write_text(json.dumps(patient))
        device = SimulatedDevice(load_panel(display.panel), board.pins, flash, clock)
        for woke in device.live(until_s):
            yield Step(woke, meter.requests, meter.received_bytes)
            meter.requests = meter.received_bytes = 0
            _compare(store, name, woke)


def simulate_pico(
    config: Config, name: str, store: Store, at_s: int, until_s: int, image: Path
) -> Iterator[Step]:
    """The same on an emulated Raspberry Pi Pico that runs `image`, over its cable."""
    device = PicoDevice(config, name, store, image, at_s * 1000)
    tether = device.tether
    for woke in device.live(until_s):
        yield Step(woke, tether.requests, tether.sent_bytes)
        tether.requests = tether.sent_bytes = 0
        _compare(store, name, woke)


def _compare(store: Store, name: str, woke: Woke) -> None:
    manifest = store.current(name)
    if manifest is None:
        raise DeviceError(f"{name}: nothing is published")
    due = manifest.due(woke.at_s)
    if woke.picture.id != due.id:
        shows = _which(woke.picture, {frame.id: frame.reason for frame in manifest.frames})
        raise DeviceError(
            f"{name}: the panel shows {shows}, due is {due.id.hex()} ({due.reason})\n{woke.log}"
        )


def _which(picture: Frame, known: dict[bytes, str]) -> str:
    reason = known.get(picture.id)
    return f"{picture.id.hex()} ({reason})" if reason else "no frame of the bundle"
