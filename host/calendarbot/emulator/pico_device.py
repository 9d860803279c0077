"""A display on an emulated Raspberry Pi Pico over its life: the cable instead of a network."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from calendarbot.boards import load_board, load_panel
from calendarbot.emulator.device import Woke, report
from calendarbot.emulator.pico import VirtualPico, files_image
from calendarbot.errors import DeviceError
from calendarbot.keys import display_key
from calendarbot.model import Frame
from calendarbot.provision import device_config
from calendarbot.serving import served_display
from calendarbot.tether import Tether

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from calendarbot.config import Config
    from calendarbot.store import Store

BOARD = "pico_usb"
NO_FILES: Mapping[str, bytes] = MappingProxyType({})
_LONGEST_WAKE_MS = 180_000


class PicoDevice:
    """Display `name` on an emulated Pico whose other end of the cable answers from `store`.

    `files` lie on its flash beside the device's configuration: a boot.py runs before the firmware.
    """

    def __init__(
        self,
        config: Config,
        name: str,
        store: Store,
        image: Path,
        now_ms: int,
        files: Mapping[str, bytes] = NO_FILES,
    ) -> None:
        self._panel = load_panel(config.display(name).panel)
        board = load_board(BOARD)
        on_flash = device_config(config, name, "usb:", display_key(config, name), board=BOARD)
        self.pico = VirtualPico(
            image,
            files_image({"config.json": on_flash.encode(), **files}),
            self._panel,
            board.pins,
            board.spi["id"],
            now_ms,
        )
        served = served_display(config, name, store)
        self.tether = Tether({name: served}, lambda: self.pico.now_ms / 1000, self._note)
        self.pico.host = self.tether.feed
        self._log: list[str] = []
        self.on_line: Callable[[str], None] = lambda _: None
        """Told every line that the device prints."""

    def _note(self, line: str) -> None:
        self._log.append(line)
        self.on_line(line)

    def live(self, until_s: int) -> Iterator[Woke]:
        """Wake after wake, the first at once, until the next would be at `until_s` or later. DeviceError."""
        at_ms = self.pico.now_ms
        while at_ms < until_s * 1000:
            woke = self._wake(at_ms)
            yield woke
            at_ms = self.pico.now_ms + woke.sleep_s * 1000

    def _wake(self, at_ms: int) -> Woke:
        wires = self.pico.panel
        refreshes, sent = dict(wires.controller.refreshes), wires.spi_bytes
        self._log.clear()
        waits_ms = max(0, at_ms - self.pico.now_ms)
        try:
            slept = self.pico.run(self._is_done, waits_ms + _LONGEST_WAKE_MS)
        except DeviceError as error:
            raise DeviceError("\n".join([str(error), *self._log])) from None
        log = "\n".join(self._log)
        if not slept:
            raise DeviceError(f"the firmware did not go to sleep\n{log}".rstrip())
        said = report(log)
        kinds = wires.controller.refreshes
        panel = self._panel
        return Woke(
            at_s=at_ms // 1000,
            picture=Frame(
                panel.width_px,
                panel.height_px,
                panel.bpp,
                panel.planes,
                wires.controller.picture(),
            ),
            refresh=next((kind for kind in kinds if kinds[kind] > refreshes[kind]), ""),
            flash_writes=said["writes"],
            flash_bytes=said["written"],
            spi_bytes=wires.spi_bytes - sent,
            awake_ms=self.pico.now_ms - at_ms,
            naps=0,
            napped_ms=0,
            radio_ms=0,
            sleep_s=said["sleep"],
            log=log,
        )

    def _is_done(self) -> bool:
        return bool(self._log) and bool(report(self._log[-1]))
