"""`host serve`: hand bundles out to devices, and show people what their displays show."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calendarbot.cli.keeping import every_option, kept_up_to_date
from calendarbot.cli.options import (
    chosen_displays,
    config_options,
    display_option,
    out_option,
    unsealed,
    unsealed_option,
)
from calendarbot.server.app import create_app
from calendarbot.server.run import serve
from calendarbot.serving import served_display
from calendarbot.store.folder import FolderStore

if TYPE_CHECKING:
    from datetime import timedelta

    from calendarbot.config import Config

DEFAULT_PORT = 8080


@click.command()
@config_options
@display_option
@out_option
@click.option(
    "--address",
    metavar="IP",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen; 0.0.0.0 lets devices on the network in.",
)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="The TCP port; 0 takes a free one.",
)
@every_option
@click.option(
    "--known-as",
    metavar="NAME",
    multiple=True,
    help="A name the pages answer to, such as a proxy's. Addresses and local names always work.",
)
@click.option(
    "--tls-cert",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Serve https: the server's certificate, PEM, followed by those that lead to its authority.",
)
@click.option(
    "--tls-key",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The certificate's key, PEM.",
)
@unsealed_option
def command(
    config: Config,
    displays: tuple[str, ...],
    out: Path,
    address: str,
    port: int,
    every: timedelta,
    known_as: tuple[str, ...],
    tls_cert: Path | None,
    tls_key: Path | None,
    *,
    leave_open: bool,
) -> None:
    """Keep the frames of every display up to date, and hand them out.

    Devices ask at http://ADDRESS:PORT/DISPLAY/bundle.ink; people look at http://ADDRESS:PORT/.

    \b
    Examples:
      host serve --calendar my.ics
      host serve calendarbot.toml --address 0.0.0.0
    """
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key go together.")
    tls = (tls_cert, tls_key) if tls_cert and tls_key else None
    if leave_open:
        config = unsealed(config)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    store = FolderStore(out)
    names = list(chosen_displays(config, displays))
    served = {name: served_display(config, name, store) for name in names}
    with kept_up_to_date(store, config, names, every):
        serve(create_app(served, time.time, known_as), address, port, _say_where, tls)


def _say_where(url: str) -> None:
    click.echo(f"{url}/ shows the pages; devices ask at {url}/DISPLAY/bundle.ink", err=True)
