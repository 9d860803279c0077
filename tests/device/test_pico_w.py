"""A Raspberry Pi Pico W without hardware: its Wi-Fi chip is emulated, too, and leads to a server here.

The image is MicroPython's own for the Pico W, which cannot be built from Debian's packages (its radio's
firmware is in none). CALENDARBOT_PICO_W_IMAGE names the file, from micropython.org/download/RPI_PICO_W; the
application lies beside it as files, as `host deploy` would put it there.
"""

from __future__ import annotations

import asyncio
import os
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from calendarbot.application import application_files
from calendarbot.boards import load_board, load_panel
from calendarbot.config import config_from_options
from calendarbot.emulator.device import report
from calendarbot.emulator.pico import _PanelOnWires
from calendarbot.flash.filesystem import littlefs_image
from calendarbot.keys import display_key
from calendarbot.provision import device_config
from calendarbot.publish import publish_display
from calendarbot.render.preview import frame_from_png
from calendarbot.server.app import create_app
from calendarbot.server.run import background
from calendarbot.serving import served_display
from calendarbot.store.folder import FolderStore

if TYPE_CHECKING:
    from collections.abc import Iterator

OFFICE = Path(__file__).resolve().parents[1] / "reference" / "office.ics"
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
BOARD = "pico_w_epaper"
GATEWAY = "10.0.0.1"
"""The address at which the emulated network's own end answers."""
VARIABLE = "CALENDARBOT_PICO_W_IMAGE"
TIMEOUT_S = 1200


@pytest.fixture
def pico_w_image() -> Path:
    named = os.environ.get(VARIABLE)
    if not named:
        pytest.skip(f"no image for the Pico W: {VARIABLE} names none")
    return Path(named)


@pytest.fixture
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the device connects to is a server on this computer."""
    connect = asyncio.open_connection

    async def to_loopback(_host: str, port: int) -> Any:
        return await connect("127.0.0.1", port)

    monkeypatch.setattr(asyncio, "open_connection", to_loopback)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """The folder of what is published, and the device's configuration."""
    config = config_from_options([OFFICE], layout="agenda", tz="Europe/Berlin", locale="en_GB")
    store = FolderStore(tmp_path / "out")
    publish_display(store, config, "display", NINE, 6)
    app = create_app({"display": served_display(config, "display", store)}, NINE.timestamp)
    with background(app) as url:
        server = f"http://{GATEWAY}:{url.rpartition(':')[2]}"
        key = display_key(config, "display")
        # The emulated access point is open, and has this name (rp2040py, external/cyw43/bus.py).
        yield (
            tmp_path / "out",
            device_config(config, "display", server, key, ("rp2040py", ""), BOARD),
        )


def test_a_pico_w_fetches_over_wifi_and_shows_the_page_bit_for_bit(
    pico_w_image: Path, only_loopback: None, served: tuple[Path, str], tmp_path: Path
) -> None:
    out, on_flash = served
    picture, log = asyncio.run(one_wake(pico_w_image, on_flash, tmp_path))
    assert report(log).get("painted") == 1, log
    panel = load_panel(load_board(BOARD).panel)
    first = FolderStore(out).current("display").frames[0]  # type: ignore[union-attr]  # just served
    preview = frame_from_png((out / "display" / first.preview).read_bytes())
    assert picture == preview.data
    assert (panel.width_px, panel.height_px) == (preview.width_px, preview.height_px)


async def one_wake(image: Path, on_flash: str, tmp_path: Path) -> tuple[bytes, str]:
    """What the panel shows after a wake, and what the device printed."""
    boards = pytest.importorskip("rp2040py.boards")
    device_module = pytest.importorskip("rp2040py.device")
    board = boards.resolve_firmware(boards.BOARDS["pico_w"], "micropython", str(image))
    size = board.layout.fs_blockcount * board.layout.fs_blocksize
    flash = tmp_path / "flash.bin"
    files = {**application_files(), "config.json": on_flash.encode()}
    flash.write_bytes(littlefs_image(files, size))
    device = device_module.MicroPythonDevice(board=board, filesystem=flash)
    described = load_board(BOARD)
    panel = load_panel(described.panel)
    clock = device.mcu.clock
    wires = _PanelOnWires(
        panel, described.pins, described.spi["id"], lambda: int(clock.nanos // 1e6)
    )
    wires.attach(device.mcu)
    heard = bytearray()
    ended = asyncio.Event()

    def hear(data: bytes) -> None:
        heard.extend(data)
        if re.search(rb"wake: .*\n|Error.*\n", heard):
            ended.set()

    device.cdc.on_serial_data = hear
    await device.astart(timeout=TIMEOUT_S)
    try:
        await asyncio.wait_for(ended.wait(), TIMEOUT_S)
    finally:
        device.stop()
    if wires.error:
        raise wires.error
    return wires.controller.picture(), heard.decode(errors="replace").replace("\r\n", "\n")
