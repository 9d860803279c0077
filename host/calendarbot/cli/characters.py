"""What a user is told of characters that no font has: once for each display, on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from calendarbot.render.families import missing_extras

if TYPE_CHECKING:
    from calendarbot.build import Timeline

_MOST_NAMED: Final = 8


def warn_of_missing(display: str, timeline: Timeline) -> None:
    """Name the characters; they are drawn as a diamond with a question mark."""
    if not timeline.missing:
        return
    named = ", ".join(timeline.missing[:_MOST_NAMED])
    more = len(timeline.missing) - _MOST_NAMED
    click.echo(
        f"{display}: no installed font has {named}" + (f" and {more} more" if more > 0 else ""),
        err=True,
    )
    for extra in missing_extras():
        click.echo(f'hint: pip install "calendarbot[{extra}]" brings more fonts', err=True)
