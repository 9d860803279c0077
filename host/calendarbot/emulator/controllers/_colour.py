"""What models of colour controllers share: 4 bits a pixel, one RAM, every refresh drives every pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from calendarbot.emulator.controllers._uc81xx import FACTORY_GLASS, Powered

if TYPE_CHECKING:
    from collections.abc import Callable

    from inkframe.parts import Panel


class Colour(Powered):
    needed: ClassVar[tuple[str, ...]]
    """What has to be set before a refresh."""
    colours: ClassVar[frozenset[int]]
    """The pixel values that are colours of the glass."""

    def __init__(self, panel: type[Panel], clock_ms: Callable[[], int]) -> None:
        self._frame_bytes = panel.width_px // 2 * panel.height_px
        super().__init__(panel, clock_ms, bytes([FACTORY_GLASS]) * self._frame_bytes)

    def _forget(self) -> None:
        super()._forget()
        self._ram: bytes | None = None

    def _window_bytes(self) -> int:
        return self._frame_bytes

    def _on_tres(self, data: bytes) -> None:
        self._check_size(int.from_bytes(data[:2], "big"), int.from_bytes(data[2:], "big"))
        self._registers["TRES"] = data

    def _on_dtm1(self, data: bytes) -> None:
        strange = {nibble for pair in set(data) for nibble in (pair >> 4, pair & 15)} - self.colours
        if strange:
            raise self.error(f"pixels of value {min(strange)}, which is no colour")
        self._ram = data

    def _on_drf(self, _: bytes) -> None:
        self._need(*self.needed)
        if not self._powered:
            raise self.error("refresh with the panel's power off")
        if self._ram is None:
            raise self.error("refresh before the data RAM was written")
        self._refresh("full", self._ram)
