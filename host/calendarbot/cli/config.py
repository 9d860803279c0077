"""`host config`: the schema of a configuration file, and whether one is right."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import click

from calendarbot.cli.options import chosen_config, config_argument
from calendarbot.config import json_schema
from calendarbot.errors import CalendarBotError, ConfigError, SourceError
from calendarbot.reading import reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from calendarbot.config import Config


@click.group()
def command() -> None:
    """Check a configuration, or print its schema for an editor."""


@command.command()
def schema() -> None:
    """Print the JSON Schema of calendarbot.toml.

    \b
    host config schema > calendarbot.schema.json
    An editor that knows `#:schema ./calendarbot.schema.json` in the first line of
    calendarbot.toml then completes and explains its keys.
    """
    click.echo(json.dumps(json_schema(), indent=2))


@command.command()
@config_argument
def check(config_path: Path | None) -> None:
    """Check a configuration, and that its calendars and keys can be read."""
    config = chosen_config(config_path, ())
    problems = list(_problems(config))
    for warning in _warnings(config):
        click.echo(f"warning: {warning}", err=True)
    if problems:
        lines = "\n".join(problem.message for problem in problems)
        raise type(problems[0])(lines, problems[0].hint)
    click.echo(
        f"{config.where}: {_count(len(config.calendars), 'calendar')}, "
        f"{_count(len(config.displays), 'display')}, all well"
    )


def _problems(config: Config) -> Iterator[CalendarBotError]:
    for name, reading in reader().read_all(config, list(config.calendars)).items():
        if reading.problem:
            yield SourceError(f"calendars.{name}: {reading.problem}", reading.hint)
    for name, display in config.displays.items():
        try:
            if display.key:
                display.key.read_key(config.base_dir)
        except ConfigError as error:
            yield ConfigError(f"displays.{name}.key: {error.message}", error.hint)


def _warnings(config: Config) -> Iterator[str]:
    for name, display in config.displays.items():
        path = display.key.path(config.base_dir) if display.key else None
        if path and path.is_file() and path.stat().st_mode & stat.S_IROTH:
            yield f"displays.{name}.key: everyone on this machine can read {path}; chmod 600 it"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
