"""`host update`: new versions of the application for devices, signed, and what became of them."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from calendarbot import updates
from calendarbot.cli.device_options import candidate_boards, port_option, progress_bars
from calendarbot.cli.options import (
    chosen_config,
    chosen_displays,
    config_argument,
    display_option,
    json_option,
    out_option,
)
from calendarbot.errors import ConfigError
from calendarbot.keys import display_key
from calendarbot.link.connection import connect
from calendarbot.link.update import push
from calendarbot.ports import find_port
from calendarbot.store.folder import FolderStore
from calendarbot.update_reports import outcome_in_words
from inkframe.update import IMAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calendarbot.config import Config
    from calendarbot.updates import Offered


@click.group()
def command() -> None:
    """Give devices a new version of the application over the way they fetch pages.

    An update is signed with the display's key. The device checks it, writes it beside what it runs,
    starts it on trial, and takes it back when it does not work. docs/update.md explains.

    \b
    Examples:
      host update build                      for all displays of ./calendarbot.toml
      host update build --display kitchen    for one, to try it first
      host update status
    """


@command.command()
@config_argument
@display_option
@out_option
@click.option("--board", metavar="NAME", help="The board, when the configuration names none.")
@click.option(
    "--battery-mv",
    metavar="MV",
    type=click.IntRange(0, 65535),
    default=updates.LEAST_BATTERY_MV,
    show_default=True,
    help="Devices with less wait until they are charged.",
)
@click.option(
    "--image",
    "image_path",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A full image for an ESP32 with two application partitions, instead of the application.",
)
@json_option
def build(
    config_path: Path | None,
    displays: tuple[str, ...],
    out: Path,
    board: str | None,
    battery_mv: int,
    image_path: Path | None,
    *,
    as_json: bool,
) -> None:
    """Compile and sign this version's application, and put it on offer.

    `host serve` and `host tether` offer what is in DIR. The same application again changes nothing.
    """
    config = chosen_config(config_path, ())
    store = FolderStore(out)
    offered = []
    contents: dict[str, tuple[Mapping[str, bytes], int, int]] = {}
    for name in chosen_displays(config, displays):
        chip = updates.chip_of(config, name, board)
        if chip not in contents:
            contents[chip] = _contents(chip, image_path)
        files, mpy, kind = contents[chip]
        offered.append(
            updates.offer(
                store, config, name, files, mpy, chip, time.time(), battery_mv=battery_mv, kind=kind
            )
        )
    if as_json:
        click.echo(json.dumps({"offers": [asdict(offer) for offer in offered]}, indent=2))
        return
    for offer in offered:
        click.echo(f"{offer.display}: {_line(offer)}{'' if offer.changed else ' (unchanged)'}")


def _contents(chip: str, image_path: Path | None) -> tuple[Mapping[str, bytes], int, int]:
    """(files, what their code needs, kind) of an update for a chip."""
    if image_path is None:
        return *updates.application(chip), 0
    if not chip.startswith("esp32"):
        raise ConfigError(
            f"full images are for the ESP32 family; this chip is {chip}",
            "an RP2 board takes one by its BOOTSEL drive: `host flash`",
        )
    return {"image": image_path.read_bytes()}, 0, IMAGE


def _line(offer: Offered) -> str:
    return (
        f"{offer.kind} of {_moment(offer.version)} for {offer.chip}, {offer.files} files, "
        f"{offer.size_bytes:,} bytes"
    )


def _moment(version: int) -> str:
    if not version:
        return "unknown date"
    return f"{datetime.fromtimestamp(version, UTC).astimezone():%Y-%m-%d %H:%M:%S}"


@command.command()
@config_argument
@display_option
@out_option
@json_option
def status(
    config_path: Path | None, displays: tuple[str, ...], out: Path, *, as_json: bool
) -> None:
    """What is on offer for each display, what its device runs, and what became of its last update."""
    config = chosen_config(config_path, ())
    store = FolderStore(out)
    rows = [_standing(store, config, name) for name in chosen_displays(config, displays)]
    if as_json:
        click.echo(json.dumps({"displays": rows}, indent=2))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("display", "on offer", "runs", "last update"):
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(
            row["display"],
            _moment(row["offered"]) if row["offered"] else "-",
            "not heard of yet" if row["runs"] is None else _runs(row["runs"]),
            outcome_in_words(row["outcome"]),
        )
    Console().print(table)


def _standing(store: FolderStore, config: Config, name: str) -> dict[str, Any]:
    offer = updates.standing(store, name, display_key(config, name))
    said = store.device(name)
    outcome, _, about = said.get("update", "").partition(".")
    return {
        "display": name,
        "offered": offer.version if offer else None,
        "runs": int(said["app"]) if said.get("app", "").isdecimal() else None,
        "outcome": outcome or None,
        "outcome_of": int(about) if about.isdecimal() else None,
        "heard_at": int(said["at"]) if said.get("at", "").isdecimal() else None,
    }


def _runs(version: int) -> str:
    return _moment(version) if version else "as it was flashed"


@command.command()
@config_argument
@display_option
@out_option
def withdraw(config_path: Path | None, displays: tuple[str, ...], out: Path) -> None:
    """Offer nothing any more. What devices have installed stays."""
    store = FolderStore(out)
    for name in chosen_displays(chosen_config(config_path, ()), displays):
        store.offer(name, None)
        click.echo(f"{name}: no update on offer")


@command.command("push")
@click.argument("display")
@click.option(
    "--config",
    "config_path",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The configuration that has the display.  [default: ./calendarbot.toml]",
)
@out_option
@port_option
def push_(display: str, config_path: Path | None, out: Path, port: str | None) -> None:
    """Install what is on offer for DISPLAY on its board, now, over the USB cable.

    The board checks and writes it as if it had fetched it, and starts it on trial.

    \b
    Examples:
      host update push kitchen
      host update push kitchen --port /dev/ttyACM0
    """
    config = chosen_config(config_path, ())

    raw = updates.whole(FolderStore(out), display)
    with (
        connect(port or find_port(candidate_boards(config.display(display).board))) as connection,
        progress_bars() as progress,
    ):
        push(connection, raw, progress)
    click.echo(f"{display}: installed; the board starts it on trial")
