"""`host tether`: the host at the other end of a board's USB cable."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from calendarbot.cable import Port
from calendarbot.cli.keeping import every_option, kept_up_to_date
from calendarbot.cli.options import (
    chosen_displays,
    config_options,
    display_option,
    out_option,
    unsealed,
    unsealed_option,
)
from calendarbot.serving import served_display
from calendarbot.store.folder import FolderStore
from calendarbot.tether import Tether

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from calendarbot.config import Config


@click.command()
@click.argument("port")
@config_options
@display_option
@out_option
@every_option
@unsealed_option
def command(
    port: str,
    config: Config,
    displays: tuple[str, ...],
    out: Path,
    every: timedelta,
    *,
    leave_open: bool,
) -> None:
    """Answer the board on serial port PORT as `host serve` answers boards on a network.

    For a board without a radio: its config.json says "server": "usb:". What it prints appears
    here. When the cable is pulled, this waits for the board to come back.

    \b
    Examples:
      host tether /dev/ttyACM0 --calendar my.ics
      host tether COM5 calendarbot.toml
    """
    if leave_open:
        config = unsealed(config)
    store = FolderStore(out)
    names = list(chosen_displays(config, displays))
    served = {name: served_display(config, name, store) for name in names}
    answering = Tether(served, time.time, click.echo)
    with kept_up_to_date(store, config, names, every), Port(port) as link:
        link.serve(answering.feed, lambda line: click.echo(line, err=True))
