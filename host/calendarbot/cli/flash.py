"""`host flash`: MicroPython, the application and its configuration on a board, in one go."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.table import Table

from calendarbot.application import BOARD_FILE, CONFIG_FILE
from calendarbot.boards import load_board
from calendarbot.cli import INTERRUPTED
from calendarbot.cli.device_options import (
    WantedConfig,
    board_argument,
    device_config_options,
    port_option,
    progress_bars,
)
from calendarbot.errors import ConfigError, DeviceError
from calendarbot.flash.esp32 import flash_esp32
from calendarbot.flash.image import download_hint
from calendarbot.flash.plan import board_files, plan_esp32
from calendarbot.flash.rp2 import copy_uf2, find_drive, mounted_drives
from calendarbot.flash.uf2 import read_uf2
from calendarbot.link.connection import connect
from calendarbot.link.deploy import deploy
from calendarbot.ports import find_port, ports

if TYPE_CHECKING:
    from calendarbot.boards import Board
    from calendarbot.flash.plan import Plan

_ESP32: Final = ("esp32", "esp32c3", "esp32s3")
_RP2: Final = ("rp2040",)
_RESTART_S: Final = 15
_POLL_S: Final = 0.5


@click.command()
@board_argument
@port_option
@click.option(
    "--firmware",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="MicroPython for the board, from micropython.org/download: .bin, or .uf2 for a Pico.",
)
@click.option(
    "--drive",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="A Pico's BOOTSEL drive.  [default: found by its INFO_UF2.TXT]",
)
@device_config_options
@click.option("--dry-run", is_flag=True, help="Check everything, say what would be done, stop.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before erasing.")
def command(
    board_name: str,
    port: str | None,
    firmware: Path | None,
    drive: Path | None,
    wanted: WantedConfig,
    *,
    dry_run: bool,
    yes: bool,
) -> None:
    """Put MicroPython, the application and its configuration on BOARD.

    Erases what is on it, after asking. With --display and --server it gets its config.json, key
    included, too; without them it waits for `host deploy --display NAME --server URL`.

    \b
    Examples:
      host flash trmnl_og --firmware ESP32_GENERIC_C3-v1.26.bin --dry-run
      host flash trmnl_og --firmware ESP32_GENERIC_C3-v1.26.bin \\
          --display kitchen --server http://192.168.1.10:8080 --ssid home --wifi-password env:WIFI
    """
    board = load_board(board_name)
    if board.chip not in (*_ESP32, *_RP2):
        raise ConfigError(f"{board.name} cannot be flashed", "`host boards` lists those that can")
    if firmware is None:
        raise DeviceError(f"{board.name} needs MicroPython", download_hint(board))
    device_config = wanted.text(board_name)
    if board.chip in _ESP32:
        plan = plan_esp32(board, firmware, device_config)
        _note_missing(board, wanted)
        _flash_esp32(plan, port, dry_run=dry_run, yes=yes)
    else:
        uf2 = read_uf2(firmware, board)
        _note_missing(board, wanted)
        _flash_rp2(board, uf2, drive, port, device_config, dry_run=dry_run, yes=yes)


def _note_missing(board: Board, wanted: WantedConfig) -> None:
    if wanted.display is None:
        click.echo(
            "note: without --display and --server the board gets no config.json, and asks for one on a "
            "page of its own"
            if board.transport == "wifi"
            else "note: without --display and --server the board gets no config.json, and only sleeps",
            err=True,
        )
    elif board.transport == "wifi" and not wanted.wifi[0]:
        click.echo("note: without --ssid the board joins no network", err=True)


def _flash_esp32(plan: Plan, port: str | None, *, dry_run: bool, yes: bool) -> None:
    if port is None and not dry_run:
        port = find_port([plan.board])
    click.echo(f"{plan.board.name}{f' on {port}' if port else ''}")
    click.echo(f"erase  all of its flash ({plan.erase_bytes:,} bytes by its board.toml)")
    _print_regions(plan)
    click.echo(_contents(plan.files))
    if dry_run or port is None:
        click.echo("dry run: nothing was changed")
        return
    _ask("Erase it and write this?", yes=yes)
    with progress_bars() as progress:
        flash_esp32(plan, port, progress)
    click.echo("written, verified and restarted; `host logs` shows what it does")


def _print_regions(plan: Plan) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column(justify="right")
    table.add_column()
    for region in plan.regions:
        table.add_row("write", f"0x{region.offset:06x}", f"{len(region.data):,} bytes", region.name)
    Console(highlight=False).print(table)


def _contents(files: tuple[str, ...]) -> str:
    application = len(set(files) - {BOARD_FILE, CONFIG_FILE})
    if CONFIG_FILE in files:
        return f"the application is {application} files, and {CONFIG_FILE} with the key"
    return f"the application is {application} files, without {CONFIG_FILE}"


def _ask(question: str, *, yes: bool) -> None:
    if not yes and not click.confirm(question):
        click.echo("nothing was changed", err=True)
        raise click.exceptions.Exit(INTERRUPTED)


def _flash_rp2(
    board: Board,
    uf2: bytes,
    drive: Path | None,
    port: str | None,
    device_config: str | None,
    *,
    dry_run: bool,
    yes: bool,
) -> None:
    files = board_files(board, device_config)
    if not dry_run:
        drive = find_drive(board, [drive] if drive else mounted_drives())
    click.echo(f"{board.name}{f' at {drive}' if drive else ''}")
    click.echo(f"write  {len(uf2):,} bytes of MicroPython over the program on its flash")
    click.echo(f"then   {_contents(tuple(files))}; other files on it stay")
    if dry_run or drive is None:
        click.echo("dry run: nothing was changed")
        return
    _ask("Write this?", yes=yes)
    with progress_bars() as progress:
        copy_uf2(uf2, drive, progress)
        progress("waiting for MicroPython", 0, 0)
        with connect(port or _restarted(board)) as connection:
            deploy(connection, files, progress)
            connection.restart()
    click.echo("written, verified and restarted; `host logs` shows what it does")


def _restarted(board: Board) -> str:
    """The port on which the board shows up after its restart."""
    until = time.monotonic() + _RESTART_S
    while time.monotonic() < until:
        wanted = {(usb.vendor, usb.product) for usb in board.usb}
        if any(port.usb in wanted for port in ports()):
            break
        time.sleep(_POLL_S)
    try:
        return find_port([board])
    except DeviceError as error:
        raise DeviceError(
            f"MicroPython is written, the application is not yet: {error.message}",
            f"`host deploy` copies it ({error.hint})",
        ) from None
