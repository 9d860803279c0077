"""The canvas: whole pixels, mirrored pages, and what it reports."""

from __future__ import annotations

import pytest
from PIL import Image

from calendarbot.errors import ConfigError
from calendarbot.render import Canvas, Type
from calendarbot.render.pixels import unpack

_BODY = Type(20)
_FOUR_GREYS = ((0, 0, 0), (85, 85, 85), (170, 170, 170), (255, 255, 255))
_BLACK_WHITE_RED = ((0, 0, 0), (255, 255, 255), (255, 0, 0))


def _page(canvas: Canvas) -> Image.Image:
    """What is drawn, white 255."""
    return unpack(canvas.to_frame()).point([0] + [255] * 255)


def _ink(canvas: Canvas) -> int:
    return _page(canvas).histogram()[0]


def _ink_box(canvas: Canvas) -> tuple[int, int, int, int] | None:
    return _page(canvas).point([255] + [0] * 255).getbbox()


def test_a_new_canvas_is_white_and_white_is_a_set_bit() -> None:
    assert Canvas(20, 2).to_frame().data == b"\xff\xff\xf0" * 2


def test_the_leftmost_pixel_is_the_highest_bit() -> None:
    canvas = Canvas(16, 1)
    canvas.fill(0, 0, 1, 1)
    assert canvas.to_frame().data == b"\x7f\xff"


def test_the_order_of_the_palette_does_not_change_the_bits() -> None:
    canvas = Canvas(8, 1, palette=[(255, 255, 255), (0, 0, 0)])
    canvas.fill(0, 0, 4, 1)
    assert canvas.to_frame().data == b"\x0f"


@pytest.mark.parametrize(("bpp", "planes"), [(2, 2), (4, 2), (1, 3), (8, 1)])
def test_a_depth_that_cannot_be_drawn_yet_is_refused_clearly(bpp: int, planes: int) -> None:
    with pytest.raises(ConfigError, match=f"{bpp} bits per pixel in {planes} planes"):
        Canvas(8, 8, bpp=bpp, planes=planes)


def test_a_third_colour_is_a_clear_bit_of_the_second_plane_and_white_in_the_first() -> None:
    canvas = Canvas(8, 1, palette=_BLACK_WHITE_RED, planes=2)
    canvas.fill(0, 0, 2, 1)
    canvas.fill(2, 0, 3, 1, 2)
    assert canvas.to_frame().data == bytes((0b00111111, 0b11000111))


def test_a_pixel_of_4_bits_is_its_index_and_the_left_one_comes_first() -> None:
    canvas = Canvas(3, 2, palette=[*_BLACK_WHITE_RED, (0, 0, 255)], bpp=4)
    canvas.fill(0, 0, 1, 1, 3)
    canvas.fill(2, 1, 1, 1)
    assert canvas.to_frame().data == b"\x31\x10\x11\x00"


def test_a_pixel_of_2_bits_is_its_index_four_to_a_byte() -> None:
    canvas = Canvas(5, 1, palette=_FOUR_GREYS, bpp=2)
    for x in range(4):
        canvas.fill(x, 0, 1, 1, x)
    assert canvas.to_frame().data == bytes((0b00_01_10_11, 0b11_00_00_00))


@pytest.mark.parametrize(
    ("rotation", "data"),
    [
        (0, b"\x7f\xff\xff\xff"),  # the page's first pixel is the panel's first
        (90, b"\xe0" + b"\xf0" * 7),  # the last of its first row
        (180, b"\xff\xff\xff\xfe"),
        (270, b"\xf0" * 7 + b"\x70"),  # the first of its last row
    ],
)
def test_a_page_is_turned_clockwise_onto_the_panels_rows(rotation: int, data: bytes) -> None:
    canvas = Canvas(8, 4, rotation=rotation)
    canvas.fill(0, 0, 1, 1)
    frame = canvas.to_frame()
    assert frame.data == data
    assert (frame.width_px, frame.height_px) == ((4, 8) if rotation % 180 else (8, 4))


@pytest.mark.parametrize("grey", [12, 25, 50, 75])
def test_a_shade_inks_its_share_of_the_pixels_wherever_it_starts(grey: int) -> None:
    canvas = Canvas(64, 64)
    canvas.shade(5, 3, 48, 40, grey)  # type: ignore[arg-type]  # parametrised
    assert _ink(canvas) == pytest.approx(48 * 40 * grey / 100, rel=0.05)


