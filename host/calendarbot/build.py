"""From a configuration to frames, and from frames to a bundle.

A page is drawn only at the moments its layout says it may change, and a frame is kept only when it differs
from the one before. Quiet hours hold changes back until they end. Behind the last moment that the frames
cover stands one more: the same page, saying since when it has not been updated. A device shows it only when
no newer bundle came, so a stale page never looks fresh, and no code on the device is needed for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from calendarbot import layouts
from calendarbot.agenda import read_agenda
from calendarbot.boards import band_rows, load_board, load_panel, page_size
from calendarbot.bundle import EncodedFrame, Plan, encode_frame, pack_body
from calendarbot.errors import ConfigError
from calendarbot.layouts import View, blank
from calendarbot.model import TimedFrame
from calendarbot.render import Canvas
from calendarbot.status_pages import low_battery_page
from inkframe import seal, wire
from inkframe.config import FRAME_RAM_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calendarbot.config import Config, DisplayConfig, PolicyConfig
    from calendarbot.layouts import Layout
    from calendarbot.model import Agenda, Frame
    from inkframe.parts import Panel

MOST_FRAMES = wire.MAX_FRAMES - 1 - wire.MOST_PAGES
"""More do not fit into a bundle, beside those that are kept for other states: it then reaches less far, and
says so in its `valid_until`.
"""
RETRY_S = 120
"""The first back-off of a device whose request failed."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The frames of one display from `start` until `end`, and one more that says it is stale."""

    frames: tuple[TimedFrame, ...]
    start: datetime
    end: datetime
    agenda: Agenda
    missing: tuple[str, ...] = ()
    """Characters on these pages that no installed font has, by name."""


@dataclass(frozen=True)
class Built:
    """One display's bundle, and what is in it: frames drawn at once, and encoded when they are asked for."""

    name: str
    timeline: Timeline
    plan: Plan
    kept_pages: tuple[tuple[int, Frame], ...] = ()
    """Behind the others: for states that only the device finds itself in, see `inkframe.wire`."""
    progress: Callable[[TimedFrame], None] = lambda _: None
    """Hears of every frame as it is encoded."""

    @cached_property
    def encoded(self) -> tuple[EncodedFrame, ...]:
        """The timeline's frames: a key frame, and each other as a delta from the one before."""
        encoded: list[EncodedFrame] = []
        before: TimedFrame | None = None
        for timed in self.timeline.frames:
            encoded.append(
                encode_frame(
                    timed.frame,
                    before.frame if before else None,
                    _epoch(timed.shown_from),
                    _refresh(timed, before),
                    self.plan.band_rows,
                )
            )
            before = timed
            self.progress(timed)
        return tuple(encoded)

    @cached_property
    def kept(self) -> tuple[EncodedFrame, ...]:
        return tuple(
            encode_frame(page, None, when, band_rows=self.plan.band_rows)
            for when, page in self.kept_pages
        )

    @property
    def shown(self) -> list[tuple[int, bytes]]:
        """(from, id) of every frame of the timeline."""
        return [(_epoch(timed.shown_from), timed.frame.id) for timed in self.timeline.frames]

    @property
    def body(self) -> bytes:
        return pack_body(self.plan, (*self.encoded, *self.kept))

    def sealed(self, sequence: int, key: bytes | None) -> bytes:
        """The bundle as it travels; without a key unsealed, for development."""
        return seal.seal(self.body, sequence, key)


def build_display(
    config: Config,
    name: str,
    at: datetime,
    hours: float | None = None,
    progress: Callable[[TimedFrame], None] = lambda _: None,
) -> Built:
    """Everything for one display from `at` on, for `hours` (the policy's coverage without).

    Raises ConfigError and SourceError. `progress` hears of every frame when it is encoded.
    """
    display = config.display(name)
    end = at + (display.policy.coverage if hours is None else timedelta(hours=hours))
    timeline = draw_timeline(config, display, at, end)
    changes = [timed.shown_from for timed in timeline.frames[1:]]
    panel = load_panel(display.panel)
    plan = Plan(
        width_px=panel.width_px,
        height_px=panel.height_px,
        bpp=panel.bpp,
        planes=panel.planes,
        built_at=_epoch(at),
        ask_at=_epoch(next_ask(display.policy, at, changes)),
        valid_until=_epoch(timeline.end),
        retry_s=RETRY_S,
        band_rows=_band_rows(display),
    )
    return Built(name, timeline, plan, tuple(_kept_pages(config, name, at)), progress)


def _kept_pages(config: Config, name: str, at: datetime) -> Iterator[tuple[int, Frame]]:
    """The page for an empty battery, where the display's board measures one, and the other pages."""
    display = config.display(name)
    if display.board and load_board(display.board).battery is not None:
        yield wire.LOW_BATTERY, low_battery_page(display, name)
    for number, layout in enumerate(display.pages):
        other = display.model_copy(update={"layout": layout})
        page = Page(other, _agenda(config, other, at, at))
        yield wire.FIRST_PAGE + number, page(at.astimezone(ZoneInfo(display.tz)))


