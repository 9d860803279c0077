"""Reads a VEVENT: what its lines say, as the `Event` that is kept of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from calendarbot.events.components import properties
from calendarbot.events.errors import NotUnderstoodError
from calendarbot.events.expansion import last_start
from calendarbot.events.moments import DAY_S, UTC_NAME, Moment, read_moment
from calendarbot.events.records import BoundedRule, Date, Duration, Event
from calendarbot.events.rules import dateless, parse_rule
from calendarbot.events.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from calendarbot.events.components import Component, Property
    from calendarbot.events.effort import Effort

    ZoneNamed = Callable[[str], str | None]
    """What a calendar means by a TZID, None when nobody knows; "" asks for its default zone."""

MAX_DATES: Final = 20_000
"""More dates of one property are no calendar, but an attack or an accident."""

MAX_RULES: Final = 20
"""RFC 5545 §3.8.5.3 wants no more than one."""

# Where programs put the address of a call, best first (RFC 7986 §5.11, then vendors' own).
_CONFERENCES: Final = ("CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL")
_PEOPLE: Final = ("CLASS", "CATEGORIES", "ORGANIZER", "ATTENDEE", "URL", "COLOR", *_CONFERENCES)
_RECURRENCE: Final = ("RRULE", "RDATE", "EXDATE", "EXRULE")
_ONE_ONLY: Final = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID")
# Outlook's and Exchange's word that midnights of some zone mean whole days (MS-OXCICAL).
_WHOLE_DAY: Final = "X-MICROSOFT-CDO-ALLDAYEVENT"
_NAMES: Final = frozenset(
    (
        "UID",
        "SUMMARY",
        "LOCATION",
        "STATUS",
        "TRANSP",
        "SEQUENCE",
        _WHOLE_DAY,
        *_ONE_ONLY,
        *_RECURRENCE,
        *_PEOPLE,
    )
)
_CLASSES: Final = ("PUBLIC", "PRIVATE", "CONFIDENTIAL")
_DURATION: Final = re.compile(
    r"([+-])?P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,9})M)?(?:(\d{1,10})S)?)?",
    re.IGNORECASE,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_LONGEST_TEXT: Final = 500
_LONGEST_ADDRESS: Final = 2000
_MOST_ATTENDEES: Final = 500
_MOST_CATEGORIES: Final = 50


def read_event(
    component: Component, zone_named: ZoneNamed, effort: Effort
) -> tuple[Event, list[str]]:
    """The event, and what of it could not be read though the rest makes sense.

    Raises NotUnderstoodError.
    """
    lines = properties(component.text, _NAMES)
    for name in _ONE_ONLY:
        if len(lines.get(name, ())) > 1 and len({entry.value for entry in lines[name]}) > 1:
            raise NotUnderstoodError(f"it has more than one {name}")
    if "DTSTART" not in lines:
        raise NotUnderstoodError("it has no DTSTART")
    start = _moment(lines, "DTSTART", zone_named)

    def there(tzid: str) -> str | None:
        """What is written without a zone is meant in that of DTSTART."""
        return zone_named(tzid) if tzid else start.zone

    end = _moment(lines, "DTEND", there) if _has(lines, "DTEND") else None
    if _word(lines, _WHOLE_DAY) == "TRUE" and _are_midnights(start, end):
        start, end = _date_of(start), end and _date_of(end)
    plain = Event(
        uid=_text(lines, "UID"),
        summary=_text(lines, "SUMMARY"),
        start=start,
        end=end,
        duration=_duration(lines["DURATION"][0].value) if _has(lines, "DURATION") else None,
        location=_text(lines, "LOCATION") or _place(component),
        status=_word(lines, "STATUS"),
        sequence=_sequence(lines),
        transparent=_word(lines, "TRANSP") == "TRANSPARENT",
    )
    problems: list[str] = []
    return _with_people(_with_recurrence(plain, lines, there, problems, effort), lines), problems


def _are_midnights(*moments: Moment | None) -> bool:
    return not any(moment.wall_s % DAY_S for moment in moments if moment)


def _date_of(moment: Moment) -> Moment:
    return Moment(moment.wall_s, None, is_date=True)


def _with_recurrence(
    event: Event,
    lines: Mapping[str, Sequence[Property]],
    there: ZoneNamed,
    problems: list[str],
    effort: Effort,
) -> Event:
    if "RECURRENCE-ID" in lines:
        parameters = lines["RECURRENCE-ID"][0].parameters
        identity = _moment(lines, "RECURRENCE-ID", there)
        if identity.zone != UTC_NAME and "TZID" not in parameters:
            identity = identity._replace(zone=None)  # by the clock of its series
        # One instance has no rules of its own (RFC 5545 §3.8.4.4); programs copy the series'.
        return event._replace(
            recurrence_id=identity,
            this_and_future=parameters.get("RANGE", "").upper() == "THISANDFUTURE",
        )
    if not lines.keys() & {"RRULE", "RDATE", "EXDATE"}:
        return event
    _check_sizes(lines)
    return event._replace(
        rules=tuple(_rules(lines, "RRULE", event.start, effort)),
        dates=tuple(_dates(lines, "RDATE", there, problems)),
        exceptions=tuple(d.start for d in _dates(lines, "EXDATE", there, problems)),
        exception_rules=tuple(_rules(lines, "EXRULE", event.start, effort)),
    )


def _with_people(event: Event, lines: Mapping[str, Sequence[Property]]) -> Event:
    """What few events have; most pass through as they are."""
    if lines.keys().isdisjoint(_PEOPLE):
        return event
    access = _word(lines, "CLASS") or "PUBLIC"
    return event._replace(
        # RFC 5545 §3.8.1.3: what is not known is treated as PRIVATE.
        access=access if access in _CLASSES else "PRIVATE",
        categories=tuple(_categories(lines)),
        organizer=_organizer(lines),
        attendees=tuple(
            (_address(entry), entry.parameters.get("PARTSTAT", "NEEDS-ACTION").upper()[:40])
            for entry in lines.get("ATTENDEE", ())[:_MOST_ATTENDEES]
        ),
        url=_link(lines, "URL"),
        conference=next(filter(None, (_link(lines, name) for name in _CONFERENCES)), ""),
        color=one_line(_text(lines, "COLOR"), 40).lower(),
    )


def _has(lines: Mapping[str, Sequence[Property]], name: str) -> bool:
    return name in lines and bool(lines[name][0].value.strip())


def _text(lines: Mapping[str, Sequence[Property]], name: str) -> str:
    return _unescaped(lines[name][0].value) if name in lines else ""


def _unescaped(value: str) -> str:
    if "\\" in value:
        # Four times what is kept is enough to look at, however long it is.
        value = _ESCAPED.sub(_meant, value[: 4 * _LONGEST_TEXT])
    return one_line(value, _LONGEST_TEXT)


def _meant(escaped: re.Match[str]) -> str:
    """RFC 5545 §3.3.11; before any other character, programs escape what needs none."""
    return "\n" if escaped[1] in "nN" else escaped[1]


def _word(lines: Mapping[str, Sequence[Property]], name: str) -> str:
    return lines[name][0].value.strip().upper()[:40] if name in lines else ""


def _sequence(lines: Mapping[str, Sequence[Property]]) -> int:
    text = _word(lines, "SEQUENCE")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _place(component: Component) -> str:
    """The name of a VLOCATION (RFC 9073 §7.2), for events that describe places that way alone."""
    for inner in component.inner:
        if inner.name == "VLOCATION":
            name = _text(properties(inner.text, frozenset({"NAME"})), "NAME")
            if name:
                return name
    return ""


def _moment(lines: Mapping[str, Sequence[Property]], name: str, zone_named: ZoneNamed) -> Moment:
    value, parameters = lines[name][0]
    kind = parameters.get("VALUE", "").upper() if parameters else ""
    if kind and kind not in ("DATE", "DATE-TIME"):
        raise NotUnderstoodError(f"its {name} is no date or time")
    return _placed(value, parameters, name, zone_named, is_date=kind == "DATE")


def _placed(
    text: str, parameters: Mapping[str, str], name: str, zone_named: ZoneNamed, *, is_date: bool
) -> Moment:
    try:
        # Programs write a time where they promise a date; the date is what they mean.
        moment = read_moment(text.strip()[:8] if is_date else text)
    except ValueError:
        raise NotUnderstoodError(f"its {name} cannot be read: {one_line(text, 40)!r}") from None
    if moment.is_date or moment.zone:
        return moment
    tzid = parameters.get("TZID", "") if parameters else ""
    zone = zone_named(tzid)
    if tzid and zone is None:
        raise NotUnderstoodError(f"its {name} is in an unknown time zone, {one_line(tzid, 60)!r}")
    return Moment(moment.wall_s, zone)


def _duration(text: str) -> Duration:
    match = _DURATION.fullmatch(text.strip())
    if not match or not any(match.groups()[1:]):
        raise NotUnderstoodError(f"its DURATION cannot be read: {one_line(text, 40)!r}")
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in match.groups()[1:])
    if match[1] == "-":
        return Duration()  # an event does not end before it begins (RFC 5545 §3.8.2.5)
    return Duration(weeks * 7 + days, hours * 3600 + minutes * 60 + seconds)


def _check_sizes(lines: Mapping[str, Sequence[Property]]) -> None:
    for name in ("RDATE", "EXDATE"):
        count = sum(entry.value.count(",") + 1 for entry in lines.get(name, ()))
        if count > MAX_DATES:
            raise NotUnderstoodError(f"it has {count} dates in {name}, which is too many")
    rules = len(lines.get("RRULE", ())) + len(lines.get("EXRULE", ()))
    if rules > MAX_RULES:
        raise NotUnderstoodError(f"it has {rules} rules, which is too many")


def _rules(
    lines: Mapping[str, Sequence[Property]], name: str, start: Moment, effort: Effort
) -> Iterable[BoundedRule]:
    for entry in lines.get(name, ()):
        text = entry.value.strip()
        if not text:
            continue
        rule = parse_rule(text)
        if start.is_date:
            if rule.frequency in ("SECONDLY", "MINUTELY", "HOURLY"):
                raise NotUnderstoodError("it is whole days and repeats within a day")
            rule = dateless(rule)
        yield BoundedRule(text, last_start(rule, start.wall_s, effort))


def _dates(
    lines: Mapping[str, Sequence[Property]],
    name: str,
    zone_named: ZoneNamed,
    problems: list[str],
) -> Iterable[Date]:
    for entry in lines.get(name, ()):
        is_date = entry.parameters.get("VALUE", "").upper() == "DATE"
        for text in filter(None, map(str.strip, entry.value.split(","))):
            try:
                yield _date(text, entry.parameters, name, zone_named, is_date=is_date)
            except NotUnderstoodError as error:
                problems.append(f"{error}; the rest of it is shown")


def _date(
    text: str, parameters: Mapping[str, str], name: str, zone_named: ZoneNamed, *, is_date: bool
) -> Date:
    begins, separator, ends = text.partition("/")
    start = _placed(begins, parameters, name, zone_named, is_date=is_date)
    if not separator:
        return Date(start)
    if ends[:1].upper() in ("P", "+", "-"):
        return Date(start, duration=_duration(ends))
    return Date(start, end=_placed(ends, parameters, name, zone_named, is_date=False))


def _categories(lines: Mapping[str, Sequence[Property]]) -> Iterable[str]:
    seen: set[str] = set()
    for entry in lines.get("CATEGORIES", ())[:_MOST_CATEGORIES]:
        for part in re.split(r"(?<!\\),", entry.value[: 4 * _LONGEST_TEXT]):
            category = _unescaped(part)
            if category and category not in seen and len(seen) < _MOST_CATEGORIES:
                seen.add(category)
                yield category


def _address(entry: Property) -> str:
    """A calendar user's mail address; some programs have it beside an identifier of their own."""
    text = entry.parameters.get("EMAIL") or entry.value
    return re.sub(r"^mailto:", "", text.strip(), flags=re.IGNORECASE)[:320].casefold()


def _organizer(lines: Mapping[str, Sequence[Property]]) -> str:
    if "ORGANIZER" not in lines:
        return ""
    entry = lines["ORGANIZER"][0]
    return one_line(entry.parameters.get("CN", "").strip('"') or _address(entry), _LONGEST_TEXT)


def _link(lines: Mapping[str, Sequence[Property]], name: str) -> str:
    text = lines[name][0].value.strip() if name in lines else ""
    return text if len(text) <= _LONGEST_ADDRESS and text.isprintable() else ""
