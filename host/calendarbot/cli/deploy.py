"""`host deploy`: the application's newest files on a board that runs MicroPython."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import click

from calendarbot.application import application_files
from calendarbot.boards import load_board
from calendarbot.cli.device_options import (
    board_option,
    candidate_boards,
    device_config_options,
    port_option,
    progress_bars,
)
from calendarbot.cli.options import json_option
from calendarbot.flash.plan import board_files
from calendarbot.link.connection import connect
from calendarbot.link.deploy import changed_files, deploy, run_own
from calendarbot.ports import find_port

if TYPE_CHECKING:
    from calendarbot.cli.device_options import WantedConfig


@click.command()
@board_option
@port_option
@device_config_options
@click.option("--dry-run", is_flag=True, help="Say which files differ, change nothing.")
@json_option
def command(
    board_name: str | None,
    port: str | None,
    wanted: WantedConfig,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Copy what changed of the application to a board, verify it, and restart the board.

    With --display and --server (and --board) its config.json is made anew, too; without them it
    stays as it is. An update that the board took before (`host update`) gives way to this.

    \b
    Examples:
      host deploy
      host deploy --board trmnl_og --display kitchen --server http://192.168.1.10:8080 --ssid home
    """
    if wanted.display and board_name is None:
        raise click.UsageError("config.json holds the board's wiring: say --board NAME, too.")
    boards = candidate_boards(board_name)
    files = application_files()
    if board_name:
        files = board_files(load_board(board_name), wanted.text(board_name))
    with connect(port or find_port(boards)) as connection, progress_bars() as progress:
        if dry_run:
            written = changed_files(connection, files)
        else:
            written = list(deploy(connection, files, progress).written)
            run_own(connection, int(time.time()), changed=bool(written))
        connection.restart()
    if as_json:
        key = "differs" if dry_run else "written"
        click.echo(json.dumps({key: written, "unchanged": len(files) - len(written)}, indent=2))
        return
    for path in written:
        click.echo(path)
    what = "differ" if dry_run else "written and verified"
    click.echo(f"{len(written)} of {len(files)} files {what}; the board was restarted")
