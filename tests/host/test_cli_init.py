"""`host init` and `host config`: a first configuration that works and keeps its secret."""

from __future__ import annotations

import json
import stat
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from calendarbot.cli import cli
from calendarbot.config import load_config

if TYPE_CHECKING:
    from click.testing import Result

REFERENCE = Path(__file__).parents[1] / "reference"
PANEL = "waveshare_7in5_v2"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my.ics").write_bytes((REFERENCE / "family.ics").read_bytes())


def host(*args: str, answers: str | None = None) -> Result:
    return CliRunner().invoke(cli, list(args), input=answers, prog_name="host")


def test_without_questions_it_takes_the_calendar_it_finds() -> None:
    result = host("init", "--yes", "--tz", "Europe/Berlin", "--locale", "de_DE")

    assert result.exit_code == 0, result.output
    config = load_config(Path("calendarbot.toml"))
    assert config.calendars["my"].path == Path("my.ics")
    kitchen = config.displays["kitchen"]
    assert (kitchen.panel, kitchen.layout, kitchen.tz) == (PANEL, "agenda", "Europe/Berlin")
    assert result.stdout.endswith("Next: host build-frames\n")
    assert host("config", "check").stdout == "calendarbot.toml: 1 calendar, 1 display, all well\n"


def test_the_key_is_random_private_and_never_shown() -> None:
    first = host("init", "a", "--yes", "--name", "hall")
    second = host("init", "b", "--yes", "--name", "hall")

    keys = [Path(folder, "keys", "hall.key") for folder in "ab"]
    assert keys[0].read_text(encoding="ascii") != keys[1].read_text(encoding="ascii")
    for key, result in zip(keys, (first, second), strict=True):
        text = key.read_text(encoding="ascii").strip()
        assert len(bytes.fromhex(text)) == 32
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
        assert text not in result.output
        assert text not in (key.parents[1] / "calendarbot.toml").read_text(encoding="utf-8")
        assert "keys/" in (key.parents[1] / ".gitignore").read_text(encoding="utf-8").splitlines()
    config = load_config(Path("a/calendarbot.toml"))
    secret = config.displays["hall"].key
    assert secret is not None
    assert len(secret.read_key(config.base_dir)) == 32


def test_it_asks_what_matters_and_asks_again_after_a_wrong_answer() -> None:
    answers = ["none.ics", "my.ics", "e-paper", PANEL, "", "Berlin", "Europe/Berlin", "xx", "ja"]
    result = host("init", "wall", answers="\n".join(answers) + "\n")

    assert result.exit_code == 0, result.output
    assert "none.ics: there is no such calendar file" in result.output
    assert "Error: unknown panel 'e-paper'" in result.output
    assert "did you mean 'Europe/Berlin'?" in result.output
    config = load_config(Path("wall/calendarbot.toml"))
    assert config.calendars["my"].path == Path("my.ics").absolute()
    assert (config.tz, config.locale) == ("Europe/Berlin", "ja")


def test_an_option_answers_its_question() -> None:
    options = ["--calendar", "my.ics", "--panel", PANEL, "--layout", "agenda", "--tz", "UTC"]
    result = host("init", *options, answers="en_GB\n")

    assert result.exit_code == 0, result.output
    assert "Time zone" not in result.output
    assert load_config(Path("calendarbot.toml")).tz == "UTC"


def test_the_one_calendar_in_the_folder_is_offered() -> None:
    result = host("init", answers="\n\n\n\n\n")

    assert result.exit_code == 0, result.output
    assert "[my.ics]" in result.output


def test_nothing_is_overwritten() -> None:
    host("init", "--yes")
    key = Path("keys/kitchen.key").read_bytes()
    Path("calendarbot.toml").write_text("# mine\n", encoding="utf-8")

    again = host("init", "--yes")

    assert again.exit_code == 5
    assert again.stderr.startswith("error: calendarbot.toml exists already; nothing was changed\n")
    assert Path("calendarbot.toml").read_text(encoding="utf-8") == "# mine\n"
    Path("calendarbot.toml").unlink()
    Path(".gitignore").write_text("keys/\n*.tmp", encoding="utf-8")
    assert host("init", "--yes").exit_code == 0
    assert Path("keys/kitchen.key").read_bytes() == key
    assert Path(".gitignore").read_text(encoding="utf-8") == "keys/\n*.tmp"


