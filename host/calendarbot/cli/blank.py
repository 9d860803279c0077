"""`host blank`: the pages a display shows when it has no calendar to show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from calendarbot.boards import load_panel
from calendarbot.cli.options import (
    at_option,
    chosen_displays,
    config_options,
    display_option,
    moment,
)
from calendarbot.cli.pictures import write_picture
from calendarbot.render.preview import png_bytes
from calendarbot.status_pages import all_pages

if TYPE_CHECKING:
    from calendarbot.config import Config


@click.command()
@config_options
@display_option
@at_option
@click.option(
    "--out",
    metavar="DIR",
    default=Path("out"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the pictures go: blank/DISPLAY/STATE.png.",
)
def command(config: Config, displays: tuple[str, ...], at: str | None, out: Path) -> None:
    """Draw the pages each display shows when it has nothing to show, as pictures.

    No events, no data yet, not updated since, battery low, first start, and one for each error.

    \b
    Example:
      host blank --calendar my.ics --locale de_DE
    """
    for name, display in chosen_displays(config, displays).items():
        panel, now = load_panel(display.panel), moment(at, ZoneInfo(display.tz))
        folder = out / "blank" / name
        pages = all_pages(display, name, now)
        for state, frame in pages.items():
            write_picture(folder / f"{state}.png", png_bytes(frame, panel.palette, panel.rotation))
        click.echo(f"{name}: {len(pages)} pages in {folder}")
