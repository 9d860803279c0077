"""Photographs and QR codes on pages."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from calendarbot.config import load_config
from calendarbot.errors import ConfigError
from calendarbot.render import Canvas
from calendarbot.render.palettes import known_palettes, palette_of
from calendarbot.render.pictures import picture
from calendarbot.render.qr import QUIET_MODULES, code, wifi

if TYPE_CHECKING:
    from pathlib import Path

_PALETTES = known_palettes()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A sky that goes from white to deep blue over a red field."""
    image = Image.new("RGB", (160, 120), (200, 20, 20))
    for y in range(80):
        image.paste((255 - 3 * y, 255 - 2 * y, 255 - y // 2), (0, 79 - y, 160, 80 - y))
    file = tmp_path / "photo.png"
    image.save(file)
    return file


@pytest.mark.parametrize("name", _PALETTES)
def test_a_photo_has_the_boxs_size_and_only_the_panels_inks(photo: Path, name: str) -> None:
    palette = palette_of(_PALETTES[name])
    shown = picture(photo, 90, 40, palette)
    assert shown.size == (90, 40)
    assert max(shown.tobytes()) < len(palette.inks)


def test_a_photo_is_dithered_for_what_inks_look_like(photo: Path) -> None:
    spectra = palette_of(_PALETTES["Spectra 6"])
    shown = picture(photo, 160, 120, spectra)
    field = shown.crop((0, 90, 160, 120)).histogram()
    assert spectra.inks[max(range(len(spectra.inks)), key=field.__getitem__)] == "red"
    plain = picture(photo, 160, 120, palette_of(_PALETTES["black and white"]))
    sky = [plain.crop((0, y, 160, y + 16)).histogram()[0] for y in (0, 60)]
    assert sky[0] > sky[1] + 200


def test_an_ink_that_a_palette_repeats_is_used_by_its_first_index(photo: Path) -> None:
    colours = (
        (0, 0, 0),
        (255, 255, 255),
        (255, 255, 0),
        (255, 0, 0),
        (0, 0, 0),
        (0, 0, 255),
        (0, 255, 0),
    )
    assert 4 not in set(picture(photo, 80, 60, palette_of(colours)).tobytes())


def test_a_photo_that_changed_is_read_again(photo: Path) -> None:
    palette = palette_of(_PALETTES["black and white"])
    before = picture(photo, 40, 30, palette)
    Image.new("RGB", (40, 30)).save(photo)
    assert picture(photo, 40, 30, palette).tobytes() != before.tobytes()


@pytest.mark.parametrize("content", [None, b"", b"no picture", b"\x89PNG\r\n\x1a\n cut off"])
def test_a_photo_that_is_none_is_one_clear_error(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "photo.png"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"photo .*photo\.png"):
        picture(file, 40, 30, palette_of(_PALETTES["black and white"]))


def _rows(mask: Image.Image) -> list[list[bool]]:
    pixels = mask.convert("L").tobytes()
    return [
        [bool(p) for p in pixels[i : i + mask.width]] for i in range(0, len(pixels), mask.width)
    ]


def test_the_modules_of_a_code_are_whole_pixels_inside_a_white_border() -> None:
    mask = code("https://meet.example.com/abc", 140)
    assert mask is not None
    assert mask.width <= 140
    rows = _rows(mask)
    runs = [len(list(run)) for row in rows for _, run in groupby(row)]
    scale = min(runs)
    assert scale >= 2
    assert all(run % scale == 0 for run in runs)
    border = QUIET_MODULES * scale
    box = mask.getbbox()
    assert box == (border, border, mask.width - border, mask.height - border)


def test_a_code_that_could_not_be_read_is_not_drawn() -> None:
    canvas, empty = Canvas(60, 60), Canvas(60, 60)
    assert canvas.qr(0, 0, "https://meet.example.com/" + "x" * 80, 60) == 0
    assert canvas.to_frame() == empty.to_frame()


def test_a_code_is_dark_on_white_wherever_it_is_put() -> None:
    plain, over = Canvas(120, 120), Canvas(120, 120)
    over.fill(0, 0, 120, 120)
    for canvas in (plain, over):
        assert canvas.qr(0, 0, "WIFI:T:nopass;S:Guests;;", 120) == 120
    assert plain.to_frame() == over.to_frame()


@pytest.mark.parametrize("text", ["", "x" * 501])
def test_a_text_that_makes_no_code_is_an_error_that_does_not_repeat_it(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        code(text, 400)
    assert "xx" not in caught.value.message


def test_a_networks_name_and_password_are_escaped_for_phones() -> None:
    assert wifi('Café; "2"', "a:b,c\\") == 'WIFI:T:WPA;S:Café\\; \\"2\\";P:a\\:b\\,c\\\\;;'
    assert wifi("Guests") == "WIFI:T:nopass;S:Guests;;"


def test_photo_and_code_come_from_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "calendarbot.toml").write_text(
        '[calendars.a]\npath = "a.ics"\n'
        '[displays.hall]\npanel = "waveshare_7in3e"\nphoto = "us.jpg"\nqr = "file:guests.txt"\n'
        '[displays.door]\npanel = "waveshare_7in3e"\nqr = "https://example.com/"\n'
        '[displays.desk]\npanel = "waveshare_7in3e"\nqr = "env:GUESTS"\n'
    )
    (tmp_path / "guests.txt").write_text("WIFI:T:nopass;S:Café;;\n", encoding="utf-8")
    monkeypatch.setenv("GUESTS", "WIFI:T:nopass;S:B;;")
    config = load_config(tmp_path / "calendarbot.toml")
    assert config.display("hall").photo == tmp_path / "us.jpg"
    texts = [config.display(name).qr_text() for name in ("hall", "door", "desk")]
    assert texts == ["WIFI:T:nopass;S:Café;;", "https://example.com/", "WIFI:T:nopass;S:B;;"]


def test_a_code_kept_in_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "calendarbot.toml").write_text(
        '[calendars.a]\npath = "a.ics"\n'
        '[displays.hall]\npanel = "waveshare_7in3e"\nqr = "file:guests.txt"\n'
    )
    display = load_config(tmp_path / "calendarbot.toml").display("hall")
    with pytest.raises(ConfigError, match=r"guests\.txt"):
        display.qr_text()
