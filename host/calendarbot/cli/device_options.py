"""Options that commands for boards share: which board and port, and the configuration it gets.

@board_argument            # BOARD                                 → board_name
@port_option               # --port DEVICE                         → port
@device_config_options     # --config --display --server --ssid …  → wanted: WantedConfig
"""

from __future__ import annotations

import functools
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bars

from calendarbot.boards import board_names, load_board
from calendarbot.cli.options import chosen_config
from calendarbot.config.secrets import parse_secret_ref
from calendarbot.errors import ConfigError
from calendarbot.keys import display_key
from calendarbot.provision import Trust, device_config, read_ca

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calendarbot.boards import Board
    from calendarbot.progress import Progress

R = TypeVar("R")

board_argument = click.argument("board_name", metavar="BOARD")
board_option = click.option(
    "--board", "board_name", metavar="NAME", help="Which board; `host boards` lists them."
)
port_option = click.option(
    "--port",
    metavar="DEVICE",
    help="The board's serial port, for example /dev/ttyUSB0 or COM3.  [default: found by its USB id]",
)


server_option = click.option(
    "--server", metavar="URL", help="Where it asks: http://host:8080, as the board sees it."
)
ssid_option = click.option("--ssid", default="", metavar="NAME", help="The Wi-Fi network it joins.")
wifi_password_option = click.option(
    "--wifi-password",
    metavar="WHERE",
    help="Where its password is kept: file:PATH, env:NAME or keyring:SERVICE/USER.  [default: asked for]",
)


ca_option = click.option(
    "--ca",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="For an https server: the certificate of who signs its certificate (PEM or DER).",
)
tls_option = click.option(
    "--tls",
    type=click.Choice(["preferred", "required"]),
    default="preferred",
    show_default=True,
    help="What the device does about a wrong certificate: take the sealed bundle all the same, or give up.",
)


def read_trust(server: str | None, ca: Path | None, tls: str) -> Trust | None:
    """None where there is no TLS. Raises ConfigError, and click.UsageError for what does not fit together."""
    if server is None or not server.startswith("https://"):
        if ca is not None or tls == "required":
            raise click.UsageError("--ca and --tls are for a server that begins with https://.")
        return None
    if ca is None and tls == "required":
        raise click.UsageError("--tls required needs --ca FILE: whose certificates are good?")
    return Trust(read_ca(ca) if ca else (), "required" if tls == "required" else "preferred")


@dataclass(frozen=True, slots=True)
class WantedConfig:
    """What the options say of the config.json a board is to get."""

    path: Path | None
    display: str | None
    server: str | None
    wifi: tuple[str, str]
    trust: Trust | None

    def text(self, board_name: str) -> str | None:
        """config.json, with the display's key; None when no display was named. Raises ConfigError."""
        if self.display is None or self.server is None:
            return None
        config = chosen_config(self.path, ())
        wired = config.display(self.display).board
        if wired and wired != board_name:
            raise ConfigError(
                f"display {self.display!r} has board = {wired!r}, not {board_name!r}",
                "name that board, or change the configuration",
            )
        key = display_key(config, self.display)
        return device_config(
            config,
            self.display,
            self.server,
            key,
            self.wifi,
            board_name,
            int(time.time()),
            self.trust,
        )


def device_config_options(command: Callable[..., R]) -> Callable[..., R]:
    """They arrive as one keyword, `wanted: WantedConfig`."""

    @click.option(
        "--config",
        "config_path",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The configuration that has the display.  [default: ./calendarbot.toml]",
    )
    @click.option("--display", metavar="NAME", help="The display this board drives.")
    @server_option
    @ssid_option
    @wifi_password_option
    @ca_option
    @tls_option
    @functools.wraps(command)
    def with_wanted(
        config_path: Path | None,
        display: str | None,
        server: str | None,
        ssid: str,
        wifi_password: str | None,
        ca: Path | None,
        tls: str,
        **others: object,
    ) -> R:
        if (display is None) != (server is None):
            raise click.UsageError("--display and --server go together.")
        if display is None and (config_path or ssid):
            raise click.UsageError("Say which display: --display NAME --server URL.")
        password = read_wifi_password(ssid, wifi_password, ask=not others.get("dry_run"))
        trust = read_trust(server, ca, tls)
        wanted = WantedConfig(config_path, display, server, (ssid, password), trust)
        return command(wanted=wanted, **others)

    return with_wanted


def read_wifi_password(ssid: str, where: str | None, *, ask: bool) -> str:
    """The password of a network, from where it is kept; asked for on a terminal. Empty for an open one.

    It is no option of its own: the options of a running program are everybody's to read. Raises ConfigError.
    """
    if where is not None:
        try:
            return parse_secret_ref(where).read_text(Path())
        except ValueError as error:
            raise click.UsageError(f"--wifi-password: {error}") from None
    if not ssid or not ask or not sys.stdin.isatty():
        return ""
    password: str = click.prompt(
        f"Password of {ssid} (empty for an open network)",
        default="",
        show_default=False,
        hide_input=True,
        err=True,
    )
    return password


def candidate_boards(board_name: str | None) -> list[Board]:
    """The board of that name, or all of them. Raises ConfigError."""
    names = [board_name] if board_name else board_names()
    return [load_board(name) for name in names]


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """On a terminal a bar a step; elsewhere nothing."""
    console = Console(stderr=True)
    bars = Bars(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    task = bars.add_task("", total=None)

    def show(doing: str, done: int, total: int) -> None:
        bars.update(task, description=doing, completed=done, total=total or None)

    with bars:
        yield show
