"""`host inspect`: what is in a bundle, operation by operation."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from calendarbot.bundle import EncodedFrame, read_body, read_frames, streams
from calendarbot.cli.options import json_option
from calendarbot.config import load_config
from calendarbot.errors import ConfigError, StoreError
from calendarbot.keys import display_key, kept_key
from calendarbot.operations import operations, tally
from inkframe import wire
from inkframe.errors import AuthError, InkError
from inkframe.wire import Envelope

if TYPE_CHECKING:
    from inkframe.wire import Table as FrameTable

_REFRESH = ("full", "fast", "partial")
_WALK = ("rows", "columns")


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--config",
    "config_path",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The configuration with the display's key.",
)
@click.option(
    "--display",
    metavar="NAME",
    help="Whose key opens it.  [default: the name of the folder it is in]",
)
@click.option(
    "--operations", "with_operations", is_flag=True, help="List every operation of every frame."
)
@json_option
def command(
    bundle: Path,
    config_path: Path | None,
    display: str | None,
    *,
    with_operations: bool,
    as_json: bool,
) -> None:
    """Look into a bundle: its frames, and what each is made of.

    A sealed bundle is opened with the key of the display whose folder it is in.

    \b
    Examples:
      host inspect out/display/bundle.ink
      host inspect out/kitchen/bundle.ink --config calendarbot.toml --operations
    """
    envelope, table, frames = _open(bundle, config_path, display)
    if as_json:
        data = _as_data(envelope, table, frames, with_operations=with_operations)
        click.echo(json.dumps(data, indent=2))
        return
    _print_head(bundle, envelope, table)
    _print_frames(frames, table.head.bands)
    if with_operations:
        for frame in frames:
            click.echo(f"\nframe {frame.id.hex()}, from {_shown_from(frame)}")
            for band, stream in enumerate(streams(frame.payload, table.head.bands)):
                if table.head.bands > 1:
                    click.echo(f" band {band}")
                for operation in operations(stream, frame.window_bits):
                    click.echo(f"  {operation.name:8}{operation.length:6}  {operation.detail}")


def _key(raw: bytes, bundle: Path, config_path: Path | None, display: str | None) -> bytes | None:
    """The key that opens the bundle; a display without a configuration has one all the same."""
    if not Envelope(raw).sealed:
        return None
    name = display or _display_of(bundle)
    return display_key(load_config(config_path), name) if config_path else kept_key(name)


def _display_of(bundle: Path) -> str:
    folder = bundle.resolve().parent
    return folder.parent.name if folder.name == "bundles" else folder.name


def _open(
    bundle: Path, config_path: Path | None, display: str | None
) -> tuple[Envelope, FrameTable, tuple[EncodedFrame, ...]]:
    try:
        raw = bundle.read_bytes()
    except OSError as error:
        raise StoreError(f"cannot read {bundle}: {error.strerror}") from None
    try:
        envelope, table, body = read_body(raw, _key(raw, bundle, config_path, display))
    except AuthError as error:
        raise ConfigError(
            f"{bundle}: {error}", "name the display, and the configuration with its key"
        ) from None
    except InkError as error:
        raise StoreError(f"{bundle}: {error}") from None
    return envelope, table, read_frames(table, body)


def _as_data(
    envelope: Envelope,
    table: FrameTable,
    frames: tuple[EncodedFrame, ...],
    *,
    with_operations: bool,
) -> dict[str, Any]:
    head = table.head
    return {
        "sealed": envelope.sealed,
        "sequence": envelope.sequence,
        "width_px": head.width_px,
        "height_px": head.height_px,
        "bpp": head.bpp,
        "planes": head.planes,
        "built_at": _time(head.built_at),
        "ask_at": _time(head.ask_at),
        "valid_until": _time(head.valid_until),
        "retry_s": head.retry_s,
        "band_rows": head.band_rows,
        "frames": [
            _frame_data(frame, head.bands, with_operations=with_operations) for frame in frames
        ],
    }


def _frame_data(frame: EncodedFrame, bands: int, *, with_operations: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "shown_from": _shown_from(frame),
        "kind": "key" if frame.is_key else "delta",
        "id": frame.id.hex(),
        "base": None if frame.is_key else frame.base.hex(),
        "bytes": len(frame.payload),
        "refresh": _REFRESH[frame.refresh],
        "window": frame.window,
        "walk": _WALK[frame.walk],
        "window_bits": frame.window_bits,
    }
    if with_operations:
        data["operations"] = [
            {
                "band": band,
                "name": operation.name,
                "length": operation.length,
                "detail": operation.detail,
            }
            for band, stream in enumerate(streams(frame.payload, bands))
            for operation in operations(stream, frame.window_bits)
        ]
    return data


def _print_head(bundle: Path, envelope: Envelope, table: FrameTable) -> None:
    head = table.head
    click.echo(
        f"{bundle}: {'sealed' if envelope.sealed else 'NOT SEALED'}, "
        f"sequence {envelope.sequence}, {head.width_px} x {head.height_px} px, "
        f"{head.bpp} bpp, {head.planes} plane{'s' if head.planes > 1 else ''}"
        + (f", {head.bands} bands of {head.band_rows} rows" if head.bands > 1 else "")
    )
    click.echo(
        f"built {_time(head.built_at)}, ask again {_time(head.ask_at)}, "
        f"valid until {_time(head.valid_until)}\n"
    )


def _print_frames(frames: tuple[EncodedFrame, ...], bands: int) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("shown from", "kind", "frame", "refresh", "walk"):
        table.add_column(heading, no_wrap=True)
    table.add_column("bytes", justify="right")
    table.add_column("operations", overflow="fold")
    for frame in frames:
        counted: Counter[str] = Counter()
        for stream in streams(frame.payload, bands):
            counted += tally(stream, frame.window_bits).count
        table.add_row(
            _shown_from(frame),
            "key" if frame.is_key else "delta",
            frame.id.hex(),
            _REFRESH[frame.refresh],
            _WALK[frame.walk],
            str(len(frame.payload)),
            " ".join(f"{name} {count}" for name, count in counted.most_common()),
        )
    Console(width=None if Console().is_terminal else 140).print(table)


def _shown_from(frame: EncodedFrame) -> str:
    """When a frame is due; for one that is kept for a state, which."""
    if frame.shown_from == wire.LOW_BATTERY:
        return "low_battery"
    if frame.shown_from >= wire.FIRST_PAGE:
        return f"page {frame.shown_from - wire.FIRST_PAGE + 2}"
    return _time(frame.shown_from)


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
