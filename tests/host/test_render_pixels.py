"""What is packed for a panel is the page that was drawn, at every depth, whichever way the panel hangs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from calendarbot.errors import ConfigError
from calendarbot.render.pixels import BLACK_WHITE, Colour, pack, unpack

GREYS: tuple[Colour, ...] = ((0, 0, 0), (96, 96, 96), (176, 176, 176), (255, 255, 255))
WHITE_BLACK_RED: tuple[Colour, ...] = ((255, 255, 255), (0, 0, 0), (200, 30, 30))
SEVEN: tuple[Colour, ...] = (
    *((0, 0, 0), (255, 255, 255), (0, 128, 0), (0, 0, 255), (255, 0, 0)),
    *((255, 255, 0), (255, 128, 0)),
)
DEPTHS = {
    "black and white": (BLACK_WHITE, 1, 1),
    "a third colour in a plane of its own": (WHITE_BLACK_RED, 1, 2),
    "four greys": (GREYS, 2, 1),
    "seven colours": (SEVEN, 4, 1),
}


@pytest.mark.parametrize("name", DEPTHS)
@given(st.data())
def test_unpacked_it_is_the_page_again(name: str, data: st.DataObject) -> None:
    palette, bpp, planes = DEPTHS[name]
    width, height = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 9))
    rotation = data.draw(st.sampled_from((0, 90, 180, 270)))
    pixel = st.integers(0, len(palette) - 1)
    drawn = bytes(data.draw(st.lists(pixel, min_size=width * height, max_size=width * height)))
    page = Image.frombytes("L", (width, height), drawn)

    frame = pack(page, palette, bpp, planes, rotation)

    assert (frame.width_px, frame.height_px) == (
        (height, width) if rotation in (90, 270) else (width, height)
    )
    assert len(frame.data) == planes * frame.height_px * ((frame.width_px * bpp + 7) // 8)
    again = unpack(frame, palette, rotation)
    assert again.size == page.size
    assert again.tobytes() == drawn


def test_a_depth_that_no_panel_has_is_an_error() -> None:
    with pytest.raises(ConfigError, match="3 bits per pixel"):
        pack(Image.new("L", (8, 1)), BLACK_WHITE, 3, 1)
