"""The page for people: what every display shows now, since when, and how its device fares."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined

from calendarbot.boards import load_panel, page_size, panel_names
from calendarbot.errors import StoreError
from calendarbot.update_reports import WORKS, outcome_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import tzinfo

    from calendarbot.server.display import Desk, Report
    from calendarbot.store import FrameRecord, Manifest

LATE_S = 30 * 60
"""How long after the time it was given a device may ask before the page calls it late."""

_CRASH_WARNS_S = 24 * 3600

_log = logging.getLogger(__name__)

_ERRORS = {
    "wire": "received a damaged bundle",
    "auth": "received a bundle it could not authenticate: is its key the display’s?",
    "replay": "received an older bundle than it has",
    "base": "lost the page it was to change",
    "config": "its configuration is wrong",
    "state": "could not write to its flash",
    "transport": "could not reach this server",
    "panel": "its panel does not answer",
}

_TLS = {
    "expired": "it has run out",
    "early": "it is not valid yet by the device’s clock",
    "host": "it is for another name",
    "authority": "it is signed by an authority the device does not know",
    "other": "it is not good",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a page prints it."""

    text: str
    """ "14:00", "Wed 25 Nov, 00:00"."""
    iso: str
    """For <time datetime>."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line under a picture."""

    label: str
    text: str
    moment: Moment | None = None
    """A time that stands before the text."""
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One display on the page."""

    name: str
    title: str
    picture: str
    """Address of the picture, empty when there is none."""
    alt: str
    width_px: int
    height_px: int
    state: str
    """ "ok", "warns" or "waits"; `headline` says it in words."""
    headline: str
    advice: str
    """What stands in the place of a picture."""
    page: tuple[Fact, ...]
    device: tuple[Fact, ...]


_TEMPLATES = files("calendarbot.server") / "templates"
STYLE = (_TEMPLATES / "style.css").read_text(encoding="utf-8")
ICON = (_TEMPLATES / "icon.svg").read_text(encoding="utf-8")
_STYLE_VERSION = hashlib.sha256(STYLE.encode()).hexdigest()[:8]
_PAGE = Environment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
).from_string((_TEMPLATES / "page.html").read_text(encoding="utf-8"))


def render(desks: Iterable[Desk], now: int) -> str:
    """The whole page as HTML."""
    cards = [card(desk, now) for desk in desks]
    return _PAGE.render(cards=cards, style_version=_STYLE_VERSION)


def card(desk: Desk, now: int) -> Card:
    display = desk.display
    try:
        manifest = display.store.current(display.name)
    except StoreError as error:
        _log.error("%s: %s", display.name, error.message)
        return _without_picture(desk, now, "warns", "Cannot be read", "The server’s log says why.")
    if manifest is None:
        return _without_picture(
            desk,
            now,
            "waits",
            "Nothing published yet",
            "Run host build-frames to draw its first page.",
        )
    due = manifest.due(now)
    since = moment(due.shown_from, now, display.tz)
    ran_out = now >= manifest.plan.valid_until
    width_px, height_px = _picture_size(manifest)
    return Card(
        name=display.name,
        title=display.title,
        picture=f"{display.name}/current.png?{due.id.hex()}",
        alt=f"{display.title}: the page since {since.text} ({due.reason})",
        width_px=width_px,
        height_px=height_px,
        state="warns" if ran_out or _complains(desk.report, now) else "ok",
        headline=_headline(desk.report, now, ran_out),
        advice="",
        page=tuple(_page_facts(manifest, due, now, display.tz)),
        device=tuple(_device_facts(desk, now)),
    )


def _picture_size(manifest: Manifest) -> tuple[int, int]:
    """Width and height in pixels; of the frame, where the panel is not known any more."""
    if manifest.panel in panel_names():
        return page_size(load_panel(manifest.panel))
    return manifest.plan.width_px, manifest.plan.height_px


def _without_picture(desk: Desk, now: int, state: str, headline: str, advice: str) -> Card:
    display = desk.display
    device = tuple(_device_facts(desk, now))
    return Card(
        display.name, display.title, "", "", 0, 0, state, headline, advice, page=(), device=device
    )


def _complains(report: Report | None, now: int) -> bool:
    return report is not None and (_is_troubled(report) or _is_late(report, now))


def _is_troubled(report: Report) -> bool:
    """A failed connection is over when a device can tell of it; what else went wrong may not be."""
    return report.values.get("error", "") not in ("", "transport")


def _is_late(report: Report, now: int) -> bool:
    return now > report.ask_at + LATE_S


def _headline(report: Report | None, now: int, ran_out: bool) -> str:
    if ran_out:
        return "Out of date"
    if report is None:
        return "No device seen yet"
    if _is_late(report, now):
        return "Device is late"
    return "Device reports a problem" if _is_troubled(report) else "Up to date"


def _page_facts(manifest: Manifest, due: FrameRecord, now: int, tz: tzinfo) -> Iterable[Fact]:
    yield Fact("This page since", due.reason, moment(due.shown_from, now, tz))
    after = manifest.next_change(now)
    if after is not None:
        yield Fact("Next change", after.reason, moment(after.shown_from, now, tz))
    else:
        yield Fact("Next change", "none known")
    valid_until = moment(manifest.plan.valid_until, now, tz)
    if now >= manifest.plan.valid_until:
        yield Fact("Covered until", "build new ones", valid_until, warns=True)
    else:
        yield Fact("Covered until", "", valid_until)


def _device_facts(desk: Desk, now: int) -> Iterable[Fact]:
    report = desk.report
    if report is None:
        return
    tz = desk.display.tz
    yield Fact("Last seen", ago(now - report.at), moment(report.at, now, tz))
    late = _is_late(report, now)
    yield Fact("Asks again", "late" if late else "", moment(report.ask_at, now, tz), warns=late)
    error = report.values.get("error", "")
    if error:
        yield Fact("Last error", _ERRORS.get(error, error), warns=_is_troubled(report))
    if desk.crash:
        yield _crash(desk.crash, now, tz)
    yield from _application(report.values, now, tz)
    yield from _trust(desk, report.values, now)
    yield from _measured(report.values)


def _application(values: Mapping[str, str], now: int, tz: tzinfo) -> Iterable[Fact]:
    version = _number(values, "app")
    if version is None:
        return
    if version:
        yield Fact("Application", "", moment(version, now, tz))
    else:
        yield Fact("Application", "as it was flashed")
    outcome, _, about = values.get("update", "").partition(".")
    if outcome and about.isdecimal():
        words = outcome_in_words(outcome)
        when = moment(int(about), now, tz) if int(about) else None
        yield Fact("Update", words, when, warns=outcome not in WORKS)


def _trust(desk: Desk, values: Mapping[str, str], now: int) -> Iterable[Fact]:
    """What became of a change of its configuration, and whether it believes this server's certificate."""
    tz = desk.display.tz
    change = _number(values, "change")
    if change and change < 0:
        text = "given up: it did not work in three tries"
        yield Fact("Change", text, moment(-change, now, tz), warns=True)
    elif change:
        yield Fact("Change", "taken", moment(change, now, tz))
    if (made := _announced(desk)) > abs(change or 0):
        yield Fact("Change", "not heard of yet", moment(made, now, tz))
    if values.get("tls"):
        yield Fact("Certificate", _TLS.get(values["tls"], values["tls"]), warns=True)


