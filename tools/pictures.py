"""The pictures of the README: `python -m tools.pictures` draws them anew from the reference calendars."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from calendarbot.build import draw_page
from calendarbot.config import config_from_options
from calendarbot.render.preview import png_bytes

_ROOT = Path(__file__).parents[1]
_TZ = "Europe/Berlin"
_PICTURES = {
    "agenda": ("office", "09:20"),
    "day": ("office", "12:10"),
    "week": ("family", "12:10"),
    "month": ("family", "12:10"),
    "year": ("family", "12:10"),
    "two_up": ("office", "12:10"),
    "room": ("room", "14:10"),
    "whats_next": ("office", "10:02"),
}
"""By layout, which calendar, and when on 24 November 2026."""


def main() -> None:
    for layout, (calendar, clock) in _PICTURES.items():
        file = _ROOT / "tests" / "reference" / f"{calendar}.ics"
        config = config_from_options([file], layout=layout, tz=_TZ, locale="en_GB")
        at = datetime.fromisoformat(f"2026-11-24T{clock}").replace(tzinfo=ZoneInfo(_TZ))
        page = draw_page(config, "display", at).frames[0].frame
        (_ROOT / "docs" / "images" / f"{layout}.png").write_bytes(png_bytes(page))


if __name__ == "__main__":
    main()
