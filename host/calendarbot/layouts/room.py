"""The room page: free or busy in huge words, until when, what is next, and the day as a bar.

A busy room's words stand on black (on red, where the panel has it) across the page's whole width:
seen from the end of a corridor before they can be read. Busy lasts until nothing blocks the room
any more: meetings that follow each other are one stretch, since who looks for a room wants to know
when it is free. What a calendar marks as not blocking time is left out.

Nothing ticks: the page depends on the date and on which events have begun and ended.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from calendarbot.errors import ConfigError
from calendarbot.layouts import _days
from calendarbot.layouts._band import Band, draw_in_band
from calendarbot.layouts._dates import LocalDates
from calendarbot.layouts._day_bar import BarPlace, draw_day_bar
from calendarbot.layouts._notices import draw_notices
from calendarbot.layouts._occupancy import occupancy, on_day
from calendarbot.layouts._sign import notice_place, sign_for
from calendarbot.layouts._upcoming import draw_upcoming, times_of, title_of
from calendarbot.layouts._words import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from calendarbot.layouts import View
    from calendarbot.layouts._occupancy import Occupancy
    from calendarbot.layouts._sign import Sign
    from calendarbot.model import Agenda
    from calendarbot.render import Canvas

MIN_SIZE_PX = (120, 96)
_LEAST_ROW_PX = 16


def changes(agenda: Agenda, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """When what blocks the room begins or ends in (start, end), and midnight."""
    blocking = tuple(o for o in agenda.occurrences if not o.transparent)
    yield from _days.moments(replace(agenda, occurrences=blocking), start, end)


def draw(canvas: Canvas, view: View) -> None:
    """Draw the page for `view.now`; ConfigError if the canvas is below MIN_SIZE_PX."""
    if canvas.width_px < MIN_SIZE_PX[0] or canvas.height_px < MIN_SIZE_PX[1]:
        raise ConfigError(
            f"the room page needs {MIN_SIZE_PX[0]}×{MIN_SIZE_PX[1]} pixels,"
            f" the panel has {canvas.width_px}×{canvas.height_px}",
            "choose a larger panel",
        )
    dates = LocalDates(view.locale)
    canvas.language, canvas.rtl = view.locale, dates.rtl
    sign = sign_for(canvas.width_px, canvas.height_px)
    _Room(canvas, sign, dates, view, occupancy(view.agenda, view.now)).draw()


@dataclass(frozen=True, slots=True)
class _Room:
    canvas: Canvas
    sign: Sign
    dates: LocalDates
    view: View
    state: Occupancy

    def draw(self) -> None:
        sign, canvas = self.sign, self.canvas
        if self.state.is_busy:
            canvas.fill(0, 0, canvas.width_px, sign.hero_px, canvas.accent)
        else:
            rule = 4 if sign.arrangement != "strip" else 2
            canvas.hline(sign.margin_px, sign.hero_px - rule, sign.width_px, rule)
        self._draw_hero_columns() if sign.arrangement == "strip" else self._draw_hero()
        self._draw_below()

    @property
    def _ink(self) -> int:
        canvas = self.canvas
        return canvas.text_on(canvas.accent) if self.state.is_busy else canvas.black

    @property
    def _word(self) -> str:
        return self._say("busy" if self.state.is_busy else "free")

    def _say(self, key: str, **values: object) -> str:
        return phrase(self.view.locale, key, **values)

    def _band(self, top: int, height: int) -> Band:
        return Band(self.sign.margin_px, top, self.sign.right, top + height)

    def _draw_hero(self) -> None:
        """Word, until when, and whose, from the top down; the head above the word or beside it."""
        sign, canvas = self.sign, self.canvas
        pad = sign.margin_px // 2
        head, line, detail = (
            style.size_px * tenths // 80 * 8
            for style, tenths in ((sign.head, 15), (sign.line, 12), (sign.detail, 15))
        )
        bottom = sign.hero_px - pad
        right = self._draw_qr(line + detail, bottom)
        if self._meeting:
            bottom -= detail
            band = replace(self._band(bottom, detail), right=right)
            draw_in_band(canvas, band, self._meeting, sign.detail, ink=self._ink)
        bottom -= line
        band = replace(self._band(bottom, line), right=right)
        draw_in_band(canvas, band, self._until, sign.line, ink=self._ink)
        top = pad
        word = self._band(top, bottom - top)
        if sign.arrangement == "tall":
            self._draw_head(self._band(top, head), self._band(top, head))
            word = replace(word, top=top + head)
        else:
            aside = replace(word, left=sign.margin_px + sign.width_px * 7 // 10)
            date = replace(aside, top=top + head, bottom=top + 2 * head)
            self._draw_head(replace(aside, bottom=top + head), date)
            word = replace(word, right=aside.left - pad)
        draw_in_band(canvas, word, self._word, sign.word, ink=self._ink)

    def _draw_qr(self, side: int, bottom: int) -> int:
        """A code (to book the room, say) in the hero's lower corner; where text before it ends."""
        sign = self.sign
        if not self.view.qr:
            return sign.right
        drawn = self.canvas.qr(sign.right - side, bottom - side, self.view.qr, side)
        return sign.right - drawn - (sign.margin_px // 2 if drawn else 0)

    def _draw_head(self, first: Band, second: Band) -> None:
        """The title and the date: in one band from both sides, or in two from the end."""
        canvas, sign, title = self.canvas, self.sign, self.view.title
        one = first == second
        date, plain = self.dates.short_date(self._today), replace(sign.head, bold=False)
        if not title:
            draw_in_band(
                canvas, first, date, plain, anchor="start" if one else "end", ink=self._ink
            )
            return
        used = draw_in_band(canvas, second, date, plain, anchor="end", ink=self._ink)
        if one:
            first = replace(first, right=first.right - used - sign.margin_px)
        draw_in_band(
            canvas, first, title, sign.head, anchor="start" if one else "end", ink=self._ink
        )

    def _draw_hero_columns(self) -> None:
        """The word on one side, the rest in three lines beside it."""
        sign, canvas, gap = self.sign, self.canvas, self.sign.margin_px
        height = sign.hero_px - gap
        word = replace(self._band(gap // 2, height), right=gap + sign.width_px * 11 // 20)
        left = gap + draw_in_band(canvas, word, self._word, sign.word, ink=self._ink) + 2 * gap
        left = -(-left // 8) * 8
        texts = (
            (self.view.title or self.dates.short_date(self._today), sign.head, 3),
            (self._until, sign.line, 4),
            (self._title, sign.detail, 3),
        )
        top = gap // 2
        for text, style, tenths in texts:
            band = Band(left, top, sign.right, top + height * tenths // 10)
            if text:
                draw_in_band(canvas, band, text, style, ink=self._ink)
            top = band.bottom

    @property
    def _today(self) -> date:
        return self.view.now.astimezone(self.view.agenda.tz).date()

    @property
    def _until(self) -> str:
        """Until when it stays as it is."""
        until, today = self.state.until, self._today
        if until is None or (not self.state.is_busy and self._local(until).date() > today):
            planned = on_day(self.view.agenda, today)
            return self._say("nothing_more" if planned else "nothing")
        local = self._local(until)
        clock = self.dates.clock(local)
        if local.date() == today:
            return self._say("until", time=clock)
        if local.time().replace(fold=0) != local.time().min:
            return self._say("until", time=f"{self.dates.short_weekday(local.date())} {clock}")
        last = local.date() - timedelta(days=1)
        if last == today:
            return self._say("all_day") if self._whole_day else self._say("until", time=clock)
        return self._say("until", time=self.dates.short_date(last))

    @property
    def _whole_day(self) -> bool:
        return any(o.all_day for o in self.state.running)

    @property
    def _title(self) -> str:
        return title_of(self.state.running[0], self.view) if self.state.running else ""

    @property
    def _meeting(self) -> str:
        """What goes on, with its own times."""
        if not self.state.running:
            return ""
        first, others = self.state.running[0], len(self.state.running) - 1
        parts = [
            self._title
            if first.all_day
            else f"{times_of(first, self.view, self.dates)} · {self._title}"
        ]
        if first.status == "TENTATIVE":
            parts.append(self._say("tentative"))
        if others:
            parts.append(self._say("more", n=others))
        return " · ".join(parts)

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.view.agenda.tz)

    def _draw_below(self) -> None:
        """The bar of the day, what is next, notices."""
        sign, canvas = self.sign, self.canvas
        gap = sign.margin_px // 2
        bottom = draw_notices(canvas, self.view, self.dates, notice_place(sign))
        top = sign.hero_px + gap
        labels = sign.labels_px if top + sign.bar_px + sign.labels_px <= bottom else 0
        bar = BarPlace(sign.margin_px, top, sign.width_px, sign.bar_px, sign.label, labels)
        draw_day_bar(canvas, bar, self.view.agenda, self.view.now, self.dates)
        top += sign.bar_px + labels + gap // 2
        area = Band(sign.margin_px, top, sign.right, bottom)
        row = sign.row
        if sign.arrangement == "strip":
            row = replace(row, pitch_px=max(_LEAST_ROW_PX, min(row.pitch_px, bottom - top)))
        draw_upcoming(canvas, area, row, self.state.upcoming, self.view, self.dates)
