"""A model of the UC8151: what its commands do to the picture on the glass.

From the sources that the driver, `inkframe.panels._uc8151`, names. With waveforms from OTP a refresh is
full and drives every pixel. With waveforms in registers R20H to R24H it is partial, and the tables
themselves say which pixels are driven, and whereto.
"""

from __future__ import annotations

from calendarbot.emulator.controllers._model import driven
from calendarbot.emulator.controllers._uc81xx import TwoRams

_TABLES = ("LUTKK", "LUTWK", "LUTKW", "LUTWW")
"""In the order of new and old bit, 00 01 10 11 (R50H, DDX 01)."""
_GROUP_BYTES = 6


class Controller(TwoRams):
    """One panel's controller and glass. ControllerError when the driver breaks a rule."""

    name = "UC8151"
    commands = {  # noqa: RUF012  # never changed
        0x00: ("PSR", 1),
        0x01: ("PWR", 5),
        0x02: ("POF", 0),
        0x04: ("PON", 0),
        0x06: ("BTST", 3),
        0x07: ("DSLP", 1),
        0x10: ("DTM1", None),
        0x12: ("DRF", 0),
        0x13: ("DTM2", None),
        0x20: ("LUTC", 44),
        0x21: ("LUTWW", 42),
        0x22: ("LUTKW", 42),
        0x23: ("LUTWK", 42),
        0x24: ("LUTKK", 42),
        0x30: ("PLL", 1),
        0x50: ("CDI", 1),
        0x61: ("TRES", 3),
        0x82: ("VDCS", 1),
        0x90: ("PTL", 7),
        0x91: ("PTIN", 0),
        0x92: ("PTOUT", 0),
    }

    def _on_psr(self, data: bytes) -> None:
        if data[0] & 0x1F != 0x1F:
            raise self.error(f"panel setting {data.hex()} is not modelled")
        self._registers["PSR"] = data

    def _on_tres(self, data: bytes) -> None:
        self._check_size(data[0], int.from_bytes(data[1:], "big"))
        self._registers["TRES"] = data

    def _on_ptl(self, data: bytes) -> None:
        top, bottom = int.from_bytes(data[2:4], "big"), int.from_bytes(data[4:6], "big")
        self._check_window(data[0], data[1], top, bottom)

    def _on_drf(self, _: bytes) -> None:
        self._need("PSR", "TRES", "CDI")
        old, new = self._written()
        if self._registers["CDI"][0] >> 4 & 3 != 1:
            raise self.error("data polarity is not modelled")
        if self._registers["PSR"][0] & 0x20:
            self._need("PWR", "BTST", "PLL", "VDCS", "LUTC", *_TABLES)
            self._refresh("partial", self._by_tables(old, new))
        else:
            self._refresh("full", driven(self._glass, new, self._window_mask()))

    def _by_tables(self, old: bytes, new: bytes) -> bytes:
        glass = self._glass
        window = self._window_mask()
        for index, table in enumerate(_TABLES):
            colour = _end(self._registers[table])
            if colour is None:
                continue
            mask = bytes(
                w & (n if index & 2 else ~n) & (o if index & 1 else ~o) & 255
                for w, n, o in zip(window, new, old, strict=True)
            )
            glass = driven(glass, bytes([255 * colour]) * len(glass), mask)
        return glass


def _end(table: bytes) -> int | None:
    """The colour a table leaves a pixel in: 1 white, 0 black, None as it was."""
    colour = None
    for at in range(0, len(table), _GROUP_BYTES):
        voltages, *frames = table[at : at + 5]
        if not table[at + 5]:
            continue
        for phase in range(4):
            voltage = voltages >> 6 - 2 * phase & 3
            if frames[phase] and voltage:
                colour = 1 if voltage == 2 else 0
    return colour
