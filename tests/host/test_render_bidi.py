"""The order of mixed left-to-right and right-to-left text (UAX #9)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendarbot.render.bidi import is_rtl, levels, visual_order

# Code points; direction of the line (None: automatic); levels, "x" where UAX #9 removes the
# character; all after BidiCharacterTest.txt of Unicode 15.0, one row for each group of rules.
_KNOWN = [
    ("0061 0028 0062 0029 0063", False, "0 0 0 0 0"),
    ("05D0 0028 0062 0029 05D1", True, "1 1 2 1 1"),
    ("0061 0028 05D0 0029 0062", None, "0 0 1 0 0"),
    ("05D0 0020 0031 0032 002E 0035", None, "1 1 2 2 2 2"),
    ("0627 0020 0031 0032", None, "1 1 2 2"),
    ("0061 0020 05D0 0020 0031", False, "0 0 1 1 2"),
    ("0061 2067 05D0 2069 0062", False, "0 0 1 0 0"),
    ("05D0 202A 05D1 202C 0020 0031 0020 0032", False, "1 x 3 x 0 0 0 0"),
    ("05D0 202B 0062 202C 0020 0031 0020 0032", False, "1 x 2 x 1 2 1 2"),
    ("0061 202E 0062 202C 0063", False, "0 x 1 x 0"),
    ("2068 05D0 2069 0061", None, "0 1 0 0"),
    ("05D0 0300 0020 0020", False, "1 1 0 0"),
    ("0061 0028 005B 05D0 005D 0021 0029", True, "2 1 1 1 1 1 1"),
    ("0061 0029 0028 0062", True, "2 2 2 2"),
    ("2329 05D0 3009", False, "0 1 0"),
    ("0061 202A 2067 05D0 202C 2069 0062", False, "0 x 2 3 x 2 2"),
]


@pytest.mark.parametrize(("points", "rtl", "expected"), _KNOWN)
def test_levels_are_those_of_the_unicode_algorithm(
    points: str, rtl: bool | None, expected: str
) -> None:
    text = "".join(chr(int(point, 16)) for point in points.split())
    got = levels(text, rtl)
    wanted = expected.split()
    assert [w if w == "x" else str(g) for g, w in zip(got, wanted, strict=True)] == wanted


def test_right_to_left_runs_are_reversed_around_the_numbers_in_them() -> None:
    assert visual_order([1, 2, 1]) == [2, 1, 0]
    assert visual_order([0, 1, 2, 1, 0]) == [0, 3, 2, 1, 4]
    assert visual_order([0, 2, 0]) == [0, 1, 2]


def test_the_first_strong_character_gives_a_line_its_direction() -> None:
    assert is_rtl("10:30 פגישה with Ann")
    assert not is_rtl("10:30 Ann ופגישה")
    assert is_rtl("10:30", default=True)


def test_a_letter_inside_an_isolate_does_not_decide_for_the_line() -> None:
    assert is_rtl("\u2066abc\u2069 שלום")


def test_brackets_nested_too_deep_to_pair_are_plain_neutrals() -> None:
    deep = "(" * 64 + "a" + ")" * 64
    assert levels(f"א{deep}א", True)[1] == 1


def test_embeddings_nested_too_deep_are_ignored_and_closed_again() -> None:
    text = "\u202b\u202a" * 70 + "\u2067א\u2069" + "\u202c" * 140 + "a"
    assert max(levels(text, False)) <= 126
    assert levels(text, False)[-1] == 0


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40), st.sampled_from([None, True]))
def test_every_character_gets_a_level_and_keeps_its_place_once(text: str, rtl: bool | None) -> None:
    got = levels(text, rtl)
    assert len(got) == len(text)
    assert sorted(visual_order(got)) == list(range(len(text)))


@given(st.text(alphabet="אבגد٣12 (a)[b]-+,\u2067\u2069\u202b\u202c\u0300", max_size=30))
def test_mixed_text_never_goes_below_the_level_of_its_line(text: str) -> None:
    assert all(level >= 1 for level in levels(text, True))
