"""preview, compare and layouts, as a user types them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from calendarbot import layouts
from calendarbot.boards import load_panel
from calendarbot.cli import cli
from calendarbot.render.palettes import palette_of

ROOM = Path(__file__).parents[1] / "reference" / "room.ics"
DAY = ["--tz=Europe/Berlin", "--locale=en_GB", "--at=2026-11-24T06:00"]


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def host(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def _opened(file: str) -> Image.Image:
    return Image.open(io.BytesIO(Path(file).read_bytes()))


def _calendar(name: str, summary: str) -> str:
    Path(name).write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T000000Z\r\n"
        f"DTSTART:20261124T080000Z\r\nDTEND:20261124T090000Z\r\nSUMMARY:{summary}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n",
        encoding="utf-8",
    )
    return f"--calendar={name}"


def test_an_animated_day_has_a_picture_for_every_page() -> None:
    calendar = _calendar("a.ics", "Standup")
    for kind in ("gif", "apng"):
        result = host("preview", calendar, *DAY, "--hours=12", f"--animate={kind}")
        assert result.exit_code == 0, result.output
        assert "3 pages" in result.output
        assert getattr(_opened(f"out/preview-display.{kind}"), "n_frames", 1) == 3


def test_measured_colours_are_those_of_the_panel() -> None:
    host("preview", f"--calendar={ROOM}", *DAY, "--panel=waveshare_7in3e", "--measured")
    shown = _opened("out/preview-display.png").convert("RGB").getcolors()
    assert shown
    measured = set(palette_of(load_panel("waveshare_7in3e").palette).measured)
    assert {colour for _, colour in shown} <= measured


def test_hours_without_an_animation_is_wrong_usage() -> None:
    assert host("preview", f"--calendar={ROOM}", *DAY, "--hours=3").exit_code == 2


def test_a_character_no_font_has_is_named_once() -> None:
    calendar = _calendar("a.ics", "Standup \ue123 \ue123")
    for command in (["preview"], ["build-frames", "--hours=12"]):
        result = host(*command, calendar, *DAY)
        assert result.exit_code == 0
        assert result.stderr.count("U+E123") == 1
        assert "no installed font has" in result.stderr


def test_builds_that_show_the_same_are_the_same() -> None:
    calendar = _calendar("a.ics", "Standup")
    for folder in ("a", "b"):
        host("build-frames", calendar, *DAY, "--hours=12", f"--out={folder}")
    result = host("compare", "a", "b", "--tz=Europe/Berlin")
    assert result.exit_code == 0
    assert "the same at all 3 moments" in result.output
    assert not Path("out").exists()


def test_what_differs_between_two_builds_is_a_row_of_a_picture() -> None:
    for folder, summary in (("a", "Standup"), ("b", "Retro")):
        host("build-frames", _calendar("a.ics", summary), *DAY, "--hours=12", f"--out={folder}")
    result = host("compare", "a", "b", "--tz=Europe/Berlin")
    assert result.exit_code == 0, result.output
    assert "2 of 3 moments differ, first at 2026-11-24 06:00" in result.output
    picture = _opened("out/difference-display.png").convert("RGB")
    assert picture.width > 3 * 800
    assert 2 * 480 < picture.height < 3 * 480
    last = picture.crop((picture.width - 808, 0, picture.width, picture.height))
    colours = {colour for _, colour in last.getcolors(1 << 16) or []}
    assert any(red > 150 and blue < 100 for red, _, blue in colours)  # type: ignore[misc, operator]  # RGB
    assert any(blue > 150 and red < 100 for red, _, blue in colours)  # type: ignore[misc, operator]  # RGB


def test_folders_without_a_build_are_one_clear_error() -> None:
    Path("a").mkdir()
    result = host("compare", "a", "a")
    assert result.exit_code == 5
    assert "no display in common" in result.stderr
    assert host("compare", "a", "missing").exit_code == 2
    host("build-frames", _calendar("a.ics", "x"), *DAY, "--hours=12", "--out=a")
    assert host("compare", "a", "a", "--display=other").exit_code == 5


def test_every_layout_gets_a_sheet_with_ones_own_calendars() -> None:
    result = host("layouts", _calendar("a.ics", "Standup"), *DAY, "--size=296x128")
    assert result.exit_code == 0, result.output
    for name in layouts.names():
        sheet = _opened(f"out/layouts/{name}.png")
        assert sheet.width > 7 * 296
        assert name in result.output


def test_a_sheet_can_be_of_some_sizes_and_palettes_only() -> None:
    calendar = _calendar("a.ics", "Standup")
    options = ["--size=400x300", "--size=296x128", "--palette=Spectra 6"]
    assert host("layouts", calendar, *DAY, *options).exit_code == 0
    assert _opened("out/layouts/agenda.png").size == (432, 300 + 128 + 3 * 16 + 2 * 28)
    unknown = host("layouts", calendar, *DAY, "--palette=Spectra")
    assert unknown.exit_code == 3
    assert "Spectra 6" in unknown.output
    assert host("layouts", calendar, *DAY, "--size=wide").exit_code == 2
