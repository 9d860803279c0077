"""Pages: one module each. The name in a configuration *is* the module's name here; a path is a
file of the user's own, with the same contract (docs/layouts.md).

A layout draws a `View` on a `Canvas` and says when its picture may change. It knows neither the
panel nor where the calendars came from. Modules whose name begins with an underscore are parts
that layouts share.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from calendarbot.errors import ConfigError, nearest
from calendarbot.layouts._dates import LocalDates
from calendarbot.layouts._days import Entry, entries_of, moments
from calendarbot.layouts._own import load_own
from calendarbot.layouts._words import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from calendarbot.model import Agenda
    from calendarbot.render import Canvas

__all__ = [
    "LOOK_AHEAD",
    "Entry",
    "Layout",
    "LocalDates",
    "View",
    "days_needed",
    "entries_of",
    "load",
    "moments",
    "names",
    "phrase",
]


@dataclass(frozen=True, slots=True)
class View:
    """What one page shows, and for when."""

    agenda: Agenda
    now: datetime
    """Aware, in the agenda's zone."""
    locale: str
    """As in "de_DE"."""
    title: str = ""
    stale_since: datetime | None = None
    """When the page was last known to be right, if that is too long ago."""
    photo: Path | None = None
    """A photograph for a page that has room (`canvas.picture`)."""
    qr: str = ""
    """The text of a QR code for a page that has room (`canvas.qr`); it may hold a password."""


LOOK_AHEAD = timedelta(days=14)
"""How far beyond the last day shown a page looks that does not say how far."""


class Layout(Protocol):
    """What a module in this package offers.

    One whose page looks back, or further ahead than LOOK_AHEAD, also has `days_shown(locale,
    first, last)`: the first day and the day after the last whose events its page needs when it
    is shown from `first` to `last`.
    """

    MIN_SIZE_PX: tuple[int, int]
    """The smallest width and height on which the page still reads."""

    def changes(
        self, agenda: Agenda, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, str]]:
        """The moments in (start, end) at which the page may look different, in order, and why."""

    def draw(self, canvas: Canvas, view: View) -> None:
        """Draw the page; ConfigError if the canvas is smaller than MIN_SIZE_PX."""


def names() -> list[str]:
    """The layouts there are, sorted."""
    return sorted(
        module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")
    )


def load(name: str) -> Layout:
    """The layout of this name, or in the file at this path. Raises ConfigError."""
    if name.endswith(".py"):
        return load_own(Path(name))
    if name not in names():
        raise ConfigError(f"there is no layout {name!r}", nearest(name, names()))
    return cast("Layout", import_module(f"{__name__}.{name}"))


def days_needed(layout: Layout, locale: str, first: date, last: date) -> tuple[date, date]:
    """The first day and the day after the last whose events the page from `first` to `last` needs."""
    shown = getattr(layout, "days_shown", None)
    if shown is None:
        return first, last + LOOK_AHEAD + timedelta(days=1)
    begin, end = shown(locale, first, last)
    return min(begin, first), max(end, last + timedelta(days=1))
