"""`host doctor`: what is wrong with a board, and what to do about it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from calendarbot.boards import load_board
from calendarbot.cli.device_options import board_argument, port_option
from calendarbot.cli.options import json_option
from calendarbot.errors import DeviceError
from calendarbot.link.connection import connect
from calendarbot.link.doctor import examine
from calendarbot.ports import find_port

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calendarbot.link.doctor import Finding

_MARKS: Final = {
    "good": ("ok", "green"),
    "note": ("note", "yellow"),
    "bad": ("PROBLEM", "bold red"),
}


@click.command()
@board_argument
@port_option
@json_option
def command(board_name: str, port: str | None, *, as_json: bool) -> None:
    """Examine BOARD: wiring, busy line, battery, clock and network. Says what to do about each.

    The panel is reset, not drawn on. The board is restarted afterwards.
    """
    board = load_board(board_name)
    with connect(port or find_port([board])) as connection:
        findings = examine(connection, board, datetime.now(UTC))
        connection.restart()
    if as_json:
        click.echo(json.dumps({"findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        _print(findings)
    bad = sum(finding.state == "bad" for finding in findings)
    if bad:
        raise DeviceError(f"{bad} of {len(findings)} checks found a problem")


def _print(findings: Sequence[Finding]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        mark, style = _MARKS[finding.state]
        says = Text(finding.says)
        if finding.todo:
            says.append(f"\n→ {finding.todo}")
        table.add_row(Text(mark, style=style), finding.check, says)
    Console().print(table)
