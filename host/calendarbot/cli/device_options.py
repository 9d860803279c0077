"""Options that commands for boards share: which board and port, and the configuration it gets.

@board_argument            # BOARD                                 → board_name
@port_option               # --port DEVICE                         → port
@device_config_options     # --config --display --server --ssid …  → wanted: WantedConfig
"""

from __future__ import annotations

import functools
import os
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
from calendarbot.errors import ConfigError
from calendarbot.provision import device_config, display_key

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


@dataclass(frozen=True, slots=True)
class WantedConfig:
    """What the options say of the config.json a board is to get."""

    path: Path | None
    display: str | None
    server: str | None
    wifi: tuple[str, str]

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
        return device_config(config, self.display, self.server, key, self.wifi, board_name)


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
    @click.option(
        "--server", metavar="URL", help="Where it asks: http://host:8080, as the board sees it."
    )
    @click.option("--ssid", default="", metavar="NAME", help="The Wi-Fi network it joins.")
    @click.option(
        "--wifi-password-env",
        metavar="VARIABLE",
        help="The environment variable that holds the Wi-Fi password.",
    )
    @functools.wraps(command)
    def with_wanted(
        config_path: Path | None,
        display: str | None,
        server: str | None,
        ssid: str,
        wifi_password_env: str | None,
        **others: object,
    ) -> R:
        if (display is None) != (server is None):
            raise click.UsageError("--display and --server go together.")
        if display is None and (config_path or ssid):
            raise click.UsageError("Say which display: --display NAME --server URL.")
        wanted = WantedConfig(
            config_path, display, server, (ssid, wifi_password(wifi_password_env))
        )
        return command(wanted=wanted, **others)

    return with_wanted


def wifi_password(variable: str | None) -> str:
    if variable is None:
        return ""
    if variable not in os.environ:
        raise click.UsageError(f"The environment variable {variable} is not set.")
    return os.environ[variable]


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
