"""Frames as pictures for people."""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from calendarbot.boards import load_panel, panel_names
from calendarbot.errors import CalendarBotError, ConfigError
from calendarbot.model import Frame
from calendarbot.render import Canvas
from calendarbot.render.palettes import palette_of
from calendarbot.render.pixels import pack
from calendarbot.render.preview import (
    animation_bytes,
    difference,
    frame_from_png,
    page_image,
    png_bytes,
)
from calendarbot.render.terminal import inline_picture, kind_for, terminal_picture

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
    picture = difference(page_image(_bar(0)), page_image(_bar(4))).convert("RGB")
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
        difference(page_image(_bar(0)), Canvas(8, 8).image())


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


def test_ink_that_changes_its_colour_is_new_ink() -> None:
    pages = []
    for ink in (0, 2):
        canvas = Canvas(32, 8, palette=_BLACK_WHITE_RED, planes=2)
        canvas.fill(0, 0, 8, 8, ink)
        pages.append(page_image(canvas.to_frame(), _BLACK_WHITE_RED))
    red, green, blue = difference(*pages).convert("RGB").getpixel((2, 2))  # type: ignore[misc]  # RGB
    assert red > max(green, blue)


@pytest.mark.parametrize("name", ["waveshare_7in3e", "waveshare_7in5_v2"])
def test_a_picture_in_measured_colours_has_no_ideal_one(name: str) -> None:
    panel = load_panel(name)
    measured = palette_of(panel.palette).measured
    canvas = Canvas(32, 8, palette=panel.palette, bpp=panel.bpp)
    for index in range(len(panel.palette)):
        canvas.fill(4 * index, 0, 4, 8, index)
    png = png_bytes(canvas.to_frame(), panel.palette, colours=measured)
    shown = Image.open(io.BytesIO(png)).convert("RGB")
    assert [shown.getpixel((4 * i + 1, 4)) for i in range(len(measured))] == list(measured)


@pytest.mark.parametrize("kind", ["gif", "apng"])
def test_an_animation_shows_every_page_and_begins_again(kind: Literal["gif", "apng"]) -> None:
    pages = [page_image(_bar(x)) for x in (0, 8, 16)]
    film = Image.open(io.BytesIO(animation_bytes(pages, kind)))
    assert getattr(film, "n_frames", 1) == 3
    assert film.info["loop"] == 0
    for index, page in enumerate(pages):
        film.seek(index)
        assert film.convert("RGB").tobytes() == page.convert("RGB").tobytes()


def test_a_terminal_is_taken_by_its_word() -> None:
    assert kind_for({"KITTY_WINDOW_ID": "1"}, True) == "kitty"
    assert kind_for({"TERM_PROGRAM": "WezTerm"}, True) == "kitty"
    assert kind_for({"TERM_PROGRAM": "iTerm.app"}, True) == "iterm"
    assert kind_for({"COLORTERM": "truecolor"}, True) == "coloured dots"
    assert kind_for({"COLORTERM": "truecolor", "NO_COLOR": "1"}, True) == "dots"
    assert kind_for({"TERM": "vt100"}, True) == "dots"


def test_a_multiplexer_or_a_pipe_gets_dots() -> None:
    assert kind_for({"KITTY_WINDOW_ID": "1", "TMUX": "/tmp/x"}, True) == "dots"
    assert kind_for({"KITTY_WINDOW_ID": "1", "TERM": "screen-256color"}, True) == "dots"
    assert kind_for({"KITTY_WINDOW_ID": "1"}, False) == "dots"


def test_an_inline_picture_holds_the_whole_png() -> None:
    png = bytes(range(256)) * 40
    sequences = re.findall(r"\x1b_G(.*?);(.*?)\x1b\\", inline_picture(png, "kitty"))
    assert base64.b64decode("".join(data for _, data in sequences)) == png
    assert sequences[0][0].startswith("f=100,a=T,m=1")
    assert [control[-3:] for control, _ in sequences] == ["m=1"] * (len(sequences) - 1) + ["m=0"]
    assert all(len(data) <= 4096 for _, data in sequences)
    assert base64.b64encode(png).decode() in inline_picture(png, "iterm")


def test_coloured_dots_have_the_inks_measured_colour_and_black_none() -> None:
    canvas = Canvas(32, 8, palette=_BLACK_WHITE_RED, planes=2)
    canvas.fill(0, 0, 16, 8)
    canvas.fill(16, 0, 16, 8, 2)
    picture = terminal_picture(canvas.to_frame(), 16, _BLACK_WHITE_RED, coloured=True)
    red, green, blue = palette_of(_BLACK_WHITE_RED).measured[2]
    coloured = f"\x1b[38;2;{red};{green};{blue}m⣿\x1b[39m"
    assert picture.splitlines() == ["⣿" * 8 + coloured * 8] * 2
