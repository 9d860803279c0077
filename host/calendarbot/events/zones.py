"""The zones of one calendar: the TZIDs it uses, and what each comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from calendarbot.events.components import properties
from calendarbot.events.effort import Effort
from calendarbot.events.errors import NotUnderstoodError
from calendarbot.events.moments import Clock
from calendarbot.events.text import one_line
from calendarbot.events.vtimezone import CalendarZone, Transition, contradicts, transitions_of
from calendarbot.events.zone_names import known_zone, load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from calendarbot.events.components import Component

_CALENDAR_NAMES: Final = frozenset({"X-WR-TIMEZONE"})
_TZID: Final = frozenset({"TZID"})
_LONGEST_NAME: Final = 200
OWN: Final = "#"
"""Begins the name of a zone that a calendar defines: "#0", "#1", …"""


class OwnZone(NamedTuple):
    """A zone as its calendar defines it."""

    name: str
    transitions: Sequence[Transition]


class CalendarZones:
    """What the TZIDs of one VCALENDAR mean.

    A name that the world knows wins over the calendar's own definition, which is often old; unless
    the two never agree on any offset: then the calendar means something else by it. A zone that
    nobody but the calendar knows is added to `own`.
    """

    def __init__(self, calendar: Component, own: list[OwnZone]) -> None:
        self._own = own
        self._found: dict[str, str | None] = {}
        self._definitions: dict[str, Component] = {}
        for component in calendar.inner:
            if component.name == "VTIMEZONE" and component.whole:
                for entry in properties(component.text, _TZID).get("TZID", ()):
                    self._definitions[_bare(entry.value)] = component
        default = properties(calendar.text, _CALENDAR_NAMES).get("X-WR-TIMEZONE", ())
        self._default = self.named(default[0].value) if default and default[0].value else None

    def named(self, tzid: str) -> str | None:
        """The zone's name for `Zones`; None when nobody knows it. "" is the calendar's default."""
        if not tzid:
            return self._default
        if tzid not in self._found:
            self._found[tzid] = self._resolved(_bare(tzid))
        return self._found[tzid]

    def _resolved(self, tzid: str) -> str | None:
        known = known_zone(tzid)
        definition = self._definitions.get(tzid)
        if definition is None:
            return known
        try:
            transitions = transitions_of(definition)
        except (NotUnderstoodError, OverflowError):
            return known
        if known and not contradicts(transitions, known):
            return known
        zone = OwnZone(one_line(tzid, _LONGEST_NAME), transitions)
        if zone not in self._own:
            self._own.append(zone)
        return f"{OWN}{self._own.index(zone)}"


def _bare(tzid: str) -> str:
    return tzid.strip().strip('"').strip()


class Zones:
    """Clocks by the names that events are kept with, for a page in `page_zone`."""

    def __init__(self, own: Sequence[OwnZone], page_zone: tzinfo) -> None:
        self.effort = Effort()
        """What may be spent on the rules of this calendar."""
        self._own = own
        self._clocks: dict[str | None, Clock] = {None: Clock(page_zone)}

    def __getitem__(self, name: str | None) -> Clock:
        """The zone's clock; the page's for None. Raises NotUnderstoodError for one that is gone."""
        clock = self._clocks.get(name)
        if clock is None:
            clock = self._clocks[name] = Clock(self._load(name or ""))
        return clock

    def shown(self, name: str | None) -> str | None:
        """What the zone is called: an IANA name, "UTC", or the calendar's own name."""
        return self._own[int(name[1:])].name if name and name[0] == OWN else name

    def _load(self, name: str) -> tzinfo:
        try:
            if name.startswith(OWN):
                return CalendarZone(*self._own[int(name[1:])])
            return load(name)
        except KeyError:
            raise NotUnderstoodError(f"its time zone is unknown here, {name!r}") from None
