"""A model of the UC8179: what its commands do to the picture on the glass.

From the datasheet's command table. Modelled: reset, power, deep sleep, busy times, resolution, both data
RAMs, data polarity (R50H), partial windows (R90H to R92H), both modes (old and new data, or black and red),
and which pixels a waveform drives. Busy times are modelled, not measured.
"""

from __future__ import annotations

from calendarbot.emulator.controllers._model import differing, driven
from calendarbot.emulator.controllers._uc81xx import TwoRams

_WAVEFORMS = {0x5A: "fast", 0x6E: "partial"}
_KW = b"\x1f"
_KWR = b"\x0f"


class Controller(TwoRams):
    """One panel's controller and glass. ControllerError when the driver breaks a rule."""

    name = "UC8179"
    commands = {  # noqa: RUF012  # never changed
        0x00: ("PSR", 1),
        0x01: ("PWR", 4),
        0x02: ("POF", 0),
        0x04: ("PON", 0),
        0x06: ("BTST", 4),
        0x07: ("DSLP", 1),
        0x10: ("DTM1", None),
        0x12: ("DRF", 0),
        0x13: ("DTM2", None),
        0x15: ("DUSPI", 1),
        0x50: ("CDI", 2),
        0x60: ("TCON", 1),
        0x61: ("TRES", 4),
        0x90: ("PTL", 9),
        0x91: ("PTIN", 0),
        0x92: ("PTOUT", 0),
        0xE0: ("CCSET", 1),
        0xE5: ("TSSET", 1),
    }

    def _on_psr(self, data: bytes) -> None:
        mode = _KWR if self.panel.planes == 2 else _KW
        if data not in (_KW, _KWR):
            raise self.error(f"panel setting {data.hex()} is not modelled")
        if data != mode:
            raise self.error(f"panel setting {data.hex()} is for a panel of other colours")
        self._registers["PSR"] = data

    def _on_tres(self, data: bytes) -> None:
        self._check_size(int.from_bytes(data[:2], "big"), int.from_bytes(data[2:], "big"))
        self._registers["TRES"] = data

    def _on_ptl(self, data: bytes) -> None:
        left, right, top, bottom = (int.from_bytes(data[i : i + 2], "big") for i in range(0, 8, 2))
        self._check_window(left, right, top, bottom)

    def _on_drf(self, _: bytes) -> None:
        self._need("PSR", "TRES", "CDI", "PWR", "BTST")
        first, second = self._written()
        if self._registers["PSR"] == _KWR:
            self._refresh("full", self._three_colours(first, second))
            return
        kind = self._waveform()
        set_is_white = self._registers["CDI"][0] & 3 == 1
        wanted = second if set_is_white else differing(second, b"\xff" * len(second))
        mask = self._window_mask()
        if kind != "full":
            changes = differing(first, second)
            mask = bytes(a & b for a, b in zip(mask, changes, strict=True))
        self._refresh(kind, driven(self._glass, wanted, mask))
        if self._registers["CDI"][0] & 0x08:  # N2OCP
            self._rams["DTM1"] = bytearray(second)

    def _waveform(self) -> str:
        if self._registers.get("CCSET") != b"\x02":
            return "full"
        forced = self._registers.get("TSSET", b"\x00")[0]
        if forced not in _WAVEFORMS:
            raise self.error(f"forced temperature {forced:#04x} is not modelled")
        return _WAVEFORMS[forced]

    def _three_colours(self, first: bytes, second: bytes) -> bytes:
        """The glass as a frame: R50H's DDX says which bit is white and which red; red wins."""
        polarity = self._registers["CDI"][0] & 3
        white = first if polarity & 1 else differing(first, b"\xff" * len(first))
        not_red = second if polarity & 2 else differing(second, b"\xff" * len(second))
        shown = bytes(w | ~n & 255 for w, n in zip(white, not_red, strict=True))
        return shown + not_red
