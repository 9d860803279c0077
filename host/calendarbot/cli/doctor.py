"""`host doctor`: what is wrong with calendars or a board, and what to do about it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from calendarbot.boards import load_board
from calendarbot.checkup import examine_calendars
from calendarbot.cli.device_options import port_option
from calendarbot.cli.options import (
    calendar_option,
    chosen_config,
    json_option,
    reading_progress,
)
from calendarbot.errors import CalendarBotError, DeviceError, SourceError
from calendarbot.link.connection import connect
from calendarbot.link.doctor import examine
from calendarbot.ports import find_port

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calendarbot.findings import Finding

_MARKS: Final = {
    "good": ("ok", "green"),
    "note": ("note", "yellow"),
    "bad": ("PROBLEM", "bold red"),
}


@click.command()
@click.argument("board_name", metavar="[BOARD]", required=False)
@port_option
@click.option(
    "--config",
    "config_path",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The configuration whose calendars to examine.  [default: ./calendarbot.toml]",
)
@calendar_option
@json_option
def command(
    board_name: str | None,
    port: str | None,
    config_path: Path | None,
    calendar_places: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Examine the calendars of a configuration, or BOARD. Says what to do about each.

    Calendars: whether each can be read, and what stands in for it when not. A board: wiring, busy
    line, battery, clock and network; the panel is reset, not drawn on, and the board is restarted
    afterwards.

    \b
    host doctor
    host doctor --calendar https://example.org/holidays.ics
    host doctor pico_w_epaper
    """
    if board_name is None:
        if port is not None:
            raise click.UsageError("--port is the port of a board: say which BOARD.")
        findings = _calendars(config_path, calendar_places)
        _report(findings, SourceError, as_json=as_json)
        return
    board = load_board(board_name)
    with connect(port or find_port([board])) as connection:
        findings = examine(connection, board, datetime.now(UTC))
        connection.restart()
    _report(findings, DeviceError, as_json=as_json)


def _calendars(config_path: Path | None, calendar_places: Sequence[str]) -> list[Finding]:
    config = chosen_config(config_path, calendar_places, warn=False)
    with reading_progress() as progress:
        return examine_calendars(config, datetime.now(UTC), progress=progress)


def _report(findings: Sequence[Finding], failure: type[CalendarBotError], *, as_json: bool) -> None:
    """Print the findings. Raises `failure` when one is bad."""
    if as_json:
        click.echo(json.dumps({"findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        _print(findings)
    bad = sum(finding.state == "bad" for finding in findings)
    if bad:
        raise failure(f"{bad} of {len(findings)} checks found a problem")


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
