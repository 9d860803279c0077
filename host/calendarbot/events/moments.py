"""Dates and times as calendars write them (RFC 5545 §3.3.4, §3.3.5), compact and comparable.

Inside the engine a wall-clock time is an integer: seconds since midnight of 0001-01-01, by the
clock of its zone, as if that clock never changed. Recurrence is counted with them; a zone makes
instants of them, integers in the same count but of UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

DAY_S: Final = 86_400
EPOCH_S: Final = date(1970, 1, 1).toordinal() * DAY_S
"""Where POSIX time begins in this count."""

UTC_NAME: Final = "UTC"

_FIRST_DAY: Final = datetime.min  # noqa: DTZ901  a wall clock's
_BLOCK_DAYS: Final = 4
"""Since 1970 no zone of the IANA database went to another offset and back within six days (Gaza and Brazil
took seven); before, within three (Freetown took four, in 1939)."""
_DATE_DIGITS: Final = 8
_TIME_DIGITS: Final = (6, 4)  # HHMMSS; some programs leave out the seconds
_LAST_SECOND: Final = 59  # 60 is a leap second (§3.3.12), which no clock here shows


class Moment(NamedTuple):
    """A date, or a date and time, with what is needed to place it."""

    wall_s: int
    """By the clock of `zone`; a date is its midnight."""
    zone: str | None = None
    """"UTC", an IANA name, another name that `zones` resolves, or None: floating."""
    is_date: bool = False


def read_moment(text: str, zone: str | None = None) -> Moment:
    """The moment in the text of a DATE or DATE-TIME. Raises ValueError.

    A "Z" wins over the zone.
    """
    day, separator, clock = text.strip().upper().partition("T")
    if len(day) != _DATE_DIGITS or not (day.isascii() and day.isdigit()):
        raise ValueError("no date")
    ordinal = date(int(day[:4]), int(day[4:6]), int(day[6:])).toordinal()
    if not separator:
        return Moment(ordinal * DAY_S, None, is_date=True)
    if clock.endswith("Z"):
        clock, zone = clock[:-1], UTC_NAME
    if len(clock) not in _TIME_DIGITS or not (clock.isascii() and clock.isdigit()):
        raise ValueError("no time")
    hours, minutes, seconds = int(clock[:2]), int(clock[2:4]), int(clock[4:] or 0)
    time_s = hours * 3600 + minutes * 60 + min(seconds, _LAST_SECOND)
    # 24:00 is the end of a day to programs that know ISO 8601.
    if time_s > DAY_S or minutes > 59 or seconds > _LAST_SECOND + 1:
        raise ValueError("no time")
    return Moment(ordinal * DAY_S + time_s, zone)


def wall_datetime(wall_s: int) -> datetime:
    """The time by a clock, without a zone. Raises OverflowError beyond the years 1 to 9999."""
    return _FIRST_DAY + timedelta(0, wall_s - DAY_S)


def wall_seconds(when: datetime) -> int:
    """The clock's reading of `when`, whatever its zone."""
    return when.toordinal() * DAY_S + when.hour * 3600 + when.minute * 60 + when.second


def instant(wall_s: int, zone: tzinfo) -> int:
    """When a clock in `zone` shows this time.

    The first of two when clocks go back; when they skip it, with the offset from before
    (RFC 5545 §3.3.5). Raises OverflowError.
    """
    offset = zone.utcoffset(wall_datetime(wall_s).replace(tzinfo=zone))
    return wall_s - (offset.days * DAY_S + offset.seconds if offset else 0)


def at_instant(instant_s: int, zone: tzinfo) -> datetime:
    """The time in `zone`. Raises OverflowError beyond the years 1 to 9999."""
    return datetime.fromtimestamp(instant_s - EPOCH_S, zone)


def instant_of(when: datetime) -> int:
    """The instant of an aware time."""
    return wall_seconds(when.astimezone(UTC))


class Clock:
    """A zone's clock, quick for many times of few days: most days have one offset from end to end."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self._offsets_s: dict[int, int | None] = {}
        """By day, None for a day on which the offset changes, or the day before or after."""

    def instant(self, wall_s: int) -> int:
        """As `moments.instant` says."""
        day = wall_s // DAY_S
        try:
            offset_s = self._offsets_s[day]
        except KeyError:
            self._learn(day)
            offset_s = self._offsets_s[day]
        return wall_s - (self._offset(wall_s) if offset_s is None else offset_s)

    def instants(self, walls: Iterable[int]) -> list[int]:
        """`instant` of each, at once: most instances of most calendars come this way."""
        offsets_s, instant = self._offsets_s, self.instant
        return [
            instant(wall_s)
            if (offset_s := offsets_s.get(wall_s // DAY_S)) is None
            else wall_s - offset_s
            for wall_s in walls
        ]

    def elapsed_s(self, begins_s: int, ends_s: int) -> int:
        """From one time on this clock to another; nothing is learnt of days far from the others."""
        return ends_s - begins_s - self._offset(ends_s) + self._offset(begins_s)

    def wall(self, instant_s: int) -> int:
        """What it shows at an instant."""
        return wall_seconds(at_instant(instant_s, self.zone))

    def at(self, instant_s: int) -> datetime:
        """The aware time of an instant."""
        return datetime.fromtimestamp(instant_s - EPOCH_S, self.zone)

    def _learn(self, day: int) -> None:
        """The offset of a day, and of those around it where nothing changes."""
        if day * DAY_S >= EPOCH_S:
            first = day - day % _BLOCK_DAYS
            offset_s = self._offset_between(first - 1, first + _BLOCK_DAYS + 1)
            if offset_s is not None:
                self._offsets_s.update(dict.fromkeys(range(first, first + _BLOCK_DAYS), offset_s))
                return
        self._offsets_s[day] = self._offset_between(day - 1, day + 2)

    def _offset_between(self, first_day: int, last_day: int) -> int | None:
        """From the midnight of one day to that of another; None when it changes."""
        offset_s = self._offset(first_day * DAY_S)
        return offset_s if offset_s == self._offset(last_day * DAY_S) else None

    def _offset(self, wall_s: int) -> int:
        """From UTC, of the instant that `moments.instant` means by this time."""
        # As `wall_datetime`: there are many, and most of the time is in the call.
        offset = self.zone.utcoffset(_FIRST_DAY + timedelta(0, wall_s - DAY_S))
        return offset.days * DAY_S + offset.seconds if offset else 0
