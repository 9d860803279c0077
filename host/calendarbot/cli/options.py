"""Options that commands share, and what becomes of them: one `Config`, and moments in time.

@click.command()
@config_options            # CONFIG, --calendar, --panel, --layout, --tz, --locale → config
@display_option            # --display NAME (repeatable)                           → displays
@at_option                 # --at WHEN                                             → at
def command(config: Config, displays: tuple[str, ...], at: str | None) -> None:
    for name, display in chosen_displays(config, displays).items():
        now = moment(at, ZoneInfo(display.tz))
"""

from __future__ import annotations

import functools
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bars

from calendarbot.config import (
    FILE_NAME,
    Config,
    config_from_options,
    load_config,
    overridden,
    written_secrets,
)
from calendarbot.errors import ConfigError
from calendarbot.reading import reader
from calendarbot.zones import real_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import tzinfo

    from calendarbot.config import DisplayConfig
    from calendarbot.progress import Progress

R = TypeVar("R")

# A device counts seconds from 1970; beyond, arithmetic with zones leaves the calendar.
_YEARS: Final = range(1970, 2200)
_PATH: Final = click.Path(path_type=Path)

config_argument = click.argument("config_path", metavar="[CONFIG]", required=False, type=_PATH)
calendar_option = click.option(
    "--calendar",
    "calendar_places",
    metavar="PLACE",
    multiple=True,
    help="A calendar (.ics file, folder or https address), instead of a configuration. Repeat it "
    "for several.",
)
panel_option = click.option(
    "--panel", metavar="NAME", help="The e-ink panel, for example waveshare_7in5_v2."
)
layout_option = click.option(
    "--layout", metavar="NAME", help="The page to draw, for example agenda."
)
tz_option = click.option(
    "--tz",
    metavar="ZONE",
    help="The time zone, for example Europe/Berlin.  [default: the machine's]",
)
locale_option = click.option(
    "--locale",
    metavar="LOCALE",
    help="Language and date formats, for example de_DE.  [default: the machine's]",
)
display_option = click.option(
    "--display",
    "displays",
    metavar="NAME",
    multiple=True,
    help="Only this display of the configuration. Repeat it for several.  [default: all]",
)
at_option = click.option(
    "--at",
    metavar="WHEN",
    help="The moment to start from: 2026-11-24T07:30, 2026-11-24, or with an offset.  "
    "[default: now]",
)
hours_option = click.option(
    "--hours",
    metavar="N",
    type=click.FloatRange(min=0, min_open=True, max=24 * 14),
    help="How many hours of frames.  [default: the display's policy, a day]",
)
out_option = click.option(
    "--out",
    metavar="DIR",
    default=Path("out"),
    show_default=True,
    type=_PATH,
    help="Where the results go.",
)
unsealed_option = click.option(
    "--unsealed",
    "leave_open",
    is_flag=True,
    help="For development only: neither encrypt nor authenticate the bundles.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def config_options(command: Callable[..., R]) -> Callable[..., R]:
    """Gives a command [CONFIG] or --calendar, with --panel, --layout, --tz and --locale.

    They arrive as one keyword, `config: Config`.
    """

    @config_argument
    @calendar_option
    @panel_option
    @layout_option
    @tz_option
    @locale_option
    @functools.wraps(command)
    def with_config(
        config_path: Path | None,
        calendar_places: Sequence[str],
        panel: str | None,
        layout: str | None,
        tz: str | None,
        locale: str | None,
        **others: object,
    ) -> R:
        config = chosen_config(config_path, calendar_places, panel, layout, tz, locale)
        return command(config=config, **others)

    return with_config


def build_options(command: Callable[..., R]) -> Callable[..., R]:
    """What a command that builds frames takes: `config_options`, --display, --at, --hours, --out, --unsealed
    and --json.

    They arrive as `config`, `displays`, `at`, `hours`, `out` and `as_json`.
    """

    @config_options
    @display_option
    @at_option
    @hours_option
    @out_option
    @unsealed_option
    @json_option
    @functools.wraps(command)
    def with_build(config: Config, *, leave_open: bool, **others: object) -> R:
        return command(config=unsealed(config) if leave_open else config, **others)

    return with_build


def chosen_config(
    config_path: Path | None,
    calendar_places: Sequence[str],
    panel: str | None = None,
    layout: str | None = None,
    tz: str | None = None,
    locale: str | None = None,
    *,
    warn: bool = True,
) -> Config:
    """The configuration the options ask for; what they say of a page holds for every display.

    Without a configuration and without calendars it is ./calendarbot.toml. `warn`s of secrets in it.
    Raises ConfigError, and click.UsageError when both are given.
    """
    if calendar_places:
        if config_path is not None:
            raise click.UsageError("Give either a configuration or --calendar, not both.")
        config = config_from_options(calendar_places, panel, layout, tz, locale)
    else:
        config = overridden(_from_file(config_path), panel, layout, tz, locale)
    # A command asks every server; in one that keeps running, asking again is the reader's to decide.
    reader.cache_clear()
    for warning in written_secrets(config) if warn else ():
        click.echo(f"warning: {warning}", err=True)
    return config


def _from_file(config_path: Path | None) -> Config:
    if config_path is None:
        config_path = Path(FILE_NAME)
        if not config_path.exists():
            raise ConfigError(
                f"there is no {FILE_NAME} in this folder, and no calendar was given",
                "`host init` makes a configuration; `--calendar PLACE` needs none",
            )
    return load_config(config_path)


def chosen_displays(config: Config, names: Sequence[str]) -> dict[str, DisplayConfig]:
    """The displays of those names, all without names. Raises ConfigError for an unknown one."""
    return {name: config.display(name) for name in names or config.displays}


def unsealed(config: Config) -> Config:
    """The configuration with every display's bundles left open. For development."""
    displays = {
        name: display.model_copy(update={"unsealed": True})
        for name, display in config.displays.items()
    }
    return config.model_copy(update={"displays": displays})


@contextmanager
def reading_progress() -> Iterator[Progress]:
    """How far reading calendars is, in a terminal."""
    bars = Bars(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not Console(stderr=True).is_terminal,
    )
    with bars:
        task = bars.add_task("reading calendars", total=None)

        def show(doing: str, done: int, total: int) -> None:
            bars.update(task, description=doing, completed=done, total=total)

        yield show


def moment(text: str | None, zone: tzinfo, option: str = "--at") -> datetime:
    """The moment an option names, as `parse_when` reads it; now without one."""
    return now(zone) if text is None else parse_when(text, zone, option)


def parse_when(text: str, zone: tzinfo, option: str = "--at") -> datetime:
    """A moment written in ISO 8601, in `zone`.

    A date is its midnight; a time without an offset is what a clock in `zone` shows (the first
    of the two when clocks are set back). Raises click.BadParameter.
    """
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        when = None
    if when is None or when.year not in _YEARS:
        raise click.BadParameter(
            f"{text!r} is not a moment; write 2026-11-24T07:30, 2026-11-24T07:30+01:00 "
            "or 2026-11-24, with years from 1970 to 2199.",
            param_hint=f"'{option}'",
        )
    return real_time(when if when.tzinfo else when.replace(tzinfo=zone), zone)


def now(zone: tzinfo) -> datetime:
    return datetime.now(zone)
