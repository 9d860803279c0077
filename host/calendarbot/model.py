"""The nouns the host's modules hand to each other: occurrences, agendas, frames.

Every `datetime` here is aware. An *occurrence* is one happening of an event: a recurring event
has many. An all-day occurrence runs from midnight to midnight (exclusive) in the agenda's zone.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Details:
    """What else a calendar says of an event: the same for most of its occurrences."""

    categories: tuple[str, ...] = ()
    access: str = "PUBLIC"
    """RFC 5545 §3.8.1.3, CLASS: PUBLIC, PRIVATE or CONFIDENTIAL."""
    partstat: str = ""
    """RFC 5545 §3.2.12: what the calendar's owner answered to the invitation; empty without one."""
    organizer: str = ""
    """Who invites, by name when there is one, else by address."""
    url: str = ""
    conference: str = ""
    """The address of the call (RFC 7986 §5.11)."""
    color: str = ""
    """A CSS colour name (RFC 7986 §5.9), as the calendar has it."""
    sequence: int = 0
    """RFC 5545 §3.8.7.4: the revision."""


NO_DETAILS: Final = Details()


class Occurrence(NamedTuple):
    """One happening of an event, in the agenda's zone.

    A tuple, since a window has thousands: a dataclass takes three times as long to make.
    """

    uid: str
    calendar: str
    """The calendar's name in the configuration."""
    summary: str
    start: datetime
    end: datetime
    """Exclusive; equal to `start` for an event without length."""
    all_day: bool = False
    tz: str | None = None
    """The zone the event was written in (an IANA name, or "UTC"); None for floating and all-day."""
    location: str = ""
    status: str = "CONFIRMED"
    """RFC 5545 §3.8.1.11: CONFIRMED or TENTATIVE (cancelled occurrences never get here)."""
    recurrence_id: str | None = None
    """ISO 8601 form of the start the recurrence rule gave, for an occurrence of a series."""
    transparent: bool = False
    """RFC 5545 §3.8.2.7: the event does not block time."""
    details: Details = NO_DETAILS
    also_in: tuple[str, ...] = ()
    """The other calendars that hold the same occurrence, by their names in the configuration."""


@dataclass(frozen=True, slots=True)
class CalendarState:
    """How reading one calendar went; each calendar degrades alone."""

    name: str
    label: str
    """What a page prints for it."""
    problem: str = ""
    """One redacted line when the calendar could not be read, else empty."""
    hint: str = ""
    """What to try about the problem; may be empty."""
    copy_from: datetime | None = None
    """With a problem: when the last good copy was in step, which stands in. None: nothing does."""
    notice: str = ""
    """One redacted line for whoever looks after this, when something is to be done though all went well."""
    color: str = ""
    """The calendar's own colour, "#rrggbb"; empty when it has none."""
    left_out: tuple[str, ...] = ()
    """One line for every event that could not be understood."""
    icon: str = ""
    """A short text, an emoji for example, that a page may put before its events."""


@dataclass(frozen=True, slots=True, eq=False)
class Agenda:
    """All occurrences that touch [start, end), ordered by start, all-day first, then summary.

    Two agendas are never equal: what is worked out for one can be kept by it, without looking at all of it.
    """

    occurrences: tuple[Occurrence, ...]
    start: datetime
    end: datetime
    tz: ZoneInfo
    calendars: tuple[CalendarState, ...] = ()


@dataclass(frozen=True)
class Frame:
    """Pixels packed as the panel takes them.

    `data` is `planes` planes of `height_px` rows of `stride` bytes; the leftmost pixel is in the
    highest bits. `inkframe.wire` says what the bits mean.
    """

    width_px: int
    height_px: int
    bpp: int
    planes: int
    data: bytes = field(repr=False)

    @property
    def stride(self) -> int:
        return (self.width_px * self.bpp + 7) // 8

    @property
    def geometry(self) -> tuple[int, int, int, int]:
        """Width and height in pixels, bits per pixel, planes."""
        return self.width_px, self.height_px, self.bpp, self.planes

    @cached_property
    def id(self) -> bytes:
        """What names these pixels on the wire and on the device: 8 bytes of their SHA-256."""
        return hashlib.sha256(self.data).digest()[:8]

    @cached_property
    def crc32(self) -> int:
        return zlib.crc32(self.data)


@dataclass(frozen=True, slots=True)
class TimedFrame:
    """A frame and the moment from which it is shown."""

    shown_from: datetime
    frame: Frame
    reason: str
    """What changed, in a few words, for people ("first page", "Standup begins", "midnight")."""