def test_a_gitignore_that_exists_is_added_to() -> None:
    Path(".gitignore").write_text("*.tmp", encoding="utf-8")

    host("init", "--yes")

    lines = Path(".gitignore").read_text(encoding="utf-8").splitlines()
    assert lines == ["*.tmp", "# keys are secrets", "keys/"]


def test_without_a_calendar_it_says_where_one_belongs() -> None:
    result = host("init", "empty", "--yes")

    assert result.exit_code == 0
    assert "There is no empty/calendar.ics yet" in result.stdout
    assert host("config", "check", "empty/calendarbot.toml").exit_code == 4


@pytest.mark.parametrize("name", ["../up", "a b", ".hidden", 'x"y', ""])
def test_a_display_name_that_could_be_a_path_is_refused(name: str) -> None:
    result = host("init", "--yes", "--name", name)

    assert result.exit_code == 3
    assert "only letters, digits" in result.stderr
    assert not Path("calendarbot.toml").exists()
    assert not Path("keys").exists()


def test_odd_file_names_are_written_so_that_they_are_read_back() -> None:
    odd = Path('Zoë\'s "best" \\ #1.ics')
    odd.write_bytes(Path("my.ics").read_bytes())

    assert host("init", "--yes", "--calendar", str(odd)).exit_code == 0

    assert [c.path for c in load_config(Path("calendarbot.toml")).calendars.values()] == [odd]


@pytest.mark.parametrize(
    ("options", "exit_code", "message"),
    [
        (("--calendar", "none.ics"), 4, "error: none.ics: there is no such calendar file"),
        (("--calendar", "ftp://example.com/t"), 3, "error: --calendar: this is an address"),
        (("--panel", "x"), 3, "error: --panel: unknown panel 'x'"),
        (("--tz", "Berlin"), 3, "error: --tz: unknown time zone 'Berlin'"),
    ],
)
def test_a_wrong_option_stops_before_anything_is_written(
    options: tuple[str, ...], exit_code: int, message: str
) -> None:
    result = host("init", "--yes", *options)

    assert result.exit_code == exit_code
    assert message in result.stderr
    assert not Path("calendarbot.toml").exists()


def test_a_folder_that_cannot_be_made_is_one_clear_line() -> None:
    result = host("init", "my.ics/wall", "--yes")

    assert result.exit_code == 5
    assert result.stderr.startswith("error: my.ics/wall")
    assert "Not a directory" in result.stderr


def test_the_written_file_explains_itself() -> None:
    host("init", "--yes")
    text = Path("calendarbot.toml").read_text(encoding="utf-8")

    assert text.count("#") > 10
    policy = tomllib.loads(text)["displays"]["kitchen"]["policy"]
    assert policy == {"sync_every": "1h", "quiet_hours": "none", "coverage": "24h"}


def test_check_names_every_calendar_and_key_that_cannot_be_read() -> None:
    host("init", "--yes")
    Path("my.ics").write_text("Dear diary", encoding="utf-8")
    Path("keys/kitchen.key").unlink()

    result = host("config", "check")

    assert result.exit_code == 4
    lines = result.stderr.splitlines()
    assert lines[0].startswith("error: calendars.my: my.ics: not a calendar file")
    assert lines[1].startswith("error: displays.kitchen.key: file:keys/kitchen.key: ")


def test_check_warns_of_a_key_that_everyone_can_read() -> None:
    host("init", "--yes")
    Path("keys/kitchen.key").chmod(0o644)

    result = host("config", "check")

    assert result.exit_code == 0
    assert "warning: displays.kitchen.key: everyone on this machine can read" in result.stderr


def test_the_schema_is_printed_as_json() -> None:
    schema = json.loads(host("config", "schema").stdout)

    assert set(schema["properties"]) == {
        *("calendars", "displays", "fetch", "locale", "merge_calendars", "own_layouts", "tz"),
    }
