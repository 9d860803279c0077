"""`host compare`: what differs between two builds, as a picture."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import click

from calendarbot.cli.options import display_option, tz_option
from calendarbot.cli.pictures import write_picture
from calendarbot.comparison import compare, picture
from calendarbot.errors import StoreError
from calendarbot.render.preview import png_of
from calendarbot.store.folder import FolderStore
from calendarbot.zones import load_zone, machine_zone

_MOST_ROWS: Final = 24
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.argument("before", type=_FOLDER)
@click.argument("after", type=_FOLDER)
@display_option
@tz_option
@click.option(
    "--out",
    metavar="DIR",
    default=Path("out"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the pictures go: difference-DISPLAY.png.",
)
def command(
    before: Path, after: Path, displays: tuple[str, ...], tz: str | None, out: Path
) -> None:
    """Compare two builds: what `host build-frames` left in the folders BEFORE and AFTER.

    For every moment at which they differ the picture has a row: the page before, the page after, and the
    difference (new ink red, lost ink blue). When all pages are the same there is no picture.

    \b
    Examples:
      host compare out-yesterday out
      host compare a b --display kitchen --tz Europe/Berlin
    """
    zone = ZoneInfo(machine_zone()) if tz is None else load_zone(tz)
    for name in displays or _displays(before, after):
        found = compare(name, FolderStore(before), FolderStore(after))
        if not found.changes:
            click.echo(f"{name}: the same at all {found.moments} moments")
            continue
        file = out / f"difference-{name}.png"
        write_picture(file, png_of(picture(found.changes[:_MOST_ROWS], zone).quantize(256)))
        first = datetime.fromtimestamp(found.changes[0].moment, zone)
        click.echo(
            f"{name}: {len(found.changes)} of {found.moments} moments differ, first at "
            f"{first:%Y-%m-%d %H:%M}; {file}"
        )
        if len(found.changes) > _MOST_ROWS:
            click.echo(f"{name}: the picture holds the first {_MOST_ROWS}", err=True)


def _displays(before: Path, after: Path) -> list[str]:
    """The displays both folders have."""
    names = [
        {manifest.parent.name for manifest in folder.glob("*/manifest.json")}
        for folder in (before, after)
    ]
    common = sorted(names[0] & names[1])
    if not common:
        raise StoreError(
            f"{before} and {after} have no display in common",
            "both are folders that `host build-frames --out` wrote",
        )
    return common
