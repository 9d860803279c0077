"""A zone's clock, quick for many times, says what the zone itself says."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendarbot.events.moments import DAY_S, Clock, instant


def days(first: date, last: date) -> range:
    return range(first.toordinal() * DAY_S, last.toordinal() * DAY_S, 1800)


@pytest.mark.parametrize(
    ("zone", "walls"),
    [
        # To summer time and back within a week: the shortest there were since 1970.
        ("America/Recife", days(date(2000, 9, 25), date(2000, 10, 30))),
        ("America/Boa_Vista", days(date(2000, 9, 25), date(2000, 10, 30))),
        ("Asia/Gaza", days(date(2040, 10, 1), date(2040, 11, 10))),
        ("Africa/Freetown", days(date(1939, 8, 20), date(1939, 9, 20))),
        ("Europe/Berlin", days(date(2026, 3, 20), date(2026, 4, 10))),
        ("Africa/Casablanca", days(date(2026, 2, 1), date(2026, 4, 10))),
    ],
)
def test_every_half_hour_around_a_change_is_the_zones_own(zone: str, walls: range) -> None:
    clock, tz = Clock(ZoneInfo(zone)), ZoneInfo(zone)
    assert clock.instants(walls) == [instant(wall_s, tz) for wall_s in walls]


@given(
    st.sampled_from(["Europe/Dublin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
    st.lists(st.integers(DAY_S * 2, date(2200, 1, 1).toordinal() * DAY_S), max_size=20),
)
def test_any_time_in_any_order_is_the_zones_own(zone: str, walls: list[int]) -> None:
    clock, tz = Clock(ZoneInfo(zone)), ZoneInfo(zone)
    assert [clock.instant(wall_s) for wall_s in walls] == [instant(wall_s, tz) for wall_s in walls]


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
    st.integers(date(1900, 1, 1).toordinal() * DAY_S, date(2200, 1, 1).toordinal() * DAY_S),
    st.integers(0, 400 * DAY_S),
)
def test_the_time_between_two_readings_is_that_between_their_instants(
    zone: str, begins_s: int, length_s: int
) -> None:
    tz, ends_s = ZoneInfo(zone), begins_s + length_s
    elapsed_s = Clock(tz).elapsed_s(begins_s, ends_s)
    assert elapsed_s == instant(ends_s, tz) - instant(begins_s, tz)
