"""What the models of UltraChip's controllers share: power, deep sleep, two data RAMs with partial windows.

From the UC8179 datasheet, and what public drivers do with its relatives. A full refresh drives every pixel;
a fast or partial one only those whose old and new data differ, so a driver that tells the controller a
wrong old picture leaves ghosts here as it does on a wall.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calendarbot.emulator.controllers._model import Model

if TYPE_CHECKING:
    from collections.abc import Callable

    from inkframe.parts import Panel

FACTORY_GLASS = 0xA5
"""What the glass shows before its first refresh: anything but a page."""
_UNWRITTEN = 0x5A
"""RAM that was never written is undefined; a pattern makes a driver that relies on it visible."""


class Powered(Model):
    idle_level = 1
    busy_ms = {"reset": 5, "PON": 80, "POF": 40}  # noqa: RUF012  # never changed

    def _forget(self) -> None:
        super()._forget()
        self._powered = False

    def _on_pon(self, _: bytes) -> None:
        self._powered = True
        self._be_busy(self.busy_ms["PON"])

    def _on_pof(self, _: bytes) -> None:
        self._powered = False
        self._be_busy(self.busy_ms["POF"])

    def _on_dslp(self, data: bytes) -> None:
        if data != b"\xa5":
            raise self.error("deep sleep without its check code")
        if self._powered:
            raise self.error("deep sleep with the panel's power on")
        self._forget()
        self._asleep = True

    def _check_size(self, width: int, height: int) -> None:
        size = (self.panel.width_px, self.panel.height_px)
        if (width, height) != size:
            raise self.error(f"resolution {(width, height)}, the panel has {size}")


class TwoRams(Powered):
    """Old and new data (or two colours') at 1 bpp, as frames without padding: widths are multiples of 8."""

    def __init__(self, panel: type[Panel], clock_ms: Callable[[], int]) -> None:
        self._stride = panel.width_px // 8
        self._plane_bytes = self._stride * panel.height_px
        super().__init__(panel, clock_ms, bytes([FACTORY_GLASS]) * self._plane_bytes * panel.planes)

    def _forget(self) -> None:
        super()._forget()
        self._rams: dict[str, bytearray] = {}
        self._partial = False

    def _on_ptin(self, _: bytes) -> None:
        self._partial = True

    def _on_ptout(self, _: bytes) -> None:
        self._partial = False

    def _check_window(self, left: int, right: int, top: int, bottom: int) -> None:
        """Pixels, all inclusive."""
        width, height = self.panel.width_px, self.panel.height_px
        if left % 8 or right % 8 != 7 or left > right or right >= width:
            raise self.error(f"partial window x {left} to {right}")
        if top > bottom or bottom >= height:
            raise self.error(f"partial window y {top} to {bottom}")
        self._registers["PTL"] = bytes(1)
        self._partial_window = (left // 8, right // 8 + 1, top, bottom + 1)

    def _window(self) -> tuple[int, int, int, int]:
        """(left, right, top, bottom) in bytes and rows, the ends exclusive."""
        if not self._partial:
            return 0, self._stride, 0, self.panel.height_px
        if "PTL" not in self._registers:
            raise self.error("partial mode without a window")
        return self._partial_window

    def _window_bytes(self) -> int:
        left, right, top, bottom = self._window()
        return (right - left) * (bottom - top)

    def _on_dtm1(self, data: bytes) -> None:
        self._write("DTM1", data)

    def _on_dtm2(self, data: bytes) -> None:
        self._write("DTM2", data)

    def _write(self, name: str, data: bytes) -> None:
        ram = self._rams.setdefault(name, bytearray([_UNWRITTEN]) * self._plane_bytes)
        left, right, top, bottom = self._window()
        width = right - left
        for row in range(top, bottom):
            piece = data[(row - top) * width : (row - top + 1) * width]
            ram[row * self._stride + left : row * self._stride + right] = piece

    def _written(self) -> tuple[bytes, bytes]:
        """Both RAMs, with power on; ControllerError if a refresh would show what is in neither."""
        if not self._powered:
            raise self.error("refresh with the panel's power off")
        if len(self._rams) < 2:
            raise self.error("refresh before both data RAMs were written")
        return bytes(self._rams["DTM1"]), bytes(self._rams["DTM2"])

    def _window_mask(self) -> bytes:
        left, right, top, bottom = self._window()
        row = bytes(left) + b"\xff" * (right - left) + bytes(self._stride - right)
        blank = bytes(self._stride)
        return blank * top + row * (bottom - top) + blank * (self.panel.height_px - bottom)
