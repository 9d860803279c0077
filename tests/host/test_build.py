"""What a build holds: the right frames, at the right moments, and no others."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from calendarbot.build import (
    build_display,
    draw_page,
    draw_timeline,
    next_ask,
    quiet_until,
)
from calendarbot.config import Config, PolicyConfig, config_from_options
from calendarbot.errors import ConfigError
from inkframe import wire

if TYPE_CHECKING:
    from calendarbot.model import Frame

BERLIN = ZoneInfo("Europe/Berlin")
MORNING = datetime(2026, 11, 24, 6, 0, tzinfo=BERLIN)
REFERENCE = Path(__file__).parents[1] / "reference"


def office(**options: str) -> Config:
    given = {"tz": "Europe/Berlin", "locale": "en_GB", **options}
    return config_from_options([REFERENCE / "office.ics"], **given)


def policy(**values: str) -> PolicyConfig:
    return PolicyConfig.model_validate(values)


def at(clock: str, day: int = 24) -> datetime:
    hours, minutes = clock.split(":")
    return datetime(2026, 11, day, int(hours), int(minutes), tzinfo=BERLIN)


def _page(config: Config, name: str, at: datetime) -> Frame:
    return draw_page(config, name, at).frames[0].frame


def test_every_frame_differs_from_the_one_before_and_the_last_says_it_is_stale() -> None:
    config = office()
    timeline = draw_timeline(
        config, config.display("display"), MORNING, MORNING + timedelta(hours=12)
    )
    ids = [timed.frame.id for timed in timeline.frames]
    assert all(one != other for one, other in pairwise(ids))
    assert timeline.frames[0].shown_from == MORNING
    last = timeline.frames[-1]
    assert last.shown_from == MORNING + timedelta(hours=12)
    assert last.frame.id != _page(config, "display", last.shown_from).id


def test_a_frame_is_the_page_as_it_is_drawn_for_its_moment() -> None:
    config = office()
    timeline = draw_timeline(
        config, config.display("display"), MORNING, MORNING + timedelta(hours=6)
    )
    for timed in timeline.frames[:-1]:
        assert timed.frame.id == _page(config, "display", timed.shown_from).id


def test_between_two_frames_the_page_does_not_change() -> None:
    config = office()
    timeline = draw_timeline(
        config, config.display("display"), MORNING, MORNING + timedelta(hours=6)
    )
    for timed, following in pairwise(timeline.frames[:-1]):
        middle = timed.shown_from + (following.shown_from - timed.shown_from) / 2
        assert _page(config, "display", middle).id == timed.frame.id


def test_the_first_frame_is_a_key_frame_and_the_others_form_a_chain() -> None:
    built = build_display(office(), "display", MORNING, 18)
    assert built.encoded[0].base == wire.NO_FRAME
    for before, after in pairwise(built.encoded):
        assert after.base == before.id
        assert after.shown_from >= before.shown_from


def test_the_first_page_of_a_new_day_gets_a_full_refresh() -> None:
    built = build_display(office(), "display", MORNING, 24)
    for timed, frame in zip(built.timeline.frames, built.encoded, strict=True):
        if timed.shown_from == at("0:00", 25):
            assert frame.refresh == wire.FULL
            return
    pytest.fail("no frame at midnight")


def test_the_same_input_builds_the_same_bytes() -> None:
    one = build_display(office(), "display", MORNING, 3)
    other = build_display(office(), "display", MORNING, 3)
    assert one.sealed(7, bytes(32)) == other.sealed(7, bytes(32))


def test_quiet_hours_hold_changes_back_until_they_end() -> None:
    config = office()
    display = config.display("display")
    quiet = display.model_copy(update={"policy": policy(quiet_hours="09:05-09:40")})
    timeline = draw_timeline(config, quiet, MORNING, MORNING + timedelta(hours=5))
    moments = [timed.shown_from for timed in timeline.frames]
    assert at("9:00") in moments
    assert at("9:40") in moments
    assert moments == sorted(moments)
    assert not [moment for moment in moments if at("9:05") <= moment < at("9:40")]


def test_a_page_that_does_not_fit_the_panel_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calendarbot.layouts.agenda.MIN_SIZE_PX", (1000, 600))
    with pytest.raises(ConfigError, match=r"needs 1000 x 600 px.*has 800 x 480"):
        draw_page(office(), "display", MORNING)


def test_more_frames_than_fit_into_a_bundle_make_it_reach_less_far(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = build_display(office(), "display", MORNING, 18)
    monkeypatch.setattr("calendarbot.build.MOST_FRAMES", 6)
    cut = build_display(office(), "display", MORNING, 18)
    assert len(cut.encoded) == 6
    assert [frame.id for frame in cut.encoded[:5]] == [frame.id for frame in whole.encoded[:5]]
    assert cut.plan.valid_until == whole.encoded[5].shown_from
    assert cut.timeline.frames[-1].reason == "not updated since"


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        (at("21:59"), at("21:59")),
        (at("22:00"), at("6:00", 25)),
        (at("3:00"), at("6:00")),
        (at("6:00"), at("6:00")),
    ],
)
def test_quiet_hours_may_cross_midnight(moment: datetime, until: datetime) -> None:
    assert quiet_until(policy(quiet_hours="22:00-06:00"), moment) == until


def test_a_device_asks_when_it_is_awake_anyway_if_that_is_about_when_it_should() -> None:
    hourly = policy(sync_every="1h")
    assert next_ask(hourly, at("8:00"), [at("8:20"), at("9:10"), at("10:00")]) == at("9:10")
    assert next_ask(hourly, at("8:00"), [at("8:20"), at("10:00")]) == at("9:00")


def test_no_device_asks_in_quiet_hours() -> None:
    sleepy = policy(sync_every="1h", quiet_hours="22:00-06:00")
    assert next_ask(sleepy, at("21:30"), []) == at("6:00", 25)
