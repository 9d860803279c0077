"""The project's own icons."""

from __future__ import annotations

import pytest

from calendarbot.errors import ConfigError
from calendarbot.render import Canvas, Type, icons
from calendarbot.render.families import fonts_folder

_EACH = pytest.mark.parametrize("name", icons.names())


def _ink(canvas: Canvas) -> tuple[int, int, int, int] | None:
    return canvas._image.point([255] + [0] * 255).getbbox()


def test_both_sizes_have_the_same_icons() -> None:
    assert icons._drawn(12).keys() == icons._drawn(16).keys()


@pytest.mark.parametrize("px", icons.DRAWN_PX)
def test_every_icon_is_a_square_of_ink_and_paper(px: int) -> None:
    for name, rows in icons._drawn(px).items():
        assert len(rows) == px, name
        assert {len(row) for row in rows} == {px}, name
        assert set("".join(rows)) == {"#", "."}, name


@_EACH
@pytest.mark.parametrize(
    ("asked", "side"),
    [(8, 12), (12, 12), (15, 12), (16, 16), (24, 24), (40, 36), (64, 64), (80, 80)],
)
def test_an_icon_is_the_largest_that_fits(name: str, asked: int, side: int) -> None:
    mask = icons.icon(name, asked)
    assert mask.size == (side, side)
    assert mask.mode == "1"
    assert mask.getbbox()


def test_no_two_icons_of_a_size_look_the_same() -> None:
    for size in (12, 16, 24):
        assert len({icons.icon(name, size).tobytes() for name in icons.names()}) == len(
            icons.names()
        )


def test_enlarging_smooths_diagonals_and_keeps_straight_edges() -> None:
    drawn, twice = icons.icon("check", 16), icons.icon("check", 32)
    assert twice.tobytes() != drawn.resize((32, 32), 0).tobytes()
    bar = tuple("####" if y in (1, 2) else "...." for y in range(4))
    for smooth, factor in ((icons._twice, 2), (icons._thrice, 3)):
        middle = slice(factor, -factor)  # ends of the bar are corners, and corners are rounded
        plain = icons._enlarged(bar, factor)
        assert [row[middle] for row in smooth(bar)] == [row[middle] for row in plain]


def test_an_icon_is_centred_in_the_square_it_is_given() -> None:
    canvas = Canvas(40, 40)
    assert canvas.icon(4, 4, "battery_0", 20) == 20
    box = _ink(canvas)
    assert box is not None
    assert 6 <= box[0] <= box[2] <= 22


def test_an_icon_keeps_its_shape_on_a_mirrored_page() -> None:
    plain, mirrored = Canvas(40, 16), Canvas(40, 16)
    mirrored.rtl = True
    plain.icon(0, 0, "arrow", 16)
    mirrored.icon(24, 0, "arrow", 16)
    assert plain.to_frame() == mirrored.to_frame()


def test_an_icon_beside_text_is_centred_on_its_capitals_and_text_stands_clear() -> None:
    canvas = Canvas(80, 40)
    x = canvas.icon_beside(0, 30, "battery_100", Type(20))
    box = _ink(canvas)
    assert box is not None
    assert abs((box[1] + box[3]) / 2 - (30 - 7)) <= 1.5
    assert box[2] + 3 <= x


def test_an_unknown_icon_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        icons.icon("bel", 16)
    assert "bell" in str(caught.value.hint)


@_EACH
def test_the_manual_lists_every_icon(name: str) -> None:
    assert f"`{name}`" in (fonts_folder() / "README.md").read_text(encoding="utf-8")
