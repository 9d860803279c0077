"""Displays kept up to date while something hands their frames out."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from calendarbot.config.values import parse_duration
from calendarbot.errors import CalendarBotError
from calendarbot.publish import publish_display
from calendarbot.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from calendarbot.config import Config
    from calendarbot.store.folder import FolderStore


LOOK_EVERY_S: Final = 2.0
"""How often files are looked at for changes."""


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
    """Publish the displays now, again every so often, and soon after a file of theirs changed, for as long
    as the context lasts."""
    for name in names:
        _publish(store, config, name)
    stop = threading.Event()
    calendars = {calendar for name in names for calendar in config.display(name).calendars}
    watch = Watch(config, calendars)
    keeper = threading.Thread(
        target=_keep, args=(stop, every, watch, store, config, names), daemon=True
    )
    keeper.start()
    try:
        yield
    finally:
        stop.set()


def _keep(
    stop: threading.Event,
    every: timedelta,
    watch: Watch,
    store: FolderStore,
    config: Config,
    names: Sequence[str],
) -> None:
    while _wait(stop, every, watch):
        for name in names:
            try:
                _publish(store, config, name)
            except CalendarBotError as error:
                # The last good frames stay; their stale page will say so if this goes on.
                click.echo(f"{name}: {error.message}; what was published stays", err=True)


def _wait(stop: threading.Event, every: timedelta, watch: Watch) -> bool:
    """Until it is time, or a file changed; False when it is time to stop."""
    due = time.monotonic() + every.total_seconds()
    while (left_s := due - time.monotonic()) > 0:
        if stop.wait(min(LOOK_EVERY_S, left_s)):
            return False
        if watch.changed():
            return True
    return not stop.is_set()


def _publish(store: FolderStore, config: Config, name: str) -> None:
    now = datetime.now(ZoneInfo(config.display(name).tz))
    published = publish_display(store, config, name, now)
    if published.changed:
        manifest = published.manifest
        click.echo(
            f"{name}: {len(manifest.frames)} frames, {manifest.bundle_bytes:,} bytes published",
            err=True,
        )
