"""The what's-next page: one meeting in large type, how soon it begins, and then until when it lasts.

The countdown goes in steps (`STEPS_MIN`): "< 15 min" is true from a quarter of an hour before the
meeting until the next step, so a meeting costs a handful of frames and the page never lies. Longer
before, the time of day stands in its place. While a meeting is going on nothing counts down.

What fills a whole day is not a meeting: it is counted with what else there is today.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from babel.dates import format_timedelta

from calendarbot.errors import ConfigError
from calendarbot.layouts import _days
from calendarbot.layouts._band import Band, draw_in_band
from calendarbot.layouts._big_title import draw_big_title
from calendarbot.layouts._dates import LocalDates
from calendarbot.layouts._entry_texts import place
from calendarbot.layouts._notices import draw_notices
from calendarbot.layouts._sign import notice_place, sign_for
from calendarbot.layouts._upcoming import day_and_clock, draw_upcoming, times_of, title_of
from calendarbot.layouts._words import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from calendarbot.layouts import View
    from calendarbot.layouts._sign import Sign
    from calendarbot.model import Agenda, Occurrence
    from calendarbot.render import Canvas, Type

MIN_SIZE_PX = (120, 96)
STEPS_MIN = (120, 60, 30, 15, 10, 5)
"""Minutes before a meeting at which the countdown changes."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the page is about at a moment: two moments with equal scenes have the same page."""

    today: date
    meeting: Occurrence | None
    is_running: bool
    step_min: int | None
    """It begins within so many minutes."""
    upcoming: tuple[Occurrence, ...]
    others: int
    """Of today's, what is neither the meeting nor among `upcoming`, and not over."""


def scene(agenda: Agenda, now: datetime) -> Scene:
    """The meeting that began last of those going on, else the next one."""
    today = now.astimezone(agenda.tz).date()
    left = [o for o in agenda.occurrences if _days.instant(_days.shown_end(o)) > _days.instant(now)]
    meetings = [o for o in left if not _fills_days(o)]
    running = [o for o in meetings if _days.instant(o.start) <= _days.instant(now)]
    upcoming = [o for o in meetings if _days.instant(o.start) > _days.instant(now)]
    if running:
        meeting: Occurrence | None = max(running, key=lambda o: (_days.instant(o.start), o.summary))
    else:
        meeting = upcoming.pop(0) if upcoming else None
    filling = [o for o in left if _fills_days(o) and _touches(o, agenda, today)]
    return Scene(
        today=today,
        meeting=meeting,
        is_running=bool(running),
        step_min=None if running or meeting is None else _step(meeting, now),
        upcoming=tuple(upcoming),
        others=len(filling) + max(0, len(running) - 1),
    )