def _announced(desk: Desk) -> int:
    try:
        return desk.change_number()
    except StoreError as error:
        _log.error("%s: %s", desk.display.name, error.message)
        return 0  # the other displays' cards are none the worse for it


def _crash(report: Report, now: int, tz: tzinfo) -> Fact:
    what, _, times = report.values["crash"].partition("*")
    text = "restarted by its watchdog" if what == "watchdog" else what
    if times not in ("", "1"):
        text += f", {times} times"
    recent = now - report.at < _CRASH_WARNS_S
    return Fact("Last crash", text, moment(report.at, now, tz), warns=recent)


def _measured(values: Mapping[str, str]) -> Iterable[Fact]:
    battery_mv = _number(values, "battery_mv")
    if battery_mv is not None:
        yield Fact("Battery", f"{battery_mv / 1000:.2f} V")
    rssi_dbm = _number(values, "rssi_dbm")
    if rssi_dbm is not None:
        yield Fact("Wi-Fi", f"{rssi_dbm} dBm".replace("-", "−"))


def _number(values: Mapping[str, str], key: str) -> int | None:
    text = values.get(key, "")
    return int(text) if text.removeprefix("-").isdecimal() else None


def moment(seconds: int, now: int, tz: tzinfo) -> Moment:
    """The clock alone on the same day, else with the day."""
    then, today = (datetime.fromtimestamp(each, tz) for each in (seconds, now))
    shape = "%H:%M" if then.date() == today.date() else f"%a {then.day} %b, %H:%M"
    return Moment(then.strftime(shape), then.isoformat())


def ago(seconds: int) -> str:
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    if seconds < 172_800:
        return f"{seconds // 3600} h ago"
    return f"{seconds // 86_400} days ago"
