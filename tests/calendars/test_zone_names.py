"""Whatever a program writes as a zone's name is a zone that can be loaded, or unknown; never an error."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from calendarbot.events.zone_names import known_zone, load

OFFSETS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from("+-"),
    st.integers(0, 99),
    st.sampled_from(["", ":"]),
    st.sampled_from(["", "00", "30", "60", "99"]),
)
PLACES = st.sampled_from(
    ["", "Berlin", "Eastern Time (US & Canada)", "UTC", "Europe", "../x", "Atlantis"]
)
NAMES = st.one_of(
    st.text(max_size=30),
    st.builds("({}{}) {}".format, st.sampled_from(["UTC", "gmt"]), OFFSETS, PLACES),
    st.builds("{}{}".format, st.sampled_from(["UTC", "GMT", ""]), OFFSETS),
    st.builds("/example.org/{}/{}".format, st.text(max_size=5), PLACES),
)


@given(NAMES)
def test_any_name_is_a_zone_with_an_offset_or_unknown(name: str) -> None:
    found = known_zone(name)
    if found is not None:
        assert load(found).utcoffset(datetime(2026, 11, 24)) is not None  # noqa: DTZ001  a zone takes it so
