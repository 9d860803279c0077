"""QR codes (ISO/IEC 18004) as masks of whole pixels.

`segno` makes them (`pip install "calendarbot[pictures]"`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PIL import Image

from calendarbot.errors import ConfigError

QUIET_MODULES: Final = 4
"""The white border a reader needs (ISO/IEC 18004, "quiet zone")."""
LEAST_MODULE_PX: Final = 2
"""Smaller modules are not read from a hand's distance off panels of 100 to 200 pixels per inch."""
MOST_BYTES: Final = 500
"""A longer text makes a code too fine for a wall."""


@lru_cache(maxsize=32)
def code(text: str, size_px: int) -> Image.Image | None:
    """The dark modules of a code for `text`, mode "1", border included, at most `size_px` wide.

    It recovers from 15 % damage (level M), or more where that costs no size. None where modules would be
    smaller than LEAST_MODULE_PX. ConfigError for a text that is empty or too long, or without `segno`; the
    error does not repeat the text, which may hold a password.
    """
    try:
        import segno
    except ModuleNotFoundError:
        raise ConfigError(
            "QR codes need the package segno", 'pip install "calendarbot[pictures]"'
        ) from None
    length = len(text.encode())
    if not 0 < length <= MOST_BYTES:
        raise ConfigError(
            f"a QR code of {length} bytes cannot be drawn", f"use 1 to {MOST_BYTES} bytes of text"
        )
    rows = tuple(map(bytes, segno.make_qr(text, error="m").matrix))
    modules = len(rows) + 2 * QUIET_MODULES
    scale = size_px // modules
    if scale < LEAST_MODULE_PX:
        return None
    small = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows)).point([0] + [255] * 255)
    whole = Image.new("L", (modules, modules))
    whole.paste(small, (QUIET_MODULES, QUIET_MODULES))
    side = modules * scale
    return whole.resize((side, side), Image.Resampling.NEAREST).convert("1")


def wifi(ssid: str, password: str = "") -> str:
    """What a phone reads as "join this network": `WIFI:T:WPA;S:…;P:…;;`, open without a password."""
    name, secret = _escaped(ssid), _escaped(password)
    return f"WIFI:T:WPA;S:{name};P:{secret};;" if password else f"WIFI:T:nopass;S:{name};;"


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in '\\;,":' else char for char in text)
