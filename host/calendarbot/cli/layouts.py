"""`host layouts`: every layout with one's own calendars, on every palette, at every size."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click
from PIL import Image

from calendarbot import layouts
from calendarbot.cli.options import (
    at_option,
    chosen_displays,
    config_options,
    display_option,
    moment,
)
from calendarbot.cli.pictures import write_picture
from calendarbot.contact_sheet import SIZES, Sheet, draw_sheet
from calendarbot.errors import ConfigError, nearest
from calendarbot.render.palettes import known_palettes
from calendarbot.render.preview import png_of

if TYPE_CHECKING:
    from calendarbot.config import Config

_LARGEST_PX: Final = 2048


def _sizes(
    _ctx: click.Context, _param: click.Parameter, texts: tuple[str, ...]
) -> tuple[tuple[int, int], ...]:
    sizes = []
    for text in texts:
        match = re.fullmatch(r"(\d{2,4})x(\d{2,4})", text)
        size = (int(match[1]), int(match[2])) if match else (0, 0)
        if not match or max(size) > _LARGEST_PX:
            raise click.BadParameter(f"{text!r} is not a size; write 800x480.")
        sizes.append(size)
    return tuple(sizes) or SIZES


@click.command()
@config_options
@display_option
@at_option
@click.option(
    "--size",
    "sizes",
    metavar="WxH",
    multiple=True,
    callback=_sizes,
    help="Only pages of this size, for example 800x480. Repeat it for several.",
)
@click.option(
    "--palette",
    "palettes",
    metavar="NAME",
    multiple=True,
    help='Only this palette, for example "Spectra 6". Repeat it for several.',
)
@click.option(
    "--out",
    metavar="DIR",
    default=Path("out"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the sheets go: layouts/LAYOUT.png, in a folder for each of several displays.",
)
def command(
    config: Config,
    displays: tuple[str, ...],
    at: str | None,
    sizes: tuple[tuple[int, int], ...],
    palettes: tuple[str, ...],
    out: Path,
) -> None:
    """Draw a contact sheet of every layout, with your own calendars.

    A sheet has a row for each size and a column for each palette; a pixel is a pixel, in colours as
    measured on panels. The calendars, language and time zone are those of the display.

    \b
    Examples:
      host layouts --calendar my.ics
      host layouts --calendar my.ics --size 800x480 --palette "Spectra 6"
    """
    known = known_palettes()
    for palette in palettes:
        if palette not in known:
            raise ConfigError(f"there is no palette {palette!r}", nearest(palette, known))
    sheet = Sheet(sizes, palettes or tuple(known))
    chosen = chosen_displays(config, displays)
    for name, display in chosen.items():
        own = [display.layout] if display.has_own_layout else []
        for layout in [*layouts.names(), *own]:
            at_moment = moment(at, ZoneInfo(display.tz))
            title = Path(layout).stem
            folder = out / "layouts" / name if len(chosen) > 1 else out / "layouts"
            file = folder / f"{title}.png"
            image = draw_sheet(config, display, layout, at_moment, sheet)
            write_picture(file, png_of(image.quantize(256, dither=Image.Dither.NONE)))
            click.echo(f"{title}: {file}")
