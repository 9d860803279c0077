"""A large calendar as an office has it: made anew from the same numbers, no file of anybody's."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Final

FIRST: Final = date(2016, 1, 4)
DAYS: Final = 12 * 365

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# With the weekday, the day after the next, which of its kind in the month, and the day of the month.
_RULES: Final = (
    "FREQ=WEEKLY;BYDAY={0}",
    "FREQ=WEEKLY;BYDAY={0},{1}",
    "FREQ=WEEKLY;INTERVAL=2",
    "FREQ=DAILY;COUNT=20",
    "FREQ=MONTHLY;BYDAY={2}{0}",
    "FREQ=MONTHLY;BYMONTHDAY={3}",
    "FREQ=YEARLY",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,{0};UNTIL=20270101T000000Z",
)
_ZONES: Final = ("Europe/Berlin", "America/New_York", "Europe/London", "Asia/Tokyo")
_WORDS: Final = [
    "review",
    "budget",
    "planning",
    "customer",
    "release",
    "sync",
    "interview",
    "workshop",
    "travel",
    "team",
]


def calendar(events: int = 10_000, recurring: int = 500, seed: int = 1) -> bytes:
    """So many events over twelve years, so many of them recurring; about 330 bytes each."""
    chance = random.Random(seed)  # noqa: S311  numbers, not secrets
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Calendar Bot//Benchmark//EN"]
    for number in range(events):
        lines += _event(chance, number, is_recurring=number % (events // recurring) == 0)
    lines += ["END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def _event(chance: random.Random, number: int, *, is_recurring: bool) -> list[str]:
    day = FIRST + timedelta(days=chance.randrange(DAYS))
    hour, zone = chance.randrange(7, 19), chance.choice(_ZONES)
    summary = " ".join(chance.choices(_WORDS, k=3)).capitalize()
    whole_day = chance.random() < 0.1
    times = (
        [f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"]
        if whole_day
        else [
            f"DTSTART;TZID={zone}:{day:%Y%m%d}T{hour:02}0000",
            f"DTEND;TZID={zone}:{day:%Y%m%d}T{hour + 1:02}0000",
        ]
    )
    names = _DAYS[day.weekday()], _DAYS[(day.weekday() + 2) % 7]
    text = _RULES[number // 20 % len(_RULES)].format(*names, (day.day + 6) // 7, day.day)
    rule = [f"RRULE:{text}"] if is_recurring else []
    return [
        "BEGIN:VEVENT",
        f"UID:{number:06}-{chance.randrange(10**12):012}@bench.example",
        "DTSTAMP:20260101T000000Z",
        *times,
        *rule,
        f"SUMMARY:{summary} {number}",
        f"LOCATION:Room {chance.randrange(40)}\\, floor {chance.randrange(9)}",
        "DESCRIPTION:What there is to say about it\\, on one line that is long eno",
        " ugh to be folded once.",
        "SEQUENCE:0",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "END:VEVENT",
    ]
