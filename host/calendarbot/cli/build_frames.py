"""`host build-frames`: calendars in, a bundle of frames out."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from calendarbot.cli.characters import warn_of_missing
from calendarbot.cli.options import build_options, chosen_displays, moment
from calendarbot.errors import StoreError
from calendarbot.publish import publish_display
from calendarbot.store.folder import FolderStore

if TYPE_CHECKING:
    from pathlib import Path

    from calendarbot.config import Config
    from calendarbot.publish import Published
    from calendarbot.store import Manifest, Store


@click.command()
@build_options
def command(
    config: Config,
    displays: tuple[str, ...],
    at: str | None,
    hours: float | None,
    out: Path,
    *,
    as_json: bool,
) -> None:
    """Draw every page a display will show, and publish them as one bundle.

    DIR gets a folder for each display: bundle.ink (what a device fetches; any web server can
    serve it), previews/ (a picture of every frame) and manifest.json. When nothing has changed
    since the last time, nothing is written.

    \b
    Examples:
      host build-frames --calendar my.ics
      host build-frames calendarbot.toml --out /var/www/calendars
      host build-frames --calendar my.ics --at 2026-11-24T06:00 --hours 18 --json
    """
    store = FolderStore(out)
    described = []
    for name, display in chosen_displays(config, displays).items():
        now = moment(at, ZoneInfo(display.tz))
        published = _publish(store, config, name, now, hours)
        warn_of_missing(name, published.built.timeline)
        if as_json:
            described.append(describe(store, published.manifest, ZoneInfo(display.tz)))
        else:
            _print_table(published, out / name, ZoneInfo(display.tz))
    if as_json:
        click.echo(json.dumps({"displays": described}, indent=2, ensure_ascii=False))


def _publish(
    store: Store, config: Config, name: str, at: datetime, hours: float | None
) -> Published:
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed} frames"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not Console(stderr=True).is_terminal,
    )
    with progress:
        task = progress.add_task(f"{name}: drawing and encoding", total=None)
        return publish_display(store, config, name, at, hours, lambda _: progress.advance(task))


def describe(store: Store, manifest: Manifest, tz: ZoneInfo) -> dict[str, Any]:
    """A display's bundle as docs/cli.md describes it; paths are relative to the output folder."""
    return {
        "name": manifest.display,
        "panel": manifest.panel,
        "layout": manifest.layout,
        "bundle": f"{manifest.display}/bundles/{manifest.bundle}.ink",
        "bundle_bytes": manifest.bundle_bytes,
        "frames": [
            {
                "shown_from": datetime.fromtimestamp(frame.shown_from, tz).isoformat(),
                "kind": frame.kind,
                "bytes": frame.payload_bytes,
                "preview": f"{manifest.display}/{frame.preview}",
                "sha256": hashlib.sha256(_pixels(store, manifest, frame.id)).hexdigest(),
            }
            for frame in manifest.frames
        ],
    }


def _pixels(store: Store, manifest: Manifest, frame_id: bytes) -> bytes:
    pixels = store.frame(manifest.display, frame_id)
    if pixels is None:
        raise StoreError(
            f"{manifest.display}: the pixels of frame {frame_id.hex()} are gone",
            "remove the display's folder and build again",
        )
    return pixels


def _print_table(published: Published, folder: Path, tz: ZoneInfo) -> None:
    manifest = published.manifest
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("shown from", no_wrap=True)
    table.add_column("kind")
    table.add_column("bytes", justify="right")
    table.add_column("what changed", overflow="fold")
    for frame in manifest.frames:
        when = datetime.fromtimestamp(frame.shown_from, tz)
        table.add_row(f"{when:%a %H:%M}", frame.kind, str(frame.payload_bytes), frame.reason)
    Console().print(table)
    click.echo(
        f"{manifest.display}: {len(manifest.frames)} frames, {manifest.bundle_bytes:,} bytes "
        f"in {folder / 'bundle.ink'}{'' if published.changed else ' (unchanged)'}"
    )
