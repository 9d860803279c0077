"""`host boards`: which boards are known, and where each was exercised."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table

from calendarbot.boards import board_names, load_board
from calendarbot.cli.options import json_option


@click.command()
@json_option
def command(*, as_json: bool) -> None:
    """List the boards, with what they are and where their wiring was exercised.

    BOARD in other commands, and `board = "…"` in a configuration, is the first column.
    """
    boards = {name: load_board(name) for name in board_names()}
    if as_json:
        described = [
            {
                "board": name,
                "name": board.name,
                "chip": board.chip,
                "transport": board.transport,
                "panel": board.panel,
                "micropython": board.micropython,
                "exercised": board.exercised,
            }
            for name, board in boards.items()
        ]
        click.echo(json.dumps({"boards": described}, indent=2))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("board", no_wrap=True)
    for heading in ("name", "chip", "by", "exercised"):
        table.add_column(heading)
    for name, board in boards.items():
        table.add_row(name, board.name, board.chip, board.transport, board.exercised)
    Console().print(table)
