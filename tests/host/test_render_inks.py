"""Calendars are told apart on every palette, and what is printed on an ink can be read."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from PIL import ImageChops

from calendarbot.boards import load_panel, panel_names
from calendarbot.render import Canvas
from calendarbot.render.inks import PATTERNS, mask_of, styles_of
from calendarbot.render.palettes import known_palettes, luminance, palette_of

_PALETTES = pytest.mark.parametrize("colours", known_palettes().values(), ids=known_palettes())


def _canvas(colours: tuple[tuple[int, int, int], ...]) -> Canvas:
    return Canvas(64, 32, palette=colours, bpp=4)


@_PALETTES
def test_the_first_five_calendars_look_different_in_a_stripe_of_four_pixels(
    colours: tuple[tuple[int, int, int], ...],
) -> None:
    stripes = []
    for calendar in range(5):
        canvas = _canvas(colours)
        canvas.paint(0, 0, 4, 24, canvas.style_for(calendar))
        stripes.append(canvas.to_frame().data)
    assert len(set(stripes)) == 5


def test_on_a_panel_of_colours_calendars_differ_in_ink_and_on_black_and_white_in_pattern() -> None:
    spectra = Canvas(8, 8, palette=load_panel("waveshare_7in3e").palette, bpp=4)
    inks = [spectra.style_for(calendar).ink for calendar in range(5)]
    assert len(set(inks)) == 5
    assert all(spectra.style_for(calendar).solid for calendar in range(5))
    plain = Canvas(8, 8)
    assert [plain.style_for(i).pattern for i in range(len(PATTERNS))] == list(PATTERNS)


@_PALETTES
def test_no_calendar_is_white(colours: tuple[tuple[int, int, int], ...]) -> None:
    palette = palette_of(colours)
    white = palette.inks.index("white")
    assert all(style.ink != white for style in styles_of(palette))


@_PALETTES
def test_text_reads_on_every_solid_area(colours: tuple[tuple[int, int, int], ...]) -> None:
    palette = palette_of(colours)
    for style in styles_of(palette):
        if style.solid:
            assert palette.contrast(style.text, style.ink) >= 3.2, palette.inks[style.ink]


@_PALETTES
def test_a_calendars_area_stands_out_from_the_paper(
    colours: tuple[tuple[int, int, int], ...],
) -> None:
    palette = palette_of(colours)
    for style in styles_of(palette):
        edge = style.ink if style.outline is None else style.outline
        assert palette.contrast(edge, palette.inks.index("white")) >= 2


def test_more_calendars_than_styles_begin_again() -> None:
    canvas = Canvas(8, 8)
    assert canvas.style_for(len(PATTERNS)) == canvas.style_for(0)


@pytest.mark.parametrize(
    ("colours", "accent"),
    [
        ("black and white", "black"),
        ("four greys", "black"),
        ("black, white and red", "red"),
        ("black, white and yellow", "yellow"),
        ("black, white, red and yellow", "red"),
        ("ACeP, seven colours", "red"),
        ("Spectra 6", "red"),
    ],
)
def test_today_is_red_or_yellow_where_there_is_such_an_ink(colours: str, accent: str) -> None:
    canvas = _canvas(known_palettes()[colours])
    assert canvas.inks.inks[canvas.accent] == accent
    assert canvas.has_colour == (accent != "black")


def test_yellow_marks_areas_but_never_colours_text_on_white() -> None:
    canvas = _canvas(known_palettes()["black, white and yellow"])
    assert canvas.accent_text == canvas.black
    assert canvas.text_on(canvas.accent) == canvas.black
    red = _canvas(known_palettes()["black, white and red"])
    assert red.accent_text == red.accent
    assert red.text_on(red.accent) == red.white


@pytest.mark.parametrize("name", panel_names())
def test_every_panels_inks_are_known_and_measured(name: str) -> None:
    palette = palette_of(load_panel(name).palette)
    assert palette.name in known_palettes()
    assert palette.source != "ideal colours"


@_PALETTES
def test_measured_white_is_brighter_than_any_ink_and_black_is_darker(
    colours: tuple[tuple[int, int, int], ...],
) -> None:
    palette = palette_of(colours)
    lights = dict(zip(palette.inks, map(luminance, palette.measured), strict=True))
    assert max(lights, key=lights.__getitem__) == "white"
    assert min(lights, key=lights.__getitem__) == "black"


def test_inks_nobody_measured_keep_their_ideal_colours() -> None:
    colours = ((0, 0, 0), (255, 255, 255), (0, 0, 255))
    assert palette_of(colours).measured == colours


def test_an_area_covers_what_was_below_it() -> None:
    canvas, plain = Canvas(32, 16), Canvas(32, 16)
    canvas.fill(0, 0, 16, 16)
    for page in (canvas, plain):
        page.paint(0, 0, 16, 16, page.style_for(1))
    assert canvas.to_frame() == plain.to_frame()


def test_a_faint_ink_gets_an_outline() -> None:
    canvas = _canvas(known_palettes()["black, white and yellow"])
    style = canvas.style_for(1)
    assert canvas.inks.inks[style.ink] == "yellow"
    canvas.paint(4, 4, 8, 8, style)
    assert canvas._image.getpixel((4, 4)) == canvas.black
    assert canvas._image.getpixel((7, 7)) == style.ink


@pytest.mark.parametrize(("one", "other"), list(combinations(PATTERNS, 2)))
def test_two_patterns_differ_in_many_pixels(one: str, other: str) -> None:
    masks = [mask_of(name, 6, 24) for name in (one, other)]  # type: ignore[arg-type]  # names of patterns
    assert sum(ImageChops.logical_xor(*masks).histogram()[255:]) >= 6 * 24 // 6


def test_patterns_are_the_same_wherever_an_area_begins() -> None:
    shots = []
    for x in (0, 3, 9):
        canvas = Canvas(64, 32)
        canvas.paint(x, x, 12, 12, canvas.style_for(3))
        shots.append(canvas._image.crop((x, x, x + 12, x + 12)).tobytes())
    assert all(before == after for before, after in pairwise(shots))


@pytest.mark.parametrize("rtl", [False, True])
def test_dots_stand_where_single_pixels_would(rtl: bool) -> None:
    dotted, single = Canvas(40, 20), Canvas(40, 20)
    dotted.rtl = single.rtl = rtl
    dotted.dots(3, 2, 30, 10, 4)
    for y in range(0, 10, 4):
        for x in range(0, 30, 4):
            single.fill(3 + x, 2 + y, 1, 1)
    assert dotted.to_frame() == single.to_frame()
    dotted.dots(3, 2, 0, 1, 4)
    assert dotted.to_frame() == single.to_frame()