def test_neighbouring_shades_join_without_a_seam() -> None:
    whole, halves = Canvas(64, 16), Canvas(64, 16)
    whole.shade(0, 0, 64, 16, 25)
    halves.shade(0, 0, 27, 16, 25)
    halves.shade(27, 0, 37, 16, 25)
    assert whole.to_frame() == halves.to_frame()


def test_inverse_text_is_white_on_its_bar() -> None:
    canvas = Canvas(120, 40)
    canvas.rounded(0, 0, 120, 40, 6)
    black = _ink(canvas)
    canvas.text(10, 28, "Now", _BODY, ink=canvas.white)
    assert _ink(canvas) < black


def test_an_outlined_box_is_hollow() -> None:
    canvas = Canvas(40, 40)
    canvas.rounded(0, 0, 40, 40, 8, line=2)
    assert _page(canvas).getpixel((20, 20)) == 255
    assert _page(canvas).getpixel((20, 1)) == 0


def test_text_that_ends_at_an_edge_stays_within_it() -> None:
    canvas = Canvas(200, 40)
    canvas.text(150, 28, "off", _BODY, anchor="end")
    box = _ink_box(canvas)
    assert box is not None
    assert box[2] <= 150
    assert not canvas.clipped


def test_text_in_the_middle_is_centred() -> None:
    canvas = Canvas(200, 40)
    canvas.text(100, 28, "HHH", _BODY, anchor="middle")
    box = _ink_box(canvas)
    assert box is not None
    assert abs((box[0] + box[2]) / 2 - 100) <= 1.5


def test_a_right_to_left_page_is_measured_from_the_right_with_text_upright() -> None:
    plain, mirrored = Canvas(200, 40), Canvas(200, 40)
    mirrored.rtl = True
    for canvas in (plain, mirrored):
        canvas.fill(0, 36, 50, 2)
        canvas.text(0, 28, "Gym", _BODY)
    assert plain.placed[0].ink.left < 5
    assert mirrored.placed[0].ink.right > 195
    letters = [_page(canvas).crop(canvas.placed[0].ink).tobytes() for canvas in (plain, mirrored)]
    assert letters[0] == letters[1]
    bar = _page(mirrored).crop((0, 36, 200, 38))
    assert bar.getpixel((149, 0)) == 255
    assert bar.getpixel((150, 0)) == 0


def test_a_polygon_is_mirrored_too() -> None:
    mirrored = Canvas(20, 10)
    mirrored.rtl = True
    mirrored.polygon([(0, 0), (4, 0), (0, 4)])
    assert _page(mirrored).getpixel((19, 0)) == 0


def test_text_beyond_the_canvas_is_reported() -> None:
    canvas = Canvas(30, 30)
    canvas.text(10, 20, "Wednesday", _BODY)
    assert canvas.clipped == ["Wednesday"]


def test_text_that_cannot_be_read_where_it_stands_is_reported() -> None:
    canvas = Canvas(200, 60)
    canvas.text(0, 28, "Over", _BODY)
    canvas.text(0, 56, "Under", _BODY)
    assert canvas.hidden == []
    canvas.text(3, 28, "another", _BODY)
    canvas.text(100, 28, "white on white", _BODY, ink=canvas.white)
    assert canvas.hidden == ["another", "white on white"]


def test_what_no_font_has_is_reported_once_by_name() -> None:
    canvas = Canvas(200, 40)
    canvas.text(0, 28, "\ue000\ue000", _BODY)
    canvas.text(0, 28, "\ue000", _BODY)
    assert canvas.missing == {"U+E000 unnamed"}


def test_what_is_printed_is_kept_as_words_with_what_was_asked_for() -> None:
    canvas = Canvas(200, 40)
    canvas.text(0, 28, "Architecture review", _BODY, max_width=100)
    placed = canvas.placed[0]
    assert placed.text.endswith("…")
    assert placed.whole == "Architecture review"
    assert placed.ink.right <= 100


def test_type_shrinks_to_fit_but_not_below_its_least_size() -> None:
    canvas = Canvas(200, 40)
    style = Type(30, bold=True)
    fitting = canvas.fitting("Wednesday", style, 120, 12)
    assert 12 < fitting.size_px < 30
    assert canvas.measure("Wednesday", fitting) <= 120
    assert canvas.fitting("Wednesday", style, 10, 12).size_px == 12
    low = canvas.fitting("jg", style, 120, 12, above=20, below=4)
    assert 12 < low.size_px < fitting.size_px


def test_type_has_no_grey_fringe() -> None:
    canvas = Canvas(200, 40)
    canvas.text(0, 28, "Straße", _BODY)
    values = set(canvas._image.get_flattened_data())
    assert values == {0, 1}
    assert isinstance(canvas._image, Image.Image)
