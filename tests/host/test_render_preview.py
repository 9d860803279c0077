"""Frames as pictures for people."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from calendarbot.boards import load_panel, panel_names
from calendarbot.errors import CalendarBotError, ConfigError
from calendarbot.model import Frame
from calendarbot.render import Canvas
from calendarbot.render.pixels import pack
from calendarbot.render.preview import difference_png, frame_from_png, png_bytes, terminal_picture

if TYPE_CHECKING:
    from random import Random

_BLACK_WHITE_RED = ((0, 0, 0), (255, 255, 255), (255, 0, 0))


def _bar(x: int, width: int = 8) -> Frame:
    canvas = Canvas(32, 8)
    canvas.fill(x, 0, width, 8)
    return canvas.to_frame()


@given(st.integers(1, 40), st.integers(1, 20), st.data())
def test_a_png_gives_back_the_very_pixels(width: int, height: int, data: st.DataObject) -> None:
    canvas = Canvas(width, height)
    for _ in range(data.draw(st.integers(0, 5))):
        canvas.fill(
            data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1)), 1, 1
        )
    frame = canvas.to_frame()
    assert frame_from_png(png_bytes(frame)) == frame


def test_black_and_white_is_a_one_bit_png() -> None:
    image = Image.open(io.BytesIO(png_bytes(_bar(0))))
    assert image.mode == "1"


def test_a_panel_with_its_own_white_shows_it() -> None:
    image = Image.open(io.BytesIO(png_bytes(_bar(0), [(20, 20, 20), (230, 230, 220)])))
    assert image.mode == "P"
    colours = image.convert("RGB")
    assert colours.getpixel((0, 0)) == (20, 20, 20)
    assert colours.getpixel((31, 0)) == (230, 230, 220)


def test_a_depth_that_cannot_be_shown_yet_is_refused() -> None:
    with pytest.raises(ConfigError, match="8 bits per pixel"):
        png_bytes(Frame(2, 1, 8, 1, b"\x00\x00"))


@given(
    st.sampled_from(panel_names()),
    st.integers(1, 9),
    st.integers(1, 9),
    st.randoms(),
    st.sampled_from([0, 90, 180, 270]),
)
def test_a_png_of_any_panels_frame_is_upright_and_gives_it_back(
    name: str, width: int, height: int, dice: Random, rotation: int
) -> None:
    panel = load_panel(name)
    pixels = bytes(panel.palette.index(dice.choice(panel.palette)) for _ in range(width * height))
    page = Image.frombytes("L", (width, height), pixels)
    frame = pack(page, panel.palette, panel.bpp, panel.planes, rotation)
    png = png_bytes(frame, panel.palette, rotation)
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    assert picture.size == page.size
    assert picture.tobytes() == bytes(value for index in pixels for value in panel.palette[index])
    assert frame_from_png(png, panel.palette, panel.bpp, panel.planes, rotation) == frame


def test_new_ink_is_red_lost_ink_blue_and_the_rest_grey() -> None:
    picture = Image.open(io.BytesIO(difference_png(_bar(0), _bar(4)))).convert("RGB")
    lost, kept, new, paper = (picture.getpixel((x, 0)) for x in (1, 5, 10, 20))
    assert isinstance(lost, tuple)
    assert isinstance(new, tuple)
    assert isinstance(kept, tuple)
    assert lost[2] > lost[0]
    assert new[0] > new[2]
    assert len(set(kept)) == 1
    assert paper == (255, 255, 255)


def test_pictures_of_different_sizes_are_not_compared() -> None:
    with pytest.raises(CalendarBotError, match="32×8 and 8×8"):
        difference_png(_bar(0), Canvas(8, 8).to_frame())


def test_the_terminal_picture_has_ink_where_the_page_has() -> None:
    picture = terminal_picture(_bar(0, 16), columns=16)
    assert picture.splitlines() == ["⣿" * 8] * 2


def test_the_terminal_picture_stands_upright_and_has_ink_for_every_colour_but_white() -> None:
    canvas = Canvas(32, 8, palette=_BLACK_WHITE_RED, planes=2, rotation=90)
    canvas.fill(0, 0, 8, 8)
    canvas.fill(8, 0, 8, 8, 2)
    picture = terminal_picture(canvas.to_frame(), 16, _BLACK_WHITE_RED, 90)
    assert picture.splitlines() == ["⣿" * 8] * 2


def test_the_terminal_picture_is_no_wider_than_asked_for() -> None:
    lines = terminal_picture(Canvas(800, 480).to_frame(), columns=60).split("\n")
    assert len(lines) == 18
    assert all(len(line) <= 60 for line in lines)