def changes(agenda: Agenda, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """The moments in (start, end) at which the scene is another than before."""
    reasons = dict(_days.moments(agenda, start, end))
    for occurrence in agenda.occurrences:
        for minutes in STEPS_MIN:
            moment = _days.instant(occurrence.start) - timedelta(minutes=minutes)
            if _days.instant(start) < moment < _days.instant(end):
                text = f"{occurrence.summary} in {minutes} min"
                reasons.setdefault(moment.astimezone(agenda.tz), text)
    before = scene(agenda, start)
    for moment in sorted(reasons, key=_days.instant):
        after = scene(agenda, moment)
        if after != before:
            yield moment, reasons[moment]
        before = after


def draw(canvas: Canvas, view: View) -> None:
    """Draw the page for `view.now`; ConfigError if the canvas is below MIN_SIZE_PX."""
    if canvas.width_px < MIN_SIZE_PX[0] or canvas.height_px < MIN_SIZE_PX[1]:
        raise ConfigError(
            f"the whats_next page needs {MIN_SIZE_PX[0]}×{MIN_SIZE_PX[1]} pixels,"
            f" the panel has {canvas.width_px}×{canvas.height_px}",
            "choose a larger panel",
        )
    dates = LocalDates(view.locale)
    canvas.language, canvas.rtl = view.locale, dates.rtl
    sign = sign_for(canvas.width_px, canvas.height_px)
    _WhatsNext(canvas, sign, dates, view, scene(view.agenda, view.now)).draw()


def _fills_days(occurrence: Occurrence) -> bool:
    length = _days.instant(occurrence.end) - _days.instant(occurrence.start)
    return occurrence.all_day or length >= _days.LONG


def _touches(occurrence: Occurrence, agenda: Agenda, day: date) -> bool:
    stop = _days.midnight(agenda, day + timedelta(days=1))
    return _days.instant(occurrence.start) < _days.instant(stop)


def _step(meeting: Occurrence, now: datetime) -> int | None:
    left = _days.instant(meeting.start) - _days.instant(now)
    reached = [minutes for minutes in STEPS_MIN if left <= timedelta(minutes=minutes)]
    return min(reached, default=None)


@dataclass(frozen=True)
class _WhatsNext:
    canvas: Canvas
    sign: Sign
    dates: LocalDates
    view: View
    scene: Scene

    def draw(self) -> None:
        sign, canvas = self.sign, self.canvas
        bottom = draw_notices(canvas, self.view, self.dates, notice_place(sign))
        top = sign.margin_px // 2
        if sign.arrangement != "strip":
            top = self._draw_head(top)
        rows = self._rows(bottom)
        if rows:
            area = Band(sign.margin_px, bottom - rows * sign.row.pitch_px, sign.right, bottom)
            draw_upcoming(
                canvas,
                area,
                sign.row,
                self.scene.upcoming,
                self.view,
                self.dates,
                uncounted=self.scene.others,
            )
            bottom = area.top - sign.margin_px // 4
        if self.scene.meeting:
            bottom = self._draw_when(bottom)
        self._draw_title(Band(sign.margin_px, top, sign.right, bottom - sign.margin_px // 4))

    def _say(self, key: str, **values: object) -> str:
        return phrase(self.view.locale, key, **values)

    def _rows(self, bottom: int) -> int:
        """How many rows at the foot: one, on a tall page more; none if there is nothing to say."""
        most = max(1, (bottom - self.sign.hero_px) // self.sign.row.pitch_px - 2)
        if self.sign.arrangement != "tall":
            most = 1
        return min(most, len(self.scene.upcoming) or (1 if self.scene.others else 0))

    def _draw_head(self, top: int) -> int:
        """What the page is, or "Next", and the date; returns the y below."""
        sign, canvas = self.sign, self.canvas
        height = sign.head.size_px * 3 // 2
        band = Band(sign.margin_px, top, sign.right, top + height)
        date = self.dates.short_date(self.scene.today)
        plain = replace(sign.head, bold=False)
        used = draw_in_band(canvas, band, date, plain, anchor="end")
        label = self.view.title
        if not label and self.scene.meeting and not self.scene.is_running:
            label = self._say("next")
        if label:
            rest = replace(band, right=band.right - used - sign.margin_px)
            draw_in_band(canvas, rest, label, sign.head)
        return band.bottom

    def _draw_when(self, bottom: int) -> int:
        """The band that says when, in black while the meeting is going on; returns its top."""
        sign, canvas = self.sign, self.canvas
        soon_px, clocks_px = (
            -(-size * 5 // 4 // 8) * 8 for size in (self._soon_style.size_px, sign.line.size_px)
        )
        top = bottom - soon_px - (clocks_px if self._stacked else 0)
        ink = canvas.black
        if self.scene.is_running:
            canvas.fill(0, top, canvas.width_px, bottom - top, canvas.accent)
            ink = canvas.text_on(canvas.accent)
        else:
            thick = 2 if sign.arrangement == "strip" else 4
            canvas.hline(sign.margin_px, top, sign.width_px, thick)
        pad = soon_px // 16
        whole = Band(sign.margin_px, top + pad, sign.right, bottom - pad)
        if self._stacked:
            soon = replace(whole, bottom=whole.bottom - clocks_px)
            clocks = replace(whole, top=soon.bottom)
            draw_in_band(canvas, soon, self._soon, self._soon_style, ink=ink)
            draw_in_band(canvas, clocks, self._clocks, sign.line, ink=ink)
            return top
        soon = replace(whole, right=whole.left + sign.width_px * 3 // 5)
        used = draw_in_band(canvas, soon, self._soon, self._soon_style, ink=ink)
        clocks = replace(whole, left=whole.left + used + sign.margin_px)
        draw_in_band(canvas, clocks, self._clocks, sign.line, anchor="end", ink=ink)
        return top

    @property
    def _stacked(self) -> bool:
        return self.sign.arrangement == "tall"

    @cached_property
    def _soon_style(self) -> Type:
        return replace(self.sign.word, size_px=self.sign.word.size_px * 3 // 4)

    @cached_property
    def _soon(self) -> str:
        """How soon, as exactly as the steps go."""
        meeting = self.scene.meeting
        if meeting is None:
            return ""
        if self.scene.is_running:
            return self._say("now")
        if self.scene.step_min is not None:
            span = timedelta(minutes=self.scene.step_min)
            narrow = format_timedelta(span, threshold=1, format="short", locale=self.dates.locale)
            return f"< {narrow}"
        day, clock = day_and_clock(meeting, self.view, self.dates)
        return day or clock

    @cached_property
    def _clocks(self) -> str:
        """Until when; and from when, where that is not said beside it."""
        meeting = self.scene.meeting
        if meeting is None:
            return ""
        if self.scene.is_running or self._soon == self.dates.clock(self._local(meeting.start)):
            end = self.dates.clock(self._local(_days.shown_end(meeting)))
            return self._say("until", time=end)
        return times_of(meeting, self.view, self.dates)

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.view.agenda.tz)

    def _draw_title(self, area: Band) -> None:
        sign, meeting = self.sign, self.scene.meeting
        if meeting is None:
            planned = _days.entries_of(self.view.agenda, self.scene.today)
            text = self._say("nothing_more" if planned else "nothing")
            draw_big_title(self.canvas, area, text, sign.title)
            return
        details = self._details(meeting)
        height = sign.detail.size_px * 3 // 2
        if not details or sign.arrangement == "strip":
            height = 0
        title = title_of(meeting, self.view)
        bottom = draw_big_title(
            self.canvas, replace(area, bottom=area.bottom - height), title, sign.title
        )
        if height:
            band = replace(area, top=bottom, bottom=bottom + height)
            draw_in_band(self.canvas, band, details, sign.detail)

    def _details(self, meeting: Occurrence) -> str:
        parts = [place(meeting.location.strip())]
        if len(self.view.agenda.calendars) > 1 and meeting.summary.strip():
            states = self.view.agenda.calendars
            parts.append(next((s.label for s in states if s.name == meeting.calendar), ""))
        if meeting.status == "TENTATIVE":
            parts.append(self._say("tentative"))
        return " · ".join(part for part in parts if part)