def draw_timeline(
    config: Config, display: DisplayConfig, start: datetime, end: datetime
) -> Timeline:
    """Every different page between two moments. Raises ConfigError and SourceError."""
    tz = ZoneInfo(display.tz)
    start, end = start.astimezone(tz), end.astimezone(tz)
    agenda = _agenda(config, display, start, end)
    draw = Page(display, agenda)
    frames = [TimedFrame(start, draw(start), "first page")]
    for moment, reason in _held_back(display.policy, draw.layout.changes(agenda, start, end), end):
        frame = draw(moment)
        if frame.id == frames[-1].frame.id:
            continue
        if len(frames) == MOST_FRAMES - 1:
            end = moment
            break
        frames.append(TimedFrame(moment, frame, reason))
    frames.append(TimedFrame(end, draw(end, stale_since=start), "not updated since"))
    return Timeline(tuple(frames), start, end, agenda, tuple(draw.missing))


def draw_page(config: Config, name: str, at: datetime) -> Timeline:
    """One display's page for one moment, without the one that says it is stale.

    Raises ConfigError and SourceError.
    """
    moment = at.astimezone(ZoneInfo(config.display(name).tz))
    draw = page_of(config, name, at)
    frames = (TimedFrame(moment, draw(moment), "this moment"),)
    return Timeline(frames, moment, moment, draw.agenda, tuple(draw.missing))


def page_of(config: Config, name: str, at: datetime) -> Page:
    """What draws one display's page about this moment. Raises ConfigError and SourceError."""
    display = config.display(name)
    return Page(display, _agenda(config, display, at, at))


def _agenda(config: Config, display: DisplayConfig, start: datetime, end: datetime) -> Agenda:
    """The whole days that the layout's pages from `start` to `end` may show.

    A calendar that cannot be read is said on the page. One that was just given on the command line is an
    error instead: whoever gave it is there to correct it.
    """
    tz = ZoneInfo(display.tz)
    first, last = start.astimezone(tz).date(), end.astimezone(tz).date()
    layout = layouts.load(display.layout)
    begin, stop = (
        datetime.combine(day, time(), tz)
        for day in layouts.days_needed(layout, display.locale, first, last)
    )
    return read_agenda(config, display.calendars, begin, stop, tz, strict=not config.from_file)


class Page:
    """Draws one display's page for a moment."""

    def __init__(self, display: DisplayConfig, agenda: Agenda) -> None:
        self.layout: Layout = layouts.load(display.layout)
        self._display = display
        self.agenda = agenda
        self.missing: dict[str, None] = {}
        """Characters of the pages drawn so far that no installed font has, by name."""
        self._qr = display.qr_text()
        self._panel: type[Panel] = load_panel(display.panel)
        self._size = width, height = page_size(self._panel)
        least_width, least_height = self.layout.MIN_SIZE_PX
        if width < least_width or height < least_height:
            raise ConfigError(
                f"layout {display.layout_name!r} needs {least_width} x {least_height} px; panel "
                f"{display.panel!r} has {width} x {height}",
                "choose another layout or a larger panel",
            )

    def __call__(self, now: datetime, stale_since: datetime | None = None) -> Frame:
        panel = self._panel
        canvas = Canvas(
            *self._size,
            palette=panel.palette,
            bpp=panel.bpp,
            planes=panel.planes,
            rotation=panel.rotation,
            watch=False,
        )
        display = self._display
        view = View(
            self.agenda,
            now,
            display.locale,
            display.title or "",
            stale_since,
            display.photo,
            self._qr,
        )
        # Without a single calendar "nothing planned" would be a guess.
        (blank if blank.has_no_data(self.agenda) else self.layout).draw(canvas, view)
        self.missing |= dict.fromkeys(sorted(canvas.missing))
        return canvas.to_frame()


def _held_back(
    policy: PolicyConfig, changes: Iterator[tuple[datetime, str]], end: datetime
) -> Iterator[tuple[datetime, str]]:
    """The changes, with those in quiet hours put together at their end."""
    waiting: tuple[datetime, str] | None = None
    for moment, reason in changes:
        awake = quiet_until(policy, moment)
        if waiting and waiting[0] <= moment:
            yield waiting
            waiting = None
        if awake == moment:
            yield moment, reason
        elif awake < end:
            waiting = (awake, "quiet hours end")
    if waiting:
        yield waiting


def quiet_until(policy: PolicyConfig, moment: datetime) -> datetime:
    """`moment`, or the end of the quiet hours it falls in."""
    quiet = policy.quiet_hours
    if quiet is None or not quiet.covers(moment.time()):
        return moment
    day = moment.date()
    if quiet.end <= moment.time():
        day += timedelta(days=1)
    return datetime.combine(day, quiet.end, tzinfo=moment.tzinfo)


def next_ask(policy: PolicyConfig, now: datetime, changes: list[datetime]) -> datetime:
    """When a device that just asked should ask again.

    About `sync_every` later: at the nearest change of the page within a quarter of that, since a device is
    awake then anyway; and not in quiet hours.
    """
    wanted = now + policy.sync_every
    slack = policy.sync_every / 4
    near = [moment for moment in changes if abs(moment - wanted) <= slack]
    chosen = min(near, key=lambda moment: abs(moment - wanted), default=wanted)
    return quiet_until(policy, chosen)


def _refresh(timed: TimedFrame, before: TimedFrame | None) -> int | None:
    """A full refresh for the first page of a day clears what ghosts the day before left."""
    if before is not None and before.shown_from.date() != timed.shown_from.date():
        return wire.FULL
    return None


def _band_rows(display: DisplayConfig) -> int:
    """As the display's board has room; as any board has, when it names none."""
    room = load_board(display.board).frame_ram_bytes if display.board else FRAME_RAM_BYTES
    return band_rows(load_panel(display.panel), room)


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())
