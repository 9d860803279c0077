"""Lines break by the rules of their script, and what is too long is shortened by meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendarbot.render import Canvas, Type, breaks
from calendarbot.render.paragraph import break_lines
from calendarbot.render.type import fit_line, set_line, width_of

_BODY = Type(18)


@pytest.mark.parametrize(
    ("text", "room", "kept"),
    [
        ("Architecture review (with the platform team)", 200, "Architecture review…"),
        ("Budget [draft] for next year", 205, "Budget for next year…"),
        ("Zahnarzt Dr. Müller | Termin bestätigt", 260, "Zahnarzt Dr. Müller…"),
        ("Design review – Room Elbphilharmonie", 220, "Design review…"),
        ("Quarterly planning for everybody", 180, "Quarterly planning…"),
        ("会議（企画チームと全員）", 100, "会議…"),
    ],
)
def test_what_says_least_goes_first(text: str, room: int, kept: str) -> None:
    assert fit_line(text, _BODY, room).text == kept


def test_a_word_is_cut_only_when_it_alone_is_too_long() -> None:
    assert fit_line("Sitzung Betriebsratsvorsitz", _BODY, 150).text == "Sitzung…"
    cut = fit_line("Donaudampfschifffahrt", _BODY, 120).text
    assert cut.endswith("…")
    assert len(cut) > 5
    beside_a_short_one = fit_line("Zu Donaudampfschifffahrt", _BODY, 150).text
    assert len(beside_a_short_one) > 8


def test_dropping_a_part_does_not_leave_the_line_nearly_empty() -> None:
    text = "All – the whole quarterly review of everything"
    assert len(fit_line(text, _BODY, 300).text) > 20


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Mittag mit Jo", ("Mittag ", "mit ", "Jo")),
        ("Sprint-Planung", ("Sprint-", "Planung")),
        ("Preis: 5 % (netto)", ("Preis: ", "5 ", "% ", "(netto)")),
        ("Rendez-vous !", ("Rendez-", "vous !")),
        ("10.30–11.00", ("10.30–", "11.00")),
        ("日本、東京", ("日", "本、", "東", "京")),
        ("ประชุมทีมการตลาด", ("ประชุม", "ทีม", "การ", "ตลาด")),
        ("회의 시간", ("회", "의 ", "시", "간")),
    ],
)
def test_lines_break_by_the_rules_of_their_script(text: str, units: tuple[str, ...]) -> None:
    assert breaks.units(text) == units


def test_japanese_breaks_between_phrases() -> None:
    assert breaks.phrases("企画チームの打ち合わせ") == ("企画チームの", "打ち合わせ")


def test_korean_breaks_at_spaces() -> None:
    assert breaks.phrases("주간 회의 시간") == ("주간 ", "회의 ", "시간")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_units_are_the_whole_text(text: str) -> None:
    assert "".join(breaks.units(text)) == text
    assert "".join(breaks.phrases(text)) == text


_TITLES = st.text(
    st.sampled_from("abcdefgh ()–|-,äßéЖשלاب‏ह東京でのประชุม12:/.🎂"), min_size=1, max_size=60
)


@given(_TITLES, st.integers(10, 300), st.integers(1, 4))
def test_no_line_is_wider_than_asked_and_none_is_too_many(text: str, width: int, most: int) -> None:
    lines = break_lines(text, _BODY, width, most)
    assert len(lines) <= most
    assert all(width_of(line, _BODY, "en") <= width or "…" in line for line in lines)


@given(_TITLES, st.integers(60, 300))
def test_with_lines_enough_no_letter_is_lost(text: str, width: int) -> None:
    joined = "".join(break_lines(text, _BODY, width, 100))
    kept = [char for char in joined if char not in "- …"]
    asked = [char for char in set_line(text, _BODY).text if char not in "- "]
    assert kept == asked


def test_a_text_that_fits_is_one_line_and_nothing_is_none() -> None:
    assert break_lines("Standup", _BODY, 200, 3) == ["Standup"]
    assert break_lines("  ", _BODY, 200, 3) == []
    assert break_lines("Standup", _BODY, 200, 0) == []


def test_a_word_wider_than_the_line_is_torn_with_a_hyphen() -> None:
    lines = break_lines("Donaudampfschifffahrtsgesellschaft", _BODY, 120, 5)
    assert all(line.endswith("-") for line in lines[:-1])
    assert "".join(line.rstrip("-") for line in lines) == "Donaudampfschifffahrtsgesellschaft"


def test_a_paragraph_takes_whole_lines_and_stays_in_its_box() -> None:
    canvas = Canvas(200, 120)
    height = canvas.paragraph(10, 10, 150, "Planning with their whole team", _BODY, max_lines=3)
    assert height == 2 * 23
    assert [placed.text for placed in canvas.placed] == ["Planning with", "their whole team"]
    assert all(placed.ink.left >= 10 for placed in canvas.placed)
    assert all(placed.ink.right <= 160 for placed in canvas.placed)
    assert not canvas.clipped


def test_a_paragraph_can_be_centred_and_stands_right_on_a_mirrored_page() -> None:
    canvas = Canvas(200, 60)
    canvas.paragraph(0, 0, 200, "HHH HHH", _BODY, max_lines=1, anchor="middle")
    ink = canvas.placed[0].ink
    assert abs(ink.left + ink.right - 200) <= 3
    mirrored = Canvas(200, 60)
    mirrored.rtl = True
    mirrored.paragraph(0, 0, 200, "פגישה", _BODY, max_lines=1)
    assert mirrored.placed[0].ink.right >= 195
