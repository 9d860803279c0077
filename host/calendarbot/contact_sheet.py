"""Every layout on every palette at every size, for one agenda: a sheet of pages for each layout."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PIL import Image

from calendarbot import layouts
from calendarbot.agenda import read_agenda
from calendarbot.layouts import View
from calendarbot.render import Canvas, Type
from calendarbot.render.palettes import known_palettes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calendarbot.config import Config, DisplayConfig
    from calendarbot.layouts import Layout
    from calendarbot.model import Agenda

SIZES = ((800, 480), (600, 448), (400, 300), (296, 128))
_GAP_PX = 16
_LABEL_PX = 28
_GREY = (176, 176, 176)
_BPP = 4


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is on a sheet: a row for each size, a column for each palette."""

    sizes: Sequence[tuple[int, int]] = SIZES
    palettes: Sequence[str] = tuple(known_palettes())


def draw_sheet(
    config: Config, display: DisplayConfig, layout_name: str, at: datetime, sheet: Sheet
) -> Image.Image:
    """A layout's pages for a display's calendars, a pixel a pixel, in measured colours; mode "RGB".

    Raises ConfigError and SourceError.
    """
    layout = layouts.load(layout_name)
    view = _view(config, display, layout, at)
    widest = max(width for width, _ in sheet.sizes)
    heights = [height for _, height in sheet.sizes]
    whole = Image.new(
        "RGB",
        (
            len(sheet.palettes) * (widest + _GAP_PX) + _GAP_PX,
            sum(heights) + len(heights) * (_LABEL_PX + _GAP_PX) + _GAP_PX,
        ),
        _GREY,
    )
    y = _GAP_PX
    for width, height in sheet.sizes:
        for column, name in enumerate(sheet.palettes):
            x = _GAP_PX + column * (widest + _GAP_PX)
            whole.paste(_label(f"{layout_name} · {width} × {height} · {name}", width), (x, y))
            whole.paste(_page(layout, view, (width, height), name), (x, y + _LABEL_PX))
        y += height + _LABEL_PX + _GAP_PX
    return whole


def _view(config: Config, display: DisplayConfig, layout: Layout, at: datetime) -> View:
    tz = ZoneInfo(display.tz)
    now = at.astimezone(tz)
    days = layouts.days_needed(layout, display.locale, now.date(), now.date())
    start, end = (datetime.combine(day, time(), tz) for day in days)
    agenda: Agenda = read_agenda(config, display.calendars, start, end, tz, strict=True)
    return View(
        agenda,
        now,
        display.locale,
        display.title or "",
        photo=display.photo,
        qr=display.qr_text(),
    )


def _page(layout: Layout, view: View, size: tuple[int, int], palette: str) -> Image.Image:
    canvas = Canvas(*size, palette=known_palettes()[palette], bpp=_BPP)
    least_width, least_height = layout.MIN_SIZE_PX
    if size[0] < least_width or size[1] < least_height:
        text = f"needs {least_width} × {least_height}"
        canvas.text(size[0] // 2, size[1] // 2, text, Type(16), anchor="middle")
    else:
        layout.draw(canvas, view)
    return canvas.image(canvas.inks.measured)


def _label(text: str, width: int) -> Image.Image:
    canvas = Canvas(width, _LABEL_PX)
    canvas.text(4, 19, text, Type(15), max_width=width - 8)
    return canvas.image()
