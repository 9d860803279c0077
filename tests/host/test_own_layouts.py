"""Layouts of the user's own: the documented one works, and what is wrong with one is one line."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from calendarbot import layouts
from calendarbot.build import draw_timeline
from calendarbot.cli import cli
from calendarbot.config import config_from_options, load_config, overridden
from calendarbot.errors import ConfigError
from calendarbot.layouts import View
from calendarbot.model import Agenda
from calendarbot.render import Canvas

_ROOT = Path(__file__).parents[2]
_FAMILY = _ROOT / "tests" / "reference" / "family.ics"
_BERLIN = ZoneInfo("Europe/Berlin")
_NOW = datetime(2026, 11, 24, 8, 20, tzinfo=_BERLIN)
_AGENDA = Agenda((), _NOW.replace(hour=0, minute=0), _NOW + timedelta(days=14), _BERLIN)

_CONFIG = f"""
tz = "Europe/Berlin"
locale = "en_GB"
[calendars.family]
path = "{_FAMILY}"
[displays.hall]
panel = "waveshare_7in5_v2"
unsealed = true
"""

_WORKING = """
MIN_SIZE_PX = (200, 96)
def changes(agenda, start, end):
    yield start.replace(hour=9, minute=0), "nine"
def draw(canvas, view):
    canvas.fill(0, 0, 8, 8)
