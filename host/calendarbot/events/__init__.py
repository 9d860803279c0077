"""Calendar bytes become occurrences: cleaned, split, indexed, expanded, chosen.

    text           bytes of any encoding and folding → lines
    components     lines → events and time zones, each alone
    zone_names, vtimezone, zones        what a TZID means
    records        an event's lines → what is kept of it
    parsing        all of a calendar: events by UID, its zones, what was left out
    index          a parsed calendar on disk, asked for a window
    rules, day_sets, expansion          recurrence rules, jumped into anywhere
    series         rules, dates, exceptions and overrides of one UID
    reading        all of it for one calendar and a window
    options        what people want of a calendar: filters, names, hours

docs/calendars.md says what is decided where RFC 5545 leaves something open.
"""

from calendarbot.events.reading import occurrences
from calendarbot.events.series import Window
from calendarbot.events.texts import Text

__all__ = ["Text", "Window", "occurrences"]
