"""Generated agendas, and what must hold on every page that is drawn from one."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from calendarbot.layouts import View, days_needed
from calendarbot.model import Agenda, CalendarState, Occurrence
from calendarbot.render import Canvas

if TYPE_CHECKING:
    from calendarbot.layouts import Layout
    from calendarbot.render import Type
    from calendarbot.render.canvas import Box, PlacedText

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = (date(2026, 11, 24), date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 31))
"""A plain day, one of 23 hours, one of 25, and one whose week is in two years."""

SIZES = (
    (800, 480),
    (400, 300),
    (296, 128),
    (600, 448),
    (480, 800),
    (1200, 825),
    (250, 122),
    (648, 480),
    (300, 400),
    (128, 296),
    (825, 1200),
)
LOCALES = (
    "en_GB",
    "en_US",
    "de_DE",
    "ar_EG",
    "he_IL",
    "ja_JP",
    "pt_PT",
    "fi_FI",
    "th_TH",
    "zh_TW",
    "ko_KR",
    "hi_IN",
)
TITLES = (
    "Stand-up",
    "Architecture review with Vienna and everybody else",
    "Board: numbers and outlook",
    "Gym",
    "Jazz & gyros",
    "打ち合わせ",
    "פגישת צוות שבועית",
    "การประชุมทีม ที่น้ำ",
    "Tiếng Việt Ắ",
    "🎂 Théo",
    "जन्मदिन",
    "Donaudampfschifffahrtsgesellschaft",
    "",
)
_MINUTES = (0, 15, 30, 60, 90, 240, 720, 1500, 4000)


class WatchedText(NamedTuple):
    """A text as it was asked for, and where its ink went."""

    placed: PlacedText
    style: Type


class WatchedCanvas(Canvas):
    """Remembers the type of every text and the place of every box."""

    def __init__(self, width_px: int, height_px: int) -> None:
        super().__init__(width_px, height_px)
        self.texts: list[WatchedText] = []
        self.boxes: list[Box] = []

    def text(self, x: int, baseline: int, text: str, style: Type, **how: object) -> int:
        width = super().text(x, baseline, text, style, **how)  # type: ignore[arg-type]  # the same
        self.texts.append(WatchedText(self.placed[-1], style))
        return width

    def rounded(self, x: int, y: int, width: int, height: int, radius: int, **how: object) -> None:
        super().rounded(x, y, width, height, radius, **how)  # type: ignore[arg-type]  # the same
        self.boxes.append(self._box(x, y, width, height))


def draw_watched(
    layout: Layout, agenda: Agenda, now: datetime, size: tuple[int, int], locale: str, **view: str
) -> WatchedCanvas:
    """The layout's page for `now`, on a canvas that watches."""
    canvas = WatchedCanvas(*size)
    layout.draw(canvas, View(agenda, now, locale, **view))  # type: ignore[arg-type]  # the rest of View's fields
    return canvas


@st.composite
def agendas(
    draw: st.DrawFn, layout: Layout, locale: str, most: int = 20, spread_days: int = 4
) -> Agenda:
    """Up to `most` occurrences around one of DAYS, over all that the layout's page may show."""
    today = draw(st.sampled_from(DAYS))
    first, end = days_needed(layout, locale, today, today)
    several = draw(st.booleans())
    calendars = (CalendarState("home", "Home"), CalendarState("work", "Work and so on"))
    found = [
        _occurrence(draw, i, today, spread_days, several=several)
        for i in range(draw(st.integers(0, most)))
    ]
    start, stop = midnight(first), midnight(end)
    touching = [o for o in found if _utc(o.start) < _utc(stop) and _utc(o.end) >= _utc(start)]
    touching.sort(key=lambda o: (_utc(o.start), not o.all_day, o.summary))
    return Agenda(tuple(touching), start, stop, BERLIN, calendars if several else calendars[:1])


def made_agenda(
    layout: Layout, locale: str, today: date, *occurrences: Occurrence, calendars: int = 1
) -> Agenda:
    """These occurrences in calendars "c0", "c1" and so on, over all that the page may show."""
    first, end = days_needed(layout, locale, today, today)
    ordered = sorted(occurrences, key=lambda o: (_utc(o.start), not o.all_day, o.summary))
    states = tuple(CalendarState(f"c{i}", f"Calendar {i}") for i in range(calendars))
    return Agenda(tuple(ordered), midnight(first), midnight(end), BERLIN, states)


