"""The command line. A command is a module of this package that has a click command `command`:
`build_frames.py` is `host build-frames`. Adding one is adding a file.

Nothing else in the project prints or exits. Exit codes: `calendarbot.errors`, docs/cli.md.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from importlib import metadata
from typing import IO, TYPE_CHECKING, Any, Final

import click

from calendarbot.errors import CalendarBotError

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED: Final = 130
"""What a shell reports for a program that ctrl-C ended: 128 + SIGINT."""

_EPILOG: Final = """\
\b
First steps:
  host events --calendar my.ics          what is in a calendar
  host build-frames --calendar my.ics    the frames an e-ink panel would show
  host init                              a configuration to keep

`host COMMAND --help` explains a command. `host completion --help` sets up the Tab key.
"""


class Commands(click.Group):
    """A group whose commands are found by module name and imported when needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = (module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__))
        return sorted(name for name in names if self.get_command(ctx, name))

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        module_name = cmd_name.replace("-", "_")
        if module_name not in {module.name for module in pkgutil.iter_modules(__path__)}:
            return None
        command = getattr(importlib.import_module(f"{__name__}.{module_name}"), "command", None)
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CalendarBotError as error:
            raise _Reported(error.message, error.hint, error.exit_code) from error
        except (KeyboardInterrupt, click.Abort):
            click.echo("interrupted", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None


class _Reported(click.ClickException):
    """An error of ours the way click shows its own: on stderr, and the exit code with it."""

    def __init__(self, message: str, hint: str, exit_code: int) -> None:
        super().__init__(message)
        self.hint = hint
        self.exit_code = exit_code  # type: ignore[misc]  # click declares it ClassVar from 8.5 on

    def show(self, file: IO[Any] | None = None) -> None:
        for line in self.message.splitlines():
            click.echo(f"error: {line}", file=file, err=file is None)
        if self.hint:
            click.echo(f"hint: {self.hint}", file=file, err=file is None)


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    try:
        version = metadata.version("calendarbot")
    except metadata.PackageNotFoundError:
        version = "(not installed: run from its sources)"
    click.echo(f"Calendar Bot {version}")
    ctx.exit()


@click.command(
    cls=Commands,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and exit.",
)
def cli() -> None:
    """Calendar Bot puts calendars on e-ink panels that run for years on a battery.

    It reads calendar files, draws a page, and makes the small bundles of frames that a
    device fetches and shows.
    """


def main(args: Sequence[str] | None = None, prog_name: str | None = None) -> None:
    """Run the command line, and exit with its code."""
    try:
        cli.main(args, prog_name)
    except OSError as error:
        # What no module foresaw, such as a full disk, is still one line.
        what = ": ".join(filter(None, (str(error.filename or ""), error.strerror or str(error))))
        click.echo(f"error: {what}", err=True)
        sys.exit(CalendarBotError.exit_code)
