"""`host logs`: what a board prints."""

from __future__ import annotations

import time

import click

from calendarbot.cli.device_options import board_option, candidate_boards, port_option
from calendarbot.link.logs import follow
from calendarbot.ports import find_port


@click.command()
@board_option
@port_option
def command(board_name: str | None, port: str | None) -> None:
    """Print what a board prints, until ctrl-C.

    A board with a USB port of its own disconnects while it sleeps; its next wake is awaited.
    """
    for line in follow(port or find_port(candidate_boards(board_name)), time.sleep):
        click.echo(line)