"""


def _documented() -> str:
    """The example in docs/layouts.md."""
    text = (_ROOT / "docs" / "layouts.md").read_text(encoding="utf-8")
    return re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]  # type: ignore[index]  # it is there


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "layouts").mkdir()
    (tmp_path / "calendarbot.toml").write_text(_CONFIG + 'layout = "mine"\n')
    return tmp_path


def _layout(folder: Path, source: str) -> layouts.Layout:
    file = folder / "layouts" / "mine.py"
    file.write_text(source)
    return layouts.load(load_config(folder / "calendarbot.toml").display("hall").layout)


def test_the_documented_layout_draws_what_it_says(folder: Path) -> None:
    (folder / "layouts" / "mine.py").write_text(_documented())
    config = load_config(folder / "calendarbot.toml")
    timeline = draw_timeline(config, config.display("hall"), _NOW, _NOW + timedelta(days=2))
    reasons = [frame.reason for frame in timeline.frames]
    assert reasons == ["first page", "midnight", "midnight", "not updated since"]

    canvas = Canvas(800, 480)
    layout = layouts.load(config.display("hall").layout)
    layout.draw(canvas, View(timeline.agenda, _NOW, "en_GB"))
    words = [placed.whole for placed in canvas.placed]
    assert words == ["1", "Paper bins · Wed 25 Nov"]
    assert not canvas.clipped


@pytest.mark.parametrize("locale", ["en_GB", "ar_EG"])
@pytest.mark.parametrize("size", [(800, 480), (296, 128), (480, 800)])
def test_the_documented_layout_fits_itself_to_panels(
    folder: Path, size: tuple[int, int], locale: str
) -> None:
    layout = _layout(folder, _documented())
    canvas = Canvas(*size)
    layout.draw(canvas, View(_AGENDA, _NOW, locale, stale_since=_NOW))
    assert not canvas.clipped
    assert not canvas.hidden


def test_a_layout_is_found_by_its_path_from_the_configuration_s_folder(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text(_WORKING)
    (tmp_path / "calendarbot.toml").write_text(_CONFIG + 'layout = "./page.py"\n')
    display = load_config(tmp_path / "calendarbot.toml").display("hall")
    assert display.layout_name == "page"
    assert layouts.load(display.layout).MIN_SIZE_PX == (200, 96)


def test_a_layout_of_one_s_own_goes_before_one_that_comes_with_the_program(tmp_path: Path) -> None:
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "agenda.py").write_text(_WORKING)
    (tmp_path / "calendarbot.toml").write_text(_CONFIG + 'layout = "agenda"\n')
    assert load_config(tmp_path / "calendarbot.toml").display("hall").has_own_layout


def test_the_command_line_takes_a_path_from_where_one_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    Path("page.py").write_text(_WORKING)
    config = config_from_options([_FAMILY], layout="page.py")
    assert config.display("display").layout == str(folder / "page.py")


def test_a_changed_file_is_read_again_and_leaves_nothing_beside_it(folder: Path) -> None:
    assert _layout(folder, _WORKING).MIN_SIZE_PX == (200, 96)
    assert _layout(folder, _WORKING.replace("200, 96", "640, 384")).MIN_SIZE_PX == (640, 384)
    assert [file.name for file in (folder / "layouts").iterdir()] == ["mine.py"]


@pytest.mark.parametrize(
    ("source", "line", "text"),
    [
        ("def draw(canvas, view)\n    pass", 1, "SyntaxError: expected ':'"),
        ("x = 1\nimport nowhere_at_all", 2, "ModuleNotFoundError: No module named"),
        ("raise SystemExit(3)", 1, "SystemExit: 3"),
        ("def f():\n    return 1 / 0\nf()", 2, "ZeroDivisionError: division by zero"),
        (_WORKING.replace("canvas.fill", "canvas.phil"), 6, "AttributeError: 'Canvas' object"),
        (
            _WORKING.replace('9, minute=0), "nine"', "7, minute=0), 'late'"),
            3,
            "changes: 2026-11-24",
        ),
        (_WORKING.replace(', "nine"', ""), 3, "changes: datetime.datetime(2026"),
        (
            _WORKING + "def days_shown(locale, first, last):\n    return 3",
            7,
            "days_shown: 3 is not",
        ),
    ],
)
def test_a_mistake_is_one_line_that_names_the_file_and_the_line(
    folder: Path, source: str, line: int, text: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        _use(_layout(folder, source))
    where, _, what = caught.value.message.partition(": ")
    assert where == f"{folder / 'layouts' / 'mine.py'}:{line}"
    assert what.startswith(text)
    assert "\n" not in caught.value.message


def _use(layout: layouts.Layout) -> None:
    layouts.days_needed(layout, "en_GB", _NOW.date(), _NOW.date())
    list(layout.changes(_AGENDA, _NOW, _NOW + timedelta(hours=12)))
    layout.draw(Canvas(800, 480), View(_AGENDA, _NOW, "en_GB"))


@pytest.mark.parametrize(
    ("gone", "text"),
    [
        ("MIN_SIZE_PX = (200, 96)", "MIN_SIZE_PX is missing"),
        ("def changes", "there is no function changes(agenda, start, end)"),
        ("def draw", "there is no function draw(canvas, view)"),
    ],
)
def test_what_a_layout_lacks_is_named(folder: Path, gone: str, text: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(text)):
        _layout(folder, _WORKING.replace(gone, "def other" if gone.startswith("def") else ""))


def test_the_command_line_prints_the_line_and_no_traceback(folder: Path) -> None:
    (folder / "layouts" / "mine.py").write_text(_WORKING.replace("canvas.fill", "canvas.phil"))
    result = CliRunner().invoke(cli, ["preview", str(folder / "calendarbot.toml")])
    assert result.exit_code == 3
    assert "mine.py:6: AttributeError" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("layout", "text"),
    [("./gone.py", "there is no file"), ("./page.txt", "not a Python file"), ("min", "mine")],
)
def test_a_layout_that_is_not_there_is_refused_with_file_and_line(
    folder: Path, layout: str, text: str
) -> None:
    (folder / "layouts" / "mine.py").write_text(_WORKING)
    (folder / "calendarbot.toml").write_text(_CONFIG + f'layout = "{layout}"\n')
    with pytest.raises(ConfigError, match=rf"calendarbot.toml:9: displays.hall.layout: .*{text}"):
        load_config(folder / "calendarbot.toml")


def test_a_configuration_may_refuse_own_layouts(folder: Path) -> None:
    file = folder / "calendarbot.toml"
    (folder / "layouts" / "mine.py").write_text(_WORKING)
    file.write_text("own_layouts = false\n" + _CONFIG + 'layout = "mine"\n')
    with pytest.raises(ConfigError, match=r"toml:10: displays.hall.layout: .*switched off"):
        load_config(file)
    file.write_text("own_layouts = false\n" + _CONFIG)
    with pytest.raises(ConfigError, match=r"--layout: .*switched off"):
        overridden(load_config(file), layout="mine")


def test_the_environment_may_refuse_own_layouts_whatever_a_configuration_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALENDARBOT_OWN_LAYOUTS", "no")
    with pytest.raises(ConfigError, match="switched off here"):
        _layout(folder, _WORKING)
