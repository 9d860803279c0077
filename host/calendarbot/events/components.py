"""Text into components, each on its own: what is wrong with one cannot reach another.

RFC 5545 §3.4–3.6 nests components between BEGIN and END. Files have ENDs missing, of the wrong name
or cut off; here an event ends where it says so, where the next one begins, or where its calendar
ends. Only one that the end of the file cuts off is not whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MARKER: Final = re.compile(
    r"^[ \t]*(BEGIN|END):[ \t]*([^\n]*?)[ \t]*$", re.IGNORECASE | re.MULTILINE
)
# Deeper than any program nests; what is deeper is passed over.
_DEEPEST: Final = 16
_OUTER: Final = ("VCALENDAR", "VEVENT", "VTIMEZONE", "VTODO", "VJOURNAL")
_LONGEST_JOINED: Final = 2000  # nothing longer is shown
_LINE: Final = re.compile(r"[A-Za-z0-9-]+[;:]")
_TEXT: Final = re.compile(r"(SUMMARY|LOCATION|DESCRIPTION|COMMENT)[;:]", re.IGNORECASE)


class Property(NamedTuple):
    """One content line (RFC 5545 §3.1)."""

    value: str
    """As written: text is still escaped."""
    parameters: Mapping[str, str] = {}


@dataclass
class Component:
    """One component: its own lines, and the components inside that are looked at."""

    name: str
    number: int
    """Which one of its name, from 0."""
    text: str = ""
    inner: list[Component] = field(default_factory=list)
    whole: bool = True
    """False when the end of the file cut it off."""


@dataclass
class Stream:
    """The calendars of a stream, which may hold several."""

    calendars: list[Component] = field(default_factory=list)
    is_whole: bool = True


class _Open(NamedTuple):
    component: Component
    pieces: list[str]
    """Its text so far, without that of the components inside."""


def split(text: str) -> Stream:
    """All VCALENDARs of a text. Events outside of any are in one without a name."""
    return _Splitter(text).run()


class _Splitter:
    def __init__(self, text: str) -> None:
        self._text = text
        self._stream = Stream()
        self._open: list[_Open] = []
        self._too_deep = 0
        self._position = 0
        self._numbers: dict[str, int] = {}

    def run(self) -> Stream:
        for match in _MARKER.finditer(self._text):
            is_begin, name = match[1] in ("BEGIN", "begin", "Begin"), match[2].upper()
            if self._too_deep and name not in _OUTER:
                self._too_deep += 1 if is_begin else -1
                continue
            if self._open:
                self._open[-1].pieces.append(self._text[self._position : match.start()])
            self._position = match.end()
            if is_begin:
                self._begin(name)
            else:
                self._end(name)
        self._finish()
        return self._stream

    def _begin(self, name: str) -> None:
        self._too_deep = int(len(self._open) >= _DEEPEST and name not in _OUTER)
        if self._too_deep:
            return
        if name in _OUTER:
            # These are inside of nothing but a calendar: whatever else is open has lost its END.
            self._close(1 if name != "VCALENDAR" and self._in_calendar() else 0)
        number = self._numbers.get(name, 0)
        self._numbers[name] = number + 1
        self._open.append(_Open(Component(name, number), []))

    def _in_calendar(self) -> bool:
        return bool(self._open) and self._open[0].component.name == "VCALENDAR"

    def _end(self, name: str) -> None:
        self._too_deep = 0
        for depth in range(len(self._open) - 1, -1, -1):
            if self._open[depth].component.name == name:
                self._close(depth)
                return

    def _close(self, depth: int) -> None:
        """Close all that is open from this depth on."""
        while len(self._open) > depth:
            component, pieces = self._open.pop()
            component.text = pieces[0] if len(pieces) == 1 else "\n".join(pieces)
            if self._open:
                self._open[-1].component.inner.append(component)
            elif component.name == "VCALENDAR":
                self._stream.calendars.append(component)
            else:
                self._stream.calendars.append(Component("", 0, inner=[component]))

    def _finish(self) -> None:
        if self._open:
            self._open[-1].pieces.append(self._text[self._position :])
            self._stream.is_whole = False
            for opened in self._open:
                opened.component.whole = False
        self._close(0)


def properties(text: str, names: frozenset[str]) -> dict[str, list[Property]]:
    """The properties of these names in a component's text, by name, in their order.

    A line that is none (no name before a colon) continues a text before it, whose folding was lost.
    """
    found: dict[str, list[Property]] = {}
    for line in _lines(text):
        head, _, value = line.partition(":")
        name, _, parameters = head.partition(";")
        if name not in names:
            name = name.strip().upper()
            if name not in names:
                continue
        if not parameters:
            entry = Property(value)
        elif '"' in parameters or "^" in parameters:
            entry = _quoted(line, parameters, value)
        else:
            entry = Property(value, _plain_parameters(parameters))
        found.setdefault(name, []).append(entry)
    return found


def _lines(text: str) -> Iterable[str]:
    lines = text.split("\n")
    if all(map(_LINE.match, filter(None, lines))):
        return lines
    joined: list[str] = []
    for line in lines:
        if _LINE.match(line):
            joined.append(line)
        elif joined and len(joined[-1]) < _LONGEST_JOINED and _TEXT.match(joined[-1]):
            joined[-1] += "\\n" + line
    return joined


def _quoted(line: str, parameters: str, value: str) -> Property:
    """A line with quoted or encoded parameters (RFC 6868)."""
    from icalendar.parser import (
        Contentline,  # a process whose calendars are parsed has no need of it
    )

    try:
        _, parsed, value = Contentline(line).parts()  # type: ignore[no-untyped-call]  # icalendar's
        return Property(value, {name.upper(): _first(text) for name, text in parsed.items()})
    except ValueError:
        return Property(value, _plain_parameters(parameters.replace('"', "")))


def _first(value: object) -> str:
    return str(value[0] if isinstance(value, list) and value else value)


@lru_cache(maxsize=4096)
def _plain_parameters(text: str) -> Mapping[str, str]:
    parts = (part.partition("=") for part in text.split(";"))
    return {name.strip().upper(): value.strip() for name, _, value in parts}
