"""`host init`: a first configuration, commented, and a key for its display."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click

from calendarbot.cli.options import layout_option, locale_option, panel_option, tz_option
from calendarbot.config import (
    DEFAULT_LAYOUT,
    DEFAULT_PANEL,
    config_from_options,
    layout_names,
    machine_locale,
    panel_names,
)
from calendarbot.config.starter import Starter, refuse_existing, write_starter
from calendarbot.errors import CalendarBotError, SourceError
from calendarbot.reading import reader
from calendarbot.zones import machine_zone

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")

_PLACEHOLDER: Final = Path("calendar.ics")


@click.command()
@click.argument("directory", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option(
    "--calendar",
    "calendar",
    metavar="PLACE",
    help="The calendar: an .ics file, a folder or an address.  [default: the only file in DIR]",
)
@panel_option
@layout_option
@tz_option
@locale_option
@click.option("--name", default="kitchen", show_default=True, help="What to call the display.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: options and defaults decide.")
def command(
    directory: Path,
    calendar: str | None,
    panel: str | None,
    layout: str | None,
    tz: str | None,
    locale: str | None,
    name: str,
    yes: bool,
) -> None:
    """Write a commented calendarbot.toml, and a key for its display, into DIR.

    Asks for what no option gives. Nothing that exists is overwritten.

    \b
    host init
    host init wall --calendar my.ics --tz Europe/Berlin --yes
    """
    refuse_existing(directory)
    if calendar is not None:
        _check_calendar(calendar)
    config_from_options([calendar or _PLACEHOLDER], panel, layout, tz, locale)
    ask = _default if yes else _asked
    starter = Starter(
        display=name,
        calendar=calendar or _calendar(directory, yes),
        panel=panel or ask("panel", _listing("E-ink panel", panel_names()), DEFAULT_PANEL),
        layout=layout or ask("layout", _listing("Page", layout_names()), DEFAULT_LAYOUT),
        tz=tz or ask("tz", "Time zone", machine_zone()),
        locale=locale or ask("locale", "Language and date formats", machine_locale()),
    )
    for path in write_starter(starter, directory):
        click.echo(f"wrote {path}")
    _print_next_step(directory, starter.calendar)


def _calendar(directory: Path, yes: bool) -> Path | str:
    found = sorted(directory.glob("*.ics"))
    only = found[0] if len(found) == 1 else None
    if yes:
        return only or directory / _PLACEHOLDER
    answer: str = click.prompt(
        "Calendar (.ics file, folder or address)",
        default=str(only) if only else None,
        value_proc=_asking_again(_check_calendar),
    )
    return answer


def _check_calendar(place: str) -> str:
    config = config_from_options([place])
    for reading in reader().read_all(config, list(config.calendars)).values():
        if reading.problem:
            raise SourceError(reading.problem, reading.hint)
    return place


def _default(_key: str, _question: str, default: str) -> str:
    return default


def _asked(key: str, question: str, default: str) -> str:
    def check(text: str) -> str:
        config_from_options([_PLACEHOLDER], **{key: text})
        return text

    answer: str = click.prompt(question, default=default, value_proc=_asking_again(check))
    return answer


def _asking_again(check: Callable[[str], R]) -> Callable[[str], R]:
    """`check`, whose error click prints before it asks once more."""

    def checked(text: str) -> R:
        try:
            return check(text.strip())
        except CalendarBotError as error:
            # The prompt says what was asked; which option would have said it is beside the point.
            raise click.UsageError(re.sub(r"^--\w+: ", "", error.message)) from None

    return checked


def _listing(question: str, names: list[str]) -> str:
    return f"{question} ({', '.join(names)})" if len(names) > 1 else question


def _print_next_step(directory: Path, calendar: Path | str) -> None:
    if isinstance(calendar, Path) and not calendar.exists():
        click.echo(f"There is no {calendar} yet: put your calendar there, or change its path.")
    config = "" if directory == Path() else f" {directory / 'calendarbot.toml'}"
    click.echo(f"Next: host build-frames{config}")
