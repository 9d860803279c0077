"""`host preview`: the page as it is drawn, as a picture file and, roughly, in the terminal."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from calendarbot.boards import load_panel
from calendarbot.build import draw_page
from calendarbot.cli.options import (
    at_option,
    chosen_displays,
    config_options,
    display_option,
    json_option,
    moment,
)
from calendarbot.errors import StoreError
from calendarbot.render.preview import png_bytes, terminal_picture

if TYPE_CHECKING:
    from calendarbot.config import Config

_MOST_COLUMNS = 120


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
    help="Where the pictures go: preview-DISPLAY.png.",
)
@click.option(
    "--terminal/--no-terminal",
    default=None,
    help="Draw a rough picture here, too.  [default: when this is a terminal]",
)
@json_option
def command(
    config: Config,
    displays: tuple[str, ...],
    at: str | None,
    out: Path,
    *,
    terminal: bool | None,
    as_json: bool,
) -> None:
    """Draw each display's page for one moment.

    \b
    Examples:
      host preview --calendar my.ics
      host preview --calendar my.ics --at 2026-11-24T09:20 --locale de_DE
    """
    drawn = []
    for name, display in chosen_displays(config, displays).items():
        frame = draw_page(config, name, moment(at, ZoneInfo(display.tz)))
        file = out / f"preview-{name}.png"
        panel = load_panel(display.panel)
        _write(file, png_bytes(frame, panel.palette, panel.rotation))
        drawn.append({"name": name, "preview": str(file), "frame": frame.id.hex()})
        if as_json:
            continue
        if sys.stdout.isatty() if terminal is None else terminal:
            columns = min(shutil.get_terminal_size().columns, _MOST_COLUMNS)
            click.echo(terminal_picture(frame, columns, panel.palette, panel.rotation))
        click.echo(f"{name}: {file}")
    if as_json:
        click.echo(json.dumps({"displays": drawn}, indent=2))


def _write(file: Path, data: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    except OSError as error:
        raise StoreError(f"cannot write {file}: {error.strerror}", "choose another --out") from None
