"""`host preview`: pages as they are drawn, as picture files and, roughly or not, in the terminal."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

import click

from calendarbot.boards import load_panel
from calendarbot.build import draw_page, draw_timeline
from calendarbot.cli.characters import warn_of_missing
from calendarbot.cli.options import (
    at_option,
    chosen_displays,
    config_options,
    display_option,
    hours_option,
    json_option,
    moment,
)
from calendarbot.cli.pictures import write_picture
from calendarbot.render.palettes import palette_of
from calendarbot.render.preview import animation_bytes, page_image, png_bytes
from calendarbot.render.terminal import inline_picture, kind_for, terminal_picture

if TYPE_CHECKING:
    from datetime import datetime

    from calendarbot.build import Timeline
    from calendarbot.config import Config, DisplayConfig
    from calendarbot.render.palettes import Colour
    from inkframe.parts import Panel

_MOST_COLUMNS: Final = 120
_DAY_HOURS: Final = 24.0


@click.command()
@config_options
@display_option
@at_option
@hours_option
@click.option(
    "--out",
    metavar="DIR",
    default=Path("out"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the pictures go: preview-DISPLAY.png, or .gif or .apng.",
)
@click.option(
    "--measured",
    is_flag=True,
    help="Colours as they were measured on such panels, instead of ideal ones.",
)
@click.option(
    "--animate",
    type=click.Choice(["gif", "apng"]),
    help="All pages from --at on, for --hours (a day), as one animation.",
)
@click.option(
    "--terminal/--no-terminal",
    default=None,
    help="Show the page here, too.  [default: when this is a terminal]",
)
@json_option
def command(
    config: Config,
    displays: tuple[str, ...],
    at: str | None,
    hours: float | None,
    out: Path,
    *,
    measured: bool,
    animate: Literal["gif", "apng"] | None,
    terminal: bool | None,
    as_json: bool,
) -> None:
    """Draw each display's page for one moment, or a whole day as an animation.

    In kitty, Ghostty, WezTerm and iTerm2 the page itself is shown; other terminals get it in dots, coloured
    ones where they have 24-bit colour.

    \b
    Examples:
      host preview --calendar my.ics
      host preview --calendar my.ics --at 2026-11-24T09:20 --locale de_DE
      host preview --calendar my.ics --panel waveshare_7in3e --measured
      host preview --calendar my.ics --at 2026-11-24 --animate gif
    """
    if hours is not None and animate is None:
        raise click.UsageError("--hours goes with --animate.")
    wanted = sys.stdout.isatty() if terminal is None else terminal
    drawn = []
    for name, display in chosen_displays(config, displays).items():
        when = moment(at, ZoneInfo(display.tz))
        panel = load_panel(display.panel)
        colours = palette_of(panel.palette).measured if measured else None
        timeline = _pages(config, name, display, when, hours or _DAY_HOURS, animated=bool(animate))
        warn_of_missing(name, timeline)
        file = out / f"preview-{name}.{animate or 'png'}"
        write_picture(file, _picture(timeline, panel, colours, animate))
        frames = timeline.frames
        drawn.append({"name": name, "preview": str(file), "frame": frames[0].frame.id.hex()})
        if as_json:
            continue
        if wanted:
            _show(timeline, panel, colours)
        click.echo(f"{name}: {file}" + (f", {len(frames)} pages" if animate else ""))
    if as_json:
        click.echo(json.dumps({"displays": drawn}, indent=2))


def _pages(
    config: Config, name: str, display: DisplayConfig, at: datetime, hours: float, *, animated: bool
) -> Timeline:
    if not animated:
        return draw_page(config, name, at)
    timeline = draw_timeline(config, display, at, at + timedelta(hours=hours))
    return replace(timeline, frames=timeline.frames[:-1])  # the last one says it is stale


def _picture(
    timeline: Timeline,
    panel: type[Panel],
    colours: tuple[Colour, ...] | None,
    animate: Literal["gif", "apng"] | None,
) -> bytes:
    if animate is None:
        return png_bytes(timeline.frames[0].frame, panel.palette, panel.rotation, colours)
    return animation_bytes(
        [
            page_image(timed.frame, panel.palette, panel.rotation, colours)
            for timed in timeline.frames
        ],
        animate,
    )


def _show(timeline: Timeline, panel: type[Panel], colours: tuple[Colour, ...] | None) -> None:
    frame = timeline.frames[0].frame
    kind = kind_for(os.environ, sys.stdout.isatty())
    if kind in ("kitty", "iterm"):
        click.echo(inline_picture(png_bytes(frame, panel.palette, panel.rotation, colours), kind))
        return
    columns = min(shutil.get_terminal_size().columns, _MOST_COLUMNS)
    coloured = kind == "coloured dots"
    click.echo(terminal_picture(frame, columns, panel.palette, panel.rotation, coloured=coloured))
