"""Text as glyphs: fonts by coverage, honest gaps, ellipsis, advances."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from calendarbot.errors import ConfigError
from calendarbot.render import Type, families
from calendarbot.render.type import cap_height_px, clusters, fit_line, set_line, width_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_BODY = Type(24)


def _family_of(text: str, language: str = "en") -> str:
    family = families.family_for(text, families.chain_for(text, language))
    return family.name if family else ""


@pytest.fixture
def base_install_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    first = families.all_families()[0]

    def missing(name: str) -> object:
        if name == first.module:
            return import_module(name)
        raise ModuleNotFoundError(name)

    caches = (families.installed_families, families._chain, set_line, fit_line)
    for cached in caches:
        cached.cache_clear()
    monkeypatch.setattr(families, "import_module", missing)
    yield
    monkeypatch.undo()
    for cached in caches:
        cached.cache_clear()


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("Straßenfest – ÆØÅ œuvre", "Atkinson Hyperlegible"),
        ("Tiếng", "Noto Sans"),
        ("Совещание", "Noto Sans"),
        ("έργου", "Noto Sans"),
        ("פגישת", "Noto Sans Hebrew"),
        ("اجتماع", "Noto Sans Arabic"),
        ("साप्ताहिक", "Noto Sans Devanagari"),
        ("การประชุม", "Noto Sans Thai"),
        ("会議", "Noto Sans CJK SC"),
        ("の", "Noto Sans CJK JP"),
        ("서울", "Noto Sans CJK KR"),
        ("🎂", "Noto Emoji"),
        ("❤️", "Noto Emoji"),
        ("1️⃣", "Noto Emoji"),
    ],
)
def test_each_script_has_a_family(text: str, family: str) -> None:
    assert _family_of(text) == family
    assert not set_line(text, _BODY).missing


@pytest.mark.parametrize(
    ("locale", "family"),
    [("ja_JP", "JP"), ("ko_KR", "KR"), ("zh_TW", "TC"), ("zh_HK", "HK"), ("zh_CN", "SC")],
)
def test_han_characters_take_the_shapes_of_the_page_language(locale: str, family: str) -> None:
    assert _family_of("会議", locale) == f"Noto Sans CJK {family}"


def test_a_word_is_not_patched_together_from_two_families() -> None:
    whole, patch = set_line("họp", _BODY), set_line("h", _BODY)
    assert whole.glyphs[0].glyph is not patch.glyphs[0].glyph


def test_a_character_nobody_has_is_marked_and_named() -> None:
    line = set_line("a\ue000b", _BODY)
    assert line.missing == ("U+E000 unnamed",)
    assert line.width_px > set_line("ab", _BODY).width_px + 10
    mark = max(line.glyphs, key=lambda placed: placed.glyph.size[0]).glyph
    assert mark.mask is not None
    assert mark.mask.getpixel((0, 0)) == 0


def test_without_the_scripts_extra_hebrew_is_marked_and_named(base_install_only: None) -> None:
    assert set_line("שלום", _BODY).missing[0] == "U+05E9 HEBREW LETTER SHIN"
    assert not set_line("Größe", _BODY).missing


def test_without_its_first_family_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> object:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(families, "import_module", missing)
    families.installed_families.cache_clear()
    with pytest.raises(ConfigError, match="Atkinson") as caught:
        families.installed_families()
    assert "fontpkg-atkinson-hyperlegible" in caught.value.hint


@pytest.mark.parametrize("hidden", ["\ufe0f", "\ufe0e", "\u200d", "\u200e", "\u2068", "\u00ad"])
def test_characters_that_only_direct_print_nothing(hidden: str) -> None:
    plain, directed = set_line("Gym", _BODY), set_line(f"Gym{hidden}", _BODY)
    assert directed.ink == plain.ink
    assert directed.width_px == plain.width_px
    assert not directed.missing


def test_an_emoji_sequence_is_one_glyph() -> None:
    family = set_line("👨‍👩‍👧‍👦", _BODY)
    assert len([placed for placed in family.glyphs if placed.glyph.mask]) == 1
    assert family.width_px < 2 * set_line("👨", _BODY).width_px


def test_marks_joiners_and_flags_stay_with_their_character() -> None:
    text = "e\u0301👍🏽🇩🇪🇫🇷"
    assert [text[start:end] for start, end in clusters(text)] == ["e\u0301", "👍🏽", "🇩🇪", "🇫🇷"]


def test_arabic_letters_join() -> None:
    joined = set_line("بيت", _BODY).width_px
    assert joined < sum(set_line(char, _BODY).width_px for char in "بيت")


def test_mixed_directions_stand_in_reading_order() -> None:
    line = set_line("abc אב 12", _BODY)
    alef = set_line("א", _BODY).glyphs[0].glyph
    alef_x = next(placed.x for placed in line.glyphs if placed.glyph is alef)
    bet = set_line("ב", _BODY).glyphs[0].glyph
    bet_x = next(placed.x for placed in line.glyphs if placed.glyph is bet)
    assert set_line("abc ", _BODY).width_px <= bet_x < alef_x


def test_a_word_has_the_same_pixels_wherever_it_stands() -> None:
    alone = [(p.x, p.glyph) for p in set_line("Review", _BODY).glyphs]
    later = [(p.x, p.glyph) for p in set_line("10:15 Review", _BODY).glyphs][-len(alone) :]
    shift = later[0][0]
    assert [(x - shift, glyph) for x, glyph in later] == alone


def test_tabular_digits_are_of_one_width() -> None:
    style = Type(20, tabular=True)
    assert set_line("11:11", style).width_px == set_line("08:40", style).width_px


def test_bold_is_heavier_even_where_the_font_has_one_weight() -> None:
    def ink(bold: bool) -> int:
        masks = [p.glyph.mask for p in set_line("会議", Type(24, bold)).glyphs]
        return sum(mask.histogram()[255] for mask in masks if mask)

    assert ink(bold=True) > 1.2 * ink(bold=False)


def test_line_breaks_and_controls_become_spaces_or_nothing() -> None:
    assert set_line(" a\r\n\tb\x07 ", _BODY).text == "a b"


def test_text_that_fits_is_left_alone_and_too_long_text_ends_in_an_ellipsis() -> None:
    text = "Architecture review with Vienna"
    assert fit_line(text, _BODY, set_line(text, _BODY).extent_px).text == text
    short = fit_line(text, _BODY, 200)
    assert short.shortened
    assert short.text.endswith("…")
    assert text.startswith(short.text[:-1])


def test_shortened_text_keeps_as_much_as_there_is_room_for() -> None:
    text = "Architecture review with Vienna"
    least = set_line("…", _BODY).extent_px
    widths = [
        len(fit_line(text, _BODY, room).text)
        for room in range(least, set_line(text, _BODY).extent_px + 1)
    ]
    assert widths == sorted(widths)
    assert widths[0] == 1
    assert widths[-1] == len(text)


def test_the_ellipsis_of_right_to_left_text_is_at_its_left() -> None:
    line = fit_line("פגישת צוות שבועית ארוכה מאוד", _BODY, 150)
    dots = set_line("…", _BODY).glyphs[0].glyph
    assert next(placed.x for placed in line.glyphs if placed.glyph is dots) == 0


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="abcjfgW ÁyQ אבג بيت 会議🎂👨‍👩‍👧10:2(…)\ue000\u0301", max_size=40),
    st.integers(0, 400),
    st.sampled_from([13, 18, 28]),
)
def test_fitted_text_never_needs_more_than_its_room(text: str, room: int, size_px: int) -> None:
    line = fit_line(text, Type(size_px), room)
    assert line.extent_px <= room
    assert line.ink[2] <= room


def test_capitals_and_digits_are_as_high_as_measured() -> None:
    assert cap_height_px(Type(28)) == -set_line("H", Type(28)).ink[1]


def test_the_readme_of_the_fonts_names_every_family_its_package_and_licence() -> None:
    readme = (families.fonts_folder() / "README.md").read_text(encoding="utf-8")
    rows = [row for row in readme.splitlines() if row.startswith("|")]
    for family in families.all_families():
        row = next(r for r in rows if re.search(rf"{family.name}(,| \||  *\(|$)", r))
        assert family.package in row
        assert family.licence.replace("OFL-1.1", "OFL 1.1") in row


def _counters(mask: Image.Image) -> int:
    """How many areas of paper the ink encloses."""
    room = Image.new("L", (mask.width + 2, mask.height + 2), 255)
    room.paste(ImageChops.invert(mask.convert("L")), (1, 1))
    ImageDraw.floodfill(room, (0, 0), 0)
    count = 0
    while box := room.getbbox():
        row = room.crop((0, box[1], room.width, box[1] + 1)).getbbox()
        assert row is not None
        ImageDraw.floodfill(room, (row[0], box[1]), 0)
        count += 1
    return count


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("tabular", [False, True])
def test_a_zero_has_no_slash_at_any_size(bold: bool, tabular: bool) -> None:
    for size in range(10, 120):
        zero = set_line("0", Type(size, bold, tabular)).mask
        eight = set_line("8", Type(size, bold, tabular)).mask
        assert zero is not None
        assert eight is not None
        assert _counters(zero) == 1, size
        assert zero.histogram()[-1] < eight.histogram()[-1] * 1.15, size


def test_a_zero_is_still_as_wide_as_other_digits() -> None:
    assert (
        width_of("0", Type(20, tabular=True)) <= set_line("8", Type(20, tabular=True)).width_px + 1
    )