def timed(summary: str, start: datetime, minutes: int = 60, **fields: str) -> Occurrence:
    """An event of so many real minutes, in calendar "c0" unless told."""
    end = (_utc(start) + timedelta(minutes=minutes)).astimezone(BERLIN)
    return Occurrence(summary, fields.pop("calendar", "c0"), summary, start, end, **fields)  # type: ignore[arg-type]  # the rest of its fields


def whole_days(summary: str, first: date, days: int = 1) -> Occurrence:
    last = first + timedelta(days=days)
    return Occurrence(summary, "c0", summary, midnight(first), midnight(last), all_day=True)


@st.composite
def numbered_agendas(
    draw: st.DrawFn, layout: Layout, days: int, most: int = 60
) -> tuple[Agenda, int]:
    """Timed events "E0", "E1" on the next `days` days, none over midnight; and how many."""
    today = DAYS[0]
    count = draw(st.integers(0, most))
    found = []
    for i in range(count):
        minute = 5 * draw(st.integers(0, 23 * 12 - 1))
        day = today + timedelta(days=draw(st.integers(0, days - 1)))
        length = draw(st.sampled_from((0, 15, 30, 45, 60, 120, 600)))
        start = midnight(day) + timedelta(minutes=minute)
        found.append(timed(f"E{i}", start, min(length, 24 * 60 - minute)))
    return made_agenda(layout, "en_GB", today, *found), count


def shown_and_counted(page: Canvas) -> tuple[list[str], int]:
    """The "E5" on a page, and the sum of what its "+3" and "+3 more" say."""
    shown, counted = [], 0
    for placed in page.placed:
        shown += re.findall(r"\bE\d+\b", placed.whole)
        number = re.fullmatch(r"\+(\d+)( more)?", placed.whole)
        counted += int(number[1]) if number else 0
    return shown, counted


def _occurrence(
    draw: st.DrawFn, number: int, today: date, spread_days: int, *, several: bool
) -> Occurrence:
    day = today + timedelta(days=draw(st.integers(-spread_days // 2, spread_days)))
    start = midnight(day)
    all_day = draw(st.integers(0, 3)) == 0
    if all_day:
        end = midnight(day + timedelta(days=draw(st.integers(1, 9))))
    else:
        start = (_utc(start) + timedelta(minutes=5 * draw(st.integers(0, 287)))).astimezone(BERLIN)
        end = (_utc(start) + timedelta(minutes=draw(st.sampled_from(_MINUTES)))).astimezone(BERLIN)
    return Occurrence(
        uid=f"u{number}",
        calendar=draw(st.sampled_from(["home", "work"])) if several else "home",
        summary=f"{draw(st.sampled_from(TITLES))} #{number}".strip(),
        start=start,
        end=end,
        all_day=all_day,
        location=draw(st.sampled_from(["", "Room 4", "https://meet.example.com/abc", "गृह"])),
        status=draw(st.sampled_from(["CONFIRMED", "TENTATIVE"])),
    )


def today_of(agenda: Agenda) -> date:
    """The day of DAYS that the agenda was made around."""
    start, end = agenda.start.date(), agenda.end.date()
    return next(day for day in DAYS if start <= day < end)


def moment_of(agenda: Agenda, minute: int) -> datetime:
    """So many minutes after the midnight that the agenda's day begins with."""
    return (_utc(midnight(today_of(agenda))) + timedelta(minutes=minute)).astimezone(BERLIN)


def check_page(page: WatchedCanvas, least_type_px: int) -> None:
    """Nothing clipped, hidden, missing, too small, over another text, or across a box's edge."""
    assert not page.clipped, page.clipped
    assert not page.hidden, page.hidden
    assert not page.missing, page.missing
    for watched in page.texts:
        assert watched.style.size_px >= least_type_px, watched
    inked = [watched.placed for watched in page.texts if watched.placed.text]
    for one, other in combinations(inked, 2):
        assert not _overlap(one.ink, other.ink), (one, other)
    for box in page.boxes:
        for placed in inked:
            assert not _overlap(box, placed.ink) or _within(placed.ink, box), (box, placed)
    for first, second in combinations(page.boxes, 2):
        nested = _within(first, second) or _within(second, first)
        assert nested or not _overlap(first, second), (first, second)


def _overlap(one: Box, other: Box) -> bool:
    return max(one.left, other.left) < min(one.right, other.right) and max(
        one.top, other.top
    ) < min(one.bottom, other.bottom)


def _within(inner: Box, outer: Box) -> bool:
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and inner.right <= outer.right
        and inner.bottom <= outer.bottom
    )


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def midnight(day: date) -> datetime:
    """The first moment of a day in Berlin."""
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN)
