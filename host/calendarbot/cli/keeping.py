"""Displays kept up to date while something hands their frames out."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from calendarbot.config.values import parse_duration
from calendarbot.errors import CalendarBotError
from calendarbot.publish import publish_display

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from calendarbot.config import Config
    from calendarbot.store.folder import FolderStore


def _duration(_ctx: click.Context, _param: click.Parameter, text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


every_option = click.option(
    "--every",
    metavar="DURATION",
    default="5min",
    show_default=True,
    callback=_duration,
    help="How often to read the calendars again.",
)


@contextmanager
def kept_up_to_date(
    store: FolderStore, config: Config, names: Sequence[str], every: timedelta
) -> Iterator[None]:
    """Publish the displays now, and again every so often for as long as the context lasts."""
    for name in names:
        _publish(store, config, name)
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(stop, every, store, config, names), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()


def _keep(
    stop: threading.Event,
    every: timedelta,
    store: FolderStore,
    config: Config,
    names: Sequence[str],
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
