"""`host provision`: what a device is given once: its configuration, with its key."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Final

import click

from calendarbot.application import BOARD_FILE, CONFIG_FILE
from calendarbot.boards import load_board
from calendarbot.cli.device_options import (
    board_option,
    ca_option,
    port_option,
    progress_bars,
    read_trust,
    read_wifi_password,
    ssid_option,
    tls_option,
    wifi_password_option,
)
from calendarbot.cli.options import chosen_config, config_argument
from calendarbot.errors import ConfigError, StoreError
from calendarbot.flash.plan import board_file
from calendarbot.keys import display_key
from calendarbot.link.connection import connect
from calendarbot.link.provision import provision
from calendarbot.ports import find_port
from calendarbot.private import create
from calendarbot.provision import device_config, pairing_code, redacted

PORTAL: Final = "http://192.168.4.1/"
"""Where a device without a cable shows its page: what MicroPython's access points are called by default."""


@click.command()
@config_argument
@click.option("--display", required=True, metavar="NAME", help="Which display the device is for.")
@click.option(
    "--server",
    required=True,
    metavar="URL",
    help="Where the device asks: http://host:8080, as it sees it.",
)
@board_option
@port_option
@ssid_option
@wifi_password_option
@ca_option
@tls_option
@click.option("--portal", is_flag=True, help="Print the code for a device without a cable.")
@click.option("--dry-run", is_flag=True, help="Show what it would be given, without its secrets.")
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it to a file only you can read, to copy to the device as config.json.",
)
def command(
    config_path: Path | None,
    display: str,
    server: str,
    board_name: str | None,
    port: str | None,
    ssid: str,
    wifi_password: str | None,
    ca: Path | None,
    tls: str,
    out: Path | None,
    *,
    portal: bool,
    dry_run: bool,
) -> None:
    """Give one device its configuration: which display it is, its key, its network and its server.

    Over the cable of a connected board, unless one of --portal, --out and --dry-run says otherwise.

    \b
    Examples:
      host provision --display kitchen --server http://192.168.1.10:8080 --ssid home
      host provision --display kitchen --server http://192.168.1.10:8080 --portal
      host provision --display kitchen --server http://192.168.1.10:8080 --dry-run
    """
    if portal + dry_run + (out is not None) > 1:
        raise click.UsageError("Give one of --portal, --out and --dry-run.")
    config = chosen_config(config_path, ())
    if portal:
        if ssid or ca:
            raise click.UsageError("A code has no room for it: leave out --ssid and --ca.")
        _show_code(pairing_code(config, display, server, int(time.time())))
        return
    board_name = board_name or config.display(display).board
    text = device_config(
        config,
        display,
        server,
        display_key(config, display),
        (ssid, read_wifi_password(ssid, wifi_password, ask=not dry_run)),
        board_name,
        int(time.time()),
        read_trust(server, ca, tls),
    )
    if dry_run:
        click.echo(redacted(text))
    elif out is not None:
        _write_private(out, text)
        click.echo(f"{out}: copy it to the device as config.json, then delete it")
    else:
        _over_cable(display, board_name, port, text)


def _over_cable(display: str, board_name: str | None, port: str | None, text: str) -> None:
    if board_name is None:
        raise ConfigError(
            f"display {display!r} names no board, and its configuration holds the board's wiring",
            '--board NAME says it, or board = "NAME" in the configuration; `host boards` lists them',
        )
    board = load_board(board_name)
    files = {BOARD_FILE: board_file(board, text), CONFIG_FILE: text.encode()}
    with connect(port or find_port([board])) as connection, progress_bars() as progress:
        changed = provision(connection, files, progress)
        connection.restart()
        at = connection.port
    what = "written and verified" if changed else "is as it should be already"
    click.echo(f"{at}: the configuration of {display} {what}; the board was restarted")


def _show_code(code: str) -> None:
    """The code as text, and as a picture for a phone that is in the device's network."""
    click.echo(code)
    address = f"{PORTAL}#{code}"
    try:
        import segno
    except ModuleNotFoundError:
        click.echo("note: pip install 'calendarbot[pictures]' shows it as a QR code, too", err=True)
    else:
        picture = io.StringIO()
        segno.make_qr(address, error="l").terminal(picture, compact=True)
        click.echo(picture.getvalue(), err=True)
    click.echo(
        f"Switch the device on, join its network calendar-XXXX, and open {PORTAL} or scan the picture.\n"
        "The code holds the display's key: who has it can read the display.",
        err=True,
    )


def _write_private(file: Path, text: str) -> None:
    try:
        create(file, text + "\n")
    except FileExistsError:
        raise StoreError(f"{file} is there already; it is never overwritten") from None
    except OSError as error:
        raise StoreError(f"cannot write {file}: {error.strerror}") from None
