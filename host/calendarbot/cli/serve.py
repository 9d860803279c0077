"""`host serve`: hand bundles out to devices, and show people what their displays show."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from calendarbot.cli.options import (
    chosen_displays,
    config_options,
    display_option,
    out_option,
    unsealed,
    unsealed_option,
)
from calendarbot.config.values import parse_duration
from calendarbot.errors import CalendarBotError
from calendarbot.publish import publish_display
from calendarbot.server.app import create_app
from calendarbot.server.run import serve
from calendarbot.serving import served_display
from calendarbot.store.folder import FolderStore

if TYPE_CHECKING:
    from pathlib import Path

    from calendarbot.config import Config

DEFAULT_PORT = 8080


def _duration(_ctx: click.Context, _param: click.Parameter, text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@config_options
@display_option
@out_option
@click.option(
    "--address",
    metavar="IP",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen; 0.0.0.0 lets devices on the network in.",
)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="The TCP port; 0 takes a free one.",
)
@click.option(
    "--every",
    metavar="DURATION",
    default="5min",
    show_default=True,
    callback=_duration,
    help="How often to read the calendars again.",
)
@click.option(
    "--known-as",
    metavar="NAME",
    multiple=True,
    help="A name the pages answer to, such as a proxy's. Addresses and local names always work.",
)
@unsealed_option
def command(
    config: Config,
    displays: tuple[str, ...],
    out: Path,
    address: str,
    port: int,
    every: timedelta,
    known_as: tuple[str, ...],
    *,
    leave_open: bool,
) -> None:
    """Keep the frames of every display up to date, and hand them out.

    Devices ask at http://ADDRESS:PORT/DISPLAY/bundle.ink; people look at http://ADDRESS:PORT/.

    \b
    Examples:
      host serve --calendar my.ics
      host serve calendarbot.toml --address 0.0.0.0
    """
    if leave_open:
        config = unsealed(config)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    store = FolderStore(out)
    names = list(chosen_displays(config, displays))
    served = {name: served_display(config, name, store) for name in names}
    for name in names:
        _publish(store, config, name)
    stop = threading.Event()
    keeper = threading.Thread(
        target=_keep_up_to_date, args=(stop, every, store, config, names), daemon=True
    )
    keeper.start()
    try:
        serve(create_app(served, time.time, known_as), address, port, _say_where)
    finally:
        stop.set()


def _say_where(url: str) -> None:
    click.echo(f"{url}/ shows the pages; devices ask at {url}/DISPLAY/bundle.ink", err=True)


def _keep_up_to_date(
    stop: threading.Event, every: timedelta, store: FolderStore, config: Config, names: list[str]
) -> None:
    while not stop.wait(every.total_seconds()):
        for name in names:
            try:
                _publish(store, config, name)
            except CalendarBotError as error:
                # The last good frames stay; their stale page will say so if this goes on.
                click.echo(f"{name}: {error.message}; what was published stays", err=True)


def _publish(store: FolderStore, config: Config, name: str) -> None:
    now = datetime.now(ZoneInfo(config.display(name).tz))
    published = publish_display(store, config, name, now)
    if published.changed:
        manifest = published.manifest
        click.echo(
            f"{name}: {len(manifest.frames)} frames, {manifest.bundle_bytes:,} bytes published",
            err=True,
        )
