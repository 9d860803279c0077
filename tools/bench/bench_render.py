"""How long a page takes to draw, and how much memory a process that draws pages has.

The floor is plain Pillow: the same strings at the same places in the same sizes on the same canvas, unshaped,
with its fonts loaded, packed to the same bytes. Both are warm, on one core, and their passes alternate; the
figure is the fastest of them. Pillow draws no bars, boxes or patterns here and decides nothing, so it has
less to do than a page; but it keeps no glyphs and rasterises every string anew.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from time import process_time_ns
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from calendarbot import layouts
from calendarbot.build import draw_page, page_of
from calendarbot.config import config_from_options
from calendarbot.render import canvas as canvas_module
from calendarbot.render.families import file_of, installed_families
from tools.bench import DAY, ROOT, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calendarbot.config import Config
    from calendarbot.render.type import Type

BENCH = "render"
_AT = DAY + timedelta(hours=3, minutes=20)
_PASSES = 60
_SIZE = (800, 480)


@dataclass(frozen=True, slots=True)
class _Text:
    """One string as a page printed it."""

    text: str
    style: Type
    corner: tuple[int, int]
    """Where its ink begins, in pixels from the top left."""
    ink: int


def rows() -> Iterator[Row]:
    for layout in layouts.names():
        yield _frame(layout)
    for calendar, what in (("office", "Latin"), ("world", "all scripts")):
        used = _worker_memory(calendar)
        yield Row(BENCH, calendar, f"resident memory of a worker, {what}", "MB", used, "limit", 80)


def _frame(layout: str) -> Row:
    config = _config("office", layout)
    page = page_of(config, "display", _AT)
    texts = _texts_of(lambda: page(_AT))
    ours, floor = _fastest(lambda: page(_AT), lambda: _plain_pillow(texts))
    return Row(BENCH, layout, "a warm 800 x 480 frame", "µs", ours, "plain Pillow", floor)


def _config(calendar: str, layout: str) -> Config:
    file = ROOT / "tests" / "reference" / f"{calendar}.ics"
    return config_from_options([file], layout=layout, tz="Europe/Berlin", locale="en_GB")


def _texts_of(draw: Callable[[], object]) -> list[_Text]:
    """The strings that drawing a page prints."""
    found: list[_Text] = []

    class Watched(canvas_module.Canvas):
        def text(self, x: int, baseline: int, text: str, style: Type, **options: object) -> int:
            width = super().text(x, baseline, text, style, **options)  # type: ignore[arg-type]  # as given
            placed = self.placed[-1]
            if placed.text:
                ink = options.get("ink")
                colour = self.black if ink is None else ink
                found.append(_Text(placed.text, style, placed.ink[:2], int(str(colour))))
            return width

    from unittest.mock import patch  # it brings asyncio, which is not a worker's memory

    with patch("calendarbot.build.Canvas", Watched):
        draw()
    return found


def _plain_pillow(texts: list[_Text]) -> bytes:
    image = Image.new("L", _SIZE, 1)
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"
    for text in texts:
        font = _font(text.style.size_px, text.style.bold)
        draw.text(text.corner, text.text, fill=text.ink, font=font)
    return image.point([0, 255] + [0] * 254, "1").tobytes()


@cache
def _font(size_px: int, bold: bool) -> ImageFont.FreeTypeFont:
    file = file_of(installed_families()[0], bold=bold)
    return ImageFont.truetype(file, size_px, layout_engine=ImageFont.Layout.BASIC)


def _fastest(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Microseconds of processor time."""
    best = [float("inf"), float("inf")]
    for _ in range(_PASSES):
        for index, draw in enumerate((ours, theirs)):
            begin = process_time_ns()
            draw()
            best[index] = min(best[index], (process_time_ns() - begin) / 1000)
    return best[0], best[1]


_WORKER = """
import sys
from tools.bench.bench_render import draw_every_layout
from tools.bench.machine import peak_mb
draw_every_layout(sys.argv[1])
print(peak_mb())
"""


def draw_every_layout(calendar: str) -> None:
    for layout in layouts.names():
        draw_page(_config(calendar, layout), "display", _AT)


def _worker_memory(calendar: str) -> float:
    """The most memory a fresh process had resident while it drew every layout, in MB."""
    done = subprocess.run(
        [sys.executable, "-c", _WORKER, calendar],
        capture_output=True,
        check=True,
        cwd=ROOT,
        text=True,
    )
    return float(done.stdout)
