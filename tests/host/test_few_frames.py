"""Every layout makes as many frames as its page has looks, and no more; an unchanged page, none."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from calendarbot import layouts
from calendarbot.build import Page, draw_timeline
from calendarbot.config import config_from_options

if TYPE_CHECKING:
    from calendarbot.build import Timeline
    from calendarbot.config import DisplayConfig

_OFFICE = Path(__file__).parents[1] / "reference" / "office.ics"
_BERLIN = ZoneInfo("Europe/Berlin")
_MIDNIGHT = datetime(2026, 11, 24, tzinfo=_BERLIN)
_GRAIN_MIN = 5
"""Everything in the reference calendar begins and ends on a multiple of this, from 7 to 19 o'clock."""
_LOOKS = [
    _MIDNIGHT + timedelta(minutes=minute)
    for minute in range(0, 24 * 60, _GRAIN_MIN)
    if 7 * 60 <= minute <= 19 * 60 or minute % 60 == 0
]


def _timeline(layout: str, start: datetime, hours: float) -> tuple[DisplayConfig, Timeline]:
    config = config_from_options(
        [_OFFICE], "waveshare_4in2_v2", layout, tz="Europe/Berlin", locale="en_GB"
    )
    display = config.display("display")
    return display, draw_timeline(config, display, start, start + timedelta(hours=hours))


@pytest.mark.parametrize("layout", layouts.names())
def test_an_office_day_makes_a_frame_for_every_visible_change_and_no_other(layout: str) -> None:
    display, timeline = _timeline(layout, _MIDNIGHT, 24)
    draw = Page(display, timeline.agenda)
    seen = [(_LOOKS[0], draw(_LOOKS[0]))]
    for moment in _LOOKS[1:]:
        if (frame := draw(moment)) != seen[-1][1]:
            seen.append((moment, frame))
    # The last frame is the one that says the page is stale.
    assert [(t.shown_from, t.frame) for t in timeline.frames[:-1]] == seen


@pytest.mark.parametrize("layout", layouts.names())
def test_a_page_on_which_nothing_happens_makes_no_frame(layout: str) -> None:
    _, timeline = _timeline(layout, _MIDNIGHT.replace(hour=1), 3)
    assert [frame.reason for frame in timeline.frames] == ["first page", "not updated since"]
