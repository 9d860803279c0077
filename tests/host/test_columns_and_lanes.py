"""Packing: events side by side on a grid of hours, and bars in lanes over days."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from calendarbot.layouts._columns import pack
from calendarbot.layouts._lanes import assign

_SPANS = st.lists(
    st.tuples(st.integers(0, 100), st.integers(1, 30)).map(lambda s: (s[0], s[0] + s[1])),
    max_size=30,
)
_DAYS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda s: tuple(sorted(s))))


def test_two_that_overlap_share_the_width_and_one_alone_has_all_of_it() -> None:
    placed, _ = pack([(0, 60), (30, 90), (90, 120)], most=4)
    assert [(p.column, p.span, p.columns) for p in placed] == [(0, 1, 2), (1, 1, 2), (0, 1, 1)]


def test_an_event_grows_over_columns_that_stay_free_beside_it() -> None:
    placed, _ = pack([(0, 60), (0, 120), (0, 60), (60, 120)], most=4)
    last = next(p for p in placed if p.index == 3)
    assert (last.column, last.span, last.columns) == (1, 2, 3)


def test_what_finds_no_column_is_counted_in_the_last_one() -> None:
    placed, crowds = pack([(0, 60)] * 40, most=3)
    assert len(placed) == 2
    assert [(len(c.indices), c.column, c.columns) for c in crowds] == [(38, 2, 3)]


def test_a_count_of_one_gives_its_place_to_the_event() -> None:
    placed, crowds = pack([(0, 60)] * 2 + [(0, 90), (60, 90)], most=2)
    assert crowds
    placed, crowds = pack([(0, 60), (0, 60), (40, 70)], most=3)
    assert len(placed) == 3
    assert not crowds


@given(_SPANS, st.integers(2, 5))
def test_every_item_is_placed_once_or_counted_once(spans: list[tuple[int, int]], most: int) -> None:
    placed, crowds = pack(spans, most)
    found = [p.index for p in placed] + [i for c in crowds for i in c.indices]
    assert sorted(found) == list(range(len(spans)))


@given(_SPANS, st.integers(2, 5))
def test_nothing_that_overlaps_in_time_overlaps_on_the_page(
    spans: list[tuple[int, int]], most: int
) -> None:
    placed, crowds = pack(spans, most)
    boxes = [
        (p.top, p.bottom, p.column / p.columns, (p.column + p.span) / p.columns) for p in placed
    ]
    boxes += [(c.top, c.bottom, c.column / c.columns, 1.0) for c in crowds]
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            beside = one[3] <= other[2] + 1e-9 or other[3] <= one[2] + 1e-9
            assert beside or one[1] <= other[0] or other[1] <= one[0], (one, other)


def test_a_bar_keeps_its_lane_and_a_later_one_takes_the_lane_above_when_it_is_free() -> None:
    lanes = assign([(0, 2), (1, 4), (3, 6)], 7, most=3)
    assert lanes.lane_of == {0: 0, 1: 1, 2: 0}
    assert lanes.hidden == (0,) * 7


def test_a_bar_without_a_lane_is_counted_on_every_day_it_covers() -> None:
    lanes = assign([(0, 6), (0, 6), (2, 3)], 7, most=2)
    assert lanes.lane_of == {0: 0}
    assert lanes.hidden == (1, 1, 2, 2, 1, 1, 1)


@given(_DAYS, st.integers(1, 4), st.booleans())
def test_every_day_shows_or_counts_each_of_its_bars(
    spans: list[tuple[int, int]], most: int, counted: bool
) -> None:
    lanes = assign(spans, 7, most, counted=counted)
    for day in range(7):
        there = [i for i, (first, last) in enumerate(spans) if first <= day <= last]
        shown = [lanes.lane_of[i] for i in there if i in lanes.lane_of]
        assert len(shown) == len(set(shown))
        assert len(shown) + lanes.hidden[day] == len(there)
        assert all(lane < most for lane in shown)
        if counted and lanes.hidden[day]:
            assert most - 1 not in shown
