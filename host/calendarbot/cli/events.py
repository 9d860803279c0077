"""`host events`: what is in the calendars, for people and as JSON for programs."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from calendarbot.agenda import read_agenda
from calendarbot.cli.options import (
    calendar_option,
    chosen_config,
    config_argument,
    json_option,
    now,
    parse_when,
    reading_progress,
    tz_option,
)
from calendarbot.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from calendarbot.model import Agenda, Occurrence

_DEFAULT_DAYS: Final = 7
_MAX_DAYS: Final = 10 * 366


@click.command()
@config_argument
@calendar_option
@click.option("--from", "from_", metavar="WHEN", help="The first moment.  [default: today, 00:00]")
@click.option(
    "--to", metavar="WHEN", help="The moment before which it ends.  [default: 7 days after --from]"
)
@tz_option
@json_option
def command(
    config_path: Path | None,
    calendar_places: Sequence[str],
    from_: str | None,
    to: str | None,
    tz: str | None,
    as_json: bool,
) -> None:
    """Show what happens in the calendars of a configuration, or of --calendar PLACE.

    WHEN is a date (its midnight), a time such as 2026-11-24T07:30, or one with an offset. Events
    that begin earlier or end later are listed too. What cannot be understood is named on stderr, and
    so is a calendar that cannot be read; its last good copy stands in for it while it is not too old.

    \b
    host events --calendar my.ics
    host events --from 2026-11-24 --to 2026-12-01 --json
    """
    config = chosen_config(config_path, calendar_places, tz=tz)
    zone = ZoneInfo(config.tz)
    start, end = _span(from_, to, zone)
    with reading_progress() as progress:
        agenda = read_agenda(
            config,
            list(config.calendars),
            start,
            end,
            zone,
            strict=not config.from_file,
            progress=progress,
        )
    if as_json:
        click.echo(
            json.dumps([as_data(o) for o in agenda.occurrences], ensure_ascii=False, indent=2)
        )
    else:
        _print_table(agenda)
    _print_states(agenda)


def _print_states(agenda: Agenda) -> None:
    """What is to be said of the calendars. Raises SourceError when one could not be shown at all."""
    lost = []
    for state in agenda.calendars:
        for line in state.left_out:
            click.echo(f"left out of {state.name}: {line}", err=True)
        if state.notice:
            click.echo(f"note on {state.name}: {state.notice}", err=True)
        if state.copy_from is not None:
            since = state.copy_from.astimezone(agenda.tz)
            click.echo(
                f"warning: {state.name}: {state.problem}; this is its copy from {_day(since)} "
                f"{since:%H:%M}",
                err=True,
            )
        elif state.problem:
            lost.append(state)
    if lost:
        lines = "\n".join(f"{state.name}: {state.problem}" for state in lost)
        raise SourceError(lines, lost[0].hint)


def as_data(occurrence: Occurrence) -> dict[str, str | bool | int | list[str] | None]:
    """One occurrence as docs/cli.md describes it."""
    details = occurrence.details
    return {
        "uid": occurrence.uid,
        "calendar": occurrence.calendar,
        "summary": occurrence.summary,
        "start": _written(occurrence.start, occurrence.all_day),
        "end": _written(occurrence.end, occurrence.all_day),
        "all_day": occurrence.all_day,
        "tz": occurrence.tz,
        "location": occurrence.location,
        "status": occurrence.status,
        "recurrence_id": occurrence.recurrence_id,
        "transparent": occurrence.transparent,
        "categories": list(details.categories),
        "class": details.access,
        "partstat": details.partstat,
        "organizer": details.organizer,
        "url": details.url,
        "conference": details.conference,
        "color": details.color,
        "sequence": details.sequence,
        "also_in": list(occurrence.also_in),
    }


def _written(when: datetime, all_day: bool) -> str:
    return when.date().isoformat() if all_day else when.isoformat()


def _span(from_: str | None, to: str | None, zone: ZoneInfo) -> tuple[datetime, datetime]:
    today = datetime.combine(now(zone).date(), time(), zone)
    start = today if from_ is None else parse_when(from_, zone, "--from")
    end = parse_when(to, zone, "--to") if to else start + timedelta(days=_DEFAULT_DAYS)
    if end <= start:
        raise click.UsageError(
            f"--to ({end.isoformat()}) is not after --from ({start.isoformat()})."
        )
    if (end - start).days > _MAX_DAYS:
        raise click.UsageError("--from and --to are more than ten years apart.")
    return start, end


def _print_table(agenda: Agenda) -> None:
    if not agenda.occurrences:
        last = agenda.end - timedelta(seconds=1)
        click.echo(f"Nothing from {_day(agenda.start)} to {_day(last)} ({agenda.tz.key}).")
        return
    several = len(agenda.calendars) > 1
    table = Table()
    table.add_column("Day", no_wrap=True)
    table.add_column("Time", no_wrap=True)
    table.add_column("What")
    table.add_column("Where")
    if several:
        table.add_column("Calendar")
    last_day = ""
    for occurrence in agenda.occurrences:
        day = _day(occurrence.start)
        if day != last_day and last_day:
            table.add_section()
        cells = [day if day != last_day else "", _times(occurrence), occurrence.summary]
        cells += [occurrence.location, *([occurrence.calendar] if several else [])]
        # Text, since square brackets in a summary are not markup.
        table.add_row(*(Text(cell) for cell in cells))
        last_day = day
    Console().print(table)
    click.echo(f"Times are those of {agenda.tz.key}.")


def _day(when: datetime) -> str:
    return when.strftime("%a %Y-%m-%d")


def _times(occurrence: Occurrence) -> str:
    start, end = occurrence.start, occurrence.end
    if occurrence.all_day:
        last = end - timedelta(days=1)
        return "all day" if last <= start else f"until {_day(last)}"
    if start == end:
        return f"{start:%H:%M}"
    ends_same_day = end.date() == start.date()
    return (
        f"{start:%H:%M}–{end:%H:%M}" if ends_same_day else f"{start:%H:%M}–{_day(end)} {end:%H:%M}"
    )
